//! Writes the seeds of every target into a folder, each target's into one of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use inputs::TARGETS;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("seeds FOLDER");
        return ExitCode::FAILURE;
    };
    for target in TARGETS {
        let folder = folder.join(target.name);
        let seeds = (target.seeds)().into_iter().enumerate();
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            let mut seeds = seeds;
            seeds.try_for_each(|(at, bytes)| {
                std::fs::write(folder.join(format!("seed-{at:03}")), bytes)
            })
        });
        if let Err(problem) = written {
            eprintln!("{}: {problem}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
