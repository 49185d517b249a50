//! Runs other programs, one step after another, each with a plain sentence and the time it took.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::trouble::{Spent, Trouble};

/// How often a step that takes long says that it is still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How often we look whether a program has ended.
const LOOK: Duration = Duration::from_millis(50);
/// A step that takes longer is stuck: the longest, compiling a tool on one slow core, is half.
const TIME_MAX: Duration = Duration::from_secs(60 * 60);
/// What a step may say at most; the rest is dropped from the front of what is shown.
const OUTPUT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How a program ended.
pub struct Ended {
    /// Whether it said that all is well.
    pub is_success: bool,
    /// All that it said, on both outputs, in the order in which it came.
    pub output: String,
    /// How long it took.
    pub spent: Duration,
}

/// Runs a step that must succeed.
///
/// # Errors
/// [`Trouble::StepFailed`] with all that the program said.
pub fn run(sentence: &str, command: &mut Command) -> Result<Ended, Trouble> {
    println!("{sentence} …");
    let ended = attempt(command)?;
    if ended.is_success {
        println!("  done in {}", Spent(ended.spent));
        return Ok(ended);
    }
    Err(Trouble::StepFailed {
        sentence: sentence.to_owned(),
        output: ended.output,
    })
}

/// Runs a program and gives what it said, whether it succeeded or not.
///
/// # Errors
/// [`Trouble::MachineLacks`] when there is no such program.
pub fn attempt(command: &mut Command) -> Result<Ended, Trouble> {
    let start = Instant::now();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|problem| Trouble::MachineLacks {
        program: command.get_program().to_string_lossy().into_owned(),
        remedy: format!("({problem})"),
    })?;
    let said = listen(&mut child);
    let mut output = Vec::new();
    let mut next_sign = SIGN_OF_LIFE;
    let is_success = loop {
        match said.recv_timeout(LOOK) {
            Ok(bytes) => keep(&mut output, &bytes),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Ok(Some(status)) = child.try_wait() {
            break status.success();
        }
        if start.elapsed() > next_sign {
            println!("  still at work, {}", Spent(start.elapsed()));
            next_sign += SIGN_OF_LIFE;
        }
        if start.elapsed() > TIME_MAX {
            let _ = child.kill();
            keep(
                &mut output,
                b"\nIt was stopped: it took longer than an hour.\n",
            );
            break false;
        }
    };
    // What is still in the pipes. A program that it left running may hold them open: don't wait.
    while let Ok(bytes) = said.recv_timeout(LOOK) {
        keep(&mut output, &bytes);
    }
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok(Ended {
        is_success,
        output,
        spent: start.elapsed(),
    })
}

fn listen(child: &mut Child) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(64);
    let outputs: [Option<Box<dyn Read + Send>>; 2] = [
        child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ];
    for mut pipe in outputs.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

fn keep(output: &mut Vec<u8>, bytes: &[u8]) {
    output.extend_from_slice(bytes);
    let surplus = output.len().saturating_sub(OUTPUT_BYTES_MAX);
    output.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_and_the_outcome_are_kept() {
        let ended = attempt(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]));
        let ended = ended.unwrap();
        assert!(!ended.is_success);
        assert!(ended.output.contains("one") && ended.output.contains("two"));
    }

    #[test]
    fn a_step_that_fails_says_what_it_was() {
        let trouble = run("Breaking a cup", &mut Command::new("false"))
            .err()
            .unwrap();
        assert!(trouble.to_string().contains("Breaking a cup"));
    }

    #[test]
    fn a_program_left_running_does_not_hold_us_up() {
        let ended = attempt(Command::new("sh").args(["-c", "sleep 30 & echo gone"])).unwrap();
        assert!(ended.spent < Duration::from_secs(20));
        assert!(ended.output.contains("gone"));
    }
}
