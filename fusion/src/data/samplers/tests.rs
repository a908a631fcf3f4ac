use super::*;
use std::collections::BTreeMap;

fn sorted(mut order: Vec<usize>) -> Vec<usize> {
    order.sort_unstable();
    order
}

fn order(sampler: &dyn Sampler, seed: u64, number: u64, batch_size: usize) -> Vec<usize> {
    sampler.order(&mut Epoch::new(seed, number, batch_size))
}

/// Of `n` samples in classes of very different sizes, with labels below 0 and gaps.
fn labels(n: usize) -> Vec<i64> {
    (0..n).map(|i| [-3, 0, 0, 5, 0, 0, 9, 0, 5, 0, 5][i * 7 % 11]).collect()
}

/// Every kind of sampler over `n` samples that shows each once.
fn permuting(n: usize) -> Vec<Box<dyn Sampler>> {
    let lengths: Vec<usize> = (0..n).map(|i| i * i % 17).collect();
    vec![
        Box::new(Sequential::new(n)),
        Box::new(Random::new(n)),
        Box::new(Stratified::new(&labels(n))),
        Box::new(Bucketed::new(lengths.clone())),
        Box::new(Bucketed::new(lengths).window(1)),
        Box::new(Subset::new((0..n).rev().collect::<Vec<_>>()).shuffled()),
        Box::new(Weighted::new(vec![0.5; n], n).without_replacement()),
    ]
}

#[test]
fn an_order_is_a_permutation_that_follows_from_seed_and_epoch() {
    for n in [0, 1, 2, 7, 64, 201] {
        for size in [1, 2, 5, 64, 1000, usize::MAX] {
            for sampler in permuting(n) {
                assert_eq!((sampler.len(), sampler.is_empty()), (n, n == 0));
                let first = order(&*sampler, 3, 0, size);
                assert_eq!(sorted(first.clone()), (0..n).collect::<Vec<_>>());
                order(&*sampler, 3, 1, size);
                assert_eq!(order(&*sampler, 3, 0, size), first);
            }
        }
    }
    for (kind, sampler) in permuting(201).iter().enumerate().skip(1) {
        let first = order(&**sampler, 3, 0, 8);
        assert_ne!(order(&**sampler, 3, 1, 8), first, "sampler {kind}");
        assert_ne!(order(&**sampler, 4, 0, 8), first, "sampler {kind}");
    }
}

#[test]
fn batches_follow_the_order() {
    for n in [0, 1, 6, 7] {
        for size in [1, 3, 7, 100] {
            let batches = BatchSampler::new(Random::new(n), size);
            let epoch = batches.epoch(1, 2);
            let all: Vec<_> = epoch.clone().collect();
            assert_eq!((batches.len(), epoch.len(), all.len()), (n.div_ceil(size), n.div_ceil(size), n.div_ceil(size)));
            assert_eq!(all.concat(), order(&Random::new(n), 1, 2, size));
            for skipped in 0..=all.len() + 1 {
                let rest: Vec<_> = epoch.clone().skip(skipped).collect();
                assert_eq!(rest, all[skipped.min(all.len())..]);
            }
            let whole = batches.drop_last();
            assert_eq!((whole.len(), whole.is_empty()), (n / size, n < size));
            assert_eq!(whole.epoch(1, 2).collect::<Vec<_>>(), all[..n / size]);
        }
    }
}

#[test]
fn draws_with_replacement_repeat_samples() {
    let sampler = Random::new(10).with_replacement(5000);
    let drawn = order(&sampler, 0, 0, 1);
    assert_eq!((sampler.len(), drawn.len()), (5000, 5000));
    for sample in 0..10 {
        // 500 expected, 21 the standard deviation.
        let times = drawn.iter().filter(|&&i| i == sample).count();
        assert!((400..600).contains(&times), "{sample}: {times}");
    }
    assert!(order(&Random::new(0).with_replacement(0), 0, 0, 1).is_empty());
}

#[test]
fn weights_are_chances() {
    let weights = [0.0, 1.0, 0.0, 2.0, 5.0, 0.0];
    let drawn = order(&Weighted::new(weights, 8000), 1, 0, 1);
    for (sample, weight) in weights.into_iter().enumerate() {
        let times = drawn.iter().filter(|&&i| i == sample).count() as f64;
        assert!((times - 1000.0 * weight).abs() <= 150.0 * weight.sqrt(), "{sample}: {times}");
    }
    // The first of a draw without replacement is as one with; the last is most often the lightest.
    let sampler = Weighted::new(weights, 3).without_replacement();
    let mut firsts = BTreeMap::<usize, usize>::new();
    for epoch in 0..2000 {
        let order = order(&sampler, 1, epoch, 1);
        assert_eq!(sorted(order.clone()), [1, 3, 4]);
        *firsts.entry(order[0]).or_default() += 1;
    }
    for (sample, share) in [(1, 0.125), (3, 0.25), (4, 0.625)] {
        assert!((firsts[&sample] as f64 / 2000.0 - share).abs() < 0.05, "{firsts:?}");
    }
}

#[test]
fn a_place_at_the_very_end_is_the_last_sample_with_a_weight() {
    let sampler = Weighted::new([1.0, 3.0, 0.0], 1);
    assert_eq!([0.0, 0.999, 1.0, 3.999, 4.0].map(|place| sampler.at(place)), [0, 0, 1, 1, 1]);
}

#[test]
fn balanced_classes_come_equally_often() {
    let labels: Vec<i64> = (0..1000).map(|i| i64::from(i % 10 == 0)).collect();
    let drawn = order(&Weighted::balanced(&labels), 0, 0, 1);
    let rare = drawn.iter().filter(|&&sample| labels[sample] == 1).count();
    assert!((420..580).contains(&rare), "{rare}");
    assert!(Weighted::balanced(&[]).is_empty());
}

#[test]
fn every_batch_has_each_classs_share() {
    for n in [1, 10, 23, 100, 257] {
        let labels = labels(n);
        let classes = by_class(&labels);
        for size in [1, 2, 3, 10, 16, 99, 1000] {
            for epoch in 0..3 {
                let batches = BatchSampler::new(Stratified::new(&labels), size).epoch(5, epoch);
                for batch in batches {
                    for (label, samples) in &classes {
                        let share = (batch.len() * samples.len()) as f64 / n as f64;
                        let found = batch.iter().filter(|&&sample| labels[sample] == *label).count();
                        assert!((found as f64 - share).abs() < 1.0, "{found} of {label}, {share} are their share");
                    }
                }
            }
        }
    }
}

#[test]
fn lengths_of_a_batch_are_about_equal() {
    let lengths: Vec<usize> = (0..1003).map(|i| i * 389 % 1003).collect();
    let padding = |batches: SampleBatches| -> usize {
        let waste = |batch: &Vec<usize>| batch.iter().map(|&i| lengths[i]).max().unwrap() * batch.len();
        batches.map(|batch| waste(&batch)).sum::<usize>() - lengths.iter().sum::<usize>()
    };
    let shuffled = padding(BatchSampler::new(Random::new(1003), 20).epoch(0, 0));
    for (window, factor) in [(100, 15), (10, 5), (1, 1)] {
        let bucketed = BatchSampler::new(Bucketed::new(lengths.clone()).window(window), 20);
        let last = bucketed.epoch(0, 0).last().unwrap();
        assert_eq!(last.len(), 3);
        assert!(padding(bucketed.epoch(0, 0)) <= shuffled * 11 / 10 / factor, "window {window}");
    }
}

/// The folds of scikit-learn, as `tests/goldens/folds.py` writes them.
#[test]
fn folds_are_those_of_scikit_learn() {
    let goldens: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/goldens/folds.json")).unwrap();
    let cases = goldens.as_array().unwrap();
    assert!(cases.len() >= 12);
    for case in cases {
        let folds: usize = serde_json::from_value(case["folds"].clone()).unwrap();
        let expected: Vec<(Vec<usize>, Vec<usize>)> = serde_json::from_value(case["pairs"].clone()).unwrap();
        let found: Vec<_> = match serde_json::from_value::<Vec<i64>>(case["labels"].clone()) {
            Ok(labels) => StratifiedKFold::new(folds).split(&labels).collect(),
            Err(_) => KFold::new(folds).split(case["samples"].as_u64().unwrap() as usize).collect(),
        };
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn shuffled_folds_part_the_samples_and_keep_shares() {
    let labels = labels(101);
    let classes = by_class(&labels);
    for seed in 0..5 {
        let plain: Vec<_> = KFold::new(4).shuffle(seed).split(101).collect();
        let stratified: Vec<_> = StratifiedKFold::new(4).shuffle(seed).split(&labels).collect();
        assert_eq!(plain, KFold::new(4).shuffle(seed).split(101).collect::<Vec<_>>());
        assert_ne!(plain, KFold::new(4).shuffle(seed + 1).split(101).collect::<Vec<_>>());
        for folds in [&plain, &stratified] {
            let all: Vec<usize> = folds.iter().flat_map(|(_, validation)| validation.clone()).collect();
            assert_eq!(sorted(all), (0..101).collect::<Vec<_>>());
            for (train, validation) in folds {
                assert_eq!(sorted([&train[..], validation].concat()), (0..101).collect::<Vec<_>>());
                assert!(validation.is_sorted() && train.is_sorted() && (25..=26).contains(&validation.len()));
            }
        }
        for (_, validation) in stratified {
            for (label, samples) in &classes {
                let found = validation.iter().filter(|&&sample| labels[sample] == *label).count();
                assert!((found as f64 - samples.len() as f64 / 4.0).abs() < 1.0);
            }
        }
    }
}

#[test]
#[should_panic(expected = "the sampler's epoch has 2 samples, but its `len()` says 3")]
fn a_sampler_that_counts_wrong() {
    struct Wrong;
    impl Sampler for Wrong {
        fn len(&self) -> usize {
            3
        }

        fn order(&self, _: &mut Epoch) -> Vec<usize> {
            vec![0, 1]
        }
    }
    let _ = BatchSampler::new(Wrong, 2).epoch(0, 0);
}

#[test]
#[should_panic(expected = "a batch of 0 samples: it needs at least one")]
fn batches_of_nothing() {
    BatchSampler::new(Sequential::new(3), 0);
}

#[test]
#[should_panic(expected = "the weight of sample 1 is NaN")]
fn a_weight_that_is_no_number() {
    Weighted::new([1.0, f64::NAN], 1);
}

#[test]
#[should_panic(expected = "no sample has a weight above 0, and 1 are to be drawn")]
fn weights_of_nothing() {
    Weighted::new([0.0, 0.0], 1);
}

#[test]
#[should_panic(expected = "3 samples are to be drawn of 2 with a weight above 0")]
fn too_many_without_replacement() {
    let _ = Weighted::new([0.5, 0.0, 1.0], 3).without_replacement();
}

#[test]
#[should_panic(expected = "3 samples cannot be parted into 4 folds")]
fn more_folds_than_samples() {
    let _ = KFold::new(4).split(3);
}

#[test]
#[should_panic(expected = "no class has as many samples as there are folds: 2 at most, for 3 folds")]
fn more_folds_than_samples_of_a_class() {
    let _ = StratifiedKFold::new(3).split(&[0, 1, 0, 1]);
}

#[test]
#[should_panic(expected = "a cross-validation of 1 folds: it needs at least two")]
fn a_single_fold() {
    KFold::new(1);
}
