//! The content security policy: what the app may load, run and talk to.

use base::hash::sha256;
use data_encoding::BASE64;

/// Sources for the inline scripts of a page, each named by its hash, as `'sha256-…'`.
///
/// The build puts one small inline script into the page, which starts the app. Naming it by its
/// hash keeps every other inline script out. Source: CSP 3, §2.3.1 `hash-source`.
pub fn inline_script_sources(page: &str) -> Vec<String> {
    // A parser of HTML turns each line end into one line feed before the hash is taken.
    let page = page.replace("\r\n", "\n");
    let mut sources = Vec::new();
    let mut rest = page.as_str();
    while let Some(start) = rest.find("<script") {
        let tag = &rest[start..];
        let Some((attributes, after)) = tag.split_once('>') else {
            break;
        };
        let Some(end) = after.find("</script") else {
            break;
        };
        if !attributes.contains(" src=") {
            let hash = sha256(&[&after.as_bytes()[..end]]);
            sources.push(format!("'sha256-{}'", BASE64.encode(&hash.0)));
        }
        rest = &after[end..];
    }
    sources
}

/// The value of `Content-Security-Policy`.
///
/// `'wasm-unsafe-eval'` compiles WebAssembly and nothing else. Older browsers do not count a
/// WebSocket to the same host as `'self'`, so it is named where the host is known.
pub fn content_security_policy(scripts: &[String], socket: Option<&str>) -> String {
    let scripts = scripts
        .iter()
        .fold(String::new(), |all, one| all + " " + one);
    let socket = socket
        .map(|origin| format!(" {origin}"))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'; \
         connect-src 'self'{socket}; img-src 'self' data: blob:; font-src 'self'; \
         media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_inline_script_is_named_by_its_hash() {
        let page = "<script src=\"/a.js\"></script><script type=\"module\">alert(1)</script>";
        let expected = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert_eq!(inline_script_sources(page), [expected]);
    }

    #[test]
    fn line_ends_do_not_change_the_hash() {
        let unix = inline_script_sources("<script>a\nb</script>");
        assert_eq!(inline_script_sources("<script>a\r\nb</script>"), unix);
    }

    #[test]
    fn nothing_is_evaluated_but_webassembly() {
        let policy = content_security_policy(&["'sha256-x'".into()], Some("wss://till.lan"));
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-x';"));
        assert!(policy.contains("connect-src 'self' wss://till.lan;"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains(" 'unsafe-eval'"));
    }
}
