//! Several files at a time. Results come in the order of the files, and only a few of them wait to be taken.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How far workers go ahead of the one who takes their results.
#[derive(Debug, Clone, Copy)]
struct Lead {
    /// So many results are handed over together at most.
    part: usize,
    /// So many items for each worker are in hand at a time, or wait to be taken.
    each: usize,
}

/// To hand over each file alone takes longer than to look at it.
const FILES: Lead = Lead { part: 256, each: 1024 };

const BATCHES: Lead = Lead { part: 1, each: 2 };

/// What a worker does not do in that time it hands over in smaller parts.
const PART_TIME: Duration = Duration::from_millis(5);

/// A request to stop after the items in progress, from any thread.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Creates one that isn't requested yet.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Requests to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Says whether it is requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Works on every item, `jobs` at a time, and hands each result to `take` in the order of the items, while the
/// next ones are worked on. Returns how many were worked on: fewer than all when `stop` was requested.
///
/// However many items there are, only about a thousand results wait for each worker at any time.
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

/// Works on all items, up to `size` of them together, as [`in_order`] works on each. `work` returns the results of its
/// items, in their order.
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
    // Each worker has one, where there are few.
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

/// Works on items part by part, so far ahead.
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
        // One needs no company, and a system that gives no threads has this one.
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

/// What workers hand over to the one who takes their results.
struct ResultQueue<R> {
    items: usize,
    workers: usize,
    ahead: Lead,
    state: Mutex<State<R>>,
    /// Results were put down, or a worker has gone.
    put: Condvar,
    /// Results were taken.
    taken: Condvar,
}

struct State<R> {
    /// The first item that nobody has in hand yet.
    next: usize,
    /// The first item whose result was not taken yet.
    taken: usize,
    /// Results by their first item; `None` for an item that was left when all was to stop.
    results: BTreeMap<usize, Vec<Option<R>>>,
    /// How many workers may still put something down.
    workers: usize,
}

impl<R> ResultQueue<R> {
    fn new(items: usize, workers: usize, ahead: Lead) -> Self {
        let state = State { next: 0, taken: 0, results: BTreeMap::new(), workers };
        let (put, taken) = (Condvar::new(), Condvar::new());
        Self { items, workers, ahead, state: Mutex::new(state), put, taken }
    }

    /// Returns the state, which is whole at any time.
    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on one part after the other, until there is none or nobody wants more.
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

    /// Takes the next items into hand, once there is room for their results.
    fn part(&self, length: usize) -> Option<Range<usize>> {
        let room = self.workers * self.ahead.each;
        let is_full =
            |state: &mut State<R>| state.next < self.items && state.next - state.taken >= room;
        let mut state =
            self.taken.wait_while(self.state(), is_full).unwrap_or_else(PoisonError::into_inner);
        let part = state.next..self.items.min(state.next + length);
        state.next = part.end;
        (!part.is_empty()).then_some(part)
    }

    /// Hands out nothing more.
    fn close(&self) {
        self.state().next = self.items;
        self.taken.notify_all();
    }

    /// Takes the next results, with the number of their first item; `None` when there are no more.
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

/// A worker, who is not waited for once it is dropped.
struct Worker<'b, R>(&'b ResultQueue<R>);

impl<R> Drop for Worker<'_, R> {
    fn drop(&mut self) {
        // What it had in hand is missing, and nothing behind that can be taken.
        if thread::panicking() {
            self.0.close();
        }
        self.0.state().workers -= 1;
        self.0.put.notify_one();
    }
}

/// The one who takes the results. Once it is dropped, nobody begins anything more.
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
