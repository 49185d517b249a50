//! The commands. A new one is a file here, its module line and its line in [`ALL`].

mod bench;
mod build;
mod deny;
mod fuzz;
mod serve;
mod sim;
mod stamp;
mod test;
mod tidy;

use crate::trouble::Trouble;

/// One command of `cargo xtask`.
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// The name with its options.
    pub usage: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Does it, with the words that follow the name.
    pub run: fn(lexopt::Parser) -> Result<(), Trouble>,
}

/// Every command, in the order of the help.
pub const ALL: &[Command] = &[
    serve::COMMAND,
    build::COMMAND,
    test::COMMAND,
    sim::COMMAND,
    fuzz::COMMAND,
    bench::COMMAND,
    tidy::COMMAND,
    stamp::COMMAND,
    deny::COMMAND,
];
