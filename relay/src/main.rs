//! The relay's process: reads the command line, opens the listeners, stops when asked.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::serve::ListenerExt;
use relay::arguments::{self, Arguments};
use relay::limits::{FAREWELL_TIME_MAX, MeetingBounds};
use relay::notice::Notice;
use relay::tls::{self, TlsListener};
use relay::{App, Error, MeetingPlace, Site, notice, router, shutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(Some(arguments)) => run(arguments).await,
        Ok(None) => {
            println!("{}", arguments::USAGE);
            Ok(())
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Error> {
    let site = Arc::new(Site::load(&arguments.dist)?);
    let place = MeetingPlace::new(MeetingBounds::default());
    let app = |is_secure| {
        router(App {
            site: site.clone(),
            place: place.clone(),
            is_secure,
        })
    };
    let listener = listen(SocketAddr::new(arguments.bind, arguments.port)).await?;
    let address = listener.local_addr().map_err(Error::SystemServe)?;
    let serving = match &arguments.tls {
        Some((certificate, key)) => {
            let acceptor = tls::acceptor(certificate, key)?;
            let plain = notice_on(&arguments, address.port(), app(false)).await?;
            let secure = TlsListener::new(listener, acceptor).map_err(Error::SystemServe)?;
            let secure = secure.tap_io(|stream| send_at_once(stream.get_ref().0));
            println!("listening on https://{address}");
            let secure = axum::serve(secure, known(app(true)))
                .with_graceful_shutdown(stopping(place.clone()))
                .into_future();
            tokio::spawn(async move {
                match plain {
                    Some((listener, notice)) => {
                        let plain = axum::serve(listener, known(notice))
                            .with_graceful_shutdown(shutdown::requested())
                            .into_future();
                        tokio::try_join!(secure, plain).map(|_| ())
                    }
                    None => secure.await,
                }
            })
        }
        None => {
            println!("listening on http://{address}");
            let listener = listener.tap_io(|stream| send_at_once(stream));
            let serving = axum::serve(listener, known(app(false)))
                .with_graceful_shutdown(stopping(place.clone()));
            tokio::spawn(serving.into_future())
        }
    };
    finish(serving).await
}

/// Answers as `router` does, and tells it who calls.
fn known(router: Router) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    router.into_make_service_with_connect_info()
}

/// A signal is one small message: it must not wait for a second one.
fn send_at_once(stream: &TcpStream) {
    // A connection that refuses is about to end.
    let _ = stream.set_nodelay(true);
}

/// Waits for the end; after the signal to stop, not longer than the time for farewells.
async fn finish(mut serving: tokio::task::JoinHandle<std::io::Result<()>>) -> Result<(), Error> {
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = shutdown::requested() => match timeout(FAREWELL_TIME_MAX, serving).await {
            Ok(ended) => ended,
            Err(_) => return Ok(()),
        },
    };
    match ended {
        Ok(served) => served.map_err(Error::SystemServe),
        Err(broken) => Err(Error::SystemServe(std::io::Error::other(broken))),
    }
}

async fn stopping(place: MeetingPlace) {
    shutdown::requested().await;
    place.close();
}

async fn notice_on(
    arguments: &Arguments,
    secure_port: u16,
    app: Router,
) -> Result<Option<(TcpListener, Router)>, Error> {
    let Some(port) = arguments.notice_port else {
        return Ok(None);
    };
    let authority = match &arguments.authority {
        Some(path) => {
            let read = std::fs::read(path);
            let read = read.map_err(|problem| Error::StorageRead(path.clone(), problem))?;
            Some(read.into())
        }
        None => None,
    };
    let listener = listen(SocketAddr::new(arguments.bind, port)).await?;
    Ok(Some((
        listener,
        notice::router(
            Notice {
                secure_port,
                authority,
            },
            app,
        ),
    )))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(|problem| Error::SystemListen(address.to_string(), problem))
}
