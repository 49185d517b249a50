//! Session descriptions (RFC 8866) to and from what fits on a card.
//!
//! The local description is only read, never edited: Chrome is removing that. The remote one is
//! written from a template.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use base::card::{Candidate, Description};
use data_encoding::{HEXLOWER_PERMISSIVE, HEXUPPER};

use crate::error::BrowserError;

/// Which side's description is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The side that began; it lets the other choose who opens DTLS.
    Offer,
    /// The side that answers; it opens DTLS, as Chrome's own answers do.
    Answer,
}

/// Reads what the other side needs out of our local description.
pub(crate) fn read(sdp: &str) -> Result<Description, BrowserError> {
    let attribute = |name: &'static str| {
        let mut lines = sdp.lines().map(str::trim_end);
        lines
            .find_map(|line| {
                line.strip_prefix("a=")?
                    .strip_prefix(name)?
                    .strip_prefix(':')
            })
            .ok_or(BrowserError::Missing("complete session description"))
    };
    let fingerprint = fingerprint(attribute("fingerprint")?).ok_or(BrowserError::Missing(
        "SHA-256 fingerprint of the connection",
    ))?;
    let mut candidates: Vec<(u32, Candidate)> = sdp.lines().filter_map(candidate).collect();
    candidates.sort_by_key(|(priority, _)| u32::MAX - priority);
    Ok(Description {
        ufrag: attribute("ice-ufrag")?.to_owned(),
        password: attribute("ice-pwd")?.to_owned(),
        fingerprint,
        candidates: candidates
            .into_iter()
            .map(|(_, candidate)| candidate)
            .collect(),
    })
}

/// Writes the other side's description.
pub(crate) fn write(side: Side, description: &Description) -> String {
    let setup = match side {
        Side::Offer => "actpass",
        Side::Answer => "active",
    };
    let mut candidates = String::new();
    for (index, candidate) in description.candidates.iter().enumerate() {
        let (host, port) = match candidate {
            Candidate::Address(address) => (address.ip().to_string(), address.port()),
            Candidate::Local(name, port) => (local_name(name), *port),
        };
        let number = index + 1;
        // RFC 8445 §5.1.2: type preference of host candidates, then earlier before later.
        let priority = (126 << 24) + ((65_535 - index) << 8) + 255;
        // Writing into a string cannot fail.
        let _ = write!(
            candidates,
            "a=candidate:{number} 1 udp {priority} {host} {port} typ host\r\n"
        );
    }
    let pairs = description.fingerprint.map(|byte| HEXUPPER.encode(&[byte]));
    format!(
        "v=0\r\n\
         o=- 1 1 IN IP4 127.0.0.1\r\n\
         s=-\r\n\
         t=0 0\r\n\
         a=group:BUNDLE 0\r\n\
         m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
         c=IN IP4 0.0.0.0\r\n\
         {candidates}\
         a=ice-ufrag:{}\r\n\
         a=ice-pwd:{}\r\n\
         a=fingerprint:sha-256 {}\r\n\
         a=setup:{setup}\r\n\
         a=mid:0\r\n\
         a=sctp-port:5000\r\n\
         a=max-message-size:262144\r\n",
        description.ufrag,
        description.password,
        pairs.join(":"),
    )
}

fn fingerprint(value: &str) -> Option<[u8; 32]> {
    let (algorithm, pairs) = value.split_once(' ')?;
    if !algorithm.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let hex = pairs.replace(':', "");
    HEXLOWER_PERMISSIVE
        .decode(hex.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// Priority and place of a UDP host candidate; other kinds need a server and are left out.
fn candidate(line: &str) -> Option<(u32, Candidate)> {
    let fields = line.trim_end().strip_prefix("a=candidate:")?;
    let mut fields = fields.split(' ');
    let (_foundation, component) = (fields.next()?, fields.next()?);
    let (transport, priority) = (fields.next()?, fields.next()?);
    let (host, port) = (fields.next()?, fields.next()?.parse().ok()?);
    let host_kind = fields.next()? == "typ" && fields.next()? == "host";
    if !host_kind || component != "1" || !transport.eq_ignore_ascii_case("udp") {
        return None;
    }
    let candidate = match host.parse::<IpAddr>() {
        // A link-local address means nothing without the interface that it is on.
        Ok(IpAddr::V6(ip)) if ip.is_unicast_link_local() => return None,
        Ok(ip) => Candidate::Address(SocketAddr::new(ip, port)),
        Err(_) => Candidate::Local(local_bytes(host)?, port),
    };
    Some((priority.parse().ok()?, candidate))
}

fn local_bytes(host: &str) -> Option<[u8; 16]> {
    let hex = host.strip_suffix(".local")?.replace('-', "");
    HEXLOWER_PERMISSIVE
        .decode(hex.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

fn local_name(name: &[u8; 16]) -> String {
    let hex = data_encoding::HEXLOWER.encode(name);
    let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
    format!("{}.local", cuts.map(|cut| &hex[cut]).join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        a=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n\
        m=application 51472 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.168.1.7\r\n\
        a=candidate:1 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active generation 0\r\n\
        a=candidate:2 1 udp 2113937151 1ad7e3c0-0b2f-4b7e-9d52-0123456789ab.local 51473 typ host\r\n\
        a=candidate:3 1 udp 2122260223 192.168.1.7 51472 typ host generation 0 network-id 1\r\n\
        a=candidate:4 1 udp 2122194687 fe80::1 51474 typ host generation 0\r\n\
        a=candidate:5 1 udp 1677729535 203.0.113.9 51475 typ srflx raddr 0.0.0.0 rport 0\r\n\
        a=ice-ufrag:Zk+/\r\na=ice-pwd:0123456789abcdefABCDEF+/\r\na=ice-options:trickle\r\n\
        a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:\
        16:17:18:19:1A:1B:1C:1D:1E:FF\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n";

    #[test]
    fn what_chrome_says_fits_on_a_card() {
        let description = read(CHROME).unwrap();
        assert_eq!(description.ufrag, "Zk+/");
        assert_eq!(description.password, "0123456789abcdefABCDEF+/");
        assert_eq!(description.fingerprint[..3], [0, 1, 2]);
        assert_eq!(description.fingerprint[31], 0xFF);
        let address = Candidate::Address("192.168.1.7:51472".parse().unwrap());
        assert_eq!(description.candidates[0], address, "best first");
        assert!(
            matches!(description.candidates[1], Candidate::Local(name, 51_473)
            if name[..2] == [0x1a, 0xd7])
        );
        assert_eq!(
            description.candidates.len(),
            2,
            "no TCP, link-local or reflexive ones"
        );
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let mut description = read(CHROME).unwrap();
        let address = Candidate::Address("[2001:db8::7]:40000".parse().unwrap());
        description.candidates.push(address);
        for side in [Side::Offer, Side::Answer] {
            assert_eq!(read(&write(side, &description)).unwrap(), description);
        }
    }

    #[test]
    fn the_offerer_leaves_the_choice_and_the_answerer_opens() {
        let description = read(CHROME).unwrap();
        assert!(write(Side::Offer, &description).contains("a=setup:actpass\r\n"));
        assert!(write(Side::Answer, &description).contains("a=setup:active\r\n"));
        let local = "1ad7e3c0-0b2f-4b7e-9d52-0123456789ab.local 51473 typ host\r\n";
        assert!(write(Side::Offer, &description).contains(local));
    }

    #[test]
    fn half_a_description_is_refused_by_name() {
        for lost in ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint"] {
            let lines = CHROME.lines().filter(|line| !line.starts_with(lost));
            let sdp: String = lines.map(|line| format!("{line}\r\n")).collect();
            assert!(
                matches!(read(&sdp), Err(BrowserError::Missing(_))),
                "{lost}"
            );
        }
        let weaker = CHROME.replace("sha-256", "sha-1");
        assert!(matches!(read(&weaker), Err(BrowserError::Missing(_))));
    }
}
