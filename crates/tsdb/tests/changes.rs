//! What the store says of what was written and dropped, to those who keep results.

use model::{Labels, Millis, Timestamp};
use tsdb::{Changes, Head, HeadOptions};

#[test]
fn the_oldest_sample_since_the_last_question_is_told_whatever_came_after_it() {
    let mut head = Head::new(HeadOptions::default());
    let labels = |name: &str| Labels::from_pairs([("__name__", name)]);
    let wrote = |ms| Changes { oldest_written: Some(Timestamp(ms)), has_dropped: false };
    assert_eq!(head.take_changes(), Changes::default());
    head.append(&labels("fast"), Timestamp(5_000), 1.0).expect("newer");
    head.append(&labels("slow"), Timestamp(2_000), 1.0).expect("the first");
    head.append(&labels("fast"), Timestamp(6_000), 1.0).expect("newer");
    assert_eq!(head.take_changes(), wrote(2_000));
    assert_eq!(head.take_changes(), Changes::default());
    head.append(&labels("fast"), Timestamp(6_000), 1.0).expect("the same again");
    head.append(&labels("fast"), Timestamp(1_000), 1.0).expect_err("older");
    assert_eq!(head.take_changes(), Changes::default(), "nothing was stored");
    head.append(&labels("fast"), Timestamp(7_000), 1.0).expect("newer");
    assert_eq!(head.take_changes(), wrote(7_000));
}

#[test]
fn what_is_dropped_is_told_and_where_it_was() {
    let mut head = Head::new(HeadOptions { retention: Millis(1_000), ..HeadOptions::default() });
    let labels = Labels::from_pairs([("__name__", "a")]);
    head.append(&labels, Timestamp(1_000), 1.0).expect("the first");
    head.take_changes();
    head.truncate(Timestamp(1_500));
    assert_eq!((head.take_changes().has_dropped, head.dropped_before()), (false, None));
    head.truncate(Timestamp(2_500));
    assert_eq!((head.take_changes().has_dropped, head.dropped_before()), (true, Some(Timestamp(1_500))));
    head.append(&labels, Timestamp(3_000), 1.0).expect("newer");
    head.take_changes();
    head.clear();
    assert_eq!((head.take_changes().has_dropped, head.dropped_before()), (true, None));
}
