//! Finding a QR code in one picture.

mod symbol;

use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::detector::{FindFinderPatterns, GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer, Luma8LuminanceSource};

/// The text of a QR code in a picture of `width` × `height` pixels, one byte of brightness each.
///
/// Only digits, capital letters and the few signs beside them are read, as cards are written.
pub fn qr_text(luma: Vec<u8>, width: u32, height: u32) -> Option<String> {
    if luma.is_empty() || luma.len() != width as usize * height as usize {
        return None;
    }
    let picture = HybridBinarizer::new(Luma8LuminanceSource::new(luma, width, height).ok()?);
    let pixels = picture.get_black_matrix().ok()?;
    let mut corners = FindFinderPatterns(pixels, true, 0);
    let candidates = GenerateFinderPatternSets(&mut corners);
    candidates
        .iter()
        .filter_map(|candidate| SampleQR(pixels, candidate).ok())
        .find_map(|found| symbol::text(found.getBits()))
}

/// Brightness of pixels that are four bytes each (red, green, blue, alpha), by ITU-R BT.601.
pub(super) fn luma(rgba: &[u8]) -> Vec<u8> {
    let pixels = rgba.chunks_exact(4);
    let brightness = |pixel: &[u8]| {
        let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((77 * red + 150 * green + 29 * blue) >> 8) as u8
    };
    pixels.map(brightness).collect()
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    /// A code as a camera might see it: grey, off-centre, `scale` pixels a module.
    fn picture(text: &str, scale: usize, margin: usize) -> (Vec<u8>, u32) {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let side = code.width() * scale + 2 * margin;
        let mut luma = vec![200; side * side];
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let (row, column) = (index / code.width(), index % code.width());
            for dot in 0..scale * scale {
                let y = margin + row * scale + dot / scale;
                let x = margin + column * scale + dot % scale;
                luma[y * side + x] = if color == Color::Dark { 50 } else { 190 };
            }
        }
        (luma, side as u32)
    }

    #[test]
    fn what_we_draw_we_read() {
        let card = format!("TILLMESH{}", "Q4Z".repeat(63));
        for scale in [3, 5, 8] {
            let (luma, side) = picture(&card, scale, 30);
            assert_eq!(
                qr_text(luma, side, side).as_deref(),
                Some(&card[..]),
                "{scale}"
            );
        }
    }

    #[test]
    fn what_is_not_a_card_is_not_read() {
        for text in ["https://shop.example/a", "Zwölf Äpfel", "日本語の文字"] {
            let (luma, side) = picture(text, 5, 30);
            assert_eq!(qr_text(luma, side, side), None, "{text}");
        }
    }

    #[test]
    fn a_code_with_a_spot_on_it_is_still_read() {
        let card = format!("TILLMESH{}", "Q4Z".repeat(63));
        let (mut luma, side) = picture(&card, 5, 30);
        for row in 150..175 {
            let start = row * side as usize + 150;
            luma[start..start + 25].fill(50);
        }
        assert_eq!(qr_text(luma, side, side).as_deref(), Some(&card[..]));
    }

    #[test]
    fn nothing_is_found_in_a_grey_wall_or_half_a_picture() {
        assert_eq!(qr_text(vec![128; 640 * 480], 640, 480), None);
        assert_eq!(qr_text(vec![128; 100], 640, 480), None);
        assert_eq!(qr_text(Vec::new(), 0, 0), None);
    }

    #[test]
    fn brightness_follows_the_eye() {
        let pixels = [
            255, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255,
        ];
        assert_eq!(luma(&pixels), [255, 0, 149, 28]);
    }

    #[cfg(target_arch = "wasm32")]
    mod browser {
        use wasm_bindgen_test::wasm_bindgen_test;

        #[wasm_bindgen_test]
        fn the_reader_works_where_there_is_no_system_clock() {
            let (luma, side) = super::picture("TILLMESHABC234", 6, 24);
            assert_eq!(
                super::qr_text(luma, side, side).as_deref(),
                Some("TILLMESHABC234")
            );
        }
    }
}
