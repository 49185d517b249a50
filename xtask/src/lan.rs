//! What the shop's own network needs: the addresses of this machine, and a picture of a link.

pub mod authority;

use std::net::{IpAddr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// One address in each range that a shop's network may use, and one outside.
const DESTINATIONS: [&str; 4] = ["192.168.0.1:9", "10.0.0.1:9", "172.16.0.1:9", "192.0.2.1:9"];

/// The addresses under which others in the network find this machine, the likeliest first.
///
/// A datagram socket that is connected, and never used, has the address from which this machine
/// would reach the destination. Nothing is sent.
pub fn addresses() -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for destination in DESTINATIONS {
        let address = UdpSocket::bind("0.0.0.0:0")
            .and_then(|socket| socket.connect(destination).map(|()| socket))
            .and_then(|socket| socket.local_addr());
        match address.map(|address| address.ip()) {
            Ok(ip) if !ip.is_loopback() && !ip.is_unspecified() && !addresses.contains(&ip) => {
                addresses.push(ip);
            }
            _ => {}
        }
    }
    addresses
}

/// A QR code for a terminal, dark on light whatever the terminal's colours.
pub fn picture(link: &str) -> String {
    match QrCode::new(link) {
        Ok(code) => {
            let mut picture = code.render::<Dense1x2>();
            picture
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark)
                .build()
        }
        // A link is far shorter than what a code holds; then the words above must do.
        Err(_) => String::new(),
    }
}
