//! QR codes: text in, picture out.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::error::BrowserError;

/// The smallest side of the picture in its own units; it scales with the page.
const SIDE_MIN: u32 = 240;

/// Draws a text as an SVG element, black on white, with the quiet zone of 4 modules that ISO/IEC
/// 18004 asks for, and error correction level M: 15 % may be glare or dirt.
///
/// # Errors
/// [`BrowserError::Peer`] when the text is longer than a code holds.
pub fn svg(text: &str) -> Result<String, BrowserError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| BrowserError::Peer("more text than a QR code holds"))?;
    let picture = code
        .render::<svg::Color>()
        .quiet_zone(true)
        .min_dimensions(SIDE_MIN, SIDE_MIN)
        .build();
    // The XML declaration has no place inside a page.
    let element = picture.find("<svg").and_then(|start| picture.get(start..));
    Ok(element.unwrap_or(&picture).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_becomes_one_element_that_scales() {
        let card = format!("TILLMESH{}", "A7".repeat(95));
        let picture = svg(&card).unwrap();
        assert!(picture.starts_with("<svg"), "{}", &picture[..60]);
        assert!(picture.contains("viewBox"));
        let modules = QrCode::with_error_correction_level(&card, EcLevel::M)
            .unwrap()
            .width();
        assert!(modules <= 53, "version 9 or less, not {modules} modules");
    }

    #[test]
    fn too_much_text_is_an_error() {
        assert!(svg(&"x".repeat(3_000)).is_err());
    }
}
