//! What goes with an input joins the input's trace: a state, a teacher's answer, a table of places, noise, a mask. Each
//! program stands below the lines that PyTorch takes, and takes no more itself.

use fusion::nn::freeze;
use fusion::prelude::*;

type Features = dim!(4);
type Layer = Linear<Features, Features>;

fn rng() -> StdRng {
    StdRng::seed_from_u64(0)
}

/// The gradients of `run` on a traced `x` are those of everything in `net`, in both modes; without a trace nothing is
/// recorded, and the outcome is the same.
fn check<X: Shape, T: Element, Y: Shape>(
    net: &impl Module,
    x: &Tensor<X, T>,
    run: impl Fn(Tensor<X, T>) -> Tensor<Y>,
) -> Tensor<Y> {
    let inferred = run(x.clone());
    assert!(!inferred.is_traced());
    for trace in [Trace::training(), Trace::evaluation()] {
        let training = trace.is_training();
        let y = run(x.trace_with(trace));
        assert_eq!((y.is_training(), y.to_vec()), (training, inferred.to_vec()));
        let gradients = y.square().sum().backward();
        assert!(net.parameters().iter().all(|parameter| gradients.get_value(parameter.link()).is_some()));
        assert_eq!(gradients.len(), net.parameters().len());
    }
    inferred
}

// self.x, self.h, self.out = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 1)
#[derive(Module)]
struct Recurrent {
    x: Linear<dim!(3), Features>,
    h: Linear<Features, Features>,
    out: Linear<Features, dim!(1)>,
}

impl<B: Dim> Forward<Tensor<(B, Dyn, dim!(3))>> for Recurrent {
    type Output = Tensor<(B, dim!(1))>;

    fn forward(&self, xs: Tensor<(B, Dyn, dim!(3))>) -> Self::Output {
        // h = xs.new_zeros(xs.shape[0], 4)
        // for x in xs.unbind(1):
        //     h = torch.tanh(self.x(x) + self.h(h))
        // return self.out(h)
        let mut h = Tensor::<(B, Features)>::zeros_sized(&[xs.shape()[0], 4]).unwrap().trace_as(&xs);
        for x in xs.unstack(Axis::<1>) {
            h = (self.x.forward(x) + self.h.forward(h)).tanh();
        }
        self.out.forward(h)
    }
}

#[test]
fn a_state() {
    let net = Recurrent::init(&mut rng());
    let xs = Tensor::<shape![2, Dyn, 3]>::normal_sized(0.0, 1.0, &[2, 5, 3], &mut rng()).unwrap();
    let y = check(&net, &xs, |xs| net.forward(xs));
    let mut h = Tensor::<shape![2, 4]>::zeros();
    for t in 0..5 {
        h = (net.x.forward(xs.select(Axis::<1>, t)) + net.h.forward(h)).tanh();
    }
    assert_eq!(y.to_vec(), net.out.forward(h).to_vec());
}

#[test]
fn a_teacher() {
    let [mut teacher, student] = [0, 1].map(|seed| Layer::init(&mut StdRng::seed_from_u64(seed)));
    let x = Tensor::<shape![3, 4]>::normal(0.0, 1.0, &mut rng());
    let shifted = &x + 1;
    let loss = |x: Tensor<shape![3, 4]>| {
        // with torch.no_grad():
        //     answer = teacher(shifted)
        // return F.mse_loss(student(x), answer)
        let answer = teacher.forward(shifted.clone()).detach();
        student.forward(x).mse_loss(&answer)
    };
    let difference = (teacher.forward(shifted.clone()) - student.forward(x.clone())).to_vec();
    let mean = difference.iter().map(|d| d * d).sum::<f32>() / 12.0;
    assert!((check(&student, &x, loss).item() - mean).abs() < 1e-6);

    // teacher.requires_grad_(False)
    // loss = F.mse_loss(student(x), teacher(shifted))
    freeze(&mut teacher);
    check(&student, &x, |x| student.forward(x).mse_loss(&teacher.forward(shifted.clone())));
}

// self.words, self.places = nn.Embedding(10, 4), nn.Embedding(8, 4)
#[derive(Module)]
struct Places {
    words: Embedding<dim!(10), Features>,
    places: Embedding<dim!(8), Features>,
}

#[test]
fn places() {
    let net = Places::init(&mut rng());
    let words = Tensor::<shape![2, Dyn], i64>::from_vec_sized(vec![1, 2, 3, 9, 8, 7], &[2, 3]).unwrap();
    let looked_up = check(&net, &words, |words| {
        // places = torch.arange(words.shape[1], device=words.device)
        // return self.words(words) + self.places(places)
        let places = Tensor::from((0..words.shape()[1] as i64).collect::<Vec<_>>()).trace_as(&words);
        net.words.forward(words) + net.places.forward(places)
    });
    let cut = check(&net, &words, |words| {
        // return self.words(words) + self.places.weight[:words.shape[1]]
        let n = words.shape()[1];
        net.words.forward(words) + net.places.weight.slice(Axis::<0>, ..n)
    });
    let of = |word, place, i| net.words.weight.get(&[word, i]).unwrap() + net.places.weight.get(&[place, i]).unwrap();
    assert_eq!(looked_up.to_vec(), cut.to_vec());
    assert_eq!(looked_up.get(&[1, 2, 3]), Some(of(7, 2, 3)));
}

// self.mean, self.log_variance = nn.Linear(3, 4), nn.Linear(3, 4)
#[derive(Module)]
struct Code {
    mean: Linear<dim!(3), Features>,
    log_variance: Linear<dim!(3), Features>,
}

#[test]
fn noise() {
    let net = Code::init(&mut rng());
    let x = Tensor::<shape![2, 3]>::normal(0.0, 1.0, &mut rng());
    let y = check(&net, &x, |x| {
        // mean, log_variance = self.mean(x), self.log_variance(x)
        // return mean + (log_variance / 2).exp() * torch.randn_like(mean)
        let (mean, log_variance) = (net.mean.forward(x.clone()), net.log_variance.forward(x));
        &mean + (log_variance / 2).exp() * mean.randn_like(&mut rng())
    });
    let (mean, log_variance) = (net.mean.forward(x.clone()), net.log_variance.forward(x));
    let noise = Tensor::<shape![2, 4]>::normal(0.0, 1.0, &mut rng());
    assert_eq!(y.to_vec(), (mean + (log_variance * 0.5).exp() * noise).to_vec());
}

// self.query, self.key, self.value = (nn.Linear(4, 4, bias=False) for _ in range(3))
#[derive(Module)]
struct Causal {
    query: Linear<Features, Features, false>,
    key: Linear<Features, Features, false>,
    value: Linear<Features, Features, false>,
}

impl<B: Dim, L: Dim> Forward<Tensor<(B, L, Features)>> for Causal {
    type Output = Tensor<(B, L, Features)>;

    fn forward(&self, x: Tensor<(B, L, Features)>) -> Self::Output {
        // q, k, v = self.query(x), self.key(x), self.value(x)
        // n = x.shape[1]
        // mask = torch.full((n, n), -1e9).triu(1)
        // return (q @ k.transpose(1, 2) / 2 + mask).softmax(-1) @ v
        let [q, k, v] = [&self.query, &self.key, &self.value].map(|layer| layer.forward(x.clone()));
        let n = x.shape()[1];
        let mask = Tensor::<(L, L)>::from_fn_sized(&[n, n], |i| if i % n > i / n { -1e9 } else { 0.0 }).unwrap();
        (q.matmul(&k.transpose(Axis::<1>, Axis::<2>)) / 2 + mask).softmax(Axis::<2>).matmul(&v)
    }
}

#[test]
fn a_mask() {
    let net = Causal::init(&mut rng());
    let x = Tensor::<shape![2, 5, 4]>::normal(0.0, 1.0, &mut rng());
    let y = check(&net, &x, |x| net.forward(x));
    // What comes first sees itself alone, and nothing sees what comes later.
    assert_eq!(y.select(Axis::<1>, 0).to_vec(), net.value.forward(x.select(Axis::<1>, 0)).to_vec());
    let start: Tensor<shape![2, 3, 4]> = x.narrow(Axis::<1>, 0);
    let difference = net.forward(start) - y.narrow::<dim!(3), _>(Axis::<1>, 0);
    assert!(difference.to_vec().iter().all(|d| d.abs() < 1e-5));
}
