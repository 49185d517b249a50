//! What is answered where: the app, `/signal` and `/health`, each with the headers that keep a
//! page safe.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::routing::{any, get};
use base::meeting::{PATH, REQUEST_BYTES_MAX};

use crate::signal::{MeetingPlace, attend};
use crate::site::{Site, plain, policy};

/// Everything that a request may need.
#[derive(Clone)]
pub struct App {
    /// The app that is served.
    pub site: Arc<Site>,
    /// Where devices meet.
    pub place: MeetingPlace,
    /// Whether this listener speaks https.
    pub is_secure: bool,
}

/// Everything that is served under the app's own origin. It must be told who calls
/// (`into_make_service_with_connect_info`).
pub fn router(app: App) -> Router {
    Router::new()
        .route("/health", get(health))
        .route(PATH, any(signal))
        .fallback(get(file))
        .layer(middleware::from_fn_with_state(app.clone(), keep_safe))
        .with_state(app)
}

async fn file(State(app): State<App>, uri: Uri, request: HeaderMap) -> Response<Body> {
    app.site.answer(uri.path(), &request)
}

async fn signal(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response<Body> {
    match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(REQUEST_BYTES_MAX)
            .max_frame_size(REQUEST_BYTES_MAX)
            .on_upgrade(move |socket| attend(socket, from.ip().into(), app.place)),
        Err(_) => plain(
            StatusCode::UPGRADE_REQUIRED,
            "This address is for WebSockets.\n",
        ),
    }
}

async fn health(State(app): State<App>) -> Response<Body> {
    let census = app.place.census();
    let json = format!(
        "{{\"status\":\"ok\",\"version\":\"{}\",\"uptime_s\":{},\
         \"connections\":{},\"rooms\":{},\"members\":{}}}\n",
        env!("CARGO_PKG_VERSION"),
        app.place.uptime().as_secs(),
        census.connections,
        census.rooms,
        census.members,
    );
    let mut answer = Response::new(Body::from(json));
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Adds to every answer the headers that keep a page from being framed, sniffed or fed strangers'
/// code. A service worker lives under the policy of its own script, so files get them too.
async fn keep_safe(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let scheme = if app.is_secure { "wss" } else { "ws" };
    let host = host_of(request.headers());
    let socket = host.map(|host| format!("{scheme}://{host}"));
    let policy = policy::content_security_policy(app.site.inline_scripts(), socket.as_deref());
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    if let Ok(value) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(), geolocation=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The host and port that the browser asked for, when it is written like one.
pub fn host_of(request: &HeaderMap) -> Option<&str> {
    let host = request.get(header::HOST)?.to_str().ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    (!host.is_empty() && host.chars().all(is_plain)).then_some(host)
}
