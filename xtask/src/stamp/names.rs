//! Takes the names of functions out of a WebAssembly module: nearly half of its bytes, which
//! nobody but a debugger reads.
//!
//! The compiler can leave them out too, but then it also drops the section that tells
//! wasm-bindgen which features the module uses.

/// The magic number and the version.
const HEADER_BYTES: usize = 8;
/// The kind of a section that has no meaning for a browser.
const CUSTOM: u8 = 0;
/// The longest form of a 32-bit number.
const NUMBER_BYTES_MAX: usize = 5;

/// The module without its `name` section; `None` when it is no module.
///
/// # Source
/// WebAssembly Core Specification, §5.5 (modules), §7.4.1 (name section).
pub fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER_BYTES)?;
    if !header.starts_with(b"\0asm") {
        return None;
    }
    let mut kept = header.to_vec();
    while let Some((kind, after)) = rest.split_first() {
        let (length, content) = number(after)?;
        let (content, next) = content.split_at_checked(length)?;
        let is_names = *kind == CUSTOM && {
            let (length, name) = number(content)?;
            name.get(..length)? == b"name"
        };
        if !is_names {
            kept.extend_from_slice(rest.get(..rest.len() - next.len())?);
        }
        rest = next;
    }
    Some(kept)
}

/// A number in LEB128, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(NUMBER_BYTES_MAX).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";
    /// A section of code whose length takes two bytes.
    const CODE: &[u8] = b"\x0a\x83\0abc";
    const NAMES: &[u8] = b"\0\x07\x04namexy";
    const PRODUCERS: &[u8] = b"\0\x0a\x09producers";

    #[test]
    fn only_the_names_are_taken_out() {
        let module = [HEADER, CODE, NAMES, PRODUCERS].concat();
        assert_eq!(
            without_names(&module),
            Some([HEADER, CODE, PRODUCERS].concat())
        );
        assert_eq!(without_names(HEADER).as_deref(), Some(HEADER));
    }

    #[test]
    fn what_is_cut_off_or_is_no_module_is_refused() {
        let module = [HEADER, CODE, NAMES].concat();
        let ends = [HEADER.len(), HEADER.len() + CODE.len(), module.len()];
        for end in (0..=module.len()).filter(|end| !ends.contains(end)) {
            assert_eq!(without_names(&module[..end]), None, "{end}");
        }
        assert_eq!(without_names(b"<!doctype html>"), None);
        assert_eq!(
            without_names(&[HEADER, b"\x0a\xff\xff\xff\xff\xff"].concat()),
            None
        );
    }
}
