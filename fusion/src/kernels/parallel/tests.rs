use super::*;
use crate::kernels::testing::with_threads;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

const NUMBERS: [usize; 5] = [1, 2, 3, 8, 256];

#[test]
fn ranges_are_even_and_cover_all() {
    for (threads, (count, least)) in NUMBERS.into_iter().flat_map(|threads| {
        [(0, 1), (1, 1), (7, 3), (1000, 1), (1000, 400), (5, 0), (3, 100)].map(|case| (threads, case))
    }) {
        with_threads(threads, || {
            let seen = Mutex::new(Vec::new());
            split(count, least, |part, range| seen.lock().unwrap().push((part, range)));
            let mut seen = seen.into_inner().unwrap();
            seen.sort_by_key(|(part, _)| *part);
            assert_eq!(seen.len(), pieces(count, least));
            assert_eq!(seen.len(), (count / least.max(1)).clamp(1, threads));
            assert_eq!(seen.iter().map(|(part, _)| *part).collect::<Vec<_>>(), (0..seen.len()).collect::<Vec<_>>());
            let mut next = 0;
            for (_, range) in &seen {
                assert_eq!(range.start, next);
                assert!(seen.len() == 1 || range.len() >= least);
                next = range.end;
            }
            assert_eq!(next, count);
        });
    }
}

#[test]
fn stretches_cover_a_slice_once() {
    for (threads, len) in
        NUMBERS.into_iter().flat_map(|threads| [0, 1, 63, 64, 65, 1000, 4099].map(|len| (threads, len)))
    {
        let mut all = vec![0usize; len];
        with_threads(threads, || {
            split_mut(&mut all, 1, |start, part| {
                assert!(start.is_multiple_of(LINE) || part.is_empty());
                part.iter_mut().enumerate().for_each(|(i, x)| *x += start + i + 1);
            });
        });
        assert!(all.into_iter().eq(1..=len));
    }
}

#[test]
fn what_ranges_give_is_joined_in_their_order() {
    for threads in NUMBERS {
        // Digits in a row: an order that shows.
        let digits = with_threads(threads, || {
            fold(
                9,
                1,
                1,
                |range| (range.len(), range.fold(0, |n, i| n * 10 + i + 1)),
                |(a, x), (b, y)| (a + b, x * 10usize.pow(b as u32) + y),
            )
        });
        assert_eq!(digits, (9, 123_456_789));
    }
    assert_eq!(with_threads(4, || fold(0, 4, 1, |range| range.len(), |a, b| a + b)), 0);
}

#[test]
fn work_is_spread_in_more_ranges_than_threads() {
    for (threads, (count, line, least)) in NUMBERS.into_iter().flat_map(|threads| {
        [(0, 1, 1), (1, 16, 1), (1000, 16, 1), (1000, 1, 300), (1000, 7, 100), (40, 64, 1)].map(|case| (threads, case))
    }) {
        let seen = Mutex::new(Vec::new());
        with_threads(threads, || spread(count, line, least, |range| seen.lock().unwrap().push(range)));
        let mut seen = seen.into_inner().unwrap();
        seen.sort_by_key(|range| range.start);
        assert!(seen.len() <= if threads == 1 { 1 } else { 4 * threads });
        assert!(seen.len() == 1 || seen.iter().all(|range| range.start % line == 0 && range.len() + line > least));
        assert!(seen.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(seen.iter().map(Range::len).sum::<usize>(), count);
    }
}

/// A kernel in a part of another, and many threads that call at once.
#[test]
fn everybody_may_call_at_once() {
    std::thread::scope(|scope| {
        for caller in 0..6 {
            scope.spawn(move || {
                with_threads(2 + caller % 3, || {
                    for _ in 0..2000 {
                        let (outer, inner) = (AtomicUsize::new(0), AtomicUsize::new(0));
                        split(8, 1, |_, range| {
                            outer.fetch_add(range.len(), Ordering::Relaxed);
                            split(6, 2, |_, range| _ = inner.fetch_add(range.len(), Ordering::Relaxed));
                        });
                        assert_eq!(outer.into_inner(), 8);
                        assert_eq!(inner.into_inner(), 6 * (2 + caller % 3));
                    }
                });
            });
        }
    });
}

#[test]
fn a_panic_of_any_part_is_the_callers() {
    for bad in 0..4 {
        let done = AtomicUsize::new(0);
        let split = || {
            split(4, 1, |part, _| {
                assert!(part != bad, "part {part} is bad");
                done.fetch_add(1, Ordering::Relaxed);
            });
        };
        let panic = with_threads(4, || std::panic::catch_unwind(std::panic::AssertUnwindSafe(split)).unwrap_err());
        assert_eq!(panic.downcast_ref::<String>().unwrap(), &format!("part {bad} is bad"));
    }
    // Nothing stays behind: the next call is helped or not, and does all its parts.
    let done = AtomicUsize::new(0);
    with_threads(4, || split(4, 1, |_, range| _ = done.fetch_add(range.len(), Ordering::Relaxed)));
    assert_eq!(done.into_inner(), 4);
}

#[test]
fn helpers_use_the_instructions_that_a_test_chose() {
    crate::kernels::testing::with_each_isa(|| {
        let (here, differ) = (crate::kernels::simd::isa(), AtomicUsize::new(0));
        with_threads(8, || {
            split(100, 1, |_, _| {
                let differs = crate::kernels::simd::isa() != here || num_threads() != 8;
                differ.fetch_add(usize::from(differs), Ordering::Relaxed);
            });
        });
        assert_eq!(differ.into_inner(), 0);
    });
}

/// What parts take from the pool of memory on helpers comes back by way of the central list.
#[test]
#[cfg(not(fusion_no_pool))]
fn blocks_of_parts_are_used_again() {
    use crate::kernels::memory::Buffer;
    use std::collections::HashSet;
    let seen = Mutex::new(HashSet::new());
    for _ in 0..500 {
        let made = Mutex::new(Vec::new());
        with_threads(8, || {
            split(64, 8, |_, range| {
                let blocks: Vec<_> = range.map(|_| Buffer::uninit(777_777).unwrap()).collect();
                made.lock().unwrap().extend(blocks);
            });
        });
        let made = made.into_inner().unwrap();
        seen.lock().unwrap().extend(made.iter().map(|block| block.as_ptr() as usize));
    }
    // 64 at a time, as many more in the list of each thread that frees some, and what other tests' threads keep.
    let seen = seen.into_inner().unwrap().len();
    assert!(seen <= 64 * 4, "{seen} blocks");
}

#[test]
fn alone_a_thread_has_no_helpers_and_the_same_pieces() {
    let me = std::thread::current().id();
    let ranges = |seen: &Mutex<Vec<_>>| {
        split(1000, 1, |part, range| seen.lock().unwrap().push((part, range, std::thread::current().id())));
        let mut seen = std::mem::take(&mut *seen.lock().unwrap());
        seen.sort_by_key(|(part, ..)| *part);
        seen
    };
    with_threads(3, || {
        let seen = Mutex::new(Vec::new());
        let helped = ranges(&seen);
        for _ in 0..100 {
            let all = alone(|| alone(|| ranges(&seen)));
            assert!(all.iter().all(|(.., thread)| *thread == me));
            assert!(
                all.iter()
                    .map(|(part, range, _)| (part, range))
                    .eq(helped.iter().map(|(part, range, _)| (part, range)))
            );
        }
    });
}
