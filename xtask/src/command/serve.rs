//! `serve`: builds everything and serves it, on this machine or on the shop's network.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use lexopt::prelude::*;

use super::Command;
use crate::app::{self, Profile};
use crate::lan;
use crate::trouble::Trouble;
use crate::workspace;

/// Where https is answered with `--lan`, unless told otherwise.
const SECURE_PORT: u16 = 8443;

/// This command.
pub const COMMAND: Command = Command {
    name: "serve",
    usage: "serve [--port 8080] [--lan] [--secure-port 8443] [--profile release|quick] [--dist DIR]",
    about: "build the app and serve it; --lan: to tablets on this network, by https; \
            --dist: serve what is built there",
    run,
};

struct Options {
    port: u16,
    secure_port: u16,
    is_lan: bool,
    profile: Profile,
    /// An app that is built already.
    dist: Option<PathBuf>,
}

fn run(parser: lexopt::Parser) -> Result<(), Trouble> {
    let options = read(parser)?;
    // Better now than after minutes of building.
    let bind: IpAddr = if options.is_lan {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::LOCALHOST.into()
    };
    ensure_free(bind, options.port)?;
    if options.is_lan {
        ensure_free(bind, options.secure_port)?;
    }
    let dist = match &options.dist {
        Some(built) => std::path::absolute(built).map_err(Trouble::storage(built))?,
        None => {
            let dist = workspace::target().join(format!("dist-{}", options.profile.name()));
            app::build(options.profile, &dist)?;
            dist
        }
    };
    let mut relay = Program::new(app::build_relay()?);
    relay
        .arg("--dist")
        .arg(&dist)
        .arg("--bind")
        .arg(bind.to_string());
    if options.is_lan {
        on_the_network(&options, &mut relay)?;
    } else {
        relay.arg("--port").arg(options.port.to_string());
    }
    explain_two_devices(options.port);
    replace_us(relay)
}

fn read(mut parser: lexopt::Parser) -> Result<Options, Trouble> {
    let mut options = Options {
        port: 8080,
        secure_port: SECURE_PORT,
        is_lan: false,
        profile: Profile::Release,
        dist: None,
    };
    while let Some(option) = parser.next()? {
        match option {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("secure-port") => options.secure_port = parser.value()?.parse()?,
            Long("lan") => options.is_lan = true,
            Long("profile") => options.profile = parser.value()?.parse()?,
            Long("dist") => options.dist = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.is_lan && options.port == options.secure_port {
        return Err(Trouble::UserOption(format!(
            "Port {} can't be both: --port tells tablets how to trust this machine, --secure-port \
             serves the app by https. Take two different ones.",
            options.port
        )));
    }
    Ok(options)
}

fn ensure_free(bind: IpAddr, port: u16) -> Result<(), Trouble> {
    TcpListener::bind((bind, port))
        .map(|_| ())
        .map_err(|problem| {
            Trouble::MachineRefuses(format!(
                "Port {port} can't be used: {problem}. Is it being served already? \
             Another one: cargo xtask serve --port {}",
                port.saturating_add(1)
            ))
        })
}

fn on_the_network(options: &Options, relay: &mut Program) -> Result<(), Trouble> {
    let addresses = lan::addresses();
    let Some(first) = addresses.first() else {
        let problem = "This machine has no address on a network: connect it, or leave out --lan.";
        return Err(Trouble::MachineRefuses(problem.to_owned()));
    };
    let files = lan::authority::ensure(&addresses)?;
    let argument = |name: &str, value: &Path| [name.into(), value.as_os_str().to_owned()];
    relay.arg("--port").arg(options.secure_port.to_string());
    relay.arg("--tls").arg(&files.chain).arg(&files.key);
    relay
        .arg("--insecure-notice-port")
        .arg(options.port.to_string());
    relay.args(argument("--authority", &files.authority));
    let port = options.port;
    println!("\nOn a tablet in this network, open http://{first}:{port}/ once: it shows how the");
    println!("tablet comes to trust this machine, and leads on to the app itself, at");
    for address in &addresses {
        println!("  https://{address}:{}/", options.secure_port);
    }
    println!("{}", lan::picture(&format!("http://{first}:{port}/")));
    println!(
        "The certificate's key stays on this machine, in {}",
        files.folder.display()
    );
    Ok(())
}

fn explain_two_devices(port: u16) {
    println!("\nThe owner's screen:   http://localhost:{port}/");
    println!("A till beside it:     http://localhost:{port}/?device=till");
    println!("Each address is a device of its own; pair them as you would two tablets.");
    println!("Stop with ctrl-c.\n");
}

/// The relay takes our place, so that ctrl-c and a service's stop reach it and nobody else.
#[cfg(unix)]
fn replace_us(mut relay: Program) -> Result<(), Trouble> {
    use std::os::unix::process::CommandExt;
    let problem = relay.exec();
    Err(Trouble::MachineRefuses(format!(
        "The relay did not start: {problem}"
    )))
}

#[cfg(not(unix))]
fn replace_us(mut relay: Program) -> Result<(), Trouble> {
    let ended = relay.status();
    let ended = ended.map_err(|problem| Trouble::MachineRefuses(problem.to_string()))?;
    match ended.success() {
        true => Ok(()),
        false => Err(Trouble::MachineRefuses("The relay stopped.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_cannot_be_plain_and_secure() {
        let read = |words: &[&str]| read(lexopt::Parser::from_args(words));
        let trouble = read(&["--lan", "--port", "8443"]).err().unwrap();
        assert!(
            trouble.to_string().contains("two different ones"),
            "{trouble}"
        );
        assert!(read(&["--port", "8443"]).is_ok());
    }
}
