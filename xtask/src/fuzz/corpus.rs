//! Folders of inputs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::trouble::Trouble;
use crate::workspace;

/// Inputs of one target that are kept: their replay takes a moment.
const FILES_MAX: usize = 200;
/// Bytes of one target's inputs that are kept.
const BYTES_MAX: usize = 500_000;

/// The folder of a target's inputs that are kept.
pub fn of(target: &str) -> PathBuf {
    workspace::root().join("fuzz/corpus").join(target)
}

/// The files of a folder, by name.
///
/// # Errors
/// [`Trouble::Storage`].
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let failed = Trouble::storage(folder);
    let entries = fs::read_dir(folder).map_err(&failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(&failed));
    let mut paths = paths.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Makes a folder that is empty.
///
/// # Errors
/// [`Trouble::Storage`].
pub fn clear(folder: &Path) -> Result<(), Trouble> {
    let failed = Trouble::storage(folder);
    if folder.is_dir() {
        fs::remove_dir_all(folder).map_err(&failed)?;
    }
    fs::create_dir_all(folder).map_err(&failed)
}

/// Puts the inputs of `least` into the place of those in `corpus`; of too many an even choice from
/// short to long.
///
/// # Errors
/// [`Trouble::Storage`].
pub fn replace(corpus: &Path, least: &Path) -> Result<(), Trouble> {
    let mut inputs = Vec::new();
    for path in files(least)? {
        let bytes = fs::read(&path).map_err(Trouble::storage(&path))?;
        inputs.push((bytes, path));
    }
    let kept = even_choice(inputs);
    clear(corpus)?;
    for (bytes, path) in kept {
        let place = corpus.join(path.file_name().unwrap_or_default());
        fs::write(&place, bytes).map_err(Trouble::storage(&place))?;
    }
    Ok(())
}

/// The shortest alone would be those that say least.
fn even_choice(mut inputs: Vec<(Vec<u8>, PathBuf)>) -> Vec<(Vec<u8>, PathBuf)> {
    inputs.sort_by_key(|(bytes, _)| bytes.len());
    let count = inputs.len().min(FILES_MAX);
    let chosen: BTreeSet<usize> = (0..count).map(|at| at * inputs.len() / count).collect();
    let mut total = 0;
    let fits = |(bytes, _): &(Vec<u8>, PathBuf)| {
        total += bytes.len();
        total <= BYTES_MAX
    };
    let chosen = inputs
        .into_iter()
        .enumerate()
        .filter(|(at, _)| chosen.contains(at));
    chosen.map(|(_, input)| input).take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(count: usize, bytes: usize) -> Vec<(Vec<u8>, PathBuf)> {
        let input = |at: usize| (vec![0; bytes + at], PathBuf::from(at.to_string()));
        (0..count).rev().map(input).collect()
    }

    #[test]
    fn of_too_many_inputs_an_even_choice_stays_and_of_too_long_ones_the_shortest() {
        let lengths = |inputs| -> Vec<usize> {
            let kept = even_choice(inputs).into_iter();
            kept.map(|(bytes, _)| bytes.len()).collect()
        };
        let all: Vec<usize> = (1..=FILES_MAX).collect();
        assert_eq!(lengths(inputs(FILES_MAX, 1)), all);
        let every_other: Vec<usize> = (0..FILES_MAX).map(|at| 2 * at).collect();
        assert_eq!(lengths(inputs(2 * FILES_MAX, 0)), every_other);
        assert_eq!(lengths(inputs(6, BYTES_MAX / 4)).len(), 3);
        assert!(lengths(Vec::new()).is_empty());
    }

    #[test]
    fn what_is_kept_takes_the_place_of_what_was() {
        let folder = std::env::temp_dir().join(format!("tillmesh-corpus-{}", std::process::id()));
        let (corpus, least) = (folder.join("corpus"), folder.join("least"));
        clear(&corpus).unwrap();
        clear(&least).unwrap();
        fs::write(corpus.join("old"), "a").unwrap();
        fs::write(least.join("new"), "b").unwrap();
        replace(&corpus, &least).unwrap();
        assert_eq!(files(&corpus).unwrap(), [corpus.join("new")]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
