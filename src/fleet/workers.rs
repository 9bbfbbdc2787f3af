//! Several files at a time. Results come in the order of the files, and only a few of them wait to be taken.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// So many items for each worker are in hand at a time, at first.
const EACH: usize = 64;

/// And so many once they turn out to be done in no time: the fewer pauses there are, the faster it goes.
const MOST_EACH: usize = 512;

/// As long as the items in hand take, results are not waited for noticeably.
const NO_TIME: Duration = Duration::from_millis(20);

/// A wish to stop after the items in hand, from any thread.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Nobody wants to stop yet.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Wishes to stop.
    pub fn wish(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Says whether anybody does.
    pub fn is_wished(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Works on every item, `jobs` at a time, and hands each result to `take` in the order of the items, while the
/// next ones are worked on. Returns how many were worked on: fewer than all when `stop` was wished.
///
/// However many items there are, only a few hundred results wait for each worker at any time.
///
/// # Example
///
/// ```
/// use std::num::NonZero;
/// use msipctl::fleet::{Stop, in_order};
///
/// let mut squares = Vec::new();
/// let done = in_order(&[1, 2, 3], NonZero::new(2).unwrap(), &Stop::new(), |n| n * n, |n, square| {
///     squares.push((*n, square));
/// });
/// assert_eq!((done, squares), (3, vec![(1, 1), (2, 4), (3, 9)]));
/// ```
pub fn in_order<T: Sync, R: Send>(
    items: &[T],
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&T) -> R + Sync,
    take: impl FnMut(&T, R),
) -> usize {
    in_rounds(items, (EACH, MOST_EACH), jobs, stop, work, take)
}

/// Works on all items, up to `size` of them together, as [`in_order`] works on each. `work` returns the results of its
/// items, in their order.
///
/// # Example
///
/// ```
/// use std::num::NonZero;
/// use msipctl::fleet::{Stop, in_batches};
///
/// let two = NonZero::new(2).unwrap();
/// let sums = |batch: &[i32]| vec![batch.iter().sum::<i32>(); batch.len()];
/// let mut taken = Vec::new();
/// in_batches(&[1, 2, 3], two, two, &Stop::new(), sums, |n, sum| taken.push((*n, sum)));
/// assert_eq!(taken, [(1, 3), (2, 3), (3, 3)]);
/// ```
pub fn in_batches<T: Sync, R: Send>(
    items: &[T],
    size: NonZero<usize>,
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&[T]) -> Vec<R> + Sync,
    mut take: impl FnMut(&T, R),
) -> usize {
    // Each worker has one, where there are few.
    let size = size.get().min(items.len().div_ceil(jobs.get())).max(1);
    let batches: Vec<&[T]> = items.chunks(size).collect();
    let mut done = 0;
    in_rounds(
        &batches,
        (1, 1),
        jobs,
        stop,
        |batch| work(batch),
        |batch, results| {
            done += results.len();
            batch.iter().zip(results).for_each(|(item, result)| take(item, result));
        },
    );
    done
}

/// Works on some items for each worker, while the results of as many before are taken: on `least` at first, and on up to
/// `most` once they turn out to be done in no time.
fn in_rounds<T: Sync, R: Send>(
    items: &[T],
    (least, most): (usize, usize),
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R),
) -> usize {
    let work = |item| (!stop.is_wished()).then(|| work(item));
    let jobs = jobs.get().min(items.len());
    let pool = (jobs > 1).then(|| ThreadPoolBuilder::new().num_threads(jobs).build());
    // A system that gives no more threads has this one.
    let Some(Ok(pool)) = pool else {
        return items.iter().map_while(|item| work(item).map(|it| take(item, it))).count();
    };
    let mut done = 0;
    let mut ready: (&[T], Vec<Option<R>>) = (&[], Vec::new());
    let (mut left, mut each, mut is_over) = (items, least, false);
    while !is_over {
        is_over = left.is_empty();
        let (chunk, rest) = left.split_at(left.len().min(each * jobs));
        let mut next = Vec::new();
        let begin = Instant::now();
        // Items that take their time are shared out one by one.
        let parts = chunk.par_iter().with_max_len(each / least);
        pool.in_place_scope(|scope| {
            scope.spawn(|_| parts.map(work).collect_into_vec(&mut next));
            for (item, result) in ready.0.iter().zip(ready.1.drain(..)) {
                if let Some(result) = result {
                    take(item, result);
                    done += 1;
                }
            }
        });
        if begin.elapsed() < NO_TIME {
            each = most.min(each * 2);
        }
        (ready, left) = ((chunk, next), rest);
    }
    done
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn jobs(number: usize) -> NonZero<usize> {
        NonZero::new(number).unwrap()
    }

    #[test]
    fn results_come_in_order_whoever_is_slow() {
        let items: Vec<usize> = (0..1000).collect();
        for number in [1, 2, 7] {
            let work = |item: &usize| {
                if item.is_multiple_of(97) {
                    assert_eq!((0..100_000).map(std::hint::black_box).min(), Some(0));
                }
                item * 2
            };
            let mut taken = Vec::new();
            let done = in_order(&items, jobs(number), &Stop::new(), work, |item, result| {
                taken.push((*item, result));
            });
            assert_eq!(done, items.len());
            assert!(taken.iter().copied().eq(items.iter().map(|item| (*item, item * 2))));
        }
    }

    #[test]
    fn few_results_wait() {
        let items: Vec<usize> = (0..10_000).collect();
        let begun = AtomicUsize::new(0);
        let mut taken = 0;
        let mut most = 0;
        let work = |_: &usize| begun.fetch_add(1, Ordering::SeqCst);
        in_order(&items, jobs(2), &Stop::new(), work, |_, _| {
            taken += 1;
            most = most.max(begun.load(Ordering::SeqCst) - taken);
        });
        assert_eq!(taken, items.len());
        assert!(most <= 4 * MOST_EACH, "{most}");
    }

    #[test]
    fn a_wish_to_stop_ends_it_after_what_is_in_hand() {
        let items: Vec<usize> = (0..100_000).collect();
        for number in [1, 2] {
            let stop = Stop::new();
            let mut taken = Vec::new();
            let done = in_order(
                &items,
                jobs(number),
                &stop,
                |item| *item,
                |_, item| {
                    taken.push(item);
                    if item == 10 {
                        stop.wish();
                    }
                },
            );
            assert_eq!(done, taken.len());
            assert!(taken.is_sorted() && (11..=4 * MOST_EACH).contains(&done), "{done}");
        }
    }
}
