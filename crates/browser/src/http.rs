//! Requests to a server, from a page or from the service worker: bytes in, bytes out.

use base::limits::MESSAGE_TIMEOUT_MS;
use gloo::net::http::{Method, RequestBuilder};
use gloo::timers::callback::Timeout;
use js_sys::Uint8Array;
use web_sys::AbortController;

use crate::error::BrowserError;

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, as 200.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Asks a server, and gives up after [`MESSAGE_TIMEOUT_MS`].
///
/// # Errors
/// [`BrowserError::Exception`] when there is no answer: offline, blocked or too slow
/// (`AbortError`). A status of 400 or more is an answer.
pub async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Result<Response, BrowserError> {
    let patience = AbortController::new()?;
    let signal = patience.signal();
    let request = RequestBuilder::new(url)
        .method(method)
        .abort_signal(Some(&signal));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    let request = match body {
        Some(body) => request.body(Uint8Array::from(body)),
        None => request.build(),
    };
    let _patience = Timeout::new(MESSAGE_TIMEOUT_MS as u32, move || patience.abort());
    let response = request.map_err(explain)?.send().await.map_err(explain)?;
    Ok(Response {
        status: response.status(),
        body: response.binary().await.map_err(explain)?,
    })
}

fn explain(error: gloo::net::Error) -> BrowserError {
    match error {
        gloo::net::Error::JsError(thrown) => BrowserError::Exception {
            name: thrown.name,
            message: thrown.message,
        },
        other => BrowserError::Exception {
            name: "Error".to_owned(),
            message: other.to_string(),
        },
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    async fn an_answer_is_an_answer_whatever_its_status() {
        let found = send(Method::GET, "/", &[("accept", "text/html")], None)
            .await
            .unwrap();
        assert_eq!(found.status, 200);
        assert!(!found.body.is_empty());
        let lost = send(Method::GET, "/no/such/thing", &[], None)
            .await
            .unwrap();
        assert_eq!(lost.status, 404);
    }

    #[wasm_bindgen_test]
    async fn no_answer_is_an_error_with_a_name() {
        // Port 1 is closed everywhere.
        let refused = send(Method::GET, "http://127.0.0.1:1/", &[], None).await;
        assert_eq!(refused.unwrap_err().name(), "TypeError");
    }
}
