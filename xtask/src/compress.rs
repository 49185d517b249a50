//! Writes the compressed forms of the app's files beside them, once, so that serving costs
//! nothing and the strongest setting can be afforded where it counts.

use std::io::Write;
use std::path::Path;

use crate::trouble::Trouble;

/// Endings of files that shrink. Pictures and fonts are compressed already.
const SHRINKING: [&str; 9] = [
    "html",
    "js",
    "css",
    "wasm",
    "json",
    "svg",
    "csv",
    "txt",
    "webmanifest",
];
/// A smaller file fits one packet anyhow.
const BYTES_MIN: usize = 1_024;

/// Sizes of everything, before and after.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// As it is.
    pub plain: usize,
    /// As a browser fetches it.
    pub brotli: usize,
}

/// Compresses every file in `folder`, and in the folders in it, that becomes smaller. Brotli's
/// `quality` is 0 to 11.
///
/// # Errors
/// [`Trouble::Storage`].
pub fn folder(folder: &Path, quality: i32) -> Result<Sizes, Trouble> {
    let mut sizes = Sizes::default();
    let failed = Trouble::storage(folder);
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        let path = entry.map_err(&failed)?.path();
        let added = if path.is_dir() {
            self::folder(&path, quality)?
        } else {
            file(&path, quality)?
        };
        sizes.plain += added.plain;
        sizes.brotli += added.brotli;
    }
    Ok(sizes)
}

fn file(path: &Path, quality: i32) -> Result<Sizes, Trouble> {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or("");
    if ["br", "gz"].contains(&ending) {
        return Ok(Sizes::default());
    }
    let content = std::fs::read(path).map_err(Trouble::storage(path))?;
    let plain = content.len();
    if plain < BYTES_MIN || !SHRINKING.contains(&ending) {
        return Ok(Sizes {
            plain,
            brotli: plain,
        });
    }
    let mut smallest = plain;
    let forms = [("br", brotli(&content, quality)), ("gz", gzip(&content))];
    for (form, bytes) in forms {
        let beside = path.with_extension(format!("{ending}.{form}"));
        let bytes = bytes.map_err(Trouble::storage(&beside))?;
        if bytes.len() < plain {
            smallest = smallest.min(bytes.len());
            std::fs::write(&beside, bytes).map_err(Trouble::storage(&beside))?;
        }
    }
    Ok(Sizes {
        plain,
        brotli: smallest,
    })
}

fn brotli(content: &[u8], quality: i32) -> std::io::Result<Vec<u8>> {
    // The biggest window that browsers accept.
    let settings = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 24,
        ..Default::default()
    };
    let mut bytes = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut bytes, &settings)?;
    Ok(bytes)
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const QUALITY: i32 = 5;

    #[test]
    fn compressed_forms_open_to_the_same_bytes() {
        let content = b"a shop, a till, a sale; ".repeat(500);
        let mut opened = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(&content, QUALITY).unwrap(), &mut opened).unwrap();
        assert_eq!(opened, content);
        opened.clear();
        let gzip = gzip(&content).unwrap();
        flate2::read::GzDecoder::new(&*gzip)
            .read_to_end(&mut opened)
            .unwrap();
        assert_eq!(opened, content);
    }

    #[test]
    fn only_what_shrinks_gets_a_compressed_form() {
        let folder = std::env::temp_dir().join(format!("tillmesh-compress-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("icons")).unwrap();
        std::fs::write(folder.join("app.wasm"), vec![7; 4_096]).unwrap();
        std::fs::write(folder.join("tiny.css"), "a{}").unwrap();
        std::fs::write(folder.join("icons/icon.png"), vec![7; 4_096]).unwrap();
        let sizes = super::folder(&folder, QUALITY).unwrap();
        assert!(folder.join("app.wasm.br").is_file() && folder.join("app.wasm.gz").is_file());
        assert!(!folder.join("tiny.css.br").exists() && !folder.join("icons/icon.png.br").exists());
        assert_eq!(sizes.plain, 4_096 + 3 + 4_096);
        assert!(sizes.brotli < sizes.plain);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
