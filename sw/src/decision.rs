//! Which requests the worker answers, and with what. No browser is needed to find out.

use crate::build::Build;

/// The page that shows every place in the app.
const PAGE: &str = "/index.html";
/// Addresses of the server that serves the app: they are no places in it.
const SERVER_PATHS: [&str; 2] = ["/health", "/signal"];

/// What a page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// Whether the address is on the app's own site.
    pub is_own_site: bool,
    /// Whether a page is to be shown, not a part of one to be fetched.
    pub is_navigation: bool,
    /// The path of the address, without what follows a `?`.
    pub path: &'a str,
}

/// Who answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The network, as if there were no worker.
    Network,
    /// The file of the build at this path; only when it is gone, the network.
    File(String),
}

/// Decides who answers.
///
/// A place in the app (a path whose last part has no ending, as on the server) is shown by the
/// page. A file of the build is answered from the build. Nothing else is kept or answered here.
pub fn decide(asked: Asked<'_>, build: &Build) -> Decision {
    if asked.method != "GET" || !asked.is_own_site {
        return Decision::Network;
    }
    if build.has(asked.path) {
        return Decision::File(asked.path.to_owned());
    }
    let is_file = asked
        .path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'));
    let is_place = !is_file && !SERVER_PATHS.contains(&asked.path);
    if asked.is_navigation && is_place && build.has(PAGE) {
        return Decision::File(PAGE.to_owned());
    }
    Decision::Network
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: Asked<'_>, expected: Option<&str>) {
        let build = "0f1e\nsha256-aa= /index.html\nsha256-bb= /app-0123456789abcdef.js";
        let decision = decide(asked, &Build::parse(build).unwrap());
        let expected = expected.map_or(Decision::Network, |path| Decision::File(path.to_owned()));
        assert_eq!(decision, expected, "{asked:?}");
    }

    const PLACE: Asked<'static> = Asked {
        method: "GET",
        is_own_site: true,
        is_navigation: true,
        path: "/devices/pair",
    };
    const PART: Asked<'static> = Asked {
        method: "GET",
        is_own_site: true,
        is_navigation: false,
        path: "/app-0123456789abcdef.js",
    };

    #[test]
    fn every_place_in_the_app_is_shown_by_the_page() {
        for path in ["/", "/index.html", "/devices/pair", "/receipts/A3-000123"] {
            check(Asked { path, ..PLACE }, Some("/index.html"));
        }
    }

    #[test]
    fn files_of_the_build_come_from_the_build() {
        check(PART, Some("/app-0123456789abcdef.js"));
        check(
            Asked {
                is_navigation: true,
                ..PART
            },
            Some("/app-0123456789abcdef.js"),
        );
    }

    #[test]
    fn files_of_another_build_come_from_the_network() {
        check(
            Asked {
                path: "/app-ffffffffffffffff.js",
                ..PART
            },
            None,
        );
        check(
            Asked {
                path: "/app-ffffffffffffffff.js",
                ..PLACE
            },
            None,
        );
    }

    #[test]
    fn the_server_answers_for_itself() {
        check(
            Asked {
                path: "/health",
                ..PLACE
            },
            None,
        );
        check(
            Asked {
                path: "/signal",
                ..PART
            },
            None,
        );
        check(
            Asked {
                path: "/devices",
                ..PART
            },
            None,
        );
    }

    #[test]
    fn what_changes_something_or_is_elsewhere_is_left_alone() {
        check(
            Asked {
                method: "POST",
                ..PLACE
            },
            None,
        );
        check(
            Asked {
                method: "HEAD",
                ..PART
            },
            None,
        );
        check(
            Asked {
                is_own_site: false,
                ..PLACE
            },
            None,
        );
        check(
            Asked {
                is_own_site: false,
                ..PART
            },
            None,
        );
    }

    #[test]
    fn without_a_page_in_the_build_the_network_shows_places() {
        let build = Build::parse("0f1e\n").unwrap();
        assert_eq!(decide(PLACE, &build), Decision::Network);
    }
}
