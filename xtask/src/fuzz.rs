//! The fuzzer: looks for bytes on which a promise of `crates/inputs` breaks, and keeps those that
//! reach new code.

mod corpus;
mod page;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::tool::{self, Tool};
use crate::trouble::{Spent, Trouble};
use crate::{record, step, workspace};
use page::{Page, Run};

/// Longest input, in bytes: a few frames, some dozen entries.
const INPUT_BYTES_MAX: u32 = 32 * 1024;
/// An input that takes longer is a finding, in seconds.
const INPUT_SECONDS_MAX: u32 = 10;
/// More memory than this is a finding, in MiB.
const MEMORY_MIB_MAX: u32 = 2_048;
/// What is shown of a run that found something.
const FINDING_LINES_MAX: usize = 60;

/// Runs targets one after another, each this long, keeps what they found worth keeping, and
/// writes down what they did.
///
/// # Errors
/// [`Trouble::MachineLacks`] without the fuzzer's compiler; [`Trouble::Found`] when a promise
/// broke.
pub fn run(targets: &[String], minutes: u32) -> Result<(), Trouble> {
    let fuzzer = Fuzzer::ready()?;
    let targets = chosen(targets)?;
    let seeds = fuzzer.seeds()?;
    let mut page = Page::read()?;
    let mut broken = Vec::new();
    for target in &targets {
        fuzzer.build(target)?;
        let run = fuzzer.fuzz(target, &seeds.join(target), minutes)?;
        if run.findings > 0 {
            broken.push(target.as_str());
        } else {
            fuzzer.keep(target, &seeds.join(target))?;
        }
        page.set(target, run);
        page.write()?;
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Trouble::Found(format!(
        "A promise broke in {}; the bytes lie in fuzz/artifacts.",
        broken.join(", ")
    )))
}

/// The targets to run: those named, or all.
fn chosen(named: &[String]) -> Result<Vec<String>, Trouble> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let all = corpus::files(&folder)?.into_iter();
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let all: Vec<String> = all.filter_map(name).collect();
    match named.iter().find(|name| !all.contains(name)) {
        Some(unknown) => Err(Trouble::UserOption(format!(
            "There is no target `{unknown}`. There are {}.",
            all.join(", ")
        ))),
        None if named.is_empty() => Ok(all),
        None => Ok(named.to_vec()),
    }
}

/// The fuzzer's compiler and its tool.
struct Fuzzer {
    path: OsString,
    commit: String,
}

impl Fuzzer {
    fn ready() -> Result<Self, Trouble> {
        let mut asked = Command::new("rustup");
        asked.args(["run", "nightly", "cargo", "--version"]);
        if !step::attempt(&mut asked).is_ok_and(|ended| ended.is_success) {
            return Err(Trouble::MachineLacks {
                program: "a nightly compiler".to_owned(),
                remedy: "Install it with `rustup toolchain install nightly`.".to_owned(),
            });
        }
        let path = tool::search_path(&[Tool::cargo_fuzz().ensure()?])?;
        let commit = record::commit();
        Ok(Self { path, commit })
    }

    /// `cargo fuzz` with this subcommand.
    fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = workspace::builder("rustup");
        cargo.args(["run", "nightly", "cargo", "fuzz", subcommand]);
        // Its programs are built apart, so that neither build undoes the other.
        cargo.arg("--target-dir");
        cargo.arg(workspace::target().join("fuzz"));
        cargo.env("PATH", &self.path).env_remove("CARGO");
        cargo
    }

    /// Writes the seeds of every target; gives their folder.
    fn seeds(&self) -> Result<PathBuf, Trouble> {
        let folder = workspace::target().join("fuzz-seeds");
        corpus::clear(&folder)?;
        let mut cargo = workspace::cargo();
        cargo.args(["run", "--quiet", "--package", "inputs", "--bin", "seeds"]);
        step::run("Writing seeds", cargo.arg("--").arg(&folder))?;
        Ok(folder)
    }

    /// Builds a target's program beforehand, so that its time is all spent on inputs.
    fn build(&self, target: &str) -> Result<(), Trouble> {
        let sentence = format!("Building the fuzzer's program for {target}");
        step::run(&sentence, self.cargo("build").arg(target)).map(|_| ())
    }

    fn fuzz(&self, target: &str, seeds: &Path, minutes: u32) -> Result<Run, Trouble> {
        let corpus = corpus::of(target);
        std::fs::create_dir_all(&corpus).map_err(Trouble::storage(&corpus))?;
        println!("Fuzzing {target} for {minutes} min …");
        let mut cargo = self.cargo("run");
        cargo.arg(target).arg(&corpus).arg(seeds).arg("--");
        cargo.arg(format!("-max_total_time={}", minutes * 60));
        cargo.arg("-print_final_stats=1");
        let ended = step::attempt(limited(&mut cargo))?;
        let run = Run {
            day: record::today(),
            commit: self.commit.clone(),
            machine: record::machine(),
            spent: Duration::from_secs(ended.spent.as_secs()),
            executions: page::executions(&ended.output),
            edges: page::edges(&ended.output),
            findings: u32::from(!ended.is_success),
        };
        if ended.is_success {
            println!("  {} inputs in {}", run.executions, Spent(run.spent));
        } else {
            let lines: Vec<&str> = ended.output.lines().collect();
            let from = lines.len().saturating_sub(FINDING_LINES_MAX);
            println!("{}", lines[from..].join("\n"));
        }
        Ok(run)
    }

    /// Leaves in a target's corpus the smallest inputs that reach what it reaches, as many as are
    /// kept.
    fn keep(&self, target: &str, seeds: &Path) -> Result<(), Trouble> {
        let corpus = corpus::of(target);
        let least = workspace::target().join("fuzz-least").join(target);
        corpus::clear(&least)?;
        let mut cargo = self.cargo("run");
        cargo.arg(target).arg(&least).arg(&corpus).arg(seeds);
        cargo.args(["--", "-merge=1"]);
        step::run(
            &format!("Keeping what reaches new code in {target}"),
            limited(&mut cargo),
        )?;
        corpus::replace(&corpus, &least)
    }
}

/// The bounds of one input.
fn limited(cargo: &mut Command) -> &mut Command {
    cargo
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
}
