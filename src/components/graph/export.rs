//! The ways out of a graph: pictures and data as files, the legend and the address on the clipboard. What leaves is what is
//! shown: series that are switched off stay behind.

mod csv;
mod json;
mod listed;
mod markdown;
mod png;
mod svg;

use super::names::Names;
use super::picture::Picture;
use crate::browser::clipboard;
use crate::browser::download::{self, Parts};
use crate::browser::zone::Zone;
use crate::components::legend::visibility::Visibility;
use crate::components::menu::Menu;
use crate::live::{handler, live, view};
use crate::state::settings::Settings;
use crate::texts::legend as texts;
use chart::{Theme, Unit};
use leptos::prelude::*;
use listed::Legend;
use protocol::GraphAnswer;
use std::sync::Arc;

/// What can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Png,
    Svg,
    Csv,
    Json,
}

const FILES: [(File, &str); 4] = [
    (File::Png, texts::SAVE_PNG),
    (File::Svg, texts::SAVE_SVG),
    (File::Csv, texts::SAVE_CSV),
    (File::Json, texts::SAVE_JSON),
];

impl File {
    fn ending(self) -> &'static str {
        match self {
            File::Png => "png",
            File::Svg => "svg",
            File::Csv => "csv",
            File::Json => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            File::Png => "image/png",
            File::Svg => "image/svg+xml",
            File::Csv => "text/csv",
            File::Json => "application/json",
        }
    }
}

/// The menu.
#[component]
pub fn SaveMenu(
    answer: Signal<Option<Arc<GraphAnswer>>>,
    picture: Signal<Option<Arc<Picture>>>,
    units: Signal<Vec<Unit>>,
    format: Signal<String>,
    visibility: RwSignal<Visibility>,
) -> impl IntoView {
    let settings = expect_context::<Settings>();
    let said = RwSignal::new(None::<String>);
    let say = move |text: String| {
        said.try_set(Some(text));
    };
    let save = move |file: File| {
        let Some(answer) = answer.get_untracked() else { return };
        let name = settings.zone.with_untracked(|zone| file_name(&answer, zone, file.ending()));
        let visibility = visibility.get_untracked();
        let names = format.with_untracked(|format| Names::of(&answer, format));
        let told = name.clone();
        let done = move |saved: Option<u64>| {
            say(if saved.is_some() { texts::saved(&told) } else { texts::NOT_SAVED.to_owned() })
        };
        let mut parts = Parts::default();
        match file {
            File::Csv => csv::write(&answer, &visibility, &names, &mut |piece| {
                parts.add(piece.as_bytes());
            }),
            File::Json => json::write(&answer, &visibility, &mut |piece| {
                parts.add(piece.as_bytes());
            }),
            File::Png | File::Svg => {
                let Some(picture) = picture.get_untracked() else {
                    return say(texts::NOT_SAVED.to_owned());
                };
                let legend = units.with_untracked(|units| Legend::of(&picture, &visibility, &names, units));
                let (zone, theme) = (settings.zone.get_untracked(), Theme::of(settings.is_dark.get_untracked()));
                if file == File::Png {
                    png::save(&picture, &legend, theme, &zone, name, done);
                    return;
                }
                parts.add(svg::document(&picture, &legend, theme, &zone).as_bytes());
            }
        }
        download::save(parts, name, file.media_type(), false, done);
    };
    let copy = move |text: String| {
        clipboard::copy(&text, move |is_done| {
            let said = if is_done { texts::COPIED } else { crate::texts::explore::NOT_COPIED };
            say(said.to_owned());
        });
    };
    let copy_markdown = move |_| {
        if let Some(answer) = answer.get_untracked() {
            let names = format.with_untracked(|format| Names::of(&answer, format));
            let table = visibility.with_untracked(|visibility| {
                units.with_untracked(|units| markdown::table(&answer, visibility, &names, units))
            });
            copy(table);
        }
    };
    let copy_link = move |_| copy(window().location().href().unwrap_or_default());
    let entries = move || {
        let files = FILES.into_iter().map(|(file, label)| entry(label, Callback::new(move |()| save(file))));
        files.collect_view()
    };
    view! {
        <div class="save-menu">
            <span class="muted" role="status">{live(move || said.get())}</span>
            <Menu label=texts::SAVE_OR_COPY>
                {entries()}
                {entry(texts::COPY_MARKDOWN, Callback::new(move |()| copy_markdown(())))}
                {entry(texts::COPY_LINK, Callback::new(move |()| copy_link(())))}
            </Menu>
        </div>
    }
}

/// A line of the menu; it closes the menu.
fn entry(label: &'static str, on_click: Callback<()>) -> AnyView {
    let chosen = move |event: leptos::ev::MouseEvent| {
        on_click.run(());
        crate::components::menu::close_around(&event);
    };
    view! { <button type="button" class="quiet menu-entry" on:click=handler(chosen)>{label}</button> }
}

/// The longest part of an expression in a file's name.
const MAX_STEM: usize = 60;

/// `rate-http_requests_total-5m-2026-11-26-1430.png`: the expression, and the end of what is shown.
fn file_name(answer: &GraphAnswer, zone: &Zone, ending: &str) -> String {
    named(&answer.expr, &zone.civil(answer.end_ms).to_string(), ending)
}

fn named(expr: &str, civil: &str, ending: &str) -> String {
    let mut stem = String::new();
    for c in expr.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            stem.push(c);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
        if stem.len() >= MAX_STEM {
            break;
        }
    }
    let stem = stem.trim_matches('-');
    let stem = if stem.is_empty() { "graph" } else { stem };
    let (date, time) = civil.split_once(' ').unwrap_or((civil, ""));
    let minutes: String = time.chars().filter(char::is_ascii_digit).take(4).collect();
    format!("{stem}-{date}-{minutes}.{ending}")
}

#[cfg(test)]
mod tests {
    //! Names of files.
    use super::*;

    #[test]
    fn a_file_is_named_after_its_expression_and_its_end() {
        let at = "2026-11-26 14:30:05.250";
        for (expr, want) in [
            ("rate(http_requests_total[5m])", "rate-http_requests_total-5m-2026-11-26-1430.csv"),
            ("../../etc/passwd", "etc-passwd-2026-11-26-1430.csv"),
            ("{\"größe\"=\"1\"}", "gr-e-1-2026-11-26-1430.csv"),
            ("+ -", "graph-2026-11-26-1430.csv"),
        ] {
            assert_eq!(named(expr, at, "csv"), want, "{expr}");
        }
        assert!(named(&"x".repeat(10_000), at, "png").len() < 90);
    }
}
