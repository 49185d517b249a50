//! One command each for what people and machines do with this project: `cargo xtask help`.

mod app;
mod browser;
mod command;
mod compress;
mod fuzz;
mod lan;
mod record;
mod stamp;
mod step;
mod suite;
mod system;
mod tidy;
mod tool;
mod trouble;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let name = words
        .next()
        .and_then(|word| word.into_string().ok())
        .unwrap_or_default();
    let Some(command) = command::ALL.iter().find(|command| command.name == name) else {
        return help(&name);
    };
    match (command.run)(lexopt::Parser::from_args(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\n{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn help(name: &str) -> ExitCode {
    println!("cargo xtask COMMAND\n");
    for command in command::ALL {
        println!("  {}\n      {}", command.usage, command.about);
    }
    let was_asked_for = ["help", "--help", "-h"].contains(&name);
    if !was_asked_for && !name.is_empty() {
        eprintln!("\nThere is no command `{name}`.");
    }
    if was_asked_for {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
