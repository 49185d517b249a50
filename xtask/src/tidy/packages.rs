//! Packages that the product is built on by agreement, and that must do real work in it.

use super::Finding;
use super::source::Source;

const AGREED: [&str; 11] = [
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "web-sys",
    "js-sys",
    "leptos",
    "gloo",
    "rexie",
    "serde",
    "serde-wasm-bindgen",
    "miniz_oxide",
    "qrcode",
];
/// Where the product's own code is; tools don't count.
const PRODUCT: [&str; 3] = ["src/", "crates/", "sw/"];

/// Checks that each package is named by a path in code that ships.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let is_product = |source: &&Source| {
        source.ending() == "rs" && PRODUCT.iter().any(|folder| source.path.starts_with(folder))
    };
    let product: Vec<&Source> = sources.iter().filter(is_product).collect();
    let unused = AGREED.iter().filter(|package| {
        let path = format!("{}::", package.replace('-', "_"));
        let mut lines = product
            .iter()
            .flat_map(|source| source.code_without_tests());
        !lines.any(|(_, line)| is_path(line, &path))
    });
    let finding = |package: &&str| Finding {
        place: "Cargo.toml".to_owned(),
        problem: format!("{package} is not in use"),
        remedy: "The product is agreed to be built on it: use it where it fits, in code that ships",
    };
    unused.map(finding).collect()
}

fn is_path(line: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    line.match_indices(path)
        .any(|(start, _)| !line[..start].chars().next_back().is_some_and(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_in_code_that_ships_is_use() {
        let used = |path: &str, text: &str| {
            let source = Source {
                path: path.into(),
                text: text.into(),
            };
            !check(&[source])
                .iter()
                .any(|finding| finding.problem.starts_with("gloo "))
        };
        assert!(used("crates/browser/src/clock.rs", "use gloo::timers;"));
        assert!(!used("crates/browser/src/clock.rs", "// use gloo::timers;"));
        assert!(!used("crates/browser/src/clock.rs", "use igloo::timers;"));
        assert!(!used("xtask/src/main.rs", "use gloo::timers;"));
    }
}
