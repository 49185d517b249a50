//! A relay that serves a small app on a port of its own, until the test ends.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use relay::limits::MeetingBounds;
use relay::{App, MeetingPlace, Site, router};
use tokio::net::TcpListener;

/// The inline script of the small app's page.
pub const SCRIPT: &str = "import init from '/tillmesh-0123456789abcdef.js';\ninit();\n";
/// The name of a file that holds a hash.
pub const HASHED: &str = "/tillmesh-0123456789abcdef_bg.wasm";

/// A folder that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tillmesh-relay-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join("icons")).unwrap();
        Self(path)
    }

    /// A folder with a small built app.
    pub fn with_app() -> Self {
        let folder = Self::new();
        let page = format!("<html><script type=\"module\">{SCRIPT}</script></html>");
        folder.write("index.html", page.as_bytes());
        folder.write("sw.js", b"// worker");
        folder.write("manifest.json", b"{}");
        folder.write("icons/icon.png", b"png");
        folder.write(HASHED.trim_start_matches('/'), b"wasm, as it is");
        folder.write("tillmesh-0123456789abcdef_bg.wasm.br", b"wasm in brotli");
        folder.write("tillmesh-0123456789abcdef_bg.wasm.gz", b"wasm in gzip");
        folder
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running relay.
pub struct Server {
    pub address: SocketAddr,
    pub place: MeetingPlace,
    _folder: Folder,
}

impl Server {
    pub async fn start() -> Self {
        Self::with_bounds(MeetingBounds::default()).await
    }

    pub async fn with_bounds(bounds: MeetingBounds) -> Self {
        let folder = Folder::with_app();
        let site = Arc::new(Site::load(folder.path()).unwrap());
        let place = MeetingPlace::new(bounds);
        let app = router(App {
            site,
            place: place.clone(),
            is_secure: false,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(
            axum::serve(
                listener,
                app.into_make_service_with_connect_info::<SocketAddr>(),
            )
            .into_future(),
        );
        Self {
            address,
            place,
            _folder: folder,
        }
    }
}
