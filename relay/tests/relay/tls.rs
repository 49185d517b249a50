//! https.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use relay::Error;
use relay::tls::{TlsListener, acceptor};
use tokio::net::{TcpListener, TcpStream};
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

#[tokio::test]
async fn the_app_is_served_over_https_while_another_client_stalls() {
    let folder = Folder::new();
    let trusted = certificate(&folder);
    let acceptor = acceptor(&folder.0.join("cert.pem"), &folder.0.join("key.pem")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener::new(listener, acceptor).unwrap();
    let app = Router::new().route("/", get(|| async { "safe" }));
    tokio::spawn(axum::serve(listener, app).into_future());

    let _stalled = TcpStream::connect(address).await.unwrap();
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
    assert_eq!(browser::ask(stream, "/", "till.lan", "").await.body, "safe");
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
