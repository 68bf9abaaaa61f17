//! What allocations really take, so that the store can say how large it is: room that is reserved counts, and so does what
//! the allocator adds.

/// An allocation of so many bytes: a word in front of it, rounded up to two words, at least four. So do dlmalloc, which a
/// wasm module has, and glibc.
pub(crate) fn bytes(n: usize) -> usize {
    const WORD: usize = size_of::<usize>();
    if n == 0 { 0 } else { (n + WORD).next_multiple_of(2 * WORD).max(4 * WORD) }
}

/// The allocation of a list.
pub(crate) fn list<T>(list: &Vec<T>) -> usize {
    bytes(list.capacity() * size_of::<T>())
}

/// The allocation of a hash table: of its places, a power of two, one in eight stays empty, and each has a byte beside it.
pub(crate) fn table(capacity: usize, item: usize) -> usize {
    if capacity == 0 {
        return 0;
    }
    let places = if capacity < 8 { capacity + 1 } else { capacity / 7 * 8 };
    bytes(places.next_power_of_two() * (item + 1) + 16)
}
