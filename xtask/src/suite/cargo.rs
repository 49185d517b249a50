//! Tests that cargo runs: natively, and in a browser by wasm-bindgen's runner.

use std::process::Command;

use super::{Size, Tally};
use crate::browser::Browser;
use crate::step;
use crate::tool::{self, Tool};
use crate::trouble::Trouble;
use crate::workspace;

/// How long one file of tests may take in the browser, in seconds.
const BROWSER_SECONDS_MAX: &str = "300";

/// Tests rooms natively, with everything that they can do.
pub fn rooms(rooms: &[&str], size: Size) -> Result<Tally, Trouble> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--no-fail-fast", "--all-features"]);
    for room in rooms {
        cargo.args(["--package", room]);
    }
    if size.is_long {
        cargo.env("TILLMESH_LONG", "1");
        // What they measured goes into the record.
        cargo.args(["--", "--show-output"]);
    }
    count(&mut cargo)
}

/// Tests one native package.
pub fn package(name: &str) -> Result<Tally, Trouble> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--no-fail-fast", "--package", name]);
    count(&mut cargo)
}

/// Tests the browser room where it lives.
pub fn in_browser(browser: &Browser) -> Result<Tally, Trouble> {
    let bin = Tool::wasm_bindgen()?.ensure()?;
    let settings = workspace::root().join("crates/browser/webdriver.json");
    let capabilities = serde_json::json!({"goog:chromeOptions": {
        "args": ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage"],
        "binary": browser.chromium,
    }});
    std::fs::write(&settings, format!("{capabilities}\n")).map_err(Trouble::storage(&settings))?;
    let mut cargo = workspace::cargo();
    cargo.args([
        "test",
        "--no-fail-fast",
        "--package",
        "browser",
        "--all-features",
    ]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        bin.join("wasm-bindgen-test-runner"),
    );
    cargo.env("PATH", tool::search_path(&[bin])?);
    cargo.env("CHROMEDRIVER", &browser.driver);
    cargo.env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS_MAX);
    count(&mut cargo)
}

fn count(cargo: &mut Command) -> Result<Tally, Trouble> {
    let ended = step::attempt(cargo)?;
    let tally = Tally::of_rust(&ended.output, ended.is_success);
    if tally.failed > 0 {
        println!("{}", ended.output);
    }
    Ok(tally)
}
