//! The threads that help.
//!
//! One piece of work is shared at a time. Its owner takes part in it, one part after the other, and so do the helpers that are
//! awake in time; the owner never waits for one that is not. Whoever finds the helpers busy does its parts alone: a
//! kernel inside a part of another one, or the second of two threads that call at once. So the threads at work are never
//! more than the program's own and one helper for each further core.
//!
//! Compared with `rayon_core::join` from a thread of the program: its pool runs all of the work while the caller sleeps, so
//! both the pool and the caller have to be woken for each kernel, and what the caller has in its caches is read anew.

use std::any::Any;
use std::cell::Cell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// How often a helper looks for more work before it sleeps: some 50 microseconds, more than lies between the kernels of
/// a training step, and less than what waking it costs in all.
const LOOKS: usize = 2000;

/// Work in parts, which stands on its owner's stack.
struct Work<'a> {
    /// Does a part.
    does: &'a (dyn Fn(usize) + Sync),
    parts: usize,
    /// The part that nobody has begun.
    next: AtomicUsize,
    /// The first panic.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Work<'_> {
    /// Does parts until none is left.
    fn help(&self) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= self.parts {
                return;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.does)(part))) {
                lock(&self.panic).get_or_insert(panic);
            }
        }
    }
}

/// Where work is handed to helpers.
struct Desk {
    /// The work that helpers may begin.
    work: *const Work<'static>,
    /// How many pieces of work there have been.
    round: usize,
    /// How many helpers there are.
    helpers: usize,
    /// How many of them sleep.
    asleep: usize,
    /// Does the owner sleep until the last helper is done?
    waits: bool,
}

// SAFETY: a helper follows the pointer only while it is counted in `HELPING`, for which the owner of the work waits before
// that goes; `Work` is made for several threads: what it calls is `Sync`.
unsafe impl Send for Desk {}

static DESK: Mutex<Desk> = Mutex::new(Desk { work: std::ptr::null(), round: 0, helpers: 0, asleep: 0, waits: false });
/// The round of the desk, for who looks without the lock.
static ROUND: AtomicUsize = AtomicUsize::new(0);
/// Is there work whose owner has the helpers?
static BUSY: AtomicBool = AtomicBool::new(false);
/// How many helpers are at work. It rises under the desk's lock only.
static HELPING: AtomicUsize = AtomicUsize::new(0);
static CORES: OnceLock<usize> = OnceLock::new();
/// There is work.
static BEGIN: Condvar = Condvar::new();
/// The last helper is done.
static DONE: Condvar = Condvar::new();

thread_local! { static ALONE: Cell<bool> = const { Cell::new(false) } }

/// Runs `f` on this thread without helpers, whatever kernels it calls: for work beside that of the loop that they are for. Work is
/// cut into the same pieces as with helpers, so that results have the same bits.
pub fn alone<R>(f: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _before = Before(ALONE.replace(true));
    f()
}

/// No panic happens under a lock, so none is ever poisoned.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `does` for each part of `parts`, with a helper for each core but one if they have nothing to do. A panic of a part is
/// the caller's, once the other parts are done.
pub(super) fn run(parts: usize, does: &(dyn Fn(usize) + Sync)) {
    let helpers = parts.min(cores()) - 1;
    if helpers == 0 || ALONE.get() || BUSY.swap(true, Ordering::Acquire) {
        return (0..parts).for_each(does);
    }
    let work = Work { does, parts, next: AtomicUsize::new(0), panic: Mutex::new(None) };
    let mut desk = lock(&DESK);
    while desk.helpers < helpers && hire(desk.helpers) {
        desk.helpers += 1;
    }
    desk.work = (&raw const work).cast();
    desk.round = desk.round.wrapping_add(1);
    ROUND.store(desk.round, Ordering::Release);
    let asleep = desk.asleep;
    drop(desk);
    for _ in 0..asleep.min(helpers) {
        BEGIN.notify_one();
    }
    work.help();
    // Nobody begins any more; who has begun is waited for.
    lock(&DESK).work = std::ptr::null();
    for _ in 0..LOOKS {
        if HELPING.load(Ordering::Acquire) == 0 {
            break;
        }
        spin_loop();
    }
    if HELPING.load(Ordering::Acquire) > 0 {
        let mut desk = lock(&DESK);
        desk.waits = true;
        while HELPING.load(Ordering::Acquire) > 0 {
            desk = DONE.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
        desk.waits = false;
    }
    BUSY.store(false, Ordering::Release);
    let panic = lock(&work.panic).take();
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// How many threads the machine has.
pub(super) fn cores() -> usize {
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Starts a helper; false if the system has none. It lives as long as the process.
fn hire(number: usize) -> bool {
    std::thread::Builder::new().name(format!("fusion-{}", number + 1)).spawn(serve).is_ok()
}

/// What a helper does all day.
fn serve() {
    let mut seen = 0;
    loop {
        for _ in 0..LOOKS {
            if ROUND.load(Ordering::Acquire) != seen {
                break;
            }
            spin_loop();
        }
        let mut desk = lock(&DESK);
        while desk.round == seen {
            desk.asleep += 1;
            desk = BEGIN.wait(desk).unwrap_or_else(PoisonError::into_inner);
            desk.asleep -= 1;
        }
        seen = desk.round;
        let work = desk.work;
        if work.is_null() {
            continue;
        }
        HELPING.fetch_add(1, Ordering::Relaxed);
        drop(desk);
        // SAFETY: the work's owner waits until this helper is counted off.
        unsafe { (*work).help() };
        if HELPING.fetch_sub(1, Ordering::Release) == 1 && lock(&DESK).waits {
            DONE.notify_one();
        }
    }
}
