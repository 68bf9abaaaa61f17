//! How long a start takes, beside Prometheus' own page where it is installed; printed, not judged.
//!
//! Usable is when the expression can be typed; the first graph is when a line is on the canvas. The browser is warm, its
//! cache empty; both pages take turns.

use crate::browser::Page;
use crate::plain_http;
use crate::servers::Server;
use crate::stage::{Stage, pause, play};
use std::time::Duration;

const TURNS: usize = 5;

/// What to look for in a page.
struct Subject {
    name: String,
    url: String,
    /// Selects the field of the expression.
    usable: &'static str,
}

#[test]
fn startup_is_measured_beside_prometheus() {
    let prometheus = Server::prometheus();
    play("startup", async |stage: &Stage| {
        let ours = "/query?g0.expr=up&g0.tab=graph&g0.range_input=5m";
        let mut subjects = vec![Subject {
            name: "Promenade".to_owned(),
            url: stage.url(ours),
            usable: "textarea[aria-label=Expression]",
        }];
        if let Some(prometheus) = &prometheus {
            // It needs something to draw: a few scrapes of itself.
            pause(3).await;
            subjects.push(subject_of(prometheus));
        }
        let mut times: Vec<Vec<(f64, f64)>> = vec![Vec::new(); subjects.len()];
        for _ in 0..TURNS {
            for (subject, times) in subjects.iter().zip(&mut times) {
                times.push(measure(subject).await);
            }
        }
        // The runner has begun the line.
        println!("\n{:<24} {:>10} {:>14}  (medians of {TURNS}, ms)", "start", "usable", "first graph");
        for (subject, times) in subjects.iter().zip(&times) {
            let (usable, graph) = (median(times, |t| t.0), median(times, |t| t.1));
            println!("{:<24} {usable:>10.0} {graph:>14.0}", subject.name);
        }
        if let [ours, theirs] = &times[..] {
            let ratio = |part: fn(&(f64, f64)) -> f64| median(ours, part) / median(theirs, part);
            println!("{:<24} {:>10.2} {:>14.2}  (goal 0.60 of Prometheus 3)", "ratio", ratio(|t| t.0), ratio(|t| t.1));
        }
    });
}

/// Prometheus 3 has its page at `/query`; Debian's 2 has the classic one, which is much smaller.
fn subject_of(prometheus: &Server) -> Subject {
    let get = |path: &str| plain_http::get(prometheus.port, path, &[], Duration::from_secs(5)).ok();
    let build = get("/api/v1/status/buildinfo").map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
    let build = build.unwrap_or_default();
    let version = build.split("\"version\":\"").nth(1).and_then(|rest| rest.split(['"', '+']).next()).unwrap_or("?");
    let is_new = get("/query").is_some_and(|answer| answer.status == 200);
    let path = if is_new { "/query?g0.expr=up&g0.tab=graph" } else { "/graph?g0.expr=up&g0.tab=0" };
    Subject {
        name: format!("Prometheus {version}{}", if is_new { "" } else { " (classic)" }),
        url: format!("{}{path}&g0.range_input=5m", prometheus.origin()),
        usable: ".cm-content, textarea",
    }
}

/// Milliseconds from the navigation to usable and to the first graph, in a browser of its own: with an empty cache.
async fn measure(subject: &Subject) -> (f64, f64) {
    let page = Page::open().await;
    page.watch_start(subject.usable).await;
    page.goto(&subject.url).await;
    let times = page
        .until(&format!("the first graph of {}", subject.name), Duration::from_secs(30), async || {
            let times = page.eval("return [window.e2eUsable ?? null, window.e2eGraph ?? null]", &[]).await;
            match (times[0].as_f64(), times[1].as_f64()) {
                (Some(usable), Some(graph)) => Ok((usable, graph)),
                _ => Err(times.to_string()),
            }
        })
        .await;
    page.close().await;
    times
}

fn median(times: &[(f64, f64)], part: fn(&(f64, f64)) -> f64) -> f64 {
    let mut times: Vec<f64> = times.iter().map(part).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
