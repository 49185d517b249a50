//! The browser's cache: putting a whole build in, answering from it, throwing old builds out.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Cache, CacheQueryOptions, Request, RequestCache, RequestInit, RequestRedirect,
    ServiceWorkerGlobalScope,
};

use crate::build::Build;

/// Fetches every file of the build into its own cache: all of them, or none.
///
/// The browser compares each file with its integrity, so neither a server that is just being
/// updated nor a network's log-in page can become a part of the app.
///
/// # Errors
/// What the browser says of the first file that did not come as it should.
pub async fn fill(scope: &ServiceWorkerGlobalScope, build: &Build) -> Result<(), JsValue> {
    let requests: Array<Request> = Array::new_typed();
    for (path, integrity) in build.files() {
        let how = RequestInit::new();
        // Ask the server each time: a file without a hash in its name may be older than the build.
        how.set_cache(RequestCache::NoCache);
        // The browser refuses to show a page that was reached by a detour.
        how.set_redirect(RequestRedirect::Error);
        how.set_integrity(integrity);
        requests.push(&Request::new_with_str_and_init(path, &how)?);
    }
    let cache = JsFuture::from(scope.caches()?.open(&build.cache_name())).await?;
    let cache: Cache = cache.unchecked_into();
    JsFuture::from(cache.add_all_with_request_sequence(&requests)).await?;
    Ok(())
}

/// Throws out every other build.
///
/// # Errors
/// What the browser says, when it has no access to its caches.
pub async fn keep_only(scope: &ServiceWorkerGlobalScope, build: &Build) -> Result<(), JsValue> {
    let caches = scope.caches()?;
    let names: Array = JsFuture::from(caches.keys()).await?.unchecked_into();
    for name in names.iter().filter_map(|name| name.as_string()) {
        if Build::is_cache_of_the_app(&name) && name != build.cache_name() {
            JsFuture::from(caches.delete(&name)).await?;
        }
    }
    Ok(())
}

/// Answers with a file of the build, or from the network when the browser has lost it.
///
/// # Errors
/// What the browser says, when the network has no answer either.
pub async fn answer(
    scope: &ServiceWorkerGlobalScope,
    build: &Build,
    path: &str,
    request: &Request,
) -> Result<JsValue, JsValue> {
    let where_to_look = CacheQueryOptions::new();
    where_to_look.set_cache_name(&build.cache_name());
    where_to_look.set_ignore_vary(true);
    let found = scope
        .caches()?
        .match_with_str_and_options(path, &where_to_look);
    let found = JsFuture::from(found).await?;
    if found.is_undefined() {
        return JsFuture::from(scope.fetch_with_request(request)).await;
    }
    Ok(found)
}
