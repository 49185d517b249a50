//! The project's own files, as checks read them.

use std::path::Path;

use crate::trouble::Trouble;

/// Folders that hold nothing that we wrote.
const NOT_OURS: [&str; 4] = ["target", "node_modules", "dist", "pkg"];
/// Endings of files that are read.
const ENDINGS: [&str; 5] = ["rs", "css", "mjs", "js", "html"];

/// One file.
pub struct Source {
    /// Its path inside the project, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// Reads every file, in the order of their paths.
    pub fn read_all(root: &Path) -> Result<Vec<Self>, Trouble> {
        let mut sources = Vec::new();
        read_folder(root, "", &mut sources)?;
        sources.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(sources)
    }

    /// The ending of its name.
    pub fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// Its name without folders and ending.
    pub fn name(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or("");
        name.split('.').next().unwrap_or("")
    }

    /// Lines of code with their numbers: no comments.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Lines of code that are not tests: those end a file, or have a file of their own.
    pub fn code_without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.name() == "tests" || self.path.contains("/tests/");
        let code = self.code().take_while(move |_| !is_test);
        code.take_while(|(_, line)| line.trim() != concat!("#[cfg", "(test)]"))
    }
}

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) -> Result<(), Trouble> {
    let failed = Trouble::storage(folder);
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        let path = entry.map_err(&failed)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            read_folder(&path, &format!("{prefix}{name}/"), sources)?;
        } else if ENDINGS
            .iter()
            .any(|ending| name.ends_with(&format!(".{ending}")))
        {
            let text = std::fs::read_to_string(&path).map_err(Trouble::storage(&path))?;
            sources.push(Source {
                path: format!("{prefix}{name}"),
                text,
            });
        }
    }
    Ok(())
}
