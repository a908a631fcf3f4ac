use super::super::samplers::{Stratified, Subset};
use super::super::{Dataset, Draw, Epoch};
use super::*;
use crate::dim::{Dyn, Num};
use crate::tensor::Tensor;
use rand::RngExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

type Batch = (Tensor<(Dyn, Num<2>)>, Tensor<(Dyn,), i64>);

/// Sample `i` is `[i, -i]`, its label `i`.
fn numbered(n: usize) -> Dataset<Tensor<(Dyn, Num<2>)>, Tensor<(Dyn,), i64>> {
    let x = Tensor::from_fn_sized(&[n, 2], |i| (i / 2) as f32 * [1.0, -1.0][i % 2]).unwrap();
    Dataset::new(x, Tensor::from((0..n as i64).collect::<Vec<_>>())).unwrap()
}

/// Adds a random number to each, by the operations of tensors.
struct Noise;

impl Transform<Batch> for Noise {
    type Output = Batch;

    fn apply(&self, (x, y): Batch, draw: &mut Draw<'_>) -> Batch {
        let noise: Tensor<(Dyn, Num<2>)> = Tensor::from_fn_sized(&x.shape(), |_| draw.rng().random()).unwrap();
        assert_eq!(draw.samples().len(), y.shape()[0]);
        (x + noise + draw.epoch() as f32, y)
    }
}

/// A source that does something of its own for each batch.
struct Doing<F>(usize, F);

impl<F: Fn(&[usize]) -> Result<Vec<usize>>> Source for Doing<F> {
    type Batch = Vec<usize>;

    fn num_samples(&self) -> usize {
        self.0
    }

    fn batch(&self, samples: &[usize]) -> Result<Vec<usize>> {
        (self.1)(samples)
    }
}

fn bits(batches: impl Iterator<Item = Result<Batch>>) -> Vec<(Vec<u32>, Vec<i64>)> {
    let bits = |x: Vec<f32>| x.into_iter().map(f32::to_bits).collect();
    batches.map(|batch| batch.unwrap()).map(|(x, y)| (bits(x.to_vec()), y.to_vec())).collect()
}

fn noisy(n: usize, size: usize, workers: usize) -> DataLoader<Batch> {
    DataLoader::new(numbered(n), size).shuffle(7).transform(Noise).workers(workers)
}

#[test]
fn batches_are_the_same_whatever_the_workers() {
    for n in [0, 1, 5, 37] {
        for size in [1, 4, 37, 100] {
            for epoch in [0, 3] {
                let expected = bits(noisy(n, size, 0).epoch(epoch));
                assert_eq!(expected.len(), n.div_ceil(size));
                let mut seen: Vec<i64> = expected.iter().flat_map(|(_, y)| y.clone()).collect();
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..n as i64));
                for workers in 1..=4 {
                    for ahead in [1, 2, 100] {
                        assert_eq!(bits(noisy(n, size, workers).prefetch(ahead).epoch(epoch)), expected);
                    }
                    assert_eq!(bits(noisy(n, size, workers).epoch(epoch)), expected);
                }
            }
        }
    }
    assert_ne!(bits(noisy(37, 4, 1).epoch(0)), bits(noisy(37, 4, 1).epoch(1)));
    assert_ne!(bits(noisy(37, 4, 1).epoch(0)), bits(noisy(37, 4, 1).seed(8).epoch(0)));
}

#[test]
fn a_run_resumed_anywhere_is_the_undisturbed_one() {
    for workers in [0, 2] {
        let undisturbed: Vec<_> = noisy(22, 4, workers).epochs(3).map(bits).collect();
        for stop in 0..=12 {
            let loader = noisy(22, 4, workers);
            let mut before = Vec::new();
            'run: for epoch in loader.epochs(3) {
                for batch in epoch {
                    if before.len() == stop {
                        break 'run;
                    }
                    before.extend(bits(std::iter::once(batch)));
                    let state = loader.state();
                    assert_eq!(
                        (state.epoch, state.batch),
                        ((before.len() as u64 - 1) / 6, (before.len() as u64 - 1) % 6 + 1)
                    );
                }
            }
            let all = undisturbed.concat();
            assert_eq!(before, all[..stop]);

            let state = LoaderState { epoch: stop as u64 / 6, batch: stop as u64 % 6, batches: 6, seed: 7 };
            let saved = serde_json::to_string(&state).unwrap();
            let resumed = noisy(22, 4, workers);
            resumed.resume(serde_json::from_str(&saved).unwrap()).unwrap();
            assert_eq!(resumed.state(), state);
            let epochs: Vec<_> = resumed.epochs(3).map(|epoch| (epoch.number(), epoch.len(), bits(epoch))).collect();
            assert!(epochs.iter().all(|(_, left, batches)| *left == batches.len()));
            assert!(epochs.iter().map(|(number, ..)| *number).eq(state.epoch..3));
            assert_eq!(epochs.into_iter().flat_map(|(.., batches)| batches).collect::<Vec<_>>(), all[stop..]);
        }
    }
}

#[test]
fn the_end_of_an_epoch_comes_before_the_next_one() {
    let loader = noisy(8, 4, 1);
    let mut epoch = loader.epoch(5);
    assert_eq!((loader.state().epoch, loader.state().batch), (0, 0));
    epoch.by_ref().take(2).for_each(drop);
    assert_eq!((loader.state().epoch, loader.state().batch), (5, 2));
    let at_the_end = loader.state();
    assert!(epoch.next().is_none());
    assert_eq!((loader.state().epoch, loader.state().batch), (6, 0));
    // What a program does after an epoch is done, though nothing of it is left.
    loader.resume(at_the_end).unwrap();
    assert!(loader.epochs(7).map(|epoch| (epoch.number(), epoch.count())).eq([(5, 0), (6, 2)]));
}

#[test]
fn a_state_of_another_run_is_refused() {
    let begun = LoaderState { epoch: 1, batch: 2, batches: 6, seed: 7 };
    let refused = |state| noisy(22, 4, 0).resume(state).unwrap_err().to_string();
    assert_eq!(
        refused(LoaderState { seed: 8, ..begun }),
        "the loader stopped after batch 2 of 6 with seed 8, and there is no rest of that epoch where epochs have 6 batches \
         and seed 7"
    );
    assert!(refused(LoaderState { batches: 7, ..begun }).contains("after batch 2 of 7"));
    assert!(refused(LoaderState { batch: 7, ..begun }).contains("after batch 7 of 6"));
    noisy(22, 4, 0).resume(LoaderState { batch: 0, batches: 7, ..begun }).unwrap();

    for (text, problem) in [
        ("{}", "the state of a loader has no `epoch`"),
        (r#"{"epoch":1,"batch":2,"batches":3}"#, "has no `seed`"),
        (r#"{"epoch":-1}"#, "invalid value"),
        ("3", "invalid type"),
    ] {
        let error = serde_json::from_str::<LoaderState>(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn skipped_batches_are_not_made() {
    for workers in [0, 2] {
        let made = Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let source = Doing(100, move |samples: &[usize]| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(samples.to_vec())
        });
        let loader = DataLoader::new(source, 10).workers(workers);
        let rest: Vec<_> = loader.epoch(0).skip(8).map(Result::unwrap).collect();
        assert_eq!(rest.concat(), (80..100).collect::<Vec<_>>());
        assert_eq!(made.load(Ordering::Relaxed), 2);
        let mut epoch = loader.epoch(0);
        epoch.next();
        assert_eq!(epoch.nth(3).unwrap().unwrap()[0], 40);
        assert!(epoch.nth(100).is_none() && epoch.next().is_none());
        assert!(loader.epoch(0).nth(10).is_none());
    }
}

#[test]
fn an_error_comes_in_its_place_and_the_next_batch_follows() {
    for workers in 0..=3 {
        let source = Doing(9, |samples: &[usize]| match samples {
            [4, ..] => Err(Error::argument("samples", "sample 4 is garbled")),
            _ => Ok(samples.to_vec()),
        });
        let loader = DataLoader::new(source, 2).workers(workers);
        let found: Vec<_> = loader.epoch(0).map(|batch| batch.map_err(|error| error.to_string())).collect();
        let garbled = Err("sample 4 is garbled".to_string());
        assert_eq!(found, [Ok(vec![0, 1]), Ok(vec![2, 3]), garbled, Ok(vec![6, 7]), Ok(vec![8])]);
    }
}

#[test]
fn a_panic_comes_in_its_place_with_its_words() {
    for workers in 0..=3 {
        let source = Doing(9, |samples: &[usize]| {
            assert!(samples[0] != 4, "sample {} is impossible", samples[0]);
            Ok(samples.to_vec())
        });
        let loader = DataLoader::new(source, 2).workers(workers);
        let mut epoch = loader.epoch(6);
        assert_eq!(epoch.by_ref().take(2).map(Result::unwrap).collect::<Vec<_>>().concat(), [0, 1, 2, 3]);
        let panic = catch_unwind(AssertUnwindSafe(|| epoch.next())).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        let place = if workers == 0 { "" } else { "a worker of the loader panicked at batch 2 of epoch 6: " };
        assert_eq!(*text, format!("{place}sample 4 is impossible"));
        assert_eq!(epoch.map(Result::unwrap).collect::<Vec<_>>().concat(), [6, 7, 8]);
    }
}

#[test]
fn a_panic_without_words_is_itself() {
    let source = Doing(3, |_: &[usize]| std::panic::panic_any(42));
    let mut epoch = DataLoader::new(source, 2).workers(1).epoch(0);
    let panic = catch_unwind(AssertUnwindSafe(|| epoch.next())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&42));
}

#[test]
fn dropped_early_the_workers_end() {
    /// Counts who holds the source: each worker does.
    fn check(workers: usize, ahead: usize, taken: usize, slow: bool) {
        let source = Arc::new(Doing(1000, move |samples: &[usize]| {
            if slow {
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(samples.to_vec())
        }));
        let loader = DataLoader::new(source.clone(), 1).workers(workers).prefetch(ahead);
        let mut epoch = loader.epoch(0);
        epoch.by_ref().take(taken).for_each(drop);
        drop(loader);
        let start = Instant::now();
        drop(epoch);
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(Arc::strong_count(&source), 1);
    }
    for workers in 1..=3 {
        for ahead in [1, 4, 1000] {
            for taken in [0, 1, 5] {
                check(workers, ahead, taken, true);
                check(workers, ahead, taken, false);
            }
        }
    }
    check(2, 4, 1001, false);
}

#[test]
fn no_more_is_made_ahead_than_is_allowed() {
    for (workers, ahead) in [(1, 1), (2, 1), (2, 3), (3, 6)] {
        let made = Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let source = Doing(40, move |samples: &[usize]| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(samples.to_vec())
        });
        let loader = DataLoader::new(source, 1).workers(workers).prefetch(ahead);
        for (handed, batch) in loader.epoch(0).enumerate() {
            assert_eq!(batch.unwrap(), [handed]);
            if handed % 8 == 0 {
                // A slow loop: the workers have time to go too far.
                std::thread::sleep(Duration::from_millis(10));
            }
            assert!(made.load(Ordering::SeqCst) <= handed + 1 + ahead);
        }
    }
}

#[test]
fn workers_work_at_once() {
    // Two batches that wait for each other are ready only if two workers make them.
    let meeting = std::sync::Barrier::new(2);
    let source = Doing(6, move |samples: &[usize]| {
        meeting.wait();
        Ok(samples.to_vec())
    });
    assert_eq!(DataLoader::new(source, 1).workers(2).epoch(0).count(), 6);
}

#[test]
fn workers_leave_the_helpers_to_the_loop() {
    use crate::kernels::parallel::split;
    let threads = Arc::new(Mutex::new(Vec::new()));
    let seen = threads.clone();
    let source = Doing(20, move |samples: &[usize]| {
        let me = std::thread::current().id();
        split(1000, 1, |_, _| seen.lock().unwrap().push(std::thread::current().id() == me));
        Ok(samples.to_vec())
    });
    assert_eq!(DataLoader::new(source, 1).workers(2).epoch(0).count(), 20);
    let threads = threads.lock().unwrap();
    assert!(threads.len() > 20 && threads.iter().all(|own| *own));
}

#[test]
#[cfg(not(fusion_no_pool))]
fn the_memory_of_batches_is_used_again() {
    /// Batches of 46 MB, of which no other test has any.
    struct Large;
    impl Source for Large {
        type Batch = Tensor<(Dyn,)>;

        fn num_samples(&self) -> usize {
            4
        }

        fn batch(&self, _: &[usize]) -> Result<Tensor<(Dyn,)>> {
            Tensor::zeros_sized(&[11 << 20])
        }
    }
    let loader = DataLoader::new(Large, 1).workers(2).prefetch(2);
    let mut places: Vec<usize> = (0..5)
        .flat_map(|number| loader.epoch(number))
        .map(|batch| batch.unwrap().as_slice().unwrap().as_ptr() as usize)
        .collect();
    assert_eq!(places.len(), 20);
    places.sort_unstable();
    places.dedup();
    // One is the loop's, two are ahead, and one is begun before the loop has let go of its own.
    assert!(places.len() <= 4, "{} places", places.len());
}

#[test]
fn samplers_choose_and_may_repeat() {
    let labels = |loader: DataLoader<Batch>| -> Vec<i64> {
        loader.epoch(0).flat_map(|batch| batch.unwrap().1.to_vec()).collect()
    };
    for workers in [0, 2] {
        let loader = DataLoader::new(numbered(10), 3).workers(workers).sampler(Subset::new([7, 7, 0, 7, 9]));
        assert_eq!(loader.len(), 2);
        assert_eq!(labels(loader), [7, 7, 0, 7, 9]);
        let none = DataLoader::new(numbered(10), 3).workers(workers).sampler(Subset::new([]));
        assert!(none.is_empty() && none.epoch(0).next().is_none());
    }
    let classes: Vec<i64> = (0..10).map(|i| i % 2).collect();
    let loader = DataLoader::new(numbered(10), 4).drop_last().sampler(Stratified::new(&classes)).seed(3);
    assert_eq!((loader.len(), loader.batch_size()), (2, 4));
    for batch in loader.epoch(2) {
        assert_eq!(batch.unwrap().1.to_vec().iter().filter(|&&label| label % 2 == 0).count(), 2);
    }
}

#[test]
fn the_last_batch_is_kept_or_dropped_and_a_size_is_in_the_type() {
    let sizes =
        |loader: DataLoader<Batch>| loader.epoch(0).map(|batch| batch.unwrap().1.shape()[0]).collect::<Vec<_>>();
    assert_eq!(sizes(noisy(10, 4, 2)), [4, 4, 2]);
    assert_eq!(sizes(noisy(10, 4, 2).drop_last()), [4, 4]);
    assert!(sizes(noisy(10, 40, 2).drop_last()).is_empty());
    let sized = noisy(10, 4, 2).sized::<Num<4>>();
    let batches: Vec<(Tensor<(Num<4>, Num<2>)>, Tensor<(Num<4>,), i64>)> = sized.epoch(0).map(Result::unwrap).collect();
    assert_eq!((batches.len(), sized.len()), (2, 2));
}

#[test]
fn a_loader_shows_where_it_stands() {
    let loader = noisy(10, 4, 2);
    let mut epoch = loader.epoch(1);
    epoch.next();
    assert_eq!(format!("{epoch:?}"), "EpochBatches { number: 1, left: 2, .. }");
    assert!(format!("{loader:?}").contains("LoaderState { epoch: 1, batch: 1, batches: 3, seed: 7 }"));
}

#[test]
#[should_panic(expected = "batches of 3 samples do not have the size 4 of their type")]
fn a_type_of_another_size() {
    let _ = DataLoader::new(numbered(10), 3).sized::<Num<4>>();
}

#[test]
#[should_panic(expected = "the sampler asks for sample 12, but the source has 10")]
fn a_sampler_that_goes_too_far() {
    let _ = DataLoader::new(numbered(10), 3).sampler(Subset::new([3, 12])).epoch(0);
}

#[test]
#[should_panic(expected = "a batch of 0 samples: it needs at least one")]
fn batches_of_nothing() {
    let _ = DataLoader::new(numbered(10), 0);
}

#[test]
fn an_epoch_of_the_sampler_is_that_of_the_loader() {
    let order = Random::new(10).order(&mut Epoch::new(7, 4, 3));
    let seen: Vec<usize> = DataLoader::new(Arc::new(Doing(10, |samples: &[usize]| Ok(samples.to_vec()))), 3)
        .shuffle(7)
        .epoch(4)
        .flat_map(Result::unwrap)
        .collect();
    assert_eq!(seen, order);
}
