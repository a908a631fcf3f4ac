//! `fused!` as a user's crate has it: values, gradients, gradients of gradients, shapes and layouts.

use fusion::prelude::*;
use fusion::{fused, gradcheck};

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
    fn twice(x) = gate(gate(x));
    fn steps(x) = sign(x) + 0 * x;
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

#[test]
fn gradients() {
    let x = Tensor::<shape![3, 5], f64>::from_fn(|i| i as f64 * 0.27 - 1.9);
    let row = Tensor::<shape![5], f64>::from_fn(|i| i as f64 * 0.4 - 0.75);
    let one = Tensor::from(0.3f64);
    gradcheck(|x| swish(x, &row), &x).unwrap();
    gradcheck(|row| swish(&x.trace_as(row), row), &row).unwrap();
    gradcheck(|one| swish(&x.trace_as(one), one), &one).unwrap();
    gradcheck(|x| leaky(x, 0.2), &x).unwrap();
    gradcheck(|x| gate(x), &x).unwrap();
    gradcheck(|x| twice(x), &x).unwrap();
    gradcheck(|x| everything(x, &row, 1.3), &x).unwrap();
    gradcheck(|row| everything(&x, row, 1.3), &row).unwrap();
    gradcheck(|x| steps(x), &x).unwrap();
    gradcheck(|x| scaled(x, &row, &one), &x).unwrap();
}
