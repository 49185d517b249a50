//! Finding a QR code in one picture.

use rxing::{BarcodeFormat, DecodeHints, helpers};

/// The text of a QR code in a picture of `width` × `height` pixels, one byte of brightness each.
pub fn qr_text(luma: Vec<u8>, width: u32, height: u32) -> Option<String> {
    if luma.len() != width as usize * height as usize {
        return None;
    }
    let mut hints = DecodeHints::default();
    let found = helpers::detect_in_luma_with_hints(
        luma,
        width,
        height,
        Some(BarcodeFormat::QR_CODE),
        &mut hints,
    );
    found.ok().map(|result| result.getText().to_owned())
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
