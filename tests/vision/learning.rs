//! A small network learns to find squares: data, loss, decoding, suppression and average precision go together.

use fusion::data::transforms::ToFloat;
use fusion::data::{Draw, Transform};
use fusion::prelude::*;
use fusion::vision::{
    AveragePrecision, BBox, BoxedImages, Canvas, Labelled, Nms, Overlap, RandomFlip, VocRule, YoloHead, YoloLoss,
};

model! {
    Finder: [3, 32, 32] -> [21, 4, 4] {
        Conv2d<3, 12, 3, stride = 2, padding = 1>, BatchNorm2d<12>, LeakyRelu,
        Conv2d<12, 24, 3, stride = 2, padding = 1>, BatchNorm2d<24>, LeakyRelu,
        Conv2d<24, 24, 3, stride = 2, padding = 1>, BatchNorm2d<24>, LeakyRelu,
        Conv2d<24, 24, 3, padding = 1>, BatchNorm2d<24>, LeakyRelu,
        Conv2d<24, 21, 1>,
    }
}

const HEAD: YoloHead = YoloHead::new([(7.0, 7.0), (10.0, 10.0), (13.0, 13.0)], 8);

/// How many batches of 16 it learns from.
const STEPS: u64 = 200;

/// Grey images with one or two squares: light ones are of class 0, dark ones of class 1.
fn squares(n: usize, rng: &mut StdRng) -> BoxedImages<Dyn, dim!(32), dim!(32)> {
    let (mut pixels, mut objects) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let noise = Tensor::<shape![3, 32, 32], u8>::from_fn(|_| rng.random_range(96..160));
        let mut canvas = Canvas::new(&noise);
        let mut list: Vec<Labelled> = Vec::new();
        for _ in 0..rng.random_range(1..=2) {
            let side = rng.random_range(6..15) as f32;
            let mut place = || rng.random_range(0..32 - side as i32) as f32;
            let bbox = BBox::from_xywh(place(), place(), side, side);
            let class = rng.random_range(0..2);
            if list.iter().all(|other| other.bbox.iou(&bbox) == 0.0) {
                canvas.fill(bbox, [[250, 220, 240], [10, 30, 20]][class]);
                list.push(Labelled { bbox, class });
            }
        }
        pixels.extend(canvas.into_image().to_vec());
        objects.push(list);
    }
    (Tensor::from_vec_sized(pixels, &[n, 3, 32, 32]).unwrap(), objects)
}

fn learns(loss: YoloLoss<1>, boxes: f32) -> f64 {
    let mut rng = StdRng::seed_from_u64(3);
    let mut net = Finder::init(&mut rng);
    let mut opt = Adam::new(1e-2);
    let prepare = (RandomFlip::new(0.5), ToFloat);
    for step in 0..STEPS {
        let batch = squares(16, &mut rng);
        let (x, objects) = prepare.apply(batch, &mut Draw::new(0, 0, step, &[]));
        let parts = loss.forward(0, &net.forward(x.trace()), &objects);
        let total = parts.boxes * boxes + parts.objectness + parts.classes;
        opt.set_learning_rate(1e-2 * (1.0 - step as f64 / STEPS as f64));
        opt.step(&mut net, total.backward());
    }
    let (x, objects) = squares(100, &mut rng);
    let output = net.forward(ToFloat.apply(x, &mut Draw::new(0, 0, 0, &[])));
    let mut scores = AveragePrecision::new();
    let mut found = Vec::new();
    for (image, objects) in objects.iter().enumerate() {
        found.clear();
        HEAD.decode(&output, image, 0.05, &mut found);
        Nms::new().score_threshold(0.05).apply(&mut found);
        scores.add(&found, objects);
    }
    scores.voc(0.5, VocRule::AllPoint)
}

#[test]
fn squares_are_found() {
    let squares = learns(YoloLoss::new([HEAD]), 1.0);
    let ciou = learns(YoloLoss::new([HEAD]).overlap(Overlap::Ciou), 4.0);
    println!("average precision: {squares:.3} by squares, {ciou:.3} by CIoU");
    assert!(squares > 0.8 && ciou > 0.8, "{squares}, {ciou}");
}
