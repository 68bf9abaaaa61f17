//! Series packed and unpacked.

use crate::world::{append, contents, strategy};
use journal::{UnpackError, pack, unpack};
use model::{TimeRange, Timestamp};
use proptest::prelude::*;
use tsdb::{Head, HeadOptions};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_unpacked_is_what_was_packed(
        steps in strategy::steps(1..60), at in any::<prop::sample::Index>(), by in 1_u8..,
    ) {
        let mut head = Head::new(HeadOptions::default());
        let mut now = 0;
        for (gap, step) in &steps {
            now += gap;
            append(&mut head, step, now);
        }
        let all = head.select(&[], TimeRange::ALL).expect("no pattern");
        let bytes = pack(&head, &all, TimeRange::ALL);
        let mut other = Head::new(HeadOptions::default());
        let unpacked = unpack(&mut other, &bytes).expect("what was packed");
        prop_assert_eq!(contents(&other), contents(&head));
        prop_assert_eq!((unpacked.n_samples, unpacked.n_old), (head.stats().n_samples, 0));
        prop_assert_eq!(unpacked.n_series, all.len());
        let again = unpack(&mut other, &bytes).expect("what was packed");
        prop_assert_eq!((again.n_samples, again.n_old), (0, head.stats().n_samples));

        // A part of the series and of the time.
        let range = TimeRange { start: Timestamp(now / 3), end: Timestamp(now / 3 * 2) };
        let some: Vec<_> = all.iter().copied().step_by(2).collect();
        let mut part = Head::new(HeadOptions::default());
        unpack(&mut part, &pack(&head, &some, range)).expect("what was packed");
        let all = contents(&head);
        for (series, lines) in contents(&part) {
            let inside: Vec<_> = lines.iter().filter(|line| !line.contains("NotReset") && !line.contains("Unknown")).collect();
            prop_assert!(inside.iter().all(|line| all[&series].contains(line)), "{}", series);
        }

        // Damage is noticed before anything is taken.
        let mut damaged = bytes.clone();
        let at = at.index(damaged.len());
        damaged[at] ^= by;
        let mut other = Head::new(HeadOptions::default());
        prop_assert_eq!(unpack(&mut other, &damaged), Err(UnpackError::Damaged));
        prop_assert_eq!(unpack(&mut other, &bytes[..at]), Err(UnpackError::Damaged));
        prop_assert_eq!(other.stats().n_series, 0);
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(unpack(&mut Head::new(HeadOptions::default()), &bytes), Err(UnpackError::Damaged));
    }
}
