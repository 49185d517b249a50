//! The relay's promises, asked of a real one over real sockets.

mod browser;
mod http;
mod meeting;
mod notice;
mod server;
mod tls;
