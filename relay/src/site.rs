//! The app as it is served: every file read once, at start-up, and answered from memory.
//!
//! No request ever becomes a path on the disk, so none can leave the folder, and a build that is
//! under way is never served by halves. A new build is served after a restart.

mod encoding;
mod kind;
pub mod policy;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, StatusCode, header};
use base::hash::sha256;
use data_encoding::HEXLOWER;

use crate::error::Error;
use crate::limits::{SITE_BYTES_MAX, SITE_FILES_MAX};
use encoding::Encoding;
use kind::{Caching, media_type};

/// The page that answers every path without a file of its own.
const PAGE: &str = "/index.html";

/// The built app.
pub struct Site {
    files: BTreeMap<String, File>,
    scripts: Vec<String>,
}

struct File {
    content: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    /// A hash of the content, in quotes.
    tag: String,
}

impl Site {
    /// Reads the built app in `folder`. A file `x.br` or `x.gz` beside `x` is its compressed form.
    ///
    /// # Errors
    /// [`Error::UserNoApp`] without a page, [`Error::UserTooBig`] for more than an app can be,
    /// [`Error::StorageRead`].
    pub fn load(folder: &Path) -> Result<Self, Error> {
        if !folder.join("index.html").is_file() {
            return Err(Error::UserNoApp(folder.to_path_buf()));
        }
        let mut raw = read_all(folder)?;
        let names: Vec<String> = raw.keys().cloned().collect();
        let mut files = BTreeMap::new();
        for name in names {
            let is_form = [".br", ".gz"].iter().any(|end| {
                name.strip_suffix(end)
                    .is_some_and(|whole| files.contains_key(whole))
            });
            let Some(content) = raw.get(&name).cloned().filter(|_| !is_form) else {
                continue;
            };
            let file = File {
                tag: format!(
                    "\"{}\"",
                    HEXLOWER.encode(&sha256(&[&content]).first::<16>())
                ),
                brotli: raw.remove(&format!("{name}.br")),
                gzip: raw.remove(&format!("{name}.gz")),
                content,
            };
            files.insert(name, file);
        }
        let page = files
            .get(PAGE)
            .map(|file| String::from_utf8_lossy(&file.content));
        let scripts = page.map_or_else(Vec::new, |page| policy::inline_script_sources(&page));
        Ok(Self { files, scripts })
    }

    /// The hashes of the page's inline scripts, as sources of a content security policy.
    pub fn inline_scripts(&self) -> &[String] {
        &self.scripts
    }

    /// Answers a request for `path`.
    ///
    /// A path whose last part has no ending is a place in the app: the page finds it. One that
    /// has is a file: without it the answer is 404, so that a page never runs as a script.
    pub fn answer(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        let is_place = !path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains('.'));
        let name = if is_place { PAGE } else { path };
        match self.files.get(name) {
            Some(file) => file.answer(name, request),
            None => plain(
                StatusCode::NOT_FOUND,
                "There is no such file in this app.\n",
            ),
        }
    }
}

impl File {
    fn answer(&self, name: &str, request: &HeaderMap) -> Response<Body> {
        let known = request
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|tags| tags.contains(&self.tag));
        let (encoding, bytes) = match encoding::best(request, self.brotli.is_some()) {
            Encoding::Brotli => (Some("br"), self.brotli.as_ref()),
            Encoding::Gzip => (Some("gzip"), self.gzip.as_ref()),
            Encoding::Plain => (None, None),
        };
        let mut answer = Response::builder()
            .header(header::CONTENT_TYPE, media_type(name))
            .header(header::CACHE_CONTROL, Caching::of(name).header())
            .header(header::VARY, "Accept-Encoding")
            .header(header::ETAG, &self.tag);
        if is_known {
            answer = answer.status(StatusCode::NOT_MODIFIED);
            return finish(answer, Bytes::new());
        }
        if let (Some(encoding), Some(_)) = (encoding, bytes) {
            answer = answer.header(header::CONTENT_ENCODING, encoding);
        }
        finish(answer, bytes.unwrap_or(&self.content).clone())
    }
}

/// A short answer in words.
pub fn plain(status: StatusCode, words: &'static str) -> Response<Body> {
    let answer = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store");
    finish(answer, Bytes::from_static(words.as_bytes()))
}

fn finish(answer: axum::http::response::Builder, bytes: Bytes) -> Response<Body> {
    // Names and tags are ours and plain ASCII; a file with a stranger name is not served.
    answer.body(Body::from(bytes)).unwrap_or_else(|_| {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        refused
    })
}

fn read_all(folder: &Path) -> Result<BTreeMap<String, Bytes>, Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |problem| Error::StorageRead(path, problem)
    };
    let mut files = BTreeMap::new();
    let mut bytes_left = SITE_BYTES_MAX;
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_path_buf(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&path).map_err(failed(&path))? {
            let entry = entry.map_err(failed(&path))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = format!("{prefix}/{}", name.to_string_lossy());
            let about = entry.metadata().map_err(failed(&path))?;
            if about.is_dir() {
                folders.push((path, name));
                continue;
            }
            let Some(left) = bytes_left.checked_sub(about.len()) else {
                let bound = format!("more than {SITE_BYTES_MAX} bytes");
                return Err(Error::UserTooBig(folder.to_path_buf(), bound));
            };
            bytes_left = left;
            if files.len() == SITE_FILES_MAX {
                let bound = format!("more than {SITE_FILES_MAX} files");
                return Err(Error::UserTooBig(folder.to_path_buf(), bound));
            }
            let content = std::fs::read(&path).map_err(failed(&path))?;
            files.insert(name, Bytes::from(content));
        }
    }
    Ok(files)
}
