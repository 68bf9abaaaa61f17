//! Sorting that costs one copy of the algorithm in the program, whatever is sorted.
//!
//! Each use of the standard library's sorts compiles to six kilobytes of wasm of its own; two dozen of them were a sixth
//! of the worker. Here numbers are sorted through one comparison behind a pointer, and the items are put in their order
//! afterwards. Where sorting is what takes the time (quantiles, selections) the standard library's own is right.

use std::cmp::Ordering;

/// Sorts items by a comparison; equal ones keep their order.
pub fn by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order = order(items.len(), &mut |a, b| compare(&items[a as usize], &items[b as usize]));
    if order.is_sorted() {
        return;
    }
    let mut slots: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(order.into_iter().filter_map(|idx| slots[idx as usize].take()));
}

/// Sorts items by a key; equal ones keep their order.
pub fn by_key<T, K: Ord>(items: &mut Vec<T>, mut key: impl FnMut(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// The numbers below `n` in the order of a comparison of them; equal ones ascend.
#[inline(never)]
pub fn order(n: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_come_as_the_standard_sort_has_them(items in proptest::collection::vec((0u8..6, any::<u16>()), 0..200)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            by(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &theirs);
            by_key(&mut ours, |item| item.1);
            theirs.sort_by_key(|item| item.1);
            prop_assert_eq!(ours, theirs);
        }
    }
}
