//! https: a listener that hands out connections whose TLS handshake is done.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::callers::Callers;
use crate::error::Error;
use crate::limits::{HANDSHAKE_TIME_MAX, HANDSHAKES_MAX, HANDSHAKES_PER_CALLER_MAX};

/// Reads a certificate chain and its key.
///
/// # Errors
/// [`Error::UserCertificate`] when they cannot be read or do not belong together.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Error> {
    let wrong = |problem: &dyn std::fmt::Display| Error::UserCertificate(problem.to_string());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|problem| wrong(&problem))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|problem| wrong(&problem))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|problem| wrong(&problem))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A listener for https.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Accepts on `listener`. Handshakes run side by side, bounded in time and in number, for all
    /// and for each address, so that a client that stalls holds up nobody.
    ///
    /// # Errors
    /// When the listener has no address any more.
    pub fn new(mut listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(HANDSHAKES_MAX);
        let callers = Callers::new(HANDSHAKES_PER_CALLER_MAX);
        let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
        tokio::spawn(async move {
            while let Ok(place) = places.clone().acquire_owned().await {
                // The listener's own `accept` waits out passing errors, as too many open files.
                let (stream, from) = Listener::accept(&mut listener).await;
                let (acceptor, done) = (acceptor.clone(), done.clone());
                if done.is_closed() {
                    return;
                }
                let Some(held) = callers.hold(from.ip().into()) else {
                    continue;
                };
                tokio::spawn(async move {
                    let shaken = timeout(HANDSHAKE_TIME_MAX, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        let _ = done.send((stream, from)).await;
                    }
                    drop((place, held));
                });
            }
        });
        Ok(Self { ready, address })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task lives as long as this end does.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
