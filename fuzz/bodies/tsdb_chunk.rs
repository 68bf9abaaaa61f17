//! Any bytes as packed samples: they are refused, or what they give can be read, appended to and packed again.

use model::{Labels, TimeRange, Timestamp};
use tsdb::{Head, HeadOptions, Packer, SampleBuf, Scratch};

/// The body of the fuzz target; tests run it on packed samples that were changed.
pub fn run(bytes: &[u8]) {
    let mut head = Head::new(HeadOptions::default());
    let labels = |number: u32| Labels::from_pairs([("__name__", format!("m{number}"))]);
    let series: Vec<_> = (0..4).map(|number| head.get_or_create(&labels(number)).expect("room")).collect();
    let _ = head.load(bytes, |number| series.get(number as usize).copied());
    look_at_everything(&mut head);
    let mut packer = Packer::default();
    for (number, &one) in (0..).zip(&series) {
        packer.add(&head, one, number, TimeRange::ALL);
    }
    let mut other = Head::new(HeadOptions::default());
    let series: Vec<_> = (0..4).map(|number| other.get_or_create(&labels(number)).expect("room")).collect();
    other.load(&packer.take(), |number| series.get(number as usize).copied()).expect("what was packed");
    assert_eq!(other.stats().n_samples, head.stats().n_samples);
}

/// What queries do with whatever came.
pub fn look_at_everything(head: &mut Head) {
    let mut scratch = Scratch::default();
    for series in head.select(&[], TimeRange::ALL).expect("no pattern") {
        for range in [TimeRange::ALL, TimeRange { start: Timestamp(55), end: Timestamp(700) }] {
            let mut buf = SampleBuf::default();
            head.read(series, range, &mut buf);
            assert_eq!(buf.ts.len(), buf.vs.len());
            assert!(buf.ts.is_sorted_by(|a, b| a < b));
            let mut n = 0;
            let shown = head.visit_floats(series, range, &mut scratch, |ts, vs| {
                assert_eq!(ts.len(), vs.len());
                n += ts.len();
            });
            assert_eq!((shown, n), (buf.ts.len(), buf.ts.len()));
            let newest = head.newest_float(series, range, &mut scratch);
            assert_eq!(newest.map(|(t, _)| t.0), buf.ts.last().copied());
            let _ = head.extremes(series, range, &mut scratch);
        }
        let newest = head.newest(series).map_or(0, |t| t.0);
        if let Some(next) = newest.checked_add(1) {
            head.append_ref(series, Timestamp(next), 1.0).expect("newer");
        }
    }
    head.truncate(Timestamp(0));
}
