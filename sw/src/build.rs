//! The build that this worker belongs to: which files make up the app, and what is in them.

use std::collections::BTreeMap;

/// The files of one build of the app.
///
/// Its text form is written into the worker's script when the app is built, so that any change
/// of any file changes the script, and the browser finds the new release by itself:
/// the version in the first line, then one `integrity path` a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    version: String,
    files: BTreeMap<String, String>,
}

/// Why the text of a build cannot be read. We wrote it, so the fault is ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// There is no first line.
    #[error("the build has no version")]
    UsNoVersion,
    /// A line is not `integrity path`.
    #[error("this line of the build names no file: {0}")]
    UsNoFile(String),
}

impl Build {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`BuildError`] with what is missing.
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let version = lines.next().ok_or(BuildError::UsNoVersion)?.to_owned();
        let mut files = BTreeMap::new();
        for line in lines {
            let file = line
                .split_once(' ')
                .filter(|(_, path)| path.starts_with('/'));
            let (integrity, path) = file.ok_or_else(|| BuildError::UsNoFile(line.to_owned()))?;
            files.insert(path.to_owned(), integrity.to_owned());
        }
        Ok(Self { version, files })
    }

    /// The name of the cache that holds this build and no other.
    pub fn cache_name(&self) -> String {
        format!("precache-{}", self.version)
    }

    /// Whether a cache is one of ours, of whatever build.
    pub fn is_cache_of_the_app(name: &str) -> bool {
        name.starts_with("precache-")
    }

    /// Whether the build has a file at this path of the site.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Each file's path and its integrity, as `fetch` takes it (`sha256-…`).
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, integrity)| (path.as_str(), integrity.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_read_line_by_line() {
        let build = Build::parse("0f1e\nsha256-aa= /index.html\nsha256-bb= /a b.js\n").unwrap();
        assert_eq!(build.cache_name(), "precache-0f1e");
        assert!(build.has("/a b.js") && !build.has("/b.js"));
        let files: Vec<_> = build.files().collect();
        assert_eq!(
            files,
            [("/a b.js", "sha256-bb="), ("/index.html", "sha256-aa=")]
        );
    }

    #[test]
    fn a_build_that_cannot_be_read_says_why() {
        assert_eq!(Build::parse("\n"), Err(BuildError::UsNoVersion));
        for line in ["sha256-aa=", "sha256-aa= index.html"] {
            let parsed = Build::parse(&format!("0f1e\n{line}"));
            assert_eq!(parsed, Err(BuildError::UsNoFile(line.to_owned())));
        }
    }

    #[test]
    fn caches_of_other_builds_are_known_and_strangers_are_left_alone() {
        assert!(Build::is_cache_of_the_app("precache-ffff"));
        assert!(!Build::is_cache_of_the_app("pictures"));
    }
}
