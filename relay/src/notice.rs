//! The page for whoever comes by plain http over the network: why the app can't run there, where
//! it can, and how a device comes to trust this shop's certificate.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::get;
use tower::ServiceExt;

use crate::app::host_of;
use crate::site::plain;

/// Where the authority's certificate is handed out.
pub const AUTHORITY_PATH: &str = "/authority.crt";

/// What the page needs to know.
#[derive(Clone)]
pub struct Notice {
    /// Where https is answered.
    pub secure_port: u16,
    /// The certificate of the authority, PEM.
    pub authority: Option<Bytes>,
}

/// Answers plain http: on this machine itself with the app, elsewhere with the page.
///
/// A browser counts `localhost` as safe without a certificate.
pub fn router(notice: Notice, app: Router) -> Router {
    let strangers = Router::new()
        .route(AUTHORITY_PATH, get(authority))
        .fallback(get(page))
        .with_state(Arc::new(notice));
    Router::new().fallback(move |request: Request| {
        let side = if is_this_machine(request.headers()) {
            app.clone()
        } else {
            strangers.clone()
        };
        async move { side.oneshot(request).await }
    })
}

fn is_this_machine(request: &HeaderMap) -> bool {
    let host = host_of(request).map(without_port);
    host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

async fn authority(State(notice): State<Arc<Notice>>) -> Response<Body> {
    let Some(certificate) = notice.authority.clone() else {
        return plain(
            StatusCode::NOT_FOUND,
            "This relay hands out no certificate.\n",
        );
    };
    let mut answer = Response::new(Body::from(certificate));
    for (name, value) in [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"tillmesh-authority.crt\"",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    answer
}

async fn page(State(notice): State<Arc<Notice>>, request: HeaderMap) -> Response<Body> {
    let host = host_of(&request).map_or("this-machine", without_port);
    let port = match notice.secure_port {
        443 => String::new(),
        port => format!(":{port}"),
    };
    let page = include_str!("notice.html")
        .replace("{secure}", &format!("https://{host}{port}/"))
        .replace("{authority}", AUTHORITY_PATH);
    let mut answer = Response::new(Body::from(page));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    answer
}
