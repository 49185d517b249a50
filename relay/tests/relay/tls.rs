//! https.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use relay::Error;
use relay::limits::{HANDSHAKE_TIME_MAX, HANDSHAKES_MAX};
use relay::tls::{TlsListener, acceptor};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::browser;
use crate::server::Folder;

fn certificate(folder: &Folder) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["till.lan".to_owned()]).unwrap();
    folder.write("cert.pem", made.cert.pem().as_bytes());
    folder.write("key.pem", made.signing_key.serialize_pem().as_bytes());
    made.cert.der().clone()
}

/// Serves one page by https.
async fn serve_safely(folder: &Folder) -> SocketAddr {
    let acceptor = acceptor(&folder.0.join("cert.pem"), &folder.0.join("key.pem")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener::new(listener, acceptor).unwrap();
    let app = Router::new().route("/", get(|| async { "safe" }));
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// What the page says to somebody who trusts the certificate.
async fn ask_safely(address: SocketAddr, trusted: CertificateDer<'static>) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("till.lan").unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    browser::ask(stream, "/", "till.lan", "").await.body
}

#[tokio::test]
async fn the_app_is_served_over_https_while_another_client_stalls() {
    let folder = Folder::new();
    let trusted = certificate(&folder);
    let address = serve_safely(&folder).await;
    let _stalled = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask_safely(address, trusted).await, "safe");
}

#[tokio::test]
async fn an_address_that_stalls_as_often_as_it_can_holds_up_no_other() {
    let folder = Folder::new();
    let trusted = certificate(&folder);
    let address = serve_safely(&folder).await;
    let mut stalled = Vec::new();
    for _ in 0..HANDSHAKES_MAX {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 2], 0).into()).unwrap();
        stalled.push(socket.connect(address).await.unwrap());
    }
    let page = timeout(HANDSHAKE_TIME_MAX / 2, ask_safely(address, trusted)).await;
    assert_eq!(page.expect("before those handshakes end"), "safe");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (folder, other) = (Folder::new(), Folder::new());
    certificate(&folder);
    certificate(&other);
    let made = acceptor(&folder.0.join("cert.pem"), &other.0.join("key.pem"));
    assert!(matches!(made, Err(Error::UserCertificate(_))));
    let missing = acceptor(&folder.0.join("no.pem"), &folder.0.join("key.pem"));
    assert!(matches!(missing, Err(Error::UserCertificate(_))));
}
