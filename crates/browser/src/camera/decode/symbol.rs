//! Reading the modules of a code that was found: damage mended, bits turned into text.
//!
//! rxing could do all of it, but its own way to text brings the tables of every alphabet into the
//! app, a tenth of the download. A card needs none of them.

use rxing::common::{BitMatrix, BitSource, ECIStringBuilder};
use rxing::qrcode::common::{Mode, VersionRef};
use rxing::qrcode::cpp_port::decoder::{
    CorrectErrors, DecodeAlphanumericSegment, DecodeNumericSegment, IsEndOfStream,
};
use rxing::qrcode::decoder::{BitMatrixParser, DataBlock};

/// Bits that say how a segment is written (ISO/IEC 18004, table 2).
const MODE_BITS: usize = 4;

/// The text of a code, one bit a module; nothing when more of it is damaged than can be mended, or
/// when something is written in it that no card holds.
pub(super) fn text(modules: &BitMatrix) -> Option<String> {
    let mut parser = BitMatrixParser::new(modules.clone()).ok()?;
    let version = parser.readVersion().ok()?;
    let level = parser.readFormatInformation().ok()?.error_correction_level;
    let codewords = parser.readCodewords().ok()?;
    let blocks = DataBlock::getDataBlocks(&codewords, version, level).ok()?;
    let mut data = Vec::with_capacity(codewords.len());
    for block in &blocks {
        data.extend(mended(block)?);
    }
    segments(&data, version)
}

/// The data of a block, without the codewords that were added to mend it.
fn mended(block: &DataBlock) -> Option<Vec<u8>> {
    let mut codewords = block.getCodewords().to_vec();
    let data = block.getNumDataCodewords();
    let is_whole = CorrectErrors(&mut codewords, data).ok()?;
    codewords.truncate(data as usize);
    is_whole.then_some(codewords)
}

/// The text of all segments: digits, or capital letters, digits and signs.
fn segments(data: &[u8], version: VersionRef) -> Option<String> {
    let mut bits = BitSource::new(data);
    let mut text = ECIStringBuilder::default();
    while !IsEndOfStream(&mut bits, version).ok()? {
        let mode = Mode::forBits(bits.readBits(MODE_BITS).ok()? as u8).ok()?;
        let length = bits
            .readBits(mode.CharacterCountBits(version) as usize)
            .ok()?;
        match mode {
            Mode::NUMERIC => DecodeNumericSegment(&mut bits, length, &mut text).ok()?,
            Mode::ALPHANUMERIC => DecodeAlphanumericSegment(&mut bits, length, &mut text).ok()?,
            _ => return None,
        }
    }
    String::from_utf8(text.bytes().to_vec()).ok()
}
