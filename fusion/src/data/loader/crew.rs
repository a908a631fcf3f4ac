//! Threads that make the batches of an epoch ahead of the loop.

use super::super::samplers::SampleBatches;
use super::job::Job;
use crate::Result;
use crate::kernels::parallel::alone;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// The workers of an epoch. Dropped, they finish the batches that they are at, and are gone.
pub(super) struct Crew<B> {
    office: Arc<Office<B>>,
    threads: Vec<JoinHandle<()>>,
}

/// What workers and the loop share.
struct Office<B> {
    job: Job<B>,
    /// How many batches may be begun or ready at once.
    ahead: usize,
    desk: Mutex<Desk<B>>,
    /// A batch was handed out, or all is over.
    room: Condvar,
    /// The next batch is ready.
    ready: Condvar,
}

struct Desk<B> {
    /// The batches that nobody has begun.
    left: SampleBatches,
    /// The batches that were begun and not handed out, in their order; none while one is being made.
    begun: VecDeque<Option<thread::Result<Result<B>>>>,
    /// The number of the first of these.
    first: u64,
    over: bool,
}

impl<B> Office<B> {
    /// No panic happens under the lock, so it is never poisoned.
    fn desk(&self) -> MutexGuard<'_, Desk<B>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a worker does until there is no more to do.
    fn work(&self) {
        loop {
            let mut desk = self.desk();
            while !desk.over && desk.begun.len() >= self.ahead {
                desk = self.room.wait(desk).unwrap_or_else(PoisonError::into_inner);
            }
            if desk.over {
                return;
            }
            let Some(places) = desk.left.step() else { return };
            let number = desk.first + desk.begun.len() as u64;
            desk.begun.push_back(None);
            drop(desk);

            let made = catch_unwind(AssertUnwindSafe(|| self.job.batch(number, places)));

            let mut desk = self.desk();
            if desk.over {
                return;
            }
            // What comes before it may have been handed out meanwhile.
            let place = (number - desk.first) as usize;
            desk.begun[place] = Some(made);
            if place == 0 {
                self.ready.notify_one();
            }
        }
    }
}

impl<B: Send + 'static> Crew<B> {
    /// Puts so many threads to work on what is left of an epoch, of which the first has this number; none if the system has
    /// no threads.
    pub(super) fn start(job: Job<B>, left: SampleBatches, first: u64, threads: usize, ahead: usize) -> Option<Self> {
        let desk = Mutex::new(Desk { left, begun: VecDeque::new(), first, over: false });
        let office = Arc::new(Office { job, ahead, desk, room: Condvar::new(), ready: Condvar::new() });
        let threads: Vec<_> = (1..=threads)
            .map_while(|number| {
                let office = office.clone();
                let thread = thread::Builder::new().name(format!("loader-{number}"));
                // The pool's helpers are for the loop.
                thread.spawn(move || alone(|| office.work())).ok()
            })
            .collect();
        (!threads.is_empty()).then_some(Self { office, threads })
    }

    /// The next batch, for which it waits if need be. It must be one that is left.
    #[track_caller]
    pub(super) fn take(&self) -> Result<B> {
        let mut desk = self.office.desk();
        let made = loop {
            if let Some(made) = desk.begun.front_mut().and_then(Option::take) {
                break made;
            }
            desk = self.office.ready.wait(desk).unwrap_or_else(PoisonError::into_inner);
        };
        desk.begun.pop_front();
        let number = desk.first;
        desk.first += 1;
        drop(desk);
        self.office.room.notify_one();
        made.unwrap_or_else(|panic| again(panic, number, self.office.job.epoch))
    }
}

impl<B> Drop for Crew<B> {
    fn drop(&mut self) {
        let mut desk = self.office.desk();
        desk.over = true;
        let unused = std::mem::take(&mut desk.begun);
        drop(desk);
        self.office.room.notify_all();
        drop(unused);
        for thread in self.threads.drain(..) {
            // Panics of batches are caught where they are made.
            let _ = thread.join();
        }
    }
}

/// Panics as a worker has, and says where that was.
#[track_caller]
fn again(panic: Box<dyn Any + Send>, batch: u64, epoch: u64) -> ! {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    match text {
        Some(text) => panic!("a worker of the loader panicked at batch {batch} of epoch {epoch}: {text}"),
        None => resume_unwind(panic),
    }
}
