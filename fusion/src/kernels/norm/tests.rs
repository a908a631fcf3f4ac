use super::*;
use crate::kernels::testing::{close, floats, noise, with_each_isa};

/// The elements of each group, in order, each with the number of its scale.
fn places(groups: &Groups) -> Vec<Vec<(usize, usize)>> {
    let segment = |group: usize, segment: usize| {
        let start = group * groups.step + segment * groups.segment_step;
        let number = groups.number(group, segment);
        let number = move |i| if matches!(groups.learned, Learned::Place) { i } else { number };
        (0..groups.length).map(move |i| (start + i, number(i)))
    };
    let group = |group: usize| (0..groups.segments).flat_map(move |part| segment(group, part)).collect();
    (0..groups.count).map(group).collect()
}

/// Channels over images, and channels in groups.
fn geometries() -> Vec<(Groups, usize)> {
    let mut all = Vec::new();
    for n in [1, 3, 8, 17, 32, 129, 700] {
        all.push((Groups::rows(5, n), n));
        let learned = Learned::Segment { cycle: 3, group: 1, segment: 0 };
        all.push((Groups { count: 3, step: n, segments: 2, segment_step: 3 * n, length: n, learned }, 3));
        let learned = Learned::Segment { cycle: 2, group: 2, segment: 1 };
        all.push((Groups { count: 6, step: 2 * n, segments: 2, segment_step: n, length: n, learned }, 4));
    }
    // As many groups as make sums go on in `f64`.
    all.push((Groups::rows(100, 7), 7));
    all
}

/// Result and gradients in `f64`, one element after another.
pub(super) fn exact([x, g, w, b]: [&[f64]; 4], groups: &Groups, eps: f64, centered: bool) -> [Vec<f64>; 4] {
    let (mut y, mut dx) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let (mut dw, mut db) = (vec![0.0; w.len()], vec![0.0; w.len()]);
    for places in places(groups) {
        let n = places.len() as f64;
        let mean = if centered { places.iter().map(|&(at, _)| x[at]).sum::<f64>() / n } else { 0.0 };
        let variance = places.iter().map(|&(at, _)| (x[at] - mean).powi(2)).sum::<f64>() / n;
        let scale = 1.0 / (variance + eps).sqrt();
        let unit = |at: usize| (x[at] - mean) * scale;
        let straight = places.iter().map(|&(at, k)| g[at] * w[k]).sum::<f64>() / n;
        let along = places.iter().map(|&(at, k)| g[at] * w[k] * unit(at)).sum::<f64>() / n;
        for &(at, k) in &places {
            y[at] = unit(at) * w[k] + b[k];
            dw[k] += g[at] * unit(at);
            db[k] += g[at];
            dx[at] = scale * (g[at] * w[k] - if centered { straight } else { 0.0 } - unit(at) * along);
        }
    }
    [y, dx, dw, db]
}

fn check<T: Float>(tolerance: f64) {
    for (groups, numbers) in geometries() {
        let count = groups.count * groups.segments * groups.length;
        for (centered, far, learned) in [(true, 0.0, true), (true, 3.0, false), (false, 0.5, true)] {
            let of = |kind: usize| move |i: usize| T::from_f64(noise(i + 10_000 * kind) + far);
            let x = Array::from_fn(Dims::new(&[count]), of(1));
            let g = Array::from_fn(Dims::new(&[count]), of(2));
            let one = |value: f64| Array::full(T::from_f64(value), Dims::new(&[numbers]));
            let (w, b) = match learned {
                true => (Array::from_fn(Dims::new(&[numbers]), of(3)), Array::from_fn(Dims::new(&[numbers]), of(4))),
                false => (one(1.0), one(0.0)),
            };
            let [want_y, want_dx, want_dw, want_db] =
                exact([&floats(&x), &floats(&g), &floats(&w), &floats(&b)], &groups, 1e-5, centered);
            let (weight, bias) = (learned.then_some(&w), learned.then_some(&b));
            let near = |got: &Array, want: &[f64]| {
                let most = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
                floats(got).iter().zip(want).for_each(|(got, want)| close(got / most, want / most, tolerance));
            };
            // Once in new memory, once in place.
            let (y, known) = forward(x.clone(), weight, bias, &groups, 1e-5, centered);
            near(&y, &want_y);
            near(&forward(x.dense_copy(), weight, bias, &groups, 1e-5, centered).0, &want_y);
            for g in [g.clone(), g.dense_copy()] {
                let [dx, dw, db] = backward(g, &x, weight, &known, &groups, centered, [true, learned, learned]);
                near(&dx.expect("wanted"), &want_dx);
                if learned {
                    near(&dw.expect("wanted"), &want_dw);
                    near(&db.expect("wanted"), &want_db);
                }
            }
            let [dx, dw, db] = backward(g.clone(), &x, weight, &known, &groups, centered, [false, learned, false]);
            assert!(dx.is_none() && db.is_none() && dw.is_some() == learned);
        }
    }
}

#[test]
fn every_geometry_on_every_machine() {
    with_each_isa(|| {
        check::<f32>(2e-5);
        check::<f64>(2e-11);
    });
}

/// With a mean a million times the deviation, and of equal numbers.
#[test]
fn large_means() {
    with_each_isa(|| {
        for n in [5, 100, 3136] {
            let x = |i: usize| 1e6 + (noise(i) * 8.0).round() as f32 / 4.0;
            let rows = Groups::rows(2, n);
            let array = Array::from_fn(Dims::new(&[2, n]), x);
            let ones = vec![1.0; n];
            let [want, ..] = exact([&floats(&array), &vec![0.0; 2 * n], &ones, &vec![0.0; n]], &rows, 1e-5, true);
            let (y, known) = forward(array, None, None, &rows, 1e-5, true);
            floats(&y).iter().zip(&want).for_each(|(y, want)| close(*y, *want, 1e-5));
            let [mean, variance] = statistics(&known);
            assert!(floats(&mean).iter().all(|mean| (mean - 1e6).abs() < 1.0));
            assert!(floats(&variance).iter().all(|&variance| (0.5..4.0).contains(&variance)));
            let (y, known) = forward(Array::full(1e7f32 + 1.0, Dims::new(&[2, n])), None, None, &rows, 1e-5, true);
            assert_eq!(y.to_vec::<f32>(), vec![0.0; 2 * n]);
            assert_eq!(statistics(&known).map(|of| of.to_vec::<f32>()), [vec![1e7 + 1.0; 2], vec![0.0; 2]]);
        }
    });
}
