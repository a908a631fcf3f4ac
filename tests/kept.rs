//! A gradient is never lost silently: what a program does by habit keeps it, what would lose it panics with a sentence.

use fusion::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

model! { Encoder: [3] -> [2] { fc: Linear<_, 2> } }
model! { Decoder: [2] -> [3] { fc: Linear<_, 3> } }

fn pair() -> (Encoder, Decoder, Tensor<shape![4, 3]>) {
    let mut rng = StdRng::seed_from_u64(3);
    (Encoder::init(&mut rng), Decoder::init(&mut rng), Tensor::normal(0.0, 1.0, &mut rng))
}

/// The sentence with which `f` panics.
#[track_caller]
fn panics<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("no panic"),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => (*payload.downcast::<&str>().expect("a sentence")).to_string(),
        },
    }
}

#[test]
fn a_second_trace_changes_nothing() {
    let (enc, dec, x) = pair();
    let once = dec.forward(enc.forward(x.trace())).mse_loss(&x).backward();
    let twice = dec.forward(enc.forward(x.trace().trace()).trace()).mse_loss(&x).trace().backward();
    assert_eq!((once.len(), twice.len()), (4, 4));
    assert_eq!(once.get(&enc.fc.weight).unwrap().to_vec(), twice.get(&enc.fc.weight).unwrap().to_vec());
    assert!(x.trace_with(Trace::evaluation()).trace().is_traced());
    assert!(!x.trace_with(Trace::evaluation()).trace().is_training(), "the mode is the first trace's");
}

#[test]
fn watching_a_result_keeps_its_past() {
    let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    let h = (w.trace() * 3.0).watch();
    let grads = h.clone().square().sum().backward();
    assert_eq!(grads.get(&h).unwrap().to_vec(), [18.0, 24.0]);
    assert_eq!(grads.get(&w).unwrap().to_vec(), [54.0, 72.0]);
    // Of a value made of parameters alone, too; and in the mode of the trace that it has.
    let h = (&w * 3.0).watch();
    let grads = (h.clone() * &h.watch()).sum().backward();
    assert_eq!(grads.get(&w).unwrap().to_vec(), [54.0, 72.0]);
    assert_eq!(grads.get(&h).unwrap().to_vec(), [18.0, 24.0]);
    let x = w.detach().trace_with(Trace::evaluation()).watch();
    assert!(x.is_traced() && !x.is_training());
    assert_eq!(x.clone().square().sum().backward().get(&x).unwrap().to_vec(), [6.0, 8.0]);
    // The gradient of a watched result is itself recorded where the pass is.
    let x = Tensor::<shape![1], f64>::from([2.0]).watch();
    let h = x.clone().square().watch();
    let first = h.clone().square().backward_with(Tensor::ones().trace()).get(&h).unwrap(); // 2h = 2x²
    assert_eq!(first.sum().backward().get(&x).unwrap().to_vec(), [8.0]);
}

#[test]
fn a_value_made_of_parameters_alone_joins_the_trace_it_asks_for() {
    let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    let x = Tensor::<shape![2]>::from([1.0, 2.0]);
    let prepared = w.clone().square().trace();
    assert!(prepared.is_traced());
    assert_eq!((prepared * &x).sum().backward().get(&w).unwrap().to_vec(), [6.0, 16.0]);
    let prepared = w.clone().square().trace_as(&x.trace());
    assert_eq!((prepared * &x).sum().backward().get(&w).unwrap().to_vec(), [6.0, 16.0]);
}

#[test]
fn what_would_lose_a_gradient_panics() {
    let (enc, dec, x) = pair();
    let inferred = enc.forward(x.clone());
    let lost = "the parameter's gradient would be lost";
    for text in [
        panics(|| inferred.trace()),
        panics(|| inferred.trace_with(Trace::evaluation())),
        panics(|| inferred.watch()),
        panics(|| inferred.trace_as(&x.trace())),
        panics(|| dec.forward(inferred.clone()) + x.trace()),
    ] {
        assert!(text.contains(lost) && text.contains("`detach()`"), "{text}");
    }
    for value in [inferred.clone(), enc.forward(x.trace())] {
        let text = panics(|| value.parameter());
        assert!(text.starts_with("`parameter()` of a value that was computed from parameters"), "{text}");
    }
    let rows = Dataset::new(inferred.to_dynamic::<shape![Dyn, 2]>(), x.to_dynamic::<shape![Dyn, 3]>()).unwrap();
    let text = panics(|| rows.batches(2).next());
    assert!(text.contains("call detach() first"), "{text}");
    // As data it is welcome, and so is a parameter under any name.
    assert_eq!(dec.forward(inferred.detach().trace()).sum().backward().len(), 2);
    assert!(inferred.detach().parameter().is_parameter());
    let w = &enc.fc.weight;
    assert_eq!(w.clone().parameter().trace().square().sum().backward().get(w).unwrap().shape(), [2, 3]);
    assert_eq!(w.trace().parameter().trace().square().sum().backward().get(w).unwrap().shape(), [2, 3]);
}

#[test]
fn a_loss_without_parameters_says_so() {
    let (_, _, x) = pair();
    assert_eq!(
        panics(|| x.trace().square().sum().backward()),
        "backward() of a tensor in which no parameter and no watched tensor took part: there is no gradient"
    );
    let text = panics(|| x.clone().square().sum().backward());
    assert!(text.ends_with("give the forward pass `x.trace()`"), "{text}");
}

#[test]
fn traces_of_different_modes_do_not_meet() {
    let (_, _, x) = pair();
    let (training, evaluation) = (x.trace(), x.trace_with(Trace::evaluation()));
    for text in [
        panics(|| &training + &evaluation),
        panics(|| &evaluation * &training),
        panics(|| training.trace_with(Trace::evaluation())),
        panics(|| evaluation.watch_with(Trace::training())),
        panics(|| training.trace_as(&evaluation)),
    ] {
        assert!(text.contains("training mode") && text.contains("evaluation mode"), "{text}");
    }
    // A state joins the trace of its input, whatever mode that is in.
    let dropped = |x: &Tensor<shape![4, 3]>| {
        let state = Tensor::<shape![4, 3]>::ones().trace_as(x);
        [Dropout::new(0.5).forward(&state + x), Dropout::new(0.5).forward(x + &state)]
            .map(|y| y.to_vec().iter().filter(|&&y| y == 0.0).count())
    };
    assert_eq!(dropped(&evaluation), [0, 0]);
    assert_eq!(dropped(&x), [0, 0]);
    assert!(dropped(&training).iter().all(|&n| n > 0));
}

/// A pass in evaluation mode can be recorded itself.
#[test]
fn the_seed_of_a_recorded_pass_takes_the_mode_of_the_trace() {
    let x = Tensor::<shape![1], f64>::from([3.0]).watch_with(Trace::evaluation());
    let first = x.clone().pow(3.0).backward_with(Tensor::ones().trace()).get(&x).unwrap();
    assert!(!first.is_training());
    assert_eq!(first.sum().backward().get(&x).unwrap().to_vec(), [18.0]);
}

#[test]
fn a_step_without_a_gradient_panics() {
    let (mut enc, mut dec, x) = pair();
    let grads = dec.forward(enc.forward(x.clone()).detach().trace()).sum().backward();
    let before = enc.fc.weight.to_vec();
    let text = panics(|| Sgd::new(0.1).step(&mut enc, &grads));
    assert_eq!(
        text,
        "none of the 2 parameters of this module has a gradient here, but 2 other parameters or watched tensors have: \
         was the loss computed from this module?"
    );
    assert!(panics(|| Adam::new(0.1).step(&mut enc, Gradients::default())).contains("but 0 other"));
    assert!(panics(|| AdamW::new(0.1).step(&mut pair().0, &grads)).contains("none of the 2 parameters"));
    assert_eq!(enc.fc.weight.to_vec(), before);
    Adam::new(0.1).step(&mut dec, grads);
}

/// A weight that is replaced by hand stays a parameter, or the next step says that it is none.
#[test]
fn a_plain_tensor_in_the_place_of_a_parameter_is_refused() {
    let (mut enc, _, x) = pair();
    enc.fc.weight = Tensor::ones();
    let step = |enc: &mut Encoder| {
        let grads = enc.forward(x.trace()).sum().backward();
        Sgd::new(0.1).step(enc, grads);
    };
    let text = panics(|| step(&mut enc));
    assert!(text.starts_with("`fc.weight` is a parameter of this module, but holds a plain tensor"), "{text}");
    enc.fc.weight = Tensor::ones().parameter();
    step(&mut enc);
    assert_ne!(enc.fc.weight.to_vec(), [1.0; 6]);
    // A weight that is computed trains what it is computed from.
    let mut scale = Tensor::<shape![2, 1]>::ones().parameter();
    enc.fc.weight = &scale * &Tensor::<shape![2, 3]>::ones().trace();
    let grads = enc.forward(x.trace()).sum().backward();
    Sgd::new(0.1).step(&mut (&mut enc, &mut scale), grads);
    assert_ne!(scale.to_vec(), [1.0; 2]);
    enc.fc.weight = Tensor::ones();
    fusion::nn::freeze(&mut enc.fc.weight);
    step(&mut enc);
    assert_eq!(enc.fc.weight.to_vec(), [1.0; 6]);
}

#[test]
fn one_loss_trains_two_networks() {
    let (mut enc, mut dec, x) = pair();
    let grads = dec.forward(enc.forward(x.trace())).mse_loss(&x).backward();
    let before = (enc.fc.weight.to_vec(), dec.fc.weight.to_vec());
    let (mut slow, mut fast) = (Sgd::new(0.01), Adam::new(0.1));
    slow.step(&mut enc, &grads);
    fast.step(&mut dec, &grads);
    assert!(enc.fc.weight.to_vec() != before.0 && dec.fc.weight.to_vec() != before.1);
    assert_eq!(grads.clone().len(), 4);
}

/// Differences and gradient are of one function: in training mode, with the same random numbers.
#[test]
fn gradcheck_takes_differences_in_training_mode() {
    let x = Tensor::<shape![4, 3, 2, 2], f64>::normal(0.0, 1.0, &mut StdRng::seed_from_u64(1));
    let norm = BatchNorm2d::<dim!(3), f64>::init(&mut StdRng::seed_from_u64(2));
    fusion::gradcheck(|x| norm.forward(x.clone()).square(), &x).unwrap();
    let drop = Dropout::new(0.5);
    fusion::gradcheck(|x| drop.forward(x.clone()).square(), &x).unwrap();
    fusion::gradcheck(|_| Tensor::<shape![2], f64>::ones(), &x).unwrap();
}

#[test]
fn a_constant_power_selects_its_gradient() {
    let x = Tensor::from([2f32]).watch();
    let grads = (x.clone().pow(0.0) - 1.0).ln().sum().backward(); // inf comes in
    assert_eq!(grads.get(&x).unwrap().to_vec(), [0.0]);
}

#[test]
fn clipping_takes_a_number_from_0_on() {
    let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    let grads = || (w.trace().square().sum() * 0.5).backward();
    for bad in [-1.0, f64::NAN, f64::NEG_INFINITY] {
        assert!(
            panics(|| grads().clip_norm(bad)).starts_with("clip_norm: the largest norm must be a number from 0 on")
        );
        assert!(panics(|| grads().clip_value(bad)).starts_with("clip_value: the limit must be a number from 0 on"));
    }
    let mut zero = grads();
    assert_eq!((zero.clip_norm(0.0), zero.get(&w).unwrap().to_vec()), (5.0, vec![0.0, 0.0]));
    let mut all = grads();
    assert_eq!((all.clip_norm(f64::INFINITY), all.get(&w).unwrap().to_vec()), (5.0, vec![3.0, 4.0]));
    // As PyTorch: one NaN makes every gradient NaN, so that no step is taken from the others.
    let w = Tensor::<shape![2]>::from([f32::NAN, 100.0]).parameter();
    let mut grads = w.trace().square().sum().backward();
    assert!(grads.clip_norm(1.0).is_nan());
    assert!(grads.get(&w).unwrap().to_vec().iter().all(|g| g.is_nan()));
}

/// Losses of scores that come from parameters alone, by second derivatives.
#[test]
fn losses_of_parameters_have_second_derivatives() {
    let w = Tensor::<shape![1, 2], f64>::from([[0.5, -0.5]]).parameter();
    let second = |loss: Tensor<(), f64>| {
        let first = loss.backward_with(Tensor::from(1.0).trace()).get(&w).unwrap();
        first.square().sum().backward().get(&w).unwrap().to_vec()
    };
    let near = |got: Vec<f64>, want: [f64; 2]| {
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?}, not {want:?}");
    };
    let labels = Tensor::<shape![1], i64>::from([0]);
    near(second(w.cross_entropy(&labels)), [-0.21150837113706686, 0.21150837113706686]);
    let targets = Tensor::from([[1.0, 0.0]]);
    near(second(w.bce_with_logits(&targets)), [-0.044361729337318426, 0.04436172933731843]);
    near(second(w.trace().mse_loss(&targets)), [-1.0, -1.0]);
    // Scores that are made of parameters, too.
    near(second((&w + &w).cross_entropy(&labels)), {
        let p = 1.0 / (1.0 + f64::exp(-2.0)); // softmax of [1, -1]
        let first = 2.0 * (p - 1.0); // by w[0]; by w[1] the negative
        let slope = 4.0 * p * (1.0 - p); // d first / d w[0]
        [4.0 * first * slope, -4.0 * first * slope]
    });
}

/// Scaled and clipped gradients that are recorded keep their past.
#[test]
fn scaling_and_clipping_keep_the_past_of_recorded_gradients() {
    let x = Tensor::<shape![1], f64>::from([3.0]).watch();
    let first = || x.clone().pow(3.0).backward_with(Tensor::ones().trace()); // 3x²
    let second = |grads: Gradients| (grads.get(&x).unwrap() + x.clone()).sum().backward().get(&x).unwrap().to_vec();
    let mut grads = first();
    grads.scale(2.0);
    assert_eq!(grads.get(&x).unwrap().to_vec(), [54.0]);
    assert_eq!(second(grads), [37.0]);
    let mut grads = first();
    grads.clip_value(100.0);
    assert_eq!(second(grads), [19.0]);
    let mut grads = first();
    grads.clip_value(20.0);
    assert_eq!(grads.get(&x).unwrap().to_vec(), [20.0]);
    assert_eq!(second(grads), [1.0], "what is cut is a constant");
    let mut grads = first();
    grads.clip_norm(13.5);
    assert_eq!(second(grads), [10.0]);
}

/// `init` hands the program's generator to dropout: two runs of one seed are one run.
#[test]
fn the_same_seed_gives_the_same_run() {
    model! { Net: [4] -> [3] { Linear<_, 16>, Dropout<0.5>, Relu, Dropout<0.3>, Linear<_, 3> } }
    let run = |seed: u64| {
        let mut rng = StdRng::seed_from_u64(seed);
        let data = fusion::data::iris();
        let mut net = Net::init(&mut rng);
        let mut opt = Adam::new(1e-2);
        let mut losses = Vec::new();
        for _ in 0..3 {
            for (x, y) in data.batches(32).shuffle(&mut rng) {
                let loss = net.forward(x.trace()).cross_entropy(&y);
                losses.push(loss.item());
                opt.step(&mut net, loss.backward());
            }
        }
        losses
    };
    let first = run(0);
    assert_eq!(run(0), first);
    assert_ne!(run(1), first);
    let threads = fusion::num_threads();
    for n in [1, 2, 3] {
        fusion::set_num_threads(n);
        assert_eq!(run(0), first, "with {n} threads");
    }
    fusion::set_num_threads(threads);
}

/// The masks of one step differ from those of the next, and from those of a layer beside it.
#[test]
fn dropout_draws_anew_each_time() {
    let x = Tensor::<shape![1000]>::ones().trace();
    let mut rng = StdRng::seed_from_u64(0);
    let (a, b): (Dropout, Dropout) = (Dropout::init_with(&mut rng), Dropout::init_with(&mut rng));
    let masks = [a.forward(x.clone()), a.forward(x.clone()), b.forward(x.clone()), b.clone().forward(x.clone())];
    let masks = masks.map(|y| y.to_vec());
    for i in 0..4 {
        for j in 0..i {
            let same = masks[i].iter().zip(&masks[j]).filter(|(a, b)| a == b).count();
            assert!((400..600).contains(&same), "{same} of 1000 elements are alike");
        }
    }
}

/// How many operations a drawing shows.
fn nodes_of(y: &Tensor<shape![1]>) -> usize {
    y.dot().to_string().lines().filter(|line| line.starts_with("  n") && line.contains("[label=")).count()
}

#[test]
fn deep_graphs_of_any_form_are_dropped_differentiated_and_drawn_on_a_small_stack() {
    type X = Tensor<shape![1]>;
    type Step = fn(&X, &X) -> X;
    let forms: [Step; 5] = [
        |y, _| y * 1.000001,
        |y, _| (y + y) * 0.5,
        |y, _| y * y,
        |y, _| y + &(y * 1e-9),
        |y, x| (y + x).tanh() + y * 0.5,
    ];
    let in_small_stack = |f: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new().stack_size(2 << 20).spawn(f).expect("a thread").join().expect("no overflow");
    };
    for form in forms {
        in_small_stack(Box::new(move || {
            let x = X::from([0.5]).watch();
            let chain = |nodes: usize| {
                let each = nodes_of(&form(&x, &x));
                (0..nodes / each).fold(x.clone(), |y, _| form(&y, &x))
            };
            let y = chain(1_000_000);
            assert!(y.clone().sum().backward().get(&x).is_some());
            drop(y); // the clone of which has just been differentiated
            // A drawing, and a recorded pass with the graph of the gradient.
            let y = chain(50_000);
            assert_eq!(nodes_of(&y), 50_000);
            let first = y.sum().backward_with(Tensor::from(1.0).trace()).get(&x).unwrap();
            drop(first.clone());
            drop(first.sum());
        }));
    }
}

/// Of several threads that drop the last owners of one deep graph, one drops it, without recursion.
#[test]
fn deep_graphs_are_dropped_by_several_threads_at_once() {
    for _ in 0..20 {
        let x = Tensor::<shape![1]>::from([0.5]).watch();
        let y = (0..20_000).fold(x.clone(), |y, _| &y + &(&y * 1e-9));
        let ys: Vec<_> = (0..4).map(|i| &y * i as f32).collect();
        drop(y);
        std::thread::scope(|scope| {
            for y in ys {
                std::thread::Builder::new()
                    .stack_size(128 << 10)
                    .spawn_scoped(scope, move || drop(y))
                    .expect("a thread");
            }
        });
    }
}

/// As many leaves as nodes: nothing searches through all of them for each.
#[test]
fn a_graph_of_many_leaves_is_differentiated() {
    let leaves: Vec<_> = (0..200_000).map(|i| Tensor::<()>::from(i as f32).watch()).collect();
    let sum = leaves.iter().fold(Tensor::<()>::from(0.0).trace(), |sum, x| sum + x);
    let mut grads = sum.backward();
    grads.accumulate(leaves[7].clone().square().backward());
    assert_eq!(grads.len(), leaves.len());
    assert_eq!(grads.get(&leaves[7]).unwrap().item(), 15.0);
    assert!(leaves.iter().all(|x| grads.get(x).is_some()));
}
