//! Makes the service worker one file, `/sw.js`, that names every other file of the app.
//!
//! Trunk leaves the worker's module and its glue as two loose files without listeners, and knows
//! nothing of the app's other files. A browser keeps only a worker's scripts with it, and compares
//! only these to find a new release. So everything goes into one script: what the build is made
//! of, the module, and the lines that listen. The app's own module loses its names on the way.

mod names;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::trouble::Trouble;

/// What Trunk leaves of the worker. The script takes the place of the first.
const GLUE: &str = "sw.js";
const MODULE: &str = "sw_bg.wasm";
/// The lines that listen to the browser.
const LISTENERS: &str = include_str!("../../sw/src/listeners.js");
/// Forms and maps that no page asks for by name.
const NOT_FETCHED: [&str; 3] = [".br", ".gz", ".map"];
/// Half of a SHA-256: enough that two builds never share a cache.
const VERSION_BYTES: usize = 16;

/// What was stamped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The build's version: a hash of every file's name and content, the worker's included.
    pub version: String,
    /// How many files the worker keeps on a device.
    pub files: usize,
    /// Bytes of the worker's script, not compressed.
    pub script_bytes: usize,
}

/// Stamps the app that Trunk has just put into `folder`. The same files give the same bytes.
///
/// # Errors
/// [`Trouble::Found`] when Trunk built no worker there, or when this was done already;
/// [`Trouble::Storage`].
pub fn stamp(folder: &Path) -> Result<Stamp, Trouble> {
    let (glue, module) = (folder.join(GLUE), folder.join(MODULE));
    if !module.is_file() {
        let place = folder.display();
        return Err(Trouble::Found(format!(
            "There is no {MODULE} in {place}: the service worker was not built, or is stamped."
        )));
    }
    strip_modules(folder)?;
    let bindings = std::fs::read_to_string(&glue).map_err(Trouble::storage(&glue))?;
    let code = std::fs::read(&module).map_err(Trouble::storage(&module))?;
    let mut files = hashes(folder)?;
    files.remove(&format!("/{GLUE}"));
    files.remove(&format!("/{MODULE}"));
    let version = version(&files, &[bindings.as_bytes(), &code, LISTENERS.as_bytes()]);
    let script = script(&text_of(&version, &files), &bindings, &code);
    std::fs::write(&glue, &script).map_err(Trouble::storage(&glue))?;
    std::fs::remove_file(&module).map_err(Trouble::storage(&module))?;
    Ok(Stamp {
        version,
        files: files.len(),
        script_bytes: script.len(),
    })
}

/// Makes every module in the folder itself, where Trunk puts them, as small as it can be.
fn strip_modules(folder: &Path) -> Result<(), Trouble> {
    let failed = Trouble::storage(folder);
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        let path = entry.map_err(&failed)?.path();
        if path.extension().is_none_or(|ending| ending != "wasm") {
            continue;
        }
        let module = std::fs::read(&path).map_err(Trouble::storage(&path))?;
        let stripped = names::without_names(&module).ok_or_else(|| {
            Trouble::Found(format!("{} is no WebAssembly module.", path.display()))
        })?;
        std::fs::write(&path, stripped).map_err(Trouble::storage(&path))?;
    }
    Ok(())
}

/// The path of every file as the browser asks for it, and the SHA-256 of its content.
fn hashes(folder: &Path) -> Result<BTreeMap<String, [u8; 32]>, Trouble> {
    let mut hashes = BTreeMap::new();
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let failed = Trouble::storage(&folder);
        for entry in std::fs::read_dir(&folder).map_err(&failed)? {
            let entry = entry.map_err(&failed)?;
            let path = entry.path();
            let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                folders.push((path, name));
            } else if !NOT_FETCHED.iter().any(|end| name.ends_with(end)) {
                let content = std::fs::read(&path).map_err(Trouble::storage(&path))?;
                hashes.insert(name, Sha256::digest(&content).into());
            }
        }
    }
    Ok(hashes)
}

fn version(files: &BTreeMap<String, [u8; 32]>, worker: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files {
        hash.update(Sha256::digest(path));
        hash.update(content);
    }
    for part in worker {
        hash.update(Sha256::digest(part));
    }
    HEXLOWER.encode(&hash.finalize()[..VERSION_BYTES])
}

/// The text of the build that `sw/src/build.rs` reads.
fn text_of(version: &str, files: &BTreeMap<String, [u8; 32]>) -> String {
    let mut text = format!("{version}\n");
    for (path, content) in files {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "sha256-{} {path}", BASE64.encode(content));
    }
    text
}

fn script(build: &str, bindings: &str, code: &[u8]) -> String {
    // A JSON string is a JavaScript string.
    let build = serde_json::Value::from(build);
    let module = BASE64.encode(code);
    format!(
        "const BUILD = {build};\nconst MODULE = '{module}';\n\
         function glue() {{\n{bindings}\nreturn wasm_bindgen;\n}}\n{LISTENERS}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder as Trunk leaves it, gone when the test is.
    struct Built(PathBuf);

    impl Built {
        fn new(name: &str) -> Self {
            let name = format!("tillmesh-stamp-{name}-{}", std::process::id());
            let built = Self(std::env::temp_dir().join(name));
            std::fs::create_dir_all(built.0.join("icons")).unwrap();
            built.put("index.html", "<p>a page");
            built.put("index.html.br", "its compressed form");
            built.put("icons/icon.svg", "<svg/>");
            built.put(GLUE, "let wasm_bindgen = 7;");
            built.put(MODULE, "\0asm\x01\0\0\0\0\x06\x04namex");
            built
        }

        fn put(&self, name: &str, content: &str) {
            std::fs::write(self.0.join(name), content).unwrap();
        }

        fn script(&self) -> String {
            std::fs::read_to_string(self.0.join(GLUE)).unwrap()
        }
    }

    impl Drop for Built {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_script_names_every_file_that_a_page_may_ask_for_and_holds_the_module() {
        let built = Built::new("names");
        let stamp = stamp(&built.0).unwrap();
        let script = built.script();
        let first = script.lines().next().unwrap();
        let integrity = BASE64.encode(&Sha256::digest("<p>a page"));
        assert!(first.starts_with(&format!("const BUILD = \"{}\\nsha256-", stamp.version)));
        assert!(
            first.contains(&format!("sha256-{integrity} /index.html\\n")),
            "{first}"
        );
        assert!(first.contains("/icons/icon.svg\\n"));
        assert!(!first.contains("sw") && !first.contains(".br"));
        assert!(script.contains("const MODULE = 'AGFzbQEAAAA=';\n"));
        assert!(script.contains("let wasm_bindgen = 7;\nreturn wasm_bindgen;\n"));
        assert!(script.ends_with(LISTENERS));
        assert_eq!((stamp.files, stamp.script_bytes), (2, script.len()));
    }

    #[test]
    fn no_loose_file_of_the_worker_stays() {
        let built = Built::new("loose");
        stamp(&built.0).unwrap();
        assert!(!built.0.join(MODULE).exists());
        let again = stamp(&built.0).unwrap_err().to_string();
        assert!(again.contains("sw_bg.wasm"), "{again}");
    }

    #[test]
    fn the_same_files_give_the_same_script() {
        let (one, other) = (Built::new("one"), Built::new("other"));
        assert_eq!(stamp(&one.0).unwrap(), stamp(&other.0).unwrap());
        assert_eq!(one.script(), other.script());
    }

    #[test]
    fn any_change_of_a_file_or_of_the_worker_is_another_version() {
        let mut versions = std::collections::BTreeSet::new();
        for (name, content) in [
            ("index.html", "<p>a page"),
            ("index.html", "<p>b page"),
            ("icons/icon.svg", "<svg />"),
            ("more.css", ""),
            (GLUE, "let wasm_bindgen = 8;"),
            (MODULE, "\0asm\x01\0\0\0\x0a\0"),
        ] {
            let built = Built::new("change");
            built.put(name, content);
            versions.insert(stamp(&built.0).unwrap().version);
        }
        assert_eq!(versions.len(), 6);
    }
}
