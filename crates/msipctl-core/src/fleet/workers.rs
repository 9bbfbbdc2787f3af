//! Processes several files in parallel. Returns results in the order of the files, and queues only a few of them.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How far workers can be ahead of the consumer of their results.
#[derive(Debug, Clone, Copy)]
struct Lead {
    /// The maximum number of results that are passed on together.
    part: usize,
    /// The maximum number of items per worker that are in progress or queued.
    each: usize,
}

/// Passing on each file alone takes longer than reading it.
const FILES: Lead = Lead { part: 256, each: 1024 };

const BATCHES: Lead = Lead { part: 1, each: 2 };

/// Work that takes longer than this is passed on in smaller parts.
const PART_TIME: Duration = Duration::from_millis(5);

/// A request to stop after the items in progress, from any thread.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Creates a request that isn't made yet.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Requests to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether it was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Processes every item with `jobs` threads, and passes each result to `take` in the order of the items while later
/// ones are processed. Returns how many were processed: fewer than all if `stop` was requested.
///
/// For any number of items, only about a thousand results per worker are queued.
///
/// # Example
///
/// ```
/// use std::num::NonZero;
/// use msipctl_core::fleet::{Stop, in_order};
///
/// let mut squares = Vec::new();
/// let done = in_order(&[1, 2, 3], NonZero::new(2).unwrap(), &Stop::new(), |n| n * n, |n, square| {
///     squares.push((*n, square));
/// });
/// assert_eq!((done, squares), (3, vec![(1, 1), (2, 4), (3, 9)]));
/// ```
pub fn in_order<'i, T: Sync, R: Send>(
    items: &'i [T],
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&T) -> R + Sync,
    take: impl FnMut(&'i T, R),
) -> usize {
    in_parts(items, FILES, jobs, stop, work, take)
}

/// Processes all items, up to `size` of them together, as [`in_order`] processes each. `work` returns the results of
/// its items, in their order.
///
/// # Example
///
/// ```
/// use std::num::NonZero;
/// use msipctl_core::fleet::{Stop, in_batches};
///
/// let two = NonZero::new(2).unwrap();
/// let sums = |batch: &[i32]| vec![batch.iter().sum::<i32>(); batch.len()];
/// let mut taken = Vec::new();
/// in_batches(&[1, 2, 3], two, two, &Stop::new(), sums, |n, sum| taken.push((*n, sum)));
/// assert_eq!(taken, [(1, 3), (2, 3), (3, 3)]);
/// ```
pub fn in_batches<'i, T: Sync, R: Send>(
    items: &'i [T],
    size: NonZero<usize>,
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&[T]) -> Vec<R> + Sync,
    mut take: impl FnMut(&'i T, R),
) -> usize {
    // With few items, each worker gets one.
    let size = size.get().min(items.len().div_ceil(jobs.get())).max(1);
    let batches: Vec<&'i [T]> = items.chunks(size).collect();
    let mut done = 0;
    in_parts(
        &batches,
        BATCHES,
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

/// Processes items in parts, with a limit on how far to get ahead.
fn in_parts<'i, T: Sync, R: Send>(
    items: &'i [T],
    ahead: Lead,
    jobs: NonZero<usize>,
    stop: &Stop,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&'i T, R),
) -> usize {
    let jobs = jobs.get().min(items.len());
    let belt = ResultQueue::new(items.len(), jobs, ahead);
    thread::scope(|scope| {
        let start = |_: &usize| {
            let worker = || belt.work(items, stop, &work);
            thread::Builder::new().spawn_scoped(scope, worker).is_ok()
        };
        // A single worker needs no other thread, and a system that creates no threads still has this one.
        let started = if jobs > 1 { (0..jobs).filter(start).count() } else { 0 };
        if started == 0 {
            let rest = items.iter().take_while(|_| !stop.is_requested());
            return rest.map(|item| take(item, work(item))).count();
        }
        (started..jobs).for_each(|_| drop(Worker(&belt)));
        let _reader = Reader(&belt);
        let mut done = 0;
        while let Some((first, results)) = belt.take() {
            for (item, result) in items[first..].iter().zip(results) {
                if let Some(result) = result {
                    take(item, result);
                    done += 1;
                }
            }
        }
        done
    })
}

/// The state that workers share with the consumer of their results.
struct ResultQueue<R> {
    items: usize,
    workers: usize,
    ahead: Lead,
    state: Mutex<State<R>>,
    /// Results were added, or a worker has finished.
    put: Condvar,
    /// Results were removed.
    taken: Condvar,
}

struct State<R> {
    /// The first item that isn't in progress yet.
    next: usize,
    /// The first item whose result wasn't removed yet.
    taken: usize,
    /// Results by their first item; `None` for an item that was skipped because of a stop.
    results: BTreeMap<usize, Vec<Option<R>>>,
    /// The number of workers that may still add results.
    workers: usize,
}

impl<R> ResultQueue<R> {
    fn new(items: usize, workers: usize, ahead: Lead) -> Self {
        let state = State { next: 0, taken: 0, results: BTreeMap::new(), workers };
        let (put, taken) = (Condvar::new(), Condvar::new());
        Self { items, workers, ahead, state: Mutex::new(state), put, taken }
    }

    /// Returns the state, which is always consistent.
    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes one part after another, until there is none or the consumer stops.
    fn work<T>(&self, items: &[T], stop: &Stop, work: impl Fn(&T) -> R) {
        let _worker = Worker(self);
        let work = |item| (!stop.is_requested()).then(|| work(item));
        let mut length = 1;
        while let Some(part) = self.part(length).filter(|_| !stop.is_requested()) {
            let begin = Instant::now();
            let results: Vec<_> = items[part.clone()].iter().map(work).collect();
            length = match begin.elapsed() < PART_TIME {
                true => self.ahead.part.min(length * 2),
                false => length.div_ceil(2),
            };
            let mut state = self.state();
            state.results.insert(part.start, results);
            if state.taken == part.start {
                self.put.notify_one();
            }
        }
    }

    /// Takes the next items as soon as there is space for their results.
    fn part(&self, length: usize) -> Option<Range<usize>> {
        let max_ahead = self.workers * self.ahead.each;
        let is_full =
            |state: &mut State<R>| state.next < self.items && state.next - state.taken >= max_ahead;
        let mut state =
            self.taken.wait_while(self.state(), is_full).unwrap_or_else(PoisonError::into_inner);
        let part = state.next..self.items.min(state.next + length);
        state.next = part.end;
        (!part.is_empty()).then_some(part)
    }

    /// Stops giving out items.
    fn close(&self) {
        self.state().next = self.items;
        self.taken.notify_all();
    }

    /// Removes the next results, with the number of their first item; `None` if there are no more.
    fn take(&self) -> Option<(usize, Vec<Option<R>>)> {
        let is_to_come =
            |state: &mut State<R>| state.workers > 0 && !state.results.contains_key(&state.taken);
        let mut state =
            self.put.wait_while(self.state(), is_to_come).unwrap_or_else(PoisonError::into_inner);
        let first = state.taken;
        let results = state.results.remove(&first)?;
        state.taken += results.len();
        self.taken.notify_all();
        Some((first, results))
    }
}

/// A worker. The consumer doesn't wait for it after it's dropped.
struct Worker<'b, R>(&'b ResultQueue<R>);

impl<R> Drop for Worker<'_, R> {
    fn drop(&mut self) {
        // The items that were in progress are missing, so nothing after them can be removed.
        if thread::panicking() {
            self.0.close();
        }
        self.0.state().workers -= 1;
        self.0.put.notify_one();
    }
}

/// The consumer of the results. After it's dropped, no more work is started.
struct Reader<'b, R>(&'b ResultQueue<R>);

impl<R> Drop for Reader<'_, R> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn jobs(number: usize) -> NonZero<usize> {
        NonZero::new(number).unwrap()
    }

    #[test]
    fn results_arrive_in_order_when_workers_are_slow() {
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
    fn number_of_pending_results_is_bounded() {
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
        assert!(most <= 4 * FILES.each, "{most}");
    }

    #[test]
    fn stop_request_finishes_only_the_items_in_progress() {
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
                        stop.request();
                    }
                },
            );
            assert_eq!(done, taken.len());
            assert!(taken.is_sorted() && (11..=4 * FILES.each).contains(&done), "{done}");
        }
    }

    #[test]
    fn panic_of_worker_or_consumer_propagates() {
        let items: Vec<usize> = (0..10_000).collect();
        let run = |worker: usize, reader: usize| {
            let work = |item: &usize| assert_ne!(*item, worker);
            let take = |item: &usize, ()| assert_ne!(*item, reader);
            std::panic::catch_unwind(|| in_order(&items, jobs(2), &Stop::new(), work, take))
        };
        assert!(run(5_000, usize::MAX).is_err());
        assert!(run(usize::MAX, 5).is_err());
        assert_eq!(run(usize::MAX, usize::MAX).unwrap(), items.len());
    }
}
