//! What honest devices write and what the fuzzer found worth keeping, once more.

use std::path::{Path, PathBuf};

use inputs::{TARGETS, Target};

#[test]
fn what_honest_devices_write_keeps_every_promise() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{}", target.name);
        seeds.iter().for_each(|seed| (target.run)(seed));
    }
}

#[test]
fn every_target_takes_nothing_and_any_byte_repeated() {
    for target in TARGETS {
        (target.run)(&[]);
        for byte in 0..=u8::MAX {
            (target.run)(&[byte; 40]);
        }
    }
}

#[test]
fn what_the_fuzzer_kept_breaks_no_promise() {
    for target in TARGETS {
        let kept = kept(target);
        assert!(!kept.is_empty(), "{}: run `cargo xtask fuzz`", target.name);
        for path in kept {
            let bytes = std::fs::read(&path).unwrap();
            // Shown only when it fails: which bytes it was.
            println!("{}", path.display());
            (target.run)(&bytes);
        }
    }
}

#[test]
fn every_target_has_its_program_and_its_row_and_nothing_else_has() {
    let fuzz = fuzz();
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert!(names.is_sorted());
    let mut programs: Vec<_> = files(&fuzz.join("fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    programs.sort();
    assert_eq!(programs, names);
    let page = std::fs::read_to_string(fuzz.join("README.md")).unwrap();
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in names {
        assert!(page.contains(&format!("\n| `{name}` |")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn kept(target: &Target) -> Vec<PathBuf> {
    files(&fuzz().join("corpus").join(target.name))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
