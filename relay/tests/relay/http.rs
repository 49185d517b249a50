//! Files, headers and places.

use base::hash::sha256;
use data_encoding::BASE64;
use relay::{Error, Site};
use tokio::net::TcpStream;

use crate::browser::{self, Page};
use crate::server::{Folder, HASHED, SCRIPT, Server};

async fn ask(server: &Server, path: &str, lines: &str) -> Page {
    let stream = TcpStream::connect(server.address).await.unwrap();
    browser::ask(stream, path, &server.address.to_string(), lines).await
}

#[tokio::test]
async fn the_policy_names_the_inline_script_by_the_hash_a_browser_computes() {
    let server = Server::start().await;
    let page = ask(&server, "/", "").await;
    let hash = BASE64.encode(&sha256(&[SCRIPT.as_bytes()]).0);
    let policy = page.header("content-security-policy");
    let expected = format!("script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}';");
    assert!(policy.contains(&expected), "{policy}");
    let socket = format!("connect-src 'self' ws://{};", server.address);
    assert!(policy.contains(&socket), "{policy}");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_a_page_safe() {
    let server = Server::start().await;
    for path in ["/", "/sw.js", HASHED, "/missing.js", "/health", "/signal"] {
        let page = ask(&server, path, "").await;
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            page.header("permissions-policy")
                .starts_with("camera=(self)"),
            "{path}"
        );
        assert!(
            page.header("content-security-policy")
                .contains("object-src 'none'"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_strange_host_never_gets_into_the_policy() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let page = browser::ask(stream, "/", "evil;script-src*", "").await;
    assert!(
        page.header("content-security-policy")
            .contains("connect-src 'self';")
    );
}

#[tokio::test]
async fn files_have_their_types_and_their_lifetimes() {
    let server = Server::start().await;
    for (path, media_type, caching) in [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.json", "application/manifest+json", "no-cache"),
        ("/icons/icon.png", "image/png", "no-cache"),
        (
            HASHED,
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let page = ask(&server, path, "").await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), media_type, "{path}");
        assert_eq!(page.header("cache-control"), caching, "{path}");
    }
}

#[tokio::test]
async fn the_smallest_form_that_the_browser_takes_is_sent() {
    let server = Server::start().await;
    for (accepted, encoding, body) in [
        ("gzip, br", Some("br"), "wasm in brotli"),
        ("gzip", Some("gzip"), "wasm in gzip"),
        ("identity", None, "wasm, as it is"),
    ] {
        let page = ask(&server, HASHED, &format!("Accept-Encoding: {accepted}\r\n")).await;
        assert_eq!(page.body, body);
        assert_eq!(
            page.headers.get("content-encoding").map(String::as_str),
            encoding
        );
        assert_eq!(page.header("vary"), "Accept-Encoding");
    }
}

#[tokio::test]
async fn a_place_in_the_app_gets_the_page_and_a_missing_file_does_not() {
    let server = Server::start().await;
    let page = ask(&server, "/products/edit?sku=12", "").await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-cache")
    );
    assert!(page.body.contains("<script"));
    for path in [
        "/app-ffffffffffffffff.js",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        assert_eq!(ask(&server, path, "").await.status, 404, "{path}");
    }
    let beside = ask(&server, &format!("{HASHED}.br"), "").await;
    assert_eq!(
        beside.status, 404,
        "a compressed form is no file of its own"
    );
}

#[tokio::test]
async fn what_the_browser_already_has_is_not_sent_again() {
    let server = Server::start().await;
    let tag = ask(&server, "/", "").await.header("etag").to_owned();
    let again = ask(&server, "/", &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(
        ask(&server, "/", "If-None-Match: \"other\"\r\n")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn health_counts_what_is_there() {
    let server = Server::start().await;
    let page = ask(&server, "/health", "").await;
    assert_eq!(page.header("content-type"), "application/json");
    assert!(page.body.contains("\"status\":\"ok\""), "{}", page.body);
    assert!(page.body.contains("\"rooms\":0"), "{}", page.body);
}

#[test]
fn a_folder_without_an_app_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let Err(problem) = Site::load(folder.path()) else {
        panic!("an empty folder was served");
    };
    assert!(matches!(problem, Error::UserNoApp(_)));
    assert!(problem.to_string().contains("cargo xtask build"));
}
