//! A panic of the library names the line of the program that made the mistake, and says what is wrong with its sizes.

use fusion::Value;
use fusion::data::Samples;
use fusion::dim::Num;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops;
use fusion::nn;
use fusion::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// What the last panic said, and where.
static LAST: Mutex<Option<(String, String)>> = Mutex::new(None);

/// Each mistake with what its sentence must hold.
struct Walk {
    wrong: Vec<String>,
    seen: usize,
}

impl Walk {
    fn mistake<R>(&mut self, name: &str, words: &[&str], f: impl FnOnce() -> R) {
        self.seen += 1;
        *LAST.lock().unwrap() = None;
        if catch_unwind(AssertUnwindSafe(f)).is_ok() {
            return self.wrong.push(format!("{name}: no panic"));
        }
        let (file, text) = LAST.lock().unwrap().take().expect("the hook saw it");
        if !file.starts_with("panics.rs:") && !file.contains("tests/panics.rs:") {
            self.wrong.push(format!("{name}: named {file}: {text}"));
        }
        for word in words {
            if !text.contains(word) {
                self.wrong.push(format!("{name}: no {word:?} in {text:?}"));
            }
        }
    }
}

type Any1 = Tensor<(Dyn,)>;
type Any2 = Tensor<(Dyn, Dyn)>;
type Any3 = Tensor<(Dyn, Dyn, Dyn)>;
type Any4 = Tensor<(Dyn, Dyn, Dyn, Dyn)>;

fn any1(n: usize) -> Any1 {
    Tensor::ones_sized(&[n]).unwrap()
}
fn any2(a: usize, b: usize) -> Any2 {
    Tensor::ones_sized(&[a, b]).unwrap()
}
fn any3(a: usize, b: usize, c: usize) -> Any3 {
    Tensor::ones_sized(&[a, b, c]).unwrap()
}
fn any4(sizes: [usize; 4]) -> Any4 {
    Tensor::ones_sized(&sizes).unwrap()
}

#[test]
fn every_panic_names_the_users_line() {
    std::panic::set_hook(Box::new(|info| {
        let file = info.location().map_or_else(String::new, ToString::to_string);
        let text = info.payload_as_str().unwrap_or("no text").to_string();
        *LAST.lock().unwrap() = Some((file, text));
    }));
    let mut walk = Walk { wrong: Vec::new(), seen: 0 };
    operators(&mut walk);
    methods(&mut walk);
    sizes(&mut walk);
    untyped(&mut walk);
    creation(&mut walk);
    gradients(&mut walk);
    layers(&mut walk);
    training(&mut walk);
    data(&mut walk);
    let _ = std::panic::take_hook();
    assert!(walk.wrong.is_empty(), "{} of {}:\n{}", walk.wrong.len(), walk.seen, walk.wrong.join("\n"));
}

fn operators(walk: &mut Walk) {
    let (a, b) = (any2(2, 3), any2(4, 3));
    let both = &["[2, 3]", "[4, 3]"];
    walk.mistake("&a + &b", both, || &a + &b);
    walk.mistake("a + &b", both, || a.clone() + &b);
    walk.mistake("&a - b", both, || &a - b.clone());
    walk.mistake("a * b", both, || a.clone() * b.clone());
    walk.mistake("a / b", both, || &a / &b);
}

fn methods(walk: &mut Walk) {
    let x = any2(2, 3);
    walk.mistake("matmul", &["3 columns", "5 rows"], || x.matmul(&any2(5, 4)));
    walk.mistake("matmul stacks", &["2", "3"], || any3(2, 4, 5).matmul(&any3(3, 5, 6)));
    walk.mistake("matmul vectors", &["3", "4"], || any1(3).matmul(&any1(4)));
    walk.mistake("matmul stack and matrix", &["5", "4"], || any3(2, 4, 5).matmul(&any2(4, 6)));
    walk.mistake("matmul batches", &["[2, 3, 4, 5]", "[2, 5, 6]"], || any4([2, 3, 4, 5]).matmul(&any3(2, 5, 6)));
    walk.mistake("inner", &["[3]", "[4]"], || any1(3).inner(&any1(4)));
    walk.mistake("einsum!", &["`j` is 3 in the first", "4 in the second"], || {
        einsum!("ij,jk->ik", any2(2, 3), any2(4, 5))
    });
    let rng = &mut StdRng::seed_from_u64(0);
    walk.mistake("multinomial", &["[0, 1] is -1"], || Tensor::from([[1.0, -1.0]]).multinomial::<dim!(2)>(true, rng));
    walk.mistake("categorical", &["[1] is NaN"], || Tensor::from([1.0, f64::NAN]).categorical(rng));
    walk.mistake("bernoulli", &["[1] is 2"], || Tensor::from([1.0f32, 2.0]).bernoulli(rng));
    walk.mistake("reshape", &["6 elements"], || x.reshape::<shape![Dyn, 4]>());
    walk.mistake("reshape to a known shape", &["6 elements", "8"], || x.reshape::<shape![8]>());
    walk.mistake("squeeze", &["axis 0", "2"], || x.squeeze(Axis::<0>));
    walk.mistake("expand", &["3", "5"], || x.expand::<shape![2, 5]>());
    walk.mistake("concat", &["[2, 3]", "[2, 4]"], || x.concat(&any2(2, 4), Axis::<0>));
    walk.mistake("join", &["[2, 3]", "[4, 3]"], || x.join(&any2(4, 3)));
    walk.mistake("select", &["index 3", "[2, 3]"], || x.select(Axis::<1>, 3));
    walk.mistake("narrow", &["2..4", "[2, 3]"], || x.narrow::<dim!(2), _>(Axis::<1>, 2));
    walk.mistake("slice", &["1..5", "[2, 3]"], || x.slice(Axis::<1>, 1..5));
    walk.mistake("chunk", &["axis 1", "[2, 3]", "2 equal parts"], || {
        let [a, _] = x.chunk(Axis::<1>);
        a
    });
    walk.mistake("stack", &["[2, 3]", "[4, 3]"], || Tensor::stack([&x, &any2(4, 3)], Axis::<0>));
    walk.mistake("stack of none", &["stack", "no tensors"], || Tensor::stack(Vec::<Any2>::new(), Axis::<0>));
    walk.mistake("concat_all", &["[2, 3]", "[2, 4]"], || Tensor::concat_all([&x, &any2(2, 4)], Axis::<0>));
    walk.mistake("concat_all of none", &["no tensors"], || Tensor::concat_all(Vec::<Any2>::new(), Axis::<0>));
    walk.mistake("masked_fill", &["[2, 3]", "[4, 3]"], || {
        x.masked_fill(&Tensor::<(Dyn, Dyn), bool>::zeros_sized(&[4, 3]).unwrap(), 1)
    });
    walk.mistake("cast", &["i64", "detach()"], || x.trace().cast::<i64>());
    walk.mistake("mse_loss", &["[2, 3]", "[4, 3]"], || x.mse_loss(&any2(4, 3)));
    walk.mistake("bce_with_logits", &["[2, 3]", "[4, 3]"], || x.bce_with_logits(&any2(4, 3)));
    let labels = Tensor::from(vec![0i64, 1, 2]);
    walk.mistake("cross_entropy lengths", &["2", "3"], || x.cross_entropy(&labels));
    walk.mistake("cross_entropy labels", &["7", "3 classes"], || x.cross_entropy(&Tensor::from(vec![0i64, 7])));
    walk.mistake("accuracy lengths", &["3 labels", "2 samples"], || x.accuracy(&labels));
    walk.mistake("accuracy labels", &["7", "3 classes"], || x.accuracy(&Tensor::from(vec![0i64, 7])));
    walk.mistake("max of nothing", &["largest", "[0]"], || any1(0).max());
    walk.mistake("min_over of nothing", &["smallest", "[0, 3]"], || any2(0, 3).min_over(Axis::<0>));
    walk.mistake("argmax of nothing", &["argmax"], || any2(2, 0).argmax());
}

/// Views by `expand` cost no memory, so sizes near the limit are cheap; what needs memory for them is refused.
fn sizes(walk: &mut Walk) {
    let one = Tensor::<shape![1, 1, 1, 1], u8>::zeros();
    walk.mistake("expand above the limit", &["65536"], || {
        one.expand::<shape![dim!(65536), dim!(65536), dim!(65536), dim!(65536)]>()
    });
    let x: Any4 = Tensor::<shape![1, 1, 1, 1]>::ones().expand::<shape![dim!(65536), dim!(32768), 1, 1]>().to_dynamic();
    let y: Any4 = Tensor::<shape![1, 1, 1, 1]>::ones().expand::<shape![1, 1, dim!(65536), dim!(32768)]>().to_dynamic();
    let both = &["65536", "32768"];
    walk.mistake("an operator above the limit", both, || &x + &y);
    let x = Tensor::<shape![1, 1]>::ones().expand::<shape![dim!(524288), dim!(524288)]>();
    walk.mistake("a result without room", &["524288"], || x.exp());
    walk.mistake("a number without room", &["524288"], || &x * 2);
    walk.mistake("a product without room", &["524288"], || x.matmul(&x));
    walk.mistake("a copy without room", &["524288"], || x.contiguous());
    walk.mistake("softmax without room", &["524288"], || x.softmax(Axis::<1>));
    walk.mistake("concat without room", &["524288"], || x.concat(&x, Axis::<0>));
    walk.mistake("a sum without room", &["524288"], || {
        let y: Tensor<shape![1, dim!(524288), dim!(524288)]> = x.unsqueeze(Axis::<0>);
        y.sum_over(Axis::<0>)
    });
    walk.mistake("full_like without room", &["524288"], || x.full_like(1.0));
    walk.mistake("cast without room", &["524288"], || x.cast::<f64>());
    walk.mistake("reshape without room", &["274877906944"], || x.t().reshape::<shape![Dyn]>());
    walk.mistake("relu without room", &["524288"], || Relu.forward(x.clone()));
}

fn untyped(walk: &mut Walk) {
    fn value(sizes: &[usize]) -> Value {
        Array::full(1.0f32, Dims::new(sizes)).into()
    }
    let x = value(&[2, 3]);
    walk.mistake("ops::add", &["[2, 3]", "[4, 3]"], || ops::add(x.clone(), &value(&[4, 3])));
    walk.mistake("ops::matmul", &["3 columns", "5 rows"], || ops::matmul(x.clone(), value(&[5, 4])));
    walk.mistake("ops::slice", &["2..5", "[2, 3]"], || ops::slice(x.clone(), 1, 2, 5));
    walk.mistake("ops::slice axis", &["axis 4", "[2, 3]"], || ops::slice(x.clone(), 4, 0, 1));
    walk.mistake("ops::select", &["[2, 3]"], || ops::select(x.clone(), 1, 3));
    walk.mistake("ops::concat", &["[2, 3]", "[4, 2]"], || ops::concat(&[x.clone(), value(&[4, 2])], 0));
    walk.mistake("ops::concat of none", &["no tensors"], || ops::concat(&[], 0));
    walk.mistake("ops::squeeze", &["axis 0"], || ops::squeeze(x.clone(), 0));
    walk.mistake("ops::mse", &["[2, 3]", "[4, 3]"], || {
        ops::loss::elements::mse(&x, &value(&[4, 3]), ops::loss::Reduction::Mean).unwrap()
    });
    walk.mistake("Value::item", &["[2, 3]"], || x.item());
    walk.mistake("Value::set", &["[2, 3]", "[4, 3]"], || x.clone().set(value(&[4, 3]).array().clone()));
}

fn creation(walk: &mut Walk) {
    let rng = &mut StdRng::seed_from_u64(0);
    walk.mistake("uniform", &["1", "-1"], || Tensor::<shape![2]>::uniform(1.0, -1.0, rng));
    walk.mistake("uniform NaN", &["NaN"], || Tensor::<shape![2]>::uniform(f64::NAN, 1.0, rng));
    walk.mistake("uniform infinite", &["inf"], || Tensor::<shape![2]>::uniform(0.0, f64::INFINITY, rng));
    walk.mistake("normal", &["-1"], || Tensor::<shape![2]>::normal(0.0, -1.0, rng));
    walk.mistake("normal NaN", &["NaN"], || Tensor::<shape![2]>::normal(f64::NAN, 1.0, rng));
    walk.mistake("randint", &["3..3"], || Tensor::<shape![2], i64>::randint(3, 3, rng));
    walk.mistake("truncated_normal", &["1..-1"], || Tensor::<shape![2]>::truncated_normal(0.0, 1.0, 1.0, -1.0, rng));
    walk.mistake("bernoulli of a number", &["1.5"], || Tensor::<shape![2], bool>::bernoulli(1.5, rng));
    walk.mistake("init::truncated_normal", &["standard deviation 0"], || {
        nn::init::truncated_normal::<shape![2], f32>(0.0, 0.0, -1.0, 1.0, rng)
    });
    walk.mistake("init::kaiming_normal_with", &["NaN"], || {
        nn::init::kaiming_normal_with::<shape![2], f32>(f64::NAN, nn::init::Fan::In, rng)
    });
    walk.mistake("init::uniform", &["1", "-1"], || nn::init::uniform::<shape![2], f32>(1.0, -1.0, rng));
    walk.mistake("init::normal", &["-1"], || nn::init::normal::<shape![2], f32>(0.0, -1.0, rng));
}

fn gradients(walk: &mut Walk) {
    let lost = &["gradient would be lost", "detach()"];
    let w = Tensor::<shape![2]>::ones().parameter();
    let x = Tensor::<shape![2]>::ones();
    let inferred = &w * &x;
    walk.mistake("trace of what is lost", lost, || inferred.trace());
    walk.mistake("trace_with of what is lost", lost, || inferred.trace_with(Trace::evaluation()));
    walk.mistake("trace_as of what is lost", lost, || inferred.trace_as(&x.trace()));
    walk.mistake("watch of what is lost", lost, || inferred.watch());
    walk.mistake("meeting in an operator", lost, || &inferred + &x.trace());
    walk.mistake("meeting in a method", lost, || inferred.unsqueeze(Axis::<0>).matmul(&x.trace().unsqueeze(Axis::<1>)));
    walk.mistake("meeting in a loss", lost, || x.trace().mse_loss(&inferred));
    walk.mistake("meeting in concat", lost, || x.trace().concat(&inferred, Axis::<0>));
    walk.mistake("meeting in stack", lost, || Tensor::stack([&x.trace(), &inferred], Axis::<0>));
    let (training, evaluation) = (x.trace(), x.trace_with(Trace::evaluation()));
    walk.mistake("modes", &["training", "evaluation"], || &training * &evaluation);
    walk.mistake("modes of a trace", &["training", "evaluation"], || training.trace_with(Trace::evaluation()));
    walk.mistake("trace_as in another mode", &["training", "evaluation"], || training.trace_as(&evaluation));
    walk.mistake("parameter of a recorded value", &["detach()"], || (&w * &training).parameter());
    walk.mistake("backward of data", &["not traced"], || x.sum().backward());
    walk.mistake("backward_with", &["[2]", "[3]"], || {
        let y: Any1 = x.watch().to_dynamic();
        y.backward_with(any1(3))
    });
    let mut grads = (&w * &training).sum().backward();
    walk.mistake("clip_norm", &["-1"], || grads.clip_norm(-1.0));
    walk.mistake("clip_value", &["-1"], || grads.clip_value(-1.0));
}

model! { Net: [3, 1, 1] -> [3, 1, 1] { Relu, norm: BatchNorm2d<_> } }

/// Goes on with the first sample alone.
#[derive(Module)]
struct First {}

impl<B: Dim> Forward<Tensor<(B, Num<3>)>> for First {
    type Output = Tensor<(Dyn, Num<3>)>;
    fn forward(&self, x: Tensor<(B, Num<3>)>) -> Self::Output {
        x.slice(Axis::<0>, 0..1)
    }
}

model! { OfFirst: [3] -> [3] { first: First } }

#[derive(Module)]
#[module(sequential)]
struct Sequence {
    hidden: Linear<Num<3>, Num<4>>,
    relu: Relu,
}

fn layers(walk: &mut Walk) {
    let rng = &mut StdRng::seed_from_u64(0);
    let linear = Linear::<dim!(3), dim!(4)>::init(rng);
    walk.mistake("Linear", &["3", "5"], || linear.forward(any2(2, 5)));
    let conv = Conv2d::<dim!(3), dim!(4), dim!(3)>::init(rng);
    walk.mistake("Conv2d channels", &["3", "5"], || conv.forward(any4([1, 5, 8, 8])));
    walk.mistake("Conv2d window", &["3", "2"], || conv.forward(any4([1, 3, 2, 2])));
    let up = ConvTranspose2d::<dim!(3), dim!(4), dim!(3)>::init(rng);
    walk.mistake("ConvTranspose2d channels", &["3", "5"], || up.forward(any4([1, 5, 8, 8])));
    walk.mistake("MaxPool2d", &["9", "8"], || MaxPool2d::<dim!(9)>::default().forward(any4([1, 5, 8, 8])));
    walk.mistake("AvgPool2d", &["9", "8"], || AvgPool2d::<dim!(9)>::default().forward(any4([1, 5, 8, 8])));
    let norm = BatchNorm2d::<dim!(3)>::init(rng);
    walk.mistake("BatchNorm2d", &["3", "5"], || norm.forward(any4([1, 5, 8, 8])));
    walk.mistake("LayerNorm", &["3", "5"], || LayerNorm::<dim!(3)>::init(rng).forward(any2(2, 5)));
    let embedding = Embedding::<dim!(3), dim!(4)>::init(rng);
    walk.mistake("Embedding", &["7", "3"], || embedding.forward(Tensor::from([0i64, 7])));
    let attention = MultiHeadAttention::<dim!(4), dim!(2)>::init(rng);
    walk.mistake("MultiHeadAttention", &["4", "6"], || attention.forward(any3(1, 5, 6)));
    walk.mistake("LayerNorm", &["3", "5"], || LayerNorm::<dim!(3)>::init(rng).forward(any2(2, 5)));
    walk.mistake("BatchNorm2d of one value", &["[1, 3, 1, 1]"], || norm.forward(any4([1, 3, 1, 1]).trace()));
    walk.mistake("Upsample", &["gradient would be lost"], || {
        let image = &Tensor::<shape![1, 3, 2, 2]>::ones().parameter() * &any4([1, 3, 2, 2]);
        Upsample::<dim!(2)>::default().forward(image.clone()) + Upsample::<dim!(2)>::default().forward(image.trace())
    });
    walk.mistake("forward_relu", &["3", "5"], || linear.forward_relu(any2(2, 5)));
    walk.mistake("attend", &["4", "6"], || attention.attend(any3(1, 5, 4), any3(1, 5, 6), any3(1, 5, 6)));
    // A network names the layer, in the program's own file.
    let net = Net::init(rng);
    let one = Tensor::<shape![1, 3, 1, 1]>::ones();
    walk.mistake("a model", &["[1, 3, 1, 1]"], || net.forward(one.trace()));
    let net = OfFirst::init(rng);
    assert_eq!(net.forward(any2(2, 5).narrow::<Num<3>, _>(Axis::<1>, 0)).shape(), [1, 3]);
    walk.mistake("a batch that changes", &["of 2", "found 1"], || net.forward(Tensor::<shape![2, 3]>::ones()));
    let net = Sequence::init(rng);
    walk.mistake("a derived network", &["3", "5"], || net.forward(any2(2, 5)));
    walk.mistake("Dropout::new", &["1.5"], || Dropout::new(1.5));
    // What a layer refuses when it meets what is lost.
    let inferred = Linear::<dim!(3), dim!(3)>::init(rng).forward(Tensor::<shape![2, 3]>::ones());
    walk.mistake("a lost value in a residual", &["gradient would be lost"], || {
        linear.forward(inferred.clone()) + linear.forward(Tensor::<shape![2, 3]>::ones().trace())
    });
}

fn training(walk: &mut Walk) {
    let rng = &mut StdRng::seed_from_u64(0);
    let mut net = Linear::<dim!(3), dim!(4)>::init(rng);
    let other = Linear::<dim!(3), dim!(4)>::init(rng);
    let x = Tensor::<shape![2, 3]>::ones();
    let none = || other.forward(x.trace()).sum().backward();
    walk.mistake("Sgd::step", &["2"], || Sgd::new(0.1).step(&mut net, none()));
    walk.mistake("Adam::step", &["2"], || Adam::new(0.1).step(&mut net, none()));
    walk.mistake("AdamW::step", &["2"], || AdamW::new(0.1).step(&mut net, none()));
    walk.mistake("Sgd::new", &["-1"], || Sgd::new(-1.0));
    walk.mistake("Adam::new", &["NaN"], || Adam::new(f64::NAN));
    walk.mistake("momentum", &["-1"], || Sgd::new(0.1).momentum(-1.0));
    walk.mistake("nesterov", &["esterov"], || {
        let mut opt = Sgd::new(0.1).nesterov(true);
        opt.step(&mut net, net_gradients(&other));
    });
    walk.mistake("betas", &["2"], || Adam::new(0.1).betas(2.0, 0.9));
    walk.mistake("eps", &["-1"], || AdamW::new(0.1).eps(-1.0));
    walk.mistake("weight_decay", &["-1"], || AdamW::new(0.1).weight_decay(-1.0));
    walk.mistake("set_learning_rate", &["-1"], || Sgd::new(0.1).set_learning_rate(-1.0));
    let mut boxed: Box<dyn Optimizer> = Box::new(Adam::new(0.1));
    walk.mistake("a boxed optimizer", &["2"], || boxed.step(&mut net, none()));
    let mut plain = Linear::<dim!(3), dim!(4)>::init(rng);
    let grads = plain.forward(x.trace()).sum().backward();
    plain.weight = Tensor::zeros();
    walk.mistake("a plain tensor in a parameter's place", &["weight", ".parameter()"], || {
        Sgd::new(0.1).step(&mut plain, grads)
    });
}

fn net_gradients(net: &Linear<Num<3>, Num<4>>) -> Gradients {
    net.forward(Tensor::<shape![2, 3]>::ones().trace()).sum().backward()
}

fn data(walk: &mut Walk) {
    let iris = fusion::data::iris();
    let rng = &mut StdRng::seed_from_u64(0);
    walk.mistake("batches", &["0 samples"], || iris.batches(0).len());
    walk.mistake("batches_of", &["0 samples"], || iris.batches_of::<dim!(0)>().len());
    walk.mistake("select", &["150"], || iris.select(&[150]));
    walk.mistake("split", &["1.5"], || iris.split(1.5, rng));
    walk.mistake("split_stratified", &["1.5"], || iris.split_stratified(1.5, rng));
    walk.mistake("with_feature_names", &["1", "4"], || iris.clone().with_feature_names(["a"]));
    walk.mistake("map_x", &["150", "2"], || iris.clone().map_x(|_| any2(2, 3)));
    walk.mistake("map_y", &["150", "2"], || iris.clone().map_y(|_| any1(2)));
    walk.mistake("num_samples of a pair", &["2", "1"], || (any1(2), vec![1]).num_samples());
    walk.mistake("gather", &["7", "2"], || any1(2).gather(&[7]));
    walk.mistake("gather of a list", &["7", "1"], || vec!["a"].gather(&[7]));
    walk.mistake("slice_samples", &["1..4", "2"], || any1(2).slice_samples(1..4));
    walk.mistake("slice_samples of a list", &["1..4", "1"], || vec!["a"].slice_samples(1..4));
    walk.mistake("with_batch_size", &["2", "3"], || any1(2).with_batch_size::<Num<3>>());
    walk.mistake("traced samples", &["detach()"], || any1(2).trace().gather(&[0]));
    let traced = Dataset::new(iris.x.trace(), iris.y.clone()).unwrap();
    walk.mistake("a batch of traced samples", &["detach()"], || for _ in traced.batches(10) {});
    let mut uneven = iris.clone();
    uneven.y = Tensor::from(vec![0i64]);
    walk.mistake("an uneven data set", &["150", "1"], || uneven.len());
    walk.mistake("moons noise", &["-1"], || fusion::data::moons(10, -1.0, rng));
    walk.mistake("blobs", &["-1"], || fusion::data::blobs::<Num<2>>(10, 3, -1.0, rng));
    walk.mistake("circles", &["-1"], || fusion::data::circles(10, -1.0, 0.5, rng));
    let scale = fusion::data::Standardizer::fit(&any2(4, 3));
    walk.mistake("Standardizer", &["3 columns", "has 5"], || scale.transform(&any2(4, 5)));
}
