//! `fused!` as a user's crate has it: values, gradients, gradients of gradients, shapes and layouts.

use fusion::gradcheck;
use fusion::prelude::*;

const HALF: f64 = 0.5;

fused! {
    /// Swish with a slope that is learned.
    pub fn swish(x, beta) = x * sigmoid(beta * x);
    fn leaky(x, slope: f64) = where_(x > 0.0, x, slope * x);
    fn scaled(x, scale, shift) = scale * x + shift;
    fn gate(x) = tanh(1.7 * x + 0.3) * sigmoid(x);
    fn cell(i, f, c, g) = {
        let kept = sigmoid(f) * c;
        kept + sigmoid(i) * tanh(g)
    };
    fn everything(a, b, p: f64) = {
        let c = max(a, b) + min(a, HALF) - abs(b) / (1 + square(a));
        let d = where_(a > b && !(b > 0.3) || a == 2.0 * b, c, c * exp(-b));
        d + pow(1 + square(a), p) + ln(2 + cos(a)) * sin(b) + sqrt(1 + b.square()) * rsqrt(2 + a * a)
            + softplus(a) - mish(b) + gelu(a) + clamp(b, -0.5, std::f64::consts::FRAC_1_SQRT_2) + 1 / (3 + a) + pow(2 + a, -1.5)
    };
    fn hinge(x) = max(0, 1 - x);
    fn functions(x) = {
        let y = tanh(x) / 1.5;
        asin(y) + acos(y) * atan(x) + tan(y) + cosh(y) * sinh(x) + erf(x) + exp_m1(y) * ln_1p(square(x)) + log2(2 + y)
            + elu(x, 0.7) + log_sigmoid(y) + silu(x) * floor(x) + normal_cdf(x) + tanh_softplus(x) + hinge(x)
    };
    fn twice(x) = gate(gate(x));
    fn steps(x) = sign(x) + 0 * x;
    fn power(x, e) = pow(x, 2 * e);
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn values() {
    let x = Tensor::from([[-1.0f32, 0.0, 2.0], [0.5, -3.0, 4.0]]);
    let y = swish(&x, Tensor::from([1.0f32, 2.0, 0.5]));
    for (i, y) in y.to_vec().iter().enumerate() {
        let (x, beta) = (f64::from(x.to_vec()[i]), [1.0, 2.0, 0.5][i % 3]);
        assert!((f64::from(*y) - x * sigmoid(beta * x)).abs() < 1e-6);
    }
    assert_eq!(leaky(&x, 0.25).to_vec(), [-0.25, 0.0, 2.0, 0.5, -0.75, 4.0]);
    assert_eq!(scaled(x, 2, 1.0).to_vec(), [-1.0, 1.0, 5.0, 2.0, -5.0, 9.0]);
}

/// As `pow` of tensors has them.
#[test]
fn powers_of_0() {
    let (x, e) = (Tensor::from([0.0f64, 0.0, 2.0]), Tensor::from([0.0, 1.5, 0.0]).watch());
    let y = power(&x, &e);
    assert_eq!(y.to_vec(), [1.0, 0.0, 1.0]);
    assert_eq!(y.sum().backward().get(&e).unwrap().to_vec(), [0.0, 0.0, 4f64.ln()]);
    let x = x.watch();
    let slope = power(&x, e.detach()).sum().backward().get(&x).unwrap();
    assert_eq!(slope.to_vec(), [0.0, 0.0, 0.0]);
}

/// The gradients of `f` by `x` against differences, and the gradients of these.
fn first_and_second<S: Shape, R: Shape>(f: impl Fn(&Tensor<S, f64>) -> Tensor<R, f64>, x: &Tensor<S, f64>) {
    gradcheck(&f, x).unwrap();
    let gradient = |x: &Tensor<S, f64>| {
        let y = f(x);
        let weights = (0..y.num_elements()).map(|i| 1.0 + (i as f64).sin() / 2.0).collect();
        let weights = Tensor::from_vec_sized(weights, &y.shape()).unwrap();
        // Where it is constant it still has a gradient: 0.
        y.backward_with(weights.trace_as(x)).get(x).unwrap() + x * 0.0
    };
    gradcheck(gradient, x).unwrap();
}

fn numbers<S: StaticShape>(step: f64, start: f64) -> Tensor<S, f64> {
    Tensor::from_fn(|i| (i as f64 * step + start) % 2.3)
}

#[test]
fn gradients_and_their_gradients() {
    let x = numbers::<shape![3, 5]>(0.27, -1.9);
    let row = numbers::<shape![5]>(0.4, -0.75);
    let one = Tensor::from(0.3f64);
    first_and_second(|x| swish(x, &row), &x);
    first_and_second(|row| swish(&x, row), &row);
    first_and_second(|one| swish(&x, one), &one);
    first_and_second(|x| leaky(x, 0.2), &x);
    first_and_second(|x| gate(x), &x);
    first_and_second(|x| twice(x), &x);
    first_and_second(|x| everything(x, &row, 1.3), &x);
    first_and_second(|row| everything(&x, row, 1.3), &row);
    first_and_second(|x| everything(x, x, -0.5), &x);
    let positive = x.abs() + 0.2;
    first_and_second(|x| power(x, &row), &positive);
    first_and_second(|row| power(&positive, row), &row);
    first_and_second(|x| power(x, x), &positive);
    first_and_second(|x| steps(x), &x);
    first_and_second(|x| functions(x), &x);
    first_and_second(|x| scaled(x, &row, &one), &x);
    first_and_second(|row| scaled(&x, row, &one), &row);
    first_and_second(|one| scaled(&x, &row, one), &one);
    first_and_second(|f| cell(&x, f, &row, &one), &row);
}

#[test]
fn gradients_of_any_order() {
    // d/dx of exp(2 x), again and again.
    fused! {
        fn grow(x) = exp(2 * x);
    }
    let x = Tensor::from([0.25f64, -1.0]).watch();
    let mut y = grow(&x);
    for order in 1..=4 {
        y = y.backward_with(x.ones_like()).get(&x).unwrap();
        for (y, x) in y.to_vec().iter().zip(x.to_vec()) {
            assert!((y / (2f64.powi(order) * (2.0 * x).exp()) - 1.0).abs() < 1e-12);
        }
    }
}

/// `gate`, of operations.
fn composed<S: Shape, T: Float>(x: &Tensor<S, T>) -> Tensor<S, T> {
    (x * 1.7 + 0.3).tanh() * x.sigmoid()
}

#[track_caller]
fn close<S: Shape, T: Float>(a: &Tensor<S, T>, b: &Tensor<S, T>, within: f64) {
    assert_eq!(a.shape(), b.shape());
    for (a, b) in a.to_vec().into_iter().zip(b.to_vec()) {
        let (a, b): (f64, f64) = (a.into(), b.into());
        assert!((a - b).abs() <= within * b.abs().max(1.0), "{a} is not {b}");
    }
}

/// Value and gradient in this layout, as of operations.
#[track_caller]
fn as_composed<S: Shape, T: Float>(x: &Tensor<S, T>, within: f64) {
    let [a, b] = [gate(x), composed(x)];
    close(&a, &b, within);
    close(&gate(x.clone()), &b, within);
    let x = x.watch();
    let [a, b] = [gate(&x), composed(&x)].map(|y| (y.square() * 0.5).sum().backward().get(&x).unwrap());
    close(&a, &b, within);
}

#[test]
fn layouts_and_sizes() {
    fn all<T: Float>(within: f64) {
        for n in [0usize, 1, 2, 7, 15, 16, 17, 31, 64, 65, 1000, 5003] {
            let x = Tensor::<shape![Dyn], T>::from_vec_sized(
                (0..n).map(|i| T::from_f64(i as f64 * 0.01 - 3.0)).collect(),
                &[n],
            );
            as_composed(&x.unwrap(), within);
        }
        let x = Tensor::<shape![7, 3, 20], T>::from_fn(|i| T::from_f64((i as f64 * 0.37) % 4.0 - 2.0));
        as_composed(&x, within);
        as_composed(&x.permute((Axis::<2>, Axis::<0>, Axis::<1>)), within);
        as_composed(&x.slice(Axis::<2>, 3..18), within);
        as_composed(&x.slice(Axis::<1>, 1..2), within);
        as_composed(&x.slice(Axis::<0>, 1..4).permute((Axis::<1>, Axis::<2>, Axis::<0>)), within);
        let row = Tensor::<shape![20], T>::from_fn(|i| T::from_f64(i as f64 / 7.0));
        as_composed(&row.expand::<shape![5, 20]>(), within);
    }
    all::<f32>(2e-6);
    all::<f64>(1e-13);
}

#[test]
fn operands_of_many_shapes() {
    let x = numbers::<shape![4, 3, 5]>(0.31, -2.0);
    let (row, column) = (numbers::<shape![5]>(0.2, -0.3), numbers::<shape![3, 1]>(0.7, -1.0));
    let plain = |x: &Tensor<shape![4, 3, 5], f64>| &row * (x * &column) + 0.5;
    fused! {
        fn product(row, x, column) = row * x * column + 0.5;
        fn into_row(x, row) = x * row;
    }
    close(&product(&row, &x, &column), &plain(&x), 1e-13);
    let y: Tensor<shape![4, 3, 5], f64> = product(&row, x.clone(), &column);
    close(&y, &plain(&x), 1e-13);
    // A row in front is stretched, and a scalar too.
    close(&into_row(&row, &x), &(&x * &row), 0.0);
    close(&into_row(2.0, &x), &(&x * 2.0), 0.0);
    first_and_second(|row| product(row, &x, &column), &row);
    first_and_second(|column| product(&row, &x, column), &column);
    // All three at once.
    let (a, b, c) = (row.watch(), x.watch(), column.watch());
    let of = |y: Tensor<shape![4, 3, 5], f64>| {
        let grads = y.square().sum().backward();
        (grads.get(&a).unwrap(), grads.get(&b).unwrap(), grads.get(&c).unwrap())
    };
    let (one, other) = (of(product(&a, &b, &c)), of(&a * (&b * &c) + 0.5));
    close(&one.0, &other.0, 1e-12);
    close(&one.1, &other.1, 1e-12);
    close(&one.2, &other.2, 1e-12);
}

/// In generic code a scalar goes with any shape.
#[test]
fn generic_code() {
    fn doubled<S: Shape, T: Float>(x: &Tensor<S, T>, beta: &Tensor<(), T>) -> Tensor<S, T> {
        swish(x, beta) * 2.0
    }
    assert_eq!(doubled(&Tensor::from([0.0f32]), &Tensor::from(1.0)).to_vec(), [0.0]);
}

/// Conventions where a function has no slope, which are PyTorch's.
#[test]
fn corners() {
    fused! {
        fn larger(a, b) = max(a, b);
        fn smaller(a, b) = min(a, b);
        fn kinks(x) = relu(x) + abs(x);
        fn within(x) = clamp(x, -1, 1);
        fn root(x) = sqrt(x);
        fn fixed(x, p: f64) = pow(x, p);
        fn bent(x) = elu(x, 1);
    }
    let nan = f64::NAN;
    let (a, b) = (Tensor::from([1.0, 2.0, nan, 1.0, 3.0]).watch(), Tensor::from([2.0, 2.0, 1.0, nan, 1.0]).watch());
    let y = larger(&a, &b);
    assert_eq!(format!("{:?}", y.to_vec()), "[2.0, 2.0, NaN, NaN, 3.0]");
    assert_eq!(format!("{:?}", smaller(&a, &b).to_vec()), "[1.0, 2.0, NaN, NaN, 1.0]");
    let grads = y.sum().backward();
    assert_eq!(grads.get(&a).unwrap().to_vec(), [0.0, 0.5, 1.0, 1.0, 1.0]);
    assert_eq!(grads.get(&b).unwrap().to_vec(), [1.0, 0.5, 1.0, 1.0, 0.0]);
    let slope = |f: &dyn Fn(&Tensor<shape![5], f64>) -> Tensor<shape![5], f64>, x: [f64; 5]| {
        let x = Tensor::from(x).watch();
        f(&x).sum().backward().get(&x).unwrap().to_vec()
    };
    assert_eq!(slope(&|x| kinks(x), [0.0, -0.0, 1.0, -1.0, f64::INFINITY]), [0.0, 0.0, 2.0, -1.0, 2.0]);
    assert_eq!(slope(&|x| within(x), [-1.0, 1.0, 0.5, 1.5, -2.0]), [0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(slope(&|x| fixed(x, 0.0), [0.0, 1.0, -1.0, 2.0, 3.0]), [0.0; 5]);
    assert_eq!(slope(&|x| fixed(x, 1.0), [0.0, 1.0, -1.0, 2.0, 3.0]), [1.0; 5]);
    assert_eq!(slope(&|x| fixed(x, 2.0), [0.0, 1.0, -1.0, 2.0, 3.0]), [0.0, 2.0, -2.0, 4.0, 6.0]);
    // Where the exponential of ELU overflows, the gradient of its gradient is 0 all the same.
    let x = Tensor::from([1000.0, 1.0, -1000.0]).watch();
    let gradient = bent(&x).sum().backward_with(Tensor::ones().trace()).get(&x).unwrap().clone();
    assert_eq!(gradient.square().sum().backward().get(&x).unwrap().to_vec(), [0.0; 3]);
    assert_eq!(slope(&|x| root(x), [0.0, 1.0, 4.0, 16.0, 64.0]), [f64::INFINITY, 0.5, 0.25, 0.125, 0.0625]);
}

/// What is computed twice is kept once, and what nobody wants is not computed.
#[test]
fn without_a_trace_nothing_is_recorded() {
    let x = Tensor::from([1.0f32, 2.0]);
    assert!(!swish(&x, &x).is_traced());
    let w = x.clone().parameter();
    let y = swish(x.trace(), &w);
    assert_eq!(y.sum().backward().len(), 1);
}

#[test]
#[should_panic(expected = "[3] and [4]")]
fn sizes_known_at_run_time() {
    let (a, b) = (Tensor::from(vec![1.0; 3]), Tensor::from(vec![1.0; 4]));
    let _ = swish(&a, &b);
}
