//! What kind of thing a file is: its media type, and how long a browser may keep it.

/// How long a browser may keep a file without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The name never changes, the content may: ask each time.
    Ask,
    /// The name holds a hash of the content: never ask again.
    Forever,
}

impl Caching {
    /// Judges by the path inside the app. A hashed name has a part of eight or more hexadecimal
    /// digits after a dash, as `app-0123456789abcdef_bg.wasm`.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let hashed = name.split('-').skip(1).any(|part| {
            let digits = part.find(|c: char| !c.is_ascii_hexdigit());
            digits.is_some_and(|end| end >= 8 && part[end..].starts_with(['.', '_']))
        });
        if hashed { Self::Forever } else { Self::Ask }
    }

    /// The value of `Cache-Control`.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Ask => "no-cache",
            Self::Forever => "public, max-age=31536000, immutable",
        }
    }
}

/// The media type of a file, by the end of its name.
pub fn media_type(path: &str) -> &'static str {
    if path.ends_with("/manifest.json") {
        return "application/manifest+json";
    }
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_hold_a_hash_are_kept_for_ever() {
        for kept in [
            "/tillmesh-0123456789abcdef.js",
            "/tillmesh-0123456789abcdef_bg.wasm",
            "/style/base-90ab12cd34ef5678.css",
        ] {
            assert_eq!(Caching::of(kept), Caching::Forever, "{kept}");
        }
        for asked in [
            "/index.html",
            "/sw.js",
            "/manifest.json",
            "/sample-shop.csv",
            "/icons/icon-512.png",
            "/deadbeefdeadbeef.js",
        ] {
            assert_eq!(Caching::of(asked), Caching::Ask, "{asked}");
        }
    }
}
