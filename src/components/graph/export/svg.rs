//! A graph as a picture in lines: the same drawing as on the page, with a title above and a legend below.

use super::listed::{FONT, LINE, Legend, MARGIN, MONO, SWATCH, UI, parts_of, shortened, title};
use crate::browser::zone::Zone;
use crate::components::graph::picture::Picture;
use chart::{Options, Rgb, Theme};
use std::fmt::Write as _;

/// The width of a character of [`MONO`], as a part of its size: nothing measures texts here.
const CHAR: f64 = 0.61;

/// The document.
#[must_use]
pub fn document(picture: &Picture, legend: &Legend, theme: Theme, zone: &Zone) -> String {
    let drawing = &picture.drawing;
    let offset = |at_ms: i64| zone.offset_ms(at_ms);
    let options = Options {
        start_ms: drawing.layout.time.start as i64,
        end_ms: drawing.layout.time.end as i64,
        form: drawing.form,
        axes: &picture.axes,
        theme,
        series: &drawing.styles,
        names: &legend.names,
        offset: &offset,
        scale: 1.0,
        font: UI,
    };
    let title = title(&picture.answer);
    let size = (picture.size.width.round() as u32, picture.size.height.round() as u32);
    let inner = if picture.notes.marks.is_empty() {
        chart::svg(&picture.with_notes(), &options, size, &title)
    } else {
        let mut frame = picture.answer.frame.clone();
        frame.marks.extend(picture.notes.marks.iter().cloned());
        chart::svg(&frame, &options, size, &title)
    };
    around(&inner, size, &title, legend, &theme)
}

/// Puts title and legend around a picture.
fn around(inner: &str, (width, height): (u32, u32), title: &str, legend: &Legend, theme: &Theme) -> String {
    let head = LINE + 2.0 * MARGIN;
    let whole = f64::from(height) + head + legend.n_lines() as f64 * LINE + 2.0 * MARGIN;
    let (width, ground) = (f64::from(width), theme.background.css());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{whole}\" viewBox=\"0 0 {width} {whole}\">\n\
         <rect width=\"{width}\" height=\"{whole}\" fill=\"{ground}\"/>\n"
    );
    let fitting = |text: &str, room: f64| {
        let n = (room / (FONT * CHAR)).max(1.0) as usize;
        shortened(text, &|text| text.chars().count() <= n)
    };
    write_text(&mut out, (MARGIN, MARGIN + LINE / 2.0), theme.text, MONO, "600", &fitting(title, width - 2.0 * MARGIN));
    let inner = inner.find("<svg").map_or(inner, |at| &inner[at..]);
    let _ = writeln!(out, "<g transform=\"translate(0 {head})\">{inner}</g>");
    let mut y = head + f64::from(height) + MARGIN + LINE / 2.0;
    for one in &legend.listed {
        let colour = one.style.colour.css();
        for (from, to) in parts_of(one.style.dash) {
            let (x, top, length) = (MARGIN + from, y - 1.5, to - from);
            let _ = writeln!(out, "<rect x=\"{x}\" y=\"{top}\" width=\"{length}\" height=\"3\" fill=\"{colour}\"/>");
        }
        let left = MARGIN + SWATCH + 8.0;
        let value = format!("  {}", one.value);
        let room = width - left - MARGIN - value.chars().count() as f64 * FONT * CHAR;
        let text = format!("{}{value}", fitting(&one.name, room));
        write_text(&mut out, (left, y), theme.text, MONO, "400", &text);
        y += LINE;
    }
    if legend.n_more > 0 {
        write_text(&mut out, (MARGIN, y), theme.text, UI, "400", &crate::texts::legend::more_series(legend.n_more));
    }
    out.push_str("</svg>\n");
    out
}

fn write_text(out: &mut String, (x, y): (f64, f64), colour: Rgb, font: &str, weight: &str, text: &str) {
    let (colour, text) = (colour.css(), escaped(text));
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" dominant-baseline=\"central\" fill=\"{colour}\" font-family=\"{font}\" \
         font-size=\"{FONT}\" font-weight=\"{weight}\" xml:space=\"preserve\">{text}</text>"
    );
}

/// A text between tags. What XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    //! Documents as they are written, and names that would break them.
    use super::super::listed::Listed;
    use super::*;
    use crate::components::graph::shown::tests::{answer, dense};
    use chart::{AxisOptions, Dash, Form, SeriesStyle};
    use expect_test::expect;

    fn legend(names: &[&str], n_more: usize) -> Legend {
        let style = SeriesStyle { dash: Dash::Dashed, ..SeriesStyle::plain(Theme::LIGHT.series(0)) };
        let listed = |name: &&str| Listed { name: (*name).to_owned(), value: "1.5 KiB".to_owned(), style };
        Legend { listed: names.iter().map(listed).collect(), n_more, names: Vec::new() }
    }

    #[test]
    fn a_picture_gets_a_title_and_a_legend() {
        let inner = "<?xml version=\"1.0\"?>\n<svg width=\"300\" height=\"100\"></svg>";
        let text = around(inner, (300, 100), "a < b", &legend(&["<script>&\u{8}", &"x".repeat(100)], 3), &Theme::LIGHT);
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="300" height="228" viewBox="0 0 300 228">
            <rect width="300" height="228" fill="#ffffff"/>
            <text x="12" y="22" dominant-baseline="central" fill="#4d535c" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace" font-size="12" font-weight="600" xml:space="preserve">a &lt; b</text>
            <g transform="translate(0 44)"><svg width="300" height="100"></svg></g>
            <rect x="12" y="164.5" width="7" height="3" fill="#0774b5"/>
            <rect x="21" y="164.5" width="7" height="3" fill="#0774b5"/>
            <text x="36" y="166" dominant-baseline="central" fill="#4d535c" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace" font-size="12" font-weight="400" xml:space="preserve">&lt;script&gt;&amp;�  1.5 KiB</text>
            <rect x="12" y="184.5" width="7" height="3" fill="#0774b5"/>
            <rect x="21" y="184.5" width="7" height="3" fill="#0774b5"/>
            <text x="36" y="186" dominant-baseline="central" fill="#4d535c" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace" font-size="12" font-weight="400" xml:space="preserve">xxxxxxxxxxxx…xxxxxxxxxxxx  1.5 KiB</text>
            <text x="12" y="206" dominant-baseline="central" fill="#4d535c" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif" font-size="12" font-weight="400" xml:space="preserve">And 3 more.</text>
            </svg>
        "##]].assert_eq(&text);
    }

    #[test]
    fn nothing_that_was_scraped_becomes_a_tag() {
        let hostile = "</text><script>alert(1)</script>&\"'\u{1}";
        let all = answer(vec![dense(&[("x", hostile)], &[1.0, 0.0, 1.0])]);
        for form in [Form::Lines, Form::States] {
            let options = Options {
                start_ms: 1_000,
                end_ms: 3_000,
                form,
                axes: &[AxisOptions::default()],
                theme: Theme::DARK,
                series: &[],
                names: &[hostile.to_owned()],
                offset: &|_| 0,
                scale: 1.0,
                font: UI,
            };
            let inner = chart::svg(&all.frame, &options, (600, 300), hostile);
            let text = around(&inner, (600, 300), hostile, &legend(&[hostile], 0), &Theme::DARK);
            assert!(!text.contains("<script") && text.contains("&lt;script"), "{text}");
            let is_bare = |at: usize| {
                !["&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#"].iter().any(|e| text[at..].starts_with(e))
            };
            assert!(!text.match_indices('&').any(|(at, _)| is_bare(at)), "{text}");
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
        }
    }
}
