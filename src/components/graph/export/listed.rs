//! The legend below a picture that leaves the page, and the title above it.

use crate::components::graph::names::Names;
use crate::components::graph::picture::Picture;
use crate::components::legend::visibility::{SeriesKey, Visibility};
use chart::{Dash, SeriesStyle, Unit, format};
use protocol::GraphAnswer;

/// So many series are listed below a picture.
const MAX_LISTED: usize = 24;

// Sizes in CSS pixels.

/// Around texts.
pub const MARGIN: f64 = 12.0;
/// From one line to the next.
pub const LINE: f64 = 20.0;
/// Of texts.
pub const FONT: f64 = 12.0;
/// The width of a stroke in the legend.
pub const SWATCH: f64 = 16.0;

/// The fonts of names, those of the page (`--font-mono`).
pub const MONO: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace";
/// The fonts of all else (`--font-ui`).
pub const UI: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/// The legend of what is shown in a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// The first series.
    pub listed: Vec<Listed>,
    /// How many are left out.
    pub n_more: usize,
    /// The names of all series of the answer, for forms that write them beside the plot.
    pub names: Vec<String>,
}

/// A series as it is listed below a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it is called.
    pub name: String,
    /// Its last value.
    pub value: String,
    /// How it is drawn.
    pub style: SeriesStyle,
}

impl Legend {
    /// Of a picture. `units` has one for each expression.
    #[must_use]
    pub fn of(picture: &Picture, visibility: &Visibility, names: &Names, units: &[Unit]) -> Self {
        let answer = &picture.answer;
        let visibility = visibility.fitted(answer.frame.series.iter().map(SeriesKey::of));
        let names: Vec<String> = answer.frame.series.iter().map(|series| names.own(answer, series)).collect();
        let shown = answer.frame.series.iter().zip(&picture.drawing.styles).zip(&names);
        let mut listed: Vec<Listed> = shown
            .filter(|((series, _), _)| visibility.shows(&SeriesKey::of(series)))
            .map(|((series, style), name)| {
                let query_idx = usize::from(series.source.query_idx);
                let unit = units.get(query_idx).or(units.last()).copied().unwrap_or_default();
                Listed { name: name.clone(), value: format::short(unit, series.stats.last), style: *style }
            })
            .collect();
        let n_more = listed.len().saturating_sub(MAX_LISTED);
        listed.truncate(MAX_LISTED);
        Legend { listed, n_more, names }
    }

    /// How many lines it takes.
    #[must_use]
    pub fn n_lines(&self) -> usize {
        self.listed.len() + usize::from(self.n_more > 0)
    }
}

/// What stands above a picture: its expressions.
#[must_use]
pub fn title(answer: &GraphAnswer) -> String {
    let also = answer.extras.also.iter().map(String::as_str).filter(|expr| !expr.trim().is_empty());
    let exprs: Vec<&str> = std::iter::once(answer.expr.as_str()).chain(also).collect();
    exprs.join("  ·  ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The stretches of a stroke that are drawn, CSS pixels.
#[must_use]
pub fn parts_of(dash: Dash) -> Vec<(f64, f64)> {
    match dash {
        Dash::Solid => vec![(0.0, SWATCH)],
        Dash::Dashed => vec![(0.0, 7.0), (9.0, SWATCH)],
        Dash::Dotted => vec![(0.0, 3.0), (4.5, 7.5), (9.0, 12.0), (13.5, SWATCH)],
        Dash::DashDotted => vec![(0.0, 8.0), (10.0, 12.0), (14.0, SWATCH)],
    }
}

/// A text that fits, with its middle left out if it has to be. `fits` holds for the shorter of two texts if for the longer.
#[must_use]
pub fn shortened(text: &str, fits: &dyn Fn(&str) -> bool) -> String {
    // Longer than any picture is wide.
    const MAX_CHARS: usize = 1_000;
    let chars: Vec<char> = text.chars().collect();
    let cut = |n: usize| -> String {
        let (head, tail) = (n.div_ceil(2), n / 2);
        chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
    };
    if chars.len() <= MAX_CHARS && fits(text) {
        return text.to_owned();
    }
    let (mut least, mut most) = (0, chars.len().min(MAX_CHARS));
    while least < most {
        let middle = (least + most).div_ceil(2);
        if fits(&cut(middle)) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    cut(least)
}

#[cfg(test)]
mod tests {
    //! Names that are too long for a picture.
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle() {
        let fits = |n: usize| move |text: &str| text.chars().count() <= n;
        assert_eq!(shortened("abcdefghij", &fits(10)), "abcdefghij");
        assert_eq!(shortened("abcdefghij", &fits(6)), "abc…ij");
        assert_eq!(shortened("abcdefghij", &fits(0)), "…");
        assert_eq!(shortened("", &fits(0)), "");
        assert_eq!(shortened(&"ä".repeat(10_000), &fits(5_000)).chars().count(), 1_001);
    }
}
