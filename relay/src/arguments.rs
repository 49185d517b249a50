//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;

use lexopt::prelude::*;

use crate::error::Error;

/// What `--help` prints.
pub const USAGE: &str = "\
relay --dist DIR [--port 8080] [--bind 127.0.0.1]
      [--tls CERT KEY] [--insecure-notice-port PORT] [--authority CERT]

  --dist DIR                   the built app
  --port PORT                  where to listen; 0 lets the system choose
  --bind ADDRESS               127.0.0.1 is this machine only, 0.0.0.0 the whole network
  --tls CERT KEY               speak https with this certificate chain and key (PEM)
  --insecure-notice-port PORT  with --tls: answer plain http here with the way to https
  --authority CERT             with --insecure-notice-port: the certificate to hand out there";

/// What the relay is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The folder of the built app.
    pub dist: PathBuf,
    /// Where to listen; 0 lets the system choose.
    pub port: u16,
    /// The address to listen on.
    pub bind: IpAddr,
    /// Certificate chain and key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Where plain http is answered with the way to https.
    pub notice_port: Option<u16>,
    /// The certificate of the authority that devices are asked to trust, PEM.
    pub authority: Option<PathBuf>,
}

/// Reads the command line; `None` when only help was wanted.
///
/// # Errors
/// [`Error::UserArguments`] with what is wrong in a sentence.
pub fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>, Error> {
    let wrong = |problem: lexopt::Error| Error::UserArguments(problem.to_string());
    let mut dist = None;
    let mut arguments = Arguments {
        dist: PathBuf::new(),
        port: 8080,
        bind: IpAddr::from([127, 0, 0, 1]),
        tls: None,
        notice_port: None,
        authority: None,
    };
    while let Some(option) = parser.next().map_err(wrong)? {
        match option {
            Long("help") | Short('h') => return Ok(None),
            Long("dist") => dist = Some(parser.value().map_err(wrong)?.into()),
            Long("port") => arguments.port = number(&mut parser)?,
            Long("bind") => {
                let value = parser.value().map_err(wrong)?;
                arguments.bind = value.parse().map_err(wrong)?;
            }
            Long("tls") => {
                let certificate = parser.value().map_err(wrong)?.into();
                let key = parser.value().map_err(wrong)?.into();
                arguments.tls = Some((certificate, key));
            }
            Long("insecure-notice-port") => arguments.notice_port = Some(number(&mut parser)?),
            Long("authority") => {
                arguments.authority = Some(parser.value().map_err(wrong)?.into());
            }
            other => return Err(wrong(other.unexpected())),
        }
    }
    arguments.dist =
        dist.ok_or_else(|| Error::UserArguments("--dist is missing: where is the app?".into()))?;
    if arguments.notice_port.is_some() && arguments.tls.is_none() {
        let problem = "--insecure-notice-port shows the way to https, so it needs --tls";
        return Err(Error::UserArguments(problem.into()));
    }
    Ok(Some(arguments))
}

fn number(parser: &mut lexopt::Parser) -> Result<u16, Error> {
    let wrong = |problem: lexopt::Error| Error::UserArguments(problem.to_string());
    parser.value().map_err(wrong)?.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Option<Arguments>, Error> {
        parse(lexopt::Parser::from_args(words.split_whitespace()))
    }

    #[test]
    fn by_default_only_this_machine_is_served() {
        let arguments = read("--dist out").unwrap().unwrap();
        assert_eq!(arguments.bind, IpAddr::from([127, 0, 0, 1]));
        assert_eq!(arguments.port, 8080);
        assert_eq!(arguments.tls, None);
    }

    #[test]
    fn a_certificate_comes_with_its_key() {
        let arguments = read("--dist out --tls a.pem b.pem --insecure-notice-port 80");
        let arguments = arguments.unwrap().unwrap();
        assert_eq!(arguments.tls, Some(("a.pem".into(), "b.pem".into())));
        assert!(read("--dist out --tls a.pem").is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_usage() {
        for words in ["", "--dist", "--dist out --port x", "--dist out --wat"] {
            let problem = read(words).unwrap_err().to_string();
            assert!(problem.contains("--dist DIR"), "{words}: {problem}");
        }
        assert!(read("--dist out --insecure-notice-port 80").is_err());
    }
}
