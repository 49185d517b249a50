//! Plain http over the network.

use axum::Router;
use axum::routing::get;
use relay::notice::{Notice, router};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::{self, Page};

async fn ask(path: &str, host: &str) -> Page {
    let notice = Notice {
        secure_port: 8443,
        authority: Some("-----BEGIN".into()),
    };
    let app = Router::new().route("/", get(|| async { "the app" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router(notice, app)).into_future());
    browser::ask(TcpStream::connect(address).await.unwrap(), path, host, "").await
}

#[tokio::test]
async fn a_tablet_is_told_why_and_shown_the_way() {
    let page = ask("/anything", "192.168.1.7:8080").await;
    assert!(
        page.body.contains("href=\"https://192.168.1.7:8443/\""),
        "{}",
        page.body
    );
    for word in ["Android", "ChromeOS", "Windows", "Linux", "/authority.crt"] {
        assert!(page.body.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_certificate_is_handed_out() {
    let page = ask("/authority.crt", "192.168.1.7:8080").await;
    assert_eq!(page.header("content-type"), "application/x-x509-ca-cert");
    assert_eq!(page.body, "-----BEGIN");
}

#[tokio::test]
async fn this_machine_itself_gets_the_app() {
    assert_eq!(ask("/", "localhost:8080").await.body, "the app");
    assert_eq!(ask("/", "127.0.0.1").await.body, "the app");
}

#[tokio::test]
async fn a_strange_host_is_not_written_into_the_page() {
    let page = ask("/", "x\"><b>").await;
    assert!(!page.body.contains("x\"><b>"));
}
