//! Text: how wide it is, and what a file can hold of it.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Latin, Greek and Cyrillic letters of Inter; `font/subset.py` says how it was made.
pub(super) const FONT: &[u8] = include_bytes!("font/inter.ttf");

/// What a figure asks for: in PNG it is the font above, in SVG the first one that the reader has.
pub(super) const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";

/// The width of a text, in units, by the font above.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let font = FontRef::new(FONT).expect("a font");
    let (letters, metrics) = (font.charmap(), font.glyph_metrics(Size::new(size as f32), LocationRef::default()));
    // What the font does not have is mostly an ideogram, as wide as it is high.
    let each = |c| letters.map(c).and_then(|glyph| metrics.advance_width(glyph)).map_or(size, f64::from);
    text.chars().map(each).sum()
}

/// A text without what XML cannot hold, on one line.
pub(super) fn clean(text: &str) -> String {
    let keep = |c: char| match c {
        '\n' | '\t' => Some(' '),
        '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    };
    text.chars().filter_map(keep).collect()
}

/// A text with XML's escapes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// As much of a text as fits, with an ellipsis for the rest.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    // Nothing longer fits any figure, and measuring it would take long.
    const LONGEST: usize = 1000;
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() == text.len() && width(text, size) <= room {
        return short;
    }
    let letters: Vec<char> = short.chars().collect();
    let cut = |count: usize| format!("{}…", letters[..count].iter().collect::<String>().trim_end());
    let (mut fits, mut too_many) = (0, letters.len());
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if width(&cut(middle), size) <= room {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    cut(fits)
}

/// What stands at ticks that are `step` apart: plain decimals, or powers of ten where those would be long.
pub(super) fn tick_labels(ticks: &[f64], step: f64) -> Vec<String> {
    let most = ticks.iter().fold(0.0, |most: f64, tick| most.max(tick.abs()));
    let exponent = step.log10().floor() as i32;
    let scientific = most >= 1e6 || (most > 0.0 && most < 1e-3);
    let label = |&tick: &f64| {
        if tick == 0.0 {
            "0".to_owned()
        } else if scientific {
            let digits = (tick.abs().log10().floor() as i32 - exponent).clamp(0, 15) as usize;
            format!("{tick:.digits$e}")
        } else {
            let digits = (-exponent).clamp(0, 17) as usize;
            format!("{tick:.digits$}")
        }
    };
    ticks.iter().map(|tick| label(tick).replace('-', "−")).collect()
}

/// A number that stands alone, in a cell: three digits, and no zeros behind them.
pub(super) fn short(x: f64) -> String {
    let text = if x == 0.0 {
        "0".to_owned()
    } else if x.fract() == 0.0 && x.abs() < 1e6 {
        format!("{x}")
    } else if (1e-3..1e6).contains(&x.abs()) {
        let digits = (2 - x.abs().log10().floor() as i32).clamp(0, 5) as usize;
        let text = format!("{x:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{x:.1e}")
    };
    text.replace('-', "−")
}

/// A power of ten.
pub(super) fn power(exponent: i32) -> String {
    if (-3..=4).contains(&exponent) {
        return format!("{}", 10_f64.powi(exponent));
    }
    let digit = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit as u32 - '0' as u32).expect("a superscript"),
    };
    format!("10{}", exponent.to_string().chars().map(digit).collect::<String>())
}
