//! Pictures as text: each case draws a frame as SVG and compares the file beside this one.
//! `UPDATE_EXPECT=1 cargo test -p chart --test pictures` writes them anew; look at what changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod axes;
mod beside;
mod forms;
mod lines;
mod sizes;
mod texts;

use chart::{AxisOptions, Form, Options, SeriesStyle, Theme, svg};
use expect_test::expect_file;
use frame::{Frame, FrameExemplar, FrameSeries, HeatMap, Mark, Points, SeriesStats, Source, StepGrid};
use model::civil::Civil;
use model::{Labels, Millis, Timestamp};

/// A frame and how it is to look.
struct Case {
    start: &'static str,
    end: &'static str,
    step_ms: i64,
    columns: Vec<Vec<f64>>,
    /// Where the columns come from; the expression itself for what is missing.
    sources: Vec<Source>,
    heat: Vec<HeatMap>,
    exemplars: Vec<FrameExemplar>,
    marks: Vec<Mark>,
    form: Form,
    axes: Vec<AxisOptions>,
    styles: Vec<SeriesStyle>,
    names: Vec<String>,
    theme: Theme,
    offset: fn(i64) -> i64,
    size: (u32, u32),
}

impl Default for Case {
    fn default() -> Self {
        Case {
            start: "2026-05-01 12:00",
            end: "2026-05-01 12:10",
            step_ms: 60_000,
            columns: Vec::new(),
            sources: Vec::new(),
            heat: Vec::new(),
            exemplars: Vec::new(),
            marks: Vec::new(),
            form: Form::Lines,
            axes: vec![AxisOptions::default()],
            styles: Vec::new(),
            names: Vec::new(),
            theme: Theme::LIGHT,
            offset: |_| 0,
            size: (640, 240),
        }
    }
}

fn ms(text: &str) -> i64 {
    Civil::parse(text).unwrap().to_ms()
}

impl Case {
    fn of(columns: &[&[f64]]) -> Self {
        Case { columns: columns.iter().map(|column| column.to_vec()).collect(), ..Case::default() }
    }

    fn frame(&self) -> Frame {
        let grid = StepGrid::new(Timestamp(ms(self.start)), Timestamp(ms(self.end)), Millis(self.step_ms));
        let n_now = self.columns.len() - self.sources.iter().filter(|source| source.is_previous).count();
        let series = self.columns.iter().enumerate().map(|(idx, column)| FrameSeries {
            source: self.sources.get(idx).copied().unwrap_or_default(),
            // The previous period has the same labels.
            labels: Labels::from_pairs([("__name__", "m"), ("i", &(idx % n_now).to_string())]),
            stats: SeriesStats::of(column),
            points: Points::Dense(column.clone()),
        });
        Frame {
            grid,
            series: series.collect(),
            n_series_total: self.columns.len(),
            heat: self.heat.clone(),
            exemplars: self.exemplars.clone(),
            marks: self.marks.clone(),
            ..Frame::default()
        }
    }

    fn options(&self) -> Options<'_> {
        Options {
            start_ms: ms(self.start),
            end_ms: ms(self.end),
            form: self.form,
            axes: &self.axes,
            theme: self.theme,
            series: &self.styles,
            names: &self.names,
            offset: &self.offset,
            scale: 1.0,
            font: "sans-serif",
        }
    }

    fn svg(&self) -> String {
        svg(&self.frame(), &self.options(), self.size, "A graph")
    }

    fn check(&self, name: &str) {
        expect_file![format!("{}/tests/pictures/{name}.svg", env!("CARGO_MANIFEST_DIR"))].assert_eq(&self.svg());
    }
}

/// As many styles as columns, the first `n` of them on the first axis, the next on the second and so on.
fn on_axes(theme: Theme, axes: &[u8]) -> Vec<SeriesStyle> {
    let styles = axes.iter().enumerate();
    styles.map(|(idx, &axis)| SeriesStyle { axis, ..SeriesStyle::plain(theme.series(idx)) }).collect()
}
