//! The recorded computation as a user sees it: what is recorded, in which order it is visited, what is freed.

use fusion::prelude::*;

model! {
    Tiny: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

fn tiny() -> (Tiny, Tensor<shape![100, 2]>, Tensor<shape![100, 1]>) {
    let mut rng = StdRng::seed_from_u64(7);
    let net = Tiny::init(&mut rng);
    (net, Tensor::normal(0.0, 1.0, &mut rng), Tensor::from_fn(|i| (i % 2) as f32))
}

#[test]
fn inference_records_nothing_and_training_everything() {
    let (net, x, y) = tiny();
    assert!(!net.forward(x.clone()).is_traced());
    let loss = net.forward(x.trace()).bce_with_logits(&y);
    let grads = loss.backward();
    assert_eq!(grads.len(), 6);
    assert_eq!(grads.get(&net.fc2.weight).unwrap().shape(), [16, 16]);
}

#[test]
fn traced_data_has_no_gradient_and_watched_data_has() {
    let w = Tensor::<shape![3]>::from([1.0, 2.0, 3.0]).parameter();
    let x = Tensor::<shape![3]>::from([4.0, 5.0, 6.0]);
    let (traced, watched) = (x.trace(), x.watch());
    let grads = (&w * &traced).sum().backward();
    assert!(grads.get(&traced).is_none());
    let grads = (&w * &watched).sum().backward();
    assert_eq!(grads.get(&watched).unwrap().to_vec(), [1.0, 2.0, 3.0]);
}

/// A value made of parameters alone joins a trace where it meets one.
#[test]
fn parameters_can_be_prepared_before_they_meet_the_data() {
    let w = Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).parameter();
    let x = Tensor::<shape![1, 3]>::from([[1.0, 10.0, 100.0]]);
    let loss = x.trace().matmul(&w.t()).sum() + w.square().sum() * 0.5;
    let grads = loss.backward();
    assert_eq!(grads.get(&w).unwrap().to_vec(), [2.0, 12.0, 103.0, 5.0, 15.0, 106.0]);
    assert!(!x.matmul(&w.t()).is_traced());
}

#[test]
#[should_panic(expected = "the parameter's gradient would be lost")]
fn a_gradient_is_never_lost_silently() {
    let w = Tensor::<shape![2]>::ones().parameter();
    let x = Tensor::<shape![2]>::ones();
    let inferred = &w * &x;
    let _ = &x.trace() + &inferred;
}

#[test]
fn a_detached_value_is_data() {
    let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    let x = Tensor::<shape![2]>::ones();
    let target = (&w * &x).detach();
    let grads = (&(&w * &x.trace()) * &target).sum().backward();
    assert_eq!(grads.get(&w).unwrap().to_vec(), [3.0, 4.0]);
}

/// A node with two consumers is visited after both: a depth-first order would visit it twice.
#[test]
fn shared_nodes_are_visited_once_after_all_their_consumers() {
    let x = Tensor::<shape![1], f64>::from([1.5]).watch();
    let mut y = x.clone();
    for _ in 0..60 {
        y = &y + &y; // 2^60 paths
    }
    let grads = y.sum().backward();
    assert_eq!(grads.get(&x).unwrap().to_vec(), [2f64.powi(60)]);
}

#[test]
fn gradients_of_gradients() {
    // f = sum(x sigmoid(x)); f'' = s (1 - s) (2 + x (1 - 2 s))
    let x = Tensor::<shape![3], f64>::from([0.3, -1.2, 2.0]).watch();
    let y = &x * &x.sigmoid();
    let first = y.backward_with(Tensor::ones().trace()).get(&x).unwrap();
    let second = first.sum().backward().get(&x).unwrap().to_vec();
    for (x, second) in x.to_vec().into_iter().zip(second) {
        let s = 1.0 / (1.0 + (-x).exp());
        assert!((second - s * (1.0 - s) * (2.0 + x * (1.0 - 2.0 * s))).abs() < 1e-12);
    }
}

/// The gradient of every operation is itself differentiable: the gradient's own gradient agrees with differences.
#[test]
fn second_order_of_every_rule() {
    type X = Tensor<shape![2, 3], f64>;
    let x = X::from([[0.5, 1.25, 2.0], [0.75, 1.5, 0.3]]);
    let labels = Tensor::<shape![2], i64>::from([2, 0]);
    let targets = X::from([[0.0, 1.0, 1.0], [0.5, 0.0, 1.0]]);
    let w = Tensor::<shape![4, 3], f64>::from([[0.1, -0.2, 0.3], [0.5, 0.4, -0.1], [0.7, 0.2, 0.2], [-0.3, 0.1, 0.9]]);
    type Rule<'a> = (&'a str, Box<dyn Fn(&X) -> Tensor<(), f64> + 'a>);
    let rules: Vec<Rule<'_>> = vec![
        ("mul", Box::new(|x| (x * &x.square()).sum())),
        ("div", Box::new(|x| (1.0 / x.clone() + x / &x.exp()).sum())),
        ("relu", Box::new(|x| (x.relu() * x.square()).sum())),
        ("tanh", Box::new(|x| x.tanh().sum())),
        ("sigmoid", Box::new(|x| x.sigmoid().sum())),
        ("ln sqrt sin", Box::new(|x| (x.ln() * x.sqrt().sin()).sum())),
        ("pow", Box::new(|x| x.pow(2.5).sum())),
        ("matmul", Box::new(|x| x.matmul(&x.t()).square().sum())),
        (
            "mean max min",
            Box::new(|x| (x.mean_over(Axis::<0>) * x.max_over(Axis::<0>).square()).sum() * x.min().square()),
        ),
        ("softmax", Box::new(|x| (x.softmax(Axis::<1>) * x.square()).sum())),
        ("log_softmax", Box::new(|x| (x.log_softmax(Axis::<0>) * x.square()).sum())),
        ("cross_entropy", Box::new(|x| x.square().cross_entropy(&labels))),
        ("bce", Box::new(|x| x.square().bce_with_logits(&targets))),
        ("mse", Box::new(|x| x.square().mse_loss(&targets))),
        (
            "reshape expand",
            Box::new(|x| {
                (x.clone().reshape::<shape![3, 2]>().t() * x.sum_keep(Axis::<1>).expand::<shape![2, 3]>())
                    .square()
                    .sum()
            }),
        ),
        (
            "linear",
            Box::new(|x| {
                let layer = Linear::<dim!(3), dim!(4), true, f64> { weight: w.clone(), bias: Some(Tensor::ones()) };
                layer.forward(x.clone()).square().sum() + layer.forward_relu(x.clone()).square().sum()
            }),
        ),
    ];
    for (name, f) in &rules {
        let gradient = |x: &X| {
            // Inside a watched pass the gradient is recorded; of plain data it is plain data.
            let traced = x.is_traced();
            let leaf = if traced { x.clone() } else { x.watch() };
            let y = f(&leaf);
            let seed = Tensor::<(), f64>::from(1.0);
            let seed = if traced { seed.trace() } else { seed };
            y.backward_with(seed).get(&leaf).unwrap()
        };
        if let Err(error) = fusion::gradcheck(gradient, &x) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn a_chain_of_a_million_is_dropped_without_recursion() {
    let w = Tensor::<shape![1]>::from([1.0]).parameter();
    let chain = || (0..1_000_000).fold(w.trace(), |y, _| y * 1.0);
    drop(chain());
    let y = chain();
    let kept = y.clone();
    assert_eq!(kept.sum().backward().get(&w).unwrap().to_vec(), [1.0]);
    drop(y);
}

#[test]
fn a_step_writes_in_place_unless_somebody_keeps_a_clone() {
    let (mut net, x, y) = tiny();
    let mut opt = Sgd::new(0.1);
    let mut step = |net: &mut Tiny| {
        let loss = net.forward(x.trace()).bce_with_logits(&y);
        opt.step(net, loss.backward());
    };
    step(&mut net);
    let at = net.fc1.weight.as_slice().unwrap().as_ptr();
    step(&mut net);
    assert_eq!(net.fc1.weight.as_slice().unwrap().as_ptr(), at);
    let (kept, before) = (net.fc1.weight.clone(), net.fc1.weight.to_vec());
    step(&mut net);
    assert_eq!(kept.to_vec(), before);
    assert_ne!(net.fc1.weight.to_vec(), before);
}

#[test]
fn tensors_and_graphs_cross_threads() {
    let (net, x, y) = tiny();
    let expected = net.forward(x.trace()).bce_with_logits(&y).item();
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for _ in 0..100 {
                    let scores = net.forward(x.trace());
                    let loss = std::thread::scope(|t| t.spawn(|| scores.bce_with_logits(&y)).join().unwrap());
                    assert_eq!(loss.item(), expected);
                    assert_eq!(loss.backward().len(), 6);
                }
            });
        }
    });
}

#[test]
fn two_traces_merge_and_dead_branches_cost_nothing() {
    let w = Tensor::<shape![2]>::from([1.0, 2.0]).parameter();
    let (a, b) = (Tensor::<shape![2]>::ones().trace(), Tensor::<shape![2]>::from([3.0, 4.0]).trace());
    let dead = &w * &a;
    let grads = (&(&w * &a) + &(&w * &b)).sum().backward();
    drop(dead);
    assert_eq!(grads.get(&w).unwrap().to_vec(), [4.0, 5.0]);
}

#[test]
fn gradients_accumulate_and_clip() {
    let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    let grad = || w.trace().square().sum().backward();
    let mut sum = grad();
    sum.accumulate(grad());
    assert_eq!(sum.get(&w).unwrap().to_vec(), [12.0, 16.0]);
    assert_eq!(sum.global_norm(), 20.0);
    assert_eq!(sum.clip_norm(40.0), 20.0);
    assert_eq!(sum.get(&w).unwrap().to_vec(), [12.0, 16.0]);
    assert_eq!(sum.clip_norm(10.0), 20.0);
    assert_eq!(sum.get(&w).unwrap().to_vec(), [6.0, 8.0]);
    sum.clip_value(7.0);
    assert_eq!(sum.get(&w).unwrap().to_vec(), [6.0, 7.0]);
}

#[test]
fn dropout_follows_the_trace() {
    let (layer, x) = (Dropout::new(0.25), Tensor::<shape![100, 101]>::ones());
    let run = |seed| layer.forward(x.trace_with(Trace::training().seed(seed))).to_vec();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert_eq!(layer.forward(x.clone()).to_vec(), x.to_vec());
    assert_eq!(layer.forward(x.trace_with(Trace::evaluation())).to_vec(), x.to_vec());
    let dropped = run(3).iter().filter(|&&y| y == 0.0).count() as f64 / x.num_elements() as f64;
    assert!((dropped - 0.25).abs() < 0.02, "{dropped} dropped");
    // The gradient goes through the same mask.
    let w = x.clone().parameter();
    let y = layer.forward(w.trace_with(Trace::training().seed(5)));
    let kept = y.to_vec();
    assert_eq!(y.sum().backward().get(&w).unwrap().to_vec(), kept);
}

#[test]
fn the_graph_is_drawn_with_shapes_values_and_gradients() {
    let (net, x, y) = tiny();
    let loss = net.forward(x.trace_with(Trace::training().keep_values())).bce_with_logits(&y);
    let text = loss.dot().names_of(&net).gradients().to_string();
    for part in
        ["digraph", "linear relu [100, 16]", "bce_with_logits []", "fc1.weight [16, 2]", "value", "gradient", "data"]
    {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert_eq!(loss.backward().len(), 6); // drawing has not consumed it
}

#[test]
#[should_panic(expected = "the label of row 1 is 3, but there are 3 classes (0 to 2)")]
fn a_label_outside_the_classes_is_named() {
    Tensor::<shape![2, 3]>::zeros().cross_entropy(&Tensor::<shape![2], i64>::from([0, 3]));
}

/// Element-wise operations and gradients take a dense tensor in any order of its axes and keep it.
#[test]
fn layouts_stay() {
    let x = Tensor::<shape![2, 3, 4, 5]>::from_fn(|i| i as f32).permute((Axis::<0>, Axis::<2>, Axis::<3>, Axis::<1>));
    let strides = |t: &fusion::Value| t.array().strides().iter().collect::<Vec<_>>();
    let y = &x.relu() * &x + 1.0;
    assert_eq!(strides(y.value()), strides(x.value()));
    let watched = x.watch();
    let grads = watched.square().tanh().sum().backward();
    assert_eq!(strides(grads.get(&watched).unwrap().value()), strides(x.value()));
}
