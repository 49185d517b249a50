//! Real data where the machine has it, data of the same shape where it has not.

use std::path::PathBuf;

/// The text of a file of the data folder named by `TILLMESH_DATA`; `None`, said aloud, without.
///
/// # Panics
/// Where `CI` is true and there is no folder: there a silent stand-in would prove nothing.
pub fn file(name: &str) -> Option<String> {
    let folder = std::env::var_os("TILLMESH_DATA").map(PathBuf::from);
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join(name)).ok());
    if text.is_none() {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "TILLMESH_DATA has no {name}");
        eprintln!("TILLMESH_DATA has no {name}: data of the same shape is made up instead");
    }
    text
}

/// Numbers that look random and are the same each time (SplitMix64, Steele et al. 2014).
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}
