//! Losses with settings, of sizes that only the run knows, in generic code, and of all shapes.

use fusion::prelude::*;

type Batch = Dyn<u8>;

fn classes<B: Dim, C: Dim>(x: &Tensor<(B, C)>, y: &Tensor<(B,), i64>, weight: &Tensor<(C,)>) -> Tensor<()> {
    let each: Tensor<(B,)> = CrossEntropyLoss::new().weight(weight).label_smoothing(0.1).reduction(Each).forward(x, y);
    let shares = x.softmax(Axis::<1>);
    each.mean() + x.cross_entropy(y) + x.cross_entropy(&shares) + MultiMarginLoss::new().p(2).forward(x, y)
}

fn elements<S: Shape>(x: &Tensor<S>, y: &Tensor<S>) -> Tensor<S> {
    HuberLoss::new().delta(0.5).reduction(Each).forward(x, y) + MseLoss::new().reduction(Each).forward(x, y)
}

#[test]
fn main() {
    let x = Tensor::<shape![4, 3], f32>::from_fn(|i| i as f32 / 7.0);
    let (y, weight) = (Tensor::from([0, 2, 1, -100]), Tensor::from([1.0, 0.5, 2.0]));
    assert!(classes(&x, &y, &weight).item() > 0.0);
    assert_eq!(elements(&x, &x).sum().item(), 0.0);

    // A size that one of the two knows.
    let open: Tensor<shape![Batch, 3]> = Tensor::from_vec_sized(x.to_vec(), &[4, 3]).unwrap();
    let labels: Tensor<shape![Dyn], i64> = Tensor::from(vec![0, 2, 1, 1]);
    let each: Tensor<shape![Batch]> = NllLoss::new().reduction(Each).forward(&open.log_softmax(Axis::<1>), &labels);
    let known: Tensor<shape![4, 3]> = L1Loss::new().reduction(Each).forward(&open, &x);
    assert_eq!((each.shape()[0], known.sum().item()), (4, 0.0));
    let pos_weight = Tensor::from([1.0, 2.0, 3.0]);
    let targets = open.zeros_like();
    let loss = BceWithLogitsLoss::new().pos_weight(&pos_weight).weight(&Tensor::<shape![]>::full(2.0)).reduction(Sum);
    assert!(loss.forward(&open, &targets).item() > 0.0);

    // A loss is a value: a trainer keeps one.
    struct Trainer {
        loss: CrossEntropyLoss<Sum, Tensor<shape![3]>>,
    }
    let trainer = Trainer { loss: CrossEntropyLoss::new().weight(&weight).reduction(Sum) };
    assert!(trainer.loss.forward(&x, &y).item() > 0.0);

    // Pixels.
    let scores = Tensor::<shape![2, 5, 4, 3]>::zeros();
    let labels = Tensor::<shape![2, 4, 3], i64>::zeros();
    let each: Tensor<shape![2, 4, 3]> = CrossEntropyLoss::new().reduction(Each).forward(&scores, &labels);
    assert_eq!(each.to_vec()[0], scores.cross_entropy(&labels).item());
    let error = scores.try_cross_entropy(&labels.full_like(5)).unwrap_err();
    assert!(error.to_string().contains("the label at [0, 0, 0] is 5, but there are 5 classes (0 to 4)"));
}
