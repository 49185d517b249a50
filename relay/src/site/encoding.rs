//! Which compressed form a browser takes.

use axum::http::{HeaderMap, header};

/// The form in which a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli, the smallest; browsers take it over https and on localhost.
    Brotli,
    /// gzip.
    Gzip,
    /// As it is.
    Plain,
}

/// The smallest form that the request takes.
///
/// # Source
/// RFC 9110, §12.5.3 `Accept-Encoding`; a weight of zero means "not this one".
pub fn best(request: &HeaderMap, has_brotli: bool) -> Encoding {
    let accepted = request.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or("");
    let takes = |wanted: &str| {
        accepted.split(',').any(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, ""));
            let weight = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|q| q.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case(wanted) && weight != Some(0.0)
        })
    };
    if has_brotli && takes("br") {
        Encoding::Brotli
    } else if takes("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accepted: &str, expected: Encoding) {
        let mut request = HeaderMap::new();
        request.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
        assert_eq!(best(&request, true), expected, "{accepted}");
    }

    #[test]
    fn the_smallest_accepted_form_is_chosen() {
        check("gzip, deflate, br, zstd", Encoding::Brotli);
        check("gzip, br;q=0", Encoding::Gzip);
        check("GZIP;q=0.5", Encoding::Gzip);
        check("identity", Encoding::Plain);
        check("brand", Encoding::Plain);
        assert_eq!(best(&HeaderMap::new(), true), Encoding::Plain);
    }
}
