//! Boxes follow their images.

use fusion::data::transforms::ColorJitter;
use fusion::data::{Draw, Transform};
use fusion::prelude::*;
use fusion::vision::{BBox, BoxedImages, Canvas, Labelled, Mosaic, RandomFlip, RandomScaleShift};

type Batch = BoxedImages<Dyn, dim!(80), dim!(100)>;

/// Black images, each with one white box of the class of its number.
fn batch(n: usize, rng: &mut StdRng) -> Batch {
    let mut pixels = Vec::new();
    let mut objects = Vec::new();
    for class in 0..n {
        let (w, h) = (rng.random_range(20..50) as f32, rng.random_range(20..45) as f32);
        let (x, y) = (rng.random_range(0..=100 - w as i32) as f32, rng.random_range(0..=80 - h as i32) as f32);
        let bbox = BBox::from_xywh(x, y, w, h);
        let mut canvas = Canvas::new(&Tensor::<shape![3, 80, 100], u8>::zeros());
        canvas.fill(bbox, [255; 3]);
        pixels.extend(canvas.into_image().to_vec());
        objects.push(vec![Labelled { bbox, class }]);
    }
    (Tensor::from_vec_sized(pixels, &[n, 3, 80, 100]).unwrap(), objects)
}

/// Whether bright pixels are those of the boxes, but for so many pixels at their edges.
fn check(x: &Tensor<shape![Dyn, 3, 80, 100], u8>, objects: &[Vec<Labelled>], drawn: usize, edge: f32) {
    for (image, objects) in objects.iter().enumerate() {
        let bright = |x_: usize, y: usize| x.get(&[image, 1, y, x_]).unwrap() > 190;
        let within = |at: [usize; 2], more: f32| {
            let at = at.map(|x| x as f32 + 0.5);
            objects.iter().any(|Labelled { bbox: b, .. }| {
                b.x1 - more <= at[0] && at[0] <= b.x2 + more && b.y1 - more <= at[1] && at[1] <= b.y2 + more
            })
        };
        for (y, x) in (0..80).flat_map(|y| (0..100).map(move |x| (y, x))) {
            if within([x, y], -edge) {
                assert!(bright(x, y), "image {image}: dark at {x}, {y}, inside of {objects:?}");
            } else if !within([x, y], edge) && objects.len() == drawn {
                assert!(!bright(x, y), "image {image}: bright at {x}, {y}, outside of {objects:?}");
            }
        }
        for object in objects {
            assert!(object.bbox.is_valid() && object.bbox == object.bbox.clip(100.0, 80.0));
        }
    }
}

fn changed<T: Transform<Batch, Output = Batch>>(transform: T, drawn: usize, edge: f32) -> Vec<Vec<Labelled>> {
    let mut all = Vec::new();
    for seed in 0..6 {
        let batch = batch(8, &mut StdRng::seed_from_u64(seed));
        let samples: Vec<usize> = (0..8).collect();
        let (x, objects) = transform.apply(batch.clone(), &mut Draw::new(seed, 0, 0, &samples));
        assert_eq!((x.shape().to_vec(), objects.len()), (vec![8, 3, 80, 100], 8));
        check(&x, &objects, drawn, edge);
        let again = transform.apply(batch, &mut Draw::new(seed, 0, 0, &samples));
        assert!(again.0 == x && again.1 == objects, "the same draw, the same batch");
        all.extend(objects);
    }
    all
}

#[test]
fn flips() {
    let all = changed(RandomFlip::new(0.5), 1, 0.0);
    let before = (0..6).flat_map(|seed| batch(8, &mut StdRng::seed_from_u64(seed)).1);
    let flipped = all.iter().zip(before).filter(|(after, before)| *after != before).count();
    assert!((12..=36).contains(&flipped), "{flipped} of 48");
}

#[test]
fn scales_and_shifts() {
    let all = changed(RandomScaleShift::new(0.6..=1.6, 0.3), 1, 1.2);
    assert!(all.iter().any(Vec::is_empty), "what is hardly seen is left out");
    assert!(all.iter().filter(|objects| !objects.is_empty()).count() > 30);
    // As it is.
    let same = changed(RandomScaleShift::new(1.0..=1.0, 0.0), 1, 0.0);
    let before: Vec<_> = (0..6).flat_map(|seed| batch(8, &mut StdRng::seed_from_u64(seed)).1).collect();
    assert_eq!(same, before);
}

#[test]
fn mosaics() {
    let all = changed(Mosaic::new(1.0, 0.5..=0.8), 4, 1.2);
    let counts: Vec<usize> = all.iter().map(Vec::len).collect();
    assert!(counts.contains(&4) && counts.iter().all(|&n| n <= 4), "{counts:?}");
    let strangers = all.iter().enumerate().flat_map(|(i, list)| list.iter().map(move |o| o.class != i % 8));
    assert!(strangers.filter(|&other| other).count() > 60);
    let before: Vec<_> = (0..6).flat_map(|seed| batch(8, &mut StdRng::seed_from_u64(seed)).1).collect();
    assert_eq!(changed(Mosaic::new(0.0, 0.5..=0.8), 1, 0.0), before);
}

#[test]
fn one_after_another_with_colours() {
    let all = (Mosaic::new(0.5, 0.6..=1.0), RandomScaleShift::new(0.8..=1.2, 0.1), RandomFlip::new(0.5));
    changed(all, 9, 2.5);
    let colours = ColorJitter::new().brightness(0.1).hue(0.1);
    let (x, objects) = batch(2, &mut StdRng::seed_from_u64(1));
    let (_, after) = colours.apply((x, objects.clone()), &mut Draw::new(0, 0, 0, &[0, 1]));
    assert_eq!(after, objects);
}

#[test]
fn empty_batches() {
    let none = || (Tensor::<shape![Dyn, 3, 80, 100], u8>::zeros_sized(&[0, 3, 80, 100]).unwrap(), vec![]);
    let draw = || Draw::new(0, 0, 0, &[]);
    assert_eq!(Mosaic::new(1.0, 0.5..=1.0).apply(none(), &mut draw()).1.len(), 0);
    assert_eq!(RandomScaleShift::new(0.5..=1.0, 0.1).apply(none(), &mut draw()).1.len(), 0);
    assert_eq!(RandomFlip::new(1.0).apply(none(), &mut draw()).1.len(), 0);
}

#[test]
#[should_panic(expected = "Mosaic: factors from 0 to 1: they are above 0 and at most 16")]
fn no_factor() {
    Mosaic::new(0.5, 0.0..=1.0);
}
