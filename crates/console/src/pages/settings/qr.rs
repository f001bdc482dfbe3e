//! A QR code as SVG, drawn here: what it says is a secret, and no other site is told it.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

use crate::ui::{Html, escape};

/// Light modules around the code, which readers need.
const QUIET: usize = 4;

/// The code of a text; none where the text is too long for one.
pub(super) fn draw(text: &str, name: &str) -> Option<Html> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    let size = width + 2 * QUIET;
    Some(Html(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{}\" shape-rendering=\"crispEdges\"><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>",
        escape(name)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finders_and_a_quiet_border() {
        let svg = draw("otpauth://totp/Tollkeeper:a@example.com?secret=ABC", "<x>").unwrap().0;
        // The finder pattern's first row: seven dark modules, then a light one.
        for at in 4..11 {
            assert!(svg.contains(&format!("M{at} 4h1")), "{at}");
        }
        assert!(!svg.contains("M11 4h1") && !svg.contains("M3 "));
        assert!(svg.contains("&#60;x&#62;"));
        assert!(draw(&"x".repeat(5_000), "").is_none());
    }
}
