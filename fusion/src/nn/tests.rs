//! Layers against their formulas, in f64.

use super::*;
use crate::dim::{Dim, Window};
use crate::gradcheck;
use crate::graph::Trace;
use crate::prelude::*;

fn rng() -> StdRng {
    StdRng::seed_from_u64(3)
}

/// Numbers without a pattern, each another.
fn some<S: StaticShape>() -> Tensor<S, f64> {
    Tensor::normal(0.0, 1.0, &mut rng())
}

#[track_caller]
fn close(found: &[f64], want: &[f64]) {
    assert_eq!(found.len(), want.len());
    for (i, (found, want)) in found.iter().zip(want).enumerate() {
        assert!((found - want).abs() < 1e-9 * (1.0 + want.abs()), "element {i}: {found}, not {want}");
    }
}

/// The sum over all elements of one times the other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A convolution by its definition, with square windows.
struct Naive {
    stride: usize,
    pad: usize,
    dilation: usize,
    groups: usize,
    places: [usize; 2],
}

impl Naive {
    fn convolve(&self, x: &Tensor<impl Shape, f64>, w: &[f64], sizes: [usize; 3], bias: &[f64]) -> Vec<f64> {
        let [outputs, inputs, kernel] = sizes;
        let [batch, height, width] = [0, 2, 3].map(|axis| x.shape()[axis]);
        let mut out = Vec::new();
        let at = |place: usize, tap: usize| (place * self.stride + tap * self.dilation).wrapping_sub(self.pad);
        for b in 0..batch {
            for o in 0..outputs {
                let group = o / (outputs / self.groups);
                for row in 0..self.places[0] {
                    for column in 0..self.places[1] {
                        let mut sum = bias.get(o).copied().unwrap_or(0.0);
                        for i in 0..inputs {
                            for (r, c) in (0..kernel).flat_map(|r| (0..kernel).map(move |c| (r, c))) {
                                let (h, v) = (at(row, r), at(column, c));
                                if h < height && v < width {
                                    let x = x.get(&[b, group * inputs + i, h, v]).unwrap();
                                    sum += x * w[((o * inputs + i) * kernel + r) * kernel + c];
                                }
                            }
                        }
                        out.push(sum);
                    }
                }
            }
        }
        out
    }
}

#[test]
fn convolutions_follow_their_definition() {
    macro_rules! check {
        ($i:tt $o:tt $k:tt $s:tt [$p:ty, $pad:literal] $d:tt $g:tt) => {{
            type Layer = Conv2d<dim!($i), dim!($o), dim!($k), dim!($s), $p, dim!($d), dim!($g), true, f64>;
            let (layer, x) = (Layer::init(&mut rng()), some::<shape![2, $i, 6, 7]>());
            let y = layer.forward(x.clone());
            let naive = Naive { stride: $s, pad: $pad, dilation: $d, groups: $g, places: [y.shape()[2], y.shape()[3]] };
            let bias = layer.bias.as_ref().unwrap().to_vec();
            let w: Vec<f64> = layer.weight.value().array().to_vec();
            close(&y.to_vec(), &naive.convolve(&x, &w, [$o, $i / $g, $k], &bias));
            gradcheck(|x| layer.forward(x.clone()), &x).unwrap();
        }};
    }
    check!(2 3 3 1 [Num<0>, 0] 1 1);
    check!(3 2 3 2 [Num<1>, 1] 1 1);
    check!(2 2 2 1 [Num<2>, 2] 3 1);
    check!(4 6 3 1 [Num<1>, 1] 1 2);
    check!(3 3 2 2 [Num<0>, 0] 1 3);
    check!(2 3 3 1 [Same, 2] 2 1);
    check!(2 3 4 1 [Same, 1] 1 1);
}

#[test]
fn the_sizes_of_convolutions_are_types() {
    let x = Tensor::<shape![Dyn, 3, 32, 30]>::zeros_sized(&[2, 3, 32, 30]).unwrap();
    let layer = Conv2d::<dim!(3), dim!(8), dim!(3), dim!(2), dim!(1)>::init(&mut rng());
    let _: Tensor<shape![Dyn, 8, 16, 15]> = layer.forward(x.clone());
    let layer = Conv2d::<dim!(3), dim!(8), dim!(4), dim!(1), Same>::init(&mut rng());
    let y: Tensor<shape![Dyn, 8, 32, 30]> = layer.forward(x);
    assert_eq!(y.shape(), [2, 8, 32, 30]);
    let layer = ConvTranspose2d::<dim!(8), dim!(6), dim!(3), dim!(2), dim!(1), dim!(1), dim!(2)>::init(&mut rng());
    let y: Tensor<shape![Dyn, 6, 64, 60]> = layer.forward(y);
    assert!(y.shape() == [2, 6, 64, 60] && layer.weight.shape() == [8, 3, 3, 3]);
}

#[test]
fn weights_and_biases_of_convolutions_have_gradients() {
    type One = Num<1>;
    type Convolution = Conv2d<dim!(2), dim!(3), dim!(2), One, One, One, One, true, f64>;
    type Transposed = ConvTranspose2d<dim!(2), dim!(3), dim!(2), dim!(2), One, dim!(0), One, true, One, f64>;
    let x = some::<shape![2, 2, 4, 5]>();
    let mut layer = Convolution::init(&mut rng());
    let grads = layer.forward(x.trace()).sum().backward();
    assert_eq!(grads.get(layer.bias.as_ref().unwrap()).unwrap().to_vec(), [2.0 * 5.0 * 6.0; 3]);
    let convolved = |w: &Tensor<_, f64>| {
        let mut layer = Convolution::init(&mut rng());
        layer.weight = w.clone();
        layer.forward(x.clone())
    };
    gradcheck(convolved, &layer.weight.detach()).unwrap();
    let transposed = |w: &Tensor<_, f64>| {
        let mut layer = Transposed::init(&mut rng());
        layer.weight = w.clone();
        layer.forward(x.clone())
    };
    gradcheck(transposed, &Transposed::init(&mut rng()).weight.detach()).unwrap();
    layer.bias = None;
    assert_eq!(layer.names(), ["weight"]);
}

#[test]
fn a_transposed_convolution_is_the_transpose() {
    // <conv(x), y> = <x, transposed(y)> for the same weight.
    macro_rules! check {
        ($i:tt $o:tt $k:tt $s:tt $p:tt $op:tt $d:tt $g:tt, [$h:tt, $w:tt] => [$ph:tt, $pw:tt]) => {{
            type C = Conv2d<dim!($i), dim!($o), dim!($k), dim!($s), dim!($p), dim!($d), dim!($g), false, f64>;
            type T = ConvTranspose2d<
                dim!($o),
                dim!($i),
                dim!($k),
                dim!($s),
                dim!($p),
                dim!($op),
                dim!($g),
                true,
                dim!($d),
                f64,
            >;
            let (conv, mut back) = (C::init(&mut rng()), T::init(&mut rng()));
            *back.weight.value_mut() = conv.weight.value().clone();
            let (x, y) = (some::<shape![2, $i, $h, $w]>(), some::<shape![2, $o, $ph, $pw]>());
            let bias = back.bias.take();
            let z: Tensor<shape![2, $i, $h, $w], f64> = back.forward(y.clone());
            let forth = dot(&conv.forward(x.clone()).to_vec(), &y.to_vec());
            close(&[dot(&x.to_vec(), &z.to_vec())], &[forth]);
            back.bias = bias;
            gradcheck(|y| back.forward(y.clone()), &y).unwrap();
        }};
    }
    check!(2 3 3 1 0 0 1 1, [5, 6] => [3, 4]);
    check!(3 2 4 2 1 0 1 1, [6, 8] => [3, 4]);
    check!(4 2 3 2 1 1 1 2, [6, 8] => [3, 4]);
    check!(2 2 2 1 0 0 3 1, [6, 7] => [3, 4]);
}

#[test]
fn starting_values_of_convolutions() {
    /// Uniform up to this, and not far below.
    fn uniform(value: &crate::graph::Value, bound: f64) {
        let largest = value.array().to_vec::<f64>().iter().fold(0.0, |max: f64, w| max.max(w.abs()));
        assert!(largest <= bound && largest > 0.9 * bound, "{largest}, not {bound}");
    }
    let layer = Conv2d::<dim!(8), dim!(32), dim!(3), dim!(1), dim!(0), dim!(1), dim!(4), true, f64>::init(&mut rng());
    assert_eq!((layer.names().join(" "), layer.num_parameters()), ("weight bias".into(), 32 * 2 * 9 + 32));
    uniform(layer.weight.value(), 1.0 / 18f64.sqrt());
    uniform(layer.bias.as_ref().unwrap().value(), 1.0 / 18f64.sqrt());
    type Transposed =
        ConvTranspose2d<dim!(8), dim!(32), dim!(3), dim!(1), dim!(0), dim!(0), dim!(4), true, dim!(1), f64>;
    let layer = Transposed::init(&mut rng());
    assert_eq!((layer.names().join(" "), layer.num_parameters()), ("weight bias".into(), 8 * 8 * 9 + 32));
    uniform(layer.weight.value(), 1.0 / 72f64.sqrt());
    let layer = Conv2d::<dim!(3), dim!(64), dim!(7), dim!(2), dim!(3), dim!(1), dim!(1), false>::init(&mut rng());
    assert_eq!((layer.names(), layer.multiply_adds(&[1, 3, 224, 224])), (vec!["weight".into()], Some(118_013_952)));
    let layer = ConvTranspose2d::<dim!(8), dim!(3), dim!(4), dim!(2), dim!(1)>::init(&mut rng());
    assert_eq!(layer.multiply_adds(&[1, 8, 16, 16]), Some(16 * 16 * 8 * 3 * 16));
    let layer = Linear::<dim!(4), dim!(2), false, f64>::init(&mut rng());
    assert_eq!(
        (layer.names(), layer.forward(Tensor::<shape![4], f64>::zeros()).to_vec()),
        (vec!["weight".to_string()], vec![0.0; 2])
    );
}

#[test]
#[should_panic = "this layer takes 3 channels, but its input has 4"]
fn channels_of_the_run_are_compared() {
    let layer = Conv2d::<dim!(3), dim!(8), dim!(1)>::init(&mut rng());
    layer.forward(Tensor::<shape![1, Dyn, 2, 2]>::zeros_sized(&[1, 4, 2, 2]).unwrap());
}

#[test]
fn pooling() {
    let x = Tensor::<shape![1, 1, 3, 3], f64>::from([[[[1.0, 2.0, 3.0], [6.0, 5.0, 4.0], [-9.0, -8.0, -7.0]]]]);
    let y: Tensor<shape![1, 1, 2, 2], f64> = MaxPool2d::<dim!(2), dim!(1)>::new().forward(x.clone());
    assert_eq!(y.to_vec(), [6.0, 5.0, 6.0, 5.0]);
    let y: Tensor<shape![1, 1, 2, 2], f64> = MaxPool2d::<dim!(2), dim!(2), dim!(1)>::new().forward(x.clone());
    assert_eq!(y.to_vec(), [1.0, 3.0, 6.0, 5.0]);
    let y: Tensor<shape![1, 1, 1, 1], f64> = MaxPool2d::<dim!(2), dim!(1), dim!(0), dim!(2)>::new().forward(x.clone());
    assert_eq!(y.to_vec(), [3.0]);
    let y: Tensor<shape![1, 1, 2, 2], f64> = AvgPool2d::<dim!(2), dim!(2), dim!(1)>::new().forward(x.clone());
    assert_eq!(y.to_vec(), [0.25, 1.25, -0.75, -1.5]);
    let y: Tensor<shape![1, 1, 2, 1], f64> = AdaptiveAvgPool2d::<dim!(2), dim!(1)>::new().forward(x.clone());
    close(&y.to_vec(), &[3.5, -1.5]);
    let y: Tensor<shape![1, 1, 2, 2], f64> = AdaptiveMaxPool2d::<dim!(2)>::new().forward(x.clone());
    assert_eq!(y.to_vec(), [6.0, 5.0, 6.0, 5.0]);
    let y: Tensor<shape![1, 1], f64> = GlobalAvgPool2d.forward(x.clone());
    close(&y.to_vec(), &[-1.0 / 3.0]);
    let x = some::<shape![2, 2, 5, 4]>();
    gradcheck(|x| MaxPool2d::<dim!(3), dim!(2), dim!(1)>::new().forward(x.clone()), &x).unwrap();
    gradcheck(|x| AvgPool2d::<dim!(3), dim!(2), dim!(1)>::new().forward(x.clone()), &x).unwrap();
    gradcheck(|x| AdaptiveAvgPool2d::<dim!(3)>::new().forward(x.clone()), &x).unwrap();
    gradcheck(|x| AdaptiveMaxPool2d::<dim!(3)>::new().forward(x.clone()), &x).unwrap();
    gradcheck(|x| GlobalAvgPool2d.forward(x.clone()), &x).unwrap();
    assert_eq!(format!("{:?}", MaxPool2d::<dim!(3)>::init_with(&mut rng())), "MaxPool2d<3>");
}

#[test]
fn batch_norm_trains_with_the_batch_and_remembers_it() {
    let mut layer = BatchNorm2d::<dim!(2), f64>::init(&mut rng());
    assert_eq!(layer.names(), ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
    assert_eq!(layer.num_parameters(), 4);
    layer.weight = Tensor::from([2.0, -1.0]).parameter();
    layer.bias = Tensor::from([0.5, 0.0]).parameter();
    let x = some::<shape![3, 2, 2, 5]>();
    // The two channels' values, in order.
    let channels =
        [0, 1].map(|c| x.permute((Axis::<1>, Axis::<0>, Axis::<2>, Axis::<3>)).to_vec()[30 * c..][..30].to_vec());
    let mean = channels.clone().map(|x| x.iter().sum::<f64>() / 30.0);
    let variance = [0, 1].map(|c| channels[c].iter().map(|x| (x - mean[c]).powi(2)).sum::<f64>() / 30.0);
    let want = |mean: [f64; 2], variance: [f64; 2]| -> Vec<f64> {
        let y = |i: usize, x: f64| {
            let c = i / 10 % 2;
            (x - mean[c]) / (variance[c] + 1e-5).sqrt() * [2.0, -1.0][c] + [0.5, 0.0][c]
        };
        x.to_vec().iter().enumerate().map(|(i, &x)| y(i, x)).collect()
    };
    close(&layer.forward(x.clone()).to_vec(), &want([0.0; 2], [1.0; 2]));
    close(&layer.forward(x.trace_with(Trace::evaluation())).to_vec(), &want([0.0; 2], [1.0; 2]));
    assert_eq!(layer.num_batches_tracked.get().item(), 0);
    close(&layer.forward(x.trace()).to_vec(), &want(mean, variance));
    let running = (mean.map(|m| 0.1 * m), variance.map(|v| 0.9 + 0.1 * v * 30.0 / 29.0));
    close(&layer.running_mean.get().to_vec(), &running.0);
    close(&layer.running_var.get().to_vec(), &running.1);
    assert_eq!(layer.num_batches_tracked.get().item(), 1);
    close(&layer.forward(x.clone()).to_vec(), &want(running.0, running.1));
    let y = some::<shape![3, 2, 2, 5]>().square();
    gradcheck(|x| &layer.forward(x.trace()) * &y, &x).unwrap();
    let grads = layer.forward(x.trace()).sum().backward();
    close(&grads.get(&layer.bias).unwrap().to_vec(), &[30.0; 2]);
    assert!(grads.get(&layer.weight).is_some());
}

#[test]
#[should_panic = "batch norm in training needs more than 1 value per channel, but its input is [1, 2, 1, 1]"]
fn one_value_has_no_variance() {
    let layer = BatchNorm2d::<dim!(2)>::init(&mut rng());
    layer.forward(Tensor::<shape![1, 2, 1, 1]>::ones().trace());
}

#[test]
fn layer_norm_is_over_the_last_axis() {
    let mut layer = LayerNorm::<dim!(4), f64>::init(&mut rng());
    assert_eq!((layer.names().join(" "), layer.num_parameters()), ("weight bias".into(), 8));
    layer.weight = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    layer.bias = Tensor::from([0.0, 0.0, 1.0, 1.0]);
    let x = some::<shape![2, 3, 4]>();
    let want: Vec<f64> = x
        .to_vec()
        .chunks(4)
        .flat_map(|row| {
            let mean = row.iter().sum::<f64>() / 4.0;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
            let y = move |i: usize, x: f64| (x - mean) / (variance + 1e-5).sqrt() * (i + 1) as f64 + (i / 2) as f64;
            row.iter().enumerate().map(move |(i, &x)| y(i, x)).collect::<Vec<_>>()
        })
        .collect();
    close(&layer.forward(x.clone()).to_vec(), &want);
    let y = some::<shape![2, 3, 4]>().square();
    gradcheck(|x| &layer.forward(x.clone()) * &y, &x).unwrap();
}

#[test]
fn upsampling() {
    let layer = Upsample::<dim!(3)>::new();
    let x = some::<shape![2, 2, 2, 3]>();
    let y: Tensor<shape![2, 2, 6, 9], f64> = layer.forward(x.clone());
    assert_eq!((y.get(&[1, 0, 5, 2]), y.get(&[0, 1, 2, 8])), (x.get(&[1, 0, 1, 0]), x.get(&[0, 1, 0, 2])));
    gradcheck(|x| layer.forward(x.clone()), &x).unwrap();
}

#[test]
fn embeddings() {
    let layer = Embedding::<dim!(300), dim!(4), f64>::init(&mut rng());
    assert_eq!((layer.names(), layer.num_parameters()), (vec!["weight".to_string()], 1200));
    let spread = layer.weight.square().mean().item();
    assert!((spread - 1.0).abs() < 0.2, "{spread}");
    let words = Tensor::<shape![2, 2], i64>::from([[7, 299], [0, 7]]);
    let y: Tensor<shape![2, 2, 4], f64> = layer.forward(words.clone());
    assert!(!y.is_traced() && y.get(&[0, 1, 2]) == layer.weight.get(&[299, 2]));
    let y = layer.forward(words.trace_with(Trace::evaluation()));
    assert!(y.is_traced() && !y.is_training());
    let grads = layer.forward(words.trace()).sum().backward().get(&layer.weight).unwrap().sum_over(Axis::<1>).to_vec();
    assert_eq!((grads[7], grads[0], grads[299], grads[1]), (8.0, 4.0, 4.0, 0.0));
    let error = layer.try_forward(Tensor::<shape![1], i64>::from([-1])).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("index -1"), "{error}");
}

#[test]
fn activations() {
    let x = Tensor::from([[-2.0, 0.5], [3.0, 1.0]]);
    close(
        &Silu.forward(x.clone()).to_vec(),
        &x.to_vec().iter().map(|x: &f64| x / (1.0 + (-x).exp())).collect::<Vec<_>>(),
    );
    // Φ(-2), Φ(0.5), Φ(3) and Φ(1), from tables of ten digits.
    let phi = [0.022_750_131_95, 0.691_462_461_3, 0.998_650_102, 0.841_344_746_1];
    let found = Gelu.forward(x.clone()).to_vec();
    assert!(found.iter().zip(x.to_vec()).zip(phi).all(|((y, x), phi)| (y - x * phi).abs() < 1e-8), "{found:?}");
    close(&LeakyRelu::default().forward(x.clone()).to_vec(), &[-0.02, 0.5, 3.0, 1.0]);
    let rows = [(2.5f64).exp(), (-2f64).exp()];
    let want = [1.0 / (1.0 + rows[0]), rows[0] / (1.0 + rows[0]), 1.0 / (1.0 + rows[1]), rows[1] / (1.0 + rows[1])];
    close(&Softmax.forward(x.clone()).to_vec(), &want);
    gradcheck(|x| Softmax.forward(Gelu.forward(x.clone()) + &Silu.forward(x.clone())), &x).unwrap();
    gradcheck(|x| LeakyRelu::new(0.3).forward(x.clone()), &x).unwrap();
    assert_eq!(LeakyRelu::init_with(&mut rng()).negative_slope, 0.01);
    assert_eq!(
        (Dropout::default().p, Gelu.num_parameters(), LeakyRelu::new(1.0).multiply_adds(&[2])),
        (0.5, 0, Some(0))
    );
}

#[test]
fn attention_follows_its_definition() {
    let mut layer = MultiHeadAttention::<dim!(4), dim!(2), f64>::init(&mut rng());
    assert_eq!(layer.names(), ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]);
    let bound = (6.0f64 / 16.0).sqrt();
    assert!(layer.in_proj_weight.to_vec().iter().all(|w| w.abs() <= bound));
    assert!(layer.in_proj_weight.to_vec().iter().any(|w| w.abs() > 0.8 * bound));
    assert!(
        layer.in_proj_bias.to_vec().iter().chain(&layer.out_proj.bias.as_ref().unwrap().to_vec()).all(|&b| b == 0.0)
    );
    layer.in_proj_bias = some::<shape![12]>().to_dynamic();
    let (x, memory) = (some::<shape![2, 3, 4]>(), some::<shape![2, 5, 4]>().square());
    /// Part `part` of the projection, at place `l` of sample `b`.
    fn project(layer: &MultiHeadAttention<dim!(4), dim!(2), f64>, x: &[f64], part: usize) -> Vec<f64> {
        let (w, bias) = (layer.in_proj_weight.to_vec(), layer.in_proj_bias.to_vec());
        let row = |o: usize| &w[(4 * part + o) * 4..][..4];
        x.chunks(4).flat_map(|x| (0..4).map(|o| bias[4 * part + o] + dot(row(o), x)).collect::<Vec<_>>()).collect()
    }
    let want = |x: &[f64], memory: &[f64], length: usize, others: usize| {
        let [q, k, v] = [(x, 0), (memory, 1), (memory, 2)].map(|(x, part)| project(&layer, x, part));
        let (w, mut out) = (layer.out_proj.weight.to_vec(), Vec::new());
        for (b, l) in (0..2).flat_map(|b| (0..length).map(move |l| (b, l))) {
            let mut mixed = [0.0; 4];
            for head in 0..2 {
                let q = &q[(b * length + l) * 4 + 2 * head..][..2];
                let other = |m: usize| (b * others + m) * 4 + 2 * head;
                let weights: Vec<f64> =
                    (0..others).map(|m| (dot(q, &k[other(m)..][..2]) / 2f64.sqrt()).exp()).collect();
                let total: f64 = weights.iter().sum();
                for (m, i) in (0..others).flat_map(|m| [(m, 0), (m, 1)]) {
                    mixed[2 * head + i] += weights[m] / total * v[other(m) + i];
                }
            }
            out.extend((0..4).map(|o| dot(&w[4 * o..][..4], &mixed)));
        }
        out
    };
    close(&layer.forward(x.clone()).to_vec(), &want(&x.to_vec(), &x.to_vec(), 3, 3));
    let y = layer.attend(x.clone(), memory.clone(), memory.clone());
    close(&y.to_vec(), &want(&x.to_vec(), &memory.to_vec(), 3, 5));
    gradcheck(|x| layer.forward(x.clone()), &x).unwrap();
    gradcheck(|m| layer.attend(x.clone(), m.clone(), m.clone()), &memory).unwrap();
    let grads = layer.forward(x.trace()).square().sum().backward();
    assert!(layer.parameters().iter().all(|p| grads.get_value(p.link()).is_some()));
    assert_eq!(layer.multiply_adds(&[1, 3, 4]), Some(12 * (16 + 6)));
}

/// What a user writes by hand, for any number of channels and any size of image.
#[derive(Module)]
struct Residual<C: Nat> {
    conv1: Conv2d<C, C, Num<3>, Num<1>, Num<1>, Num<1>, Num<1>, false>,
    bn1: BatchNorm2d<C>,
    conv2: Conv2d<C, C, Num<3>, Num<1>, Same>,
}

impl<B: Dim, C: Nat, H: Dim, W: Dim> Forward<Tensor<(B, C, H, W)>> for Residual<C>
where
    H: Window<Num<3>, Num<1>, Num<1>, Out = H>,
    W: Window<Num<3>, Num<1>, Num<1>, Out = W>,
{
    type Output = Tensor<(B, C, H, W)>;

    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Self::Output {
        let y = Relu.forward(self.bn1.forward(self.conv1.forward(x.clone())));
        Relu.forward(self.conv2.forward(y) + &x)
    }
}

#[test]
fn a_generic_residual_block_trains() {
    let mut net = Residual::<dim!(4)>::init(&mut rng());
    let names = "conv1.weight bn1.weight bn1.bias bn1.running_mean bn1.running_var bn1.num_batches_tracked \
                 conv2.weight conv2.bias";
    assert_eq!(net.names().join(" "), names);
    let x = Tensor::<shape![Dyn, 4, 6, 5]>::normal_sized(0.0, 1.0, &[3, 4, 6, 5], &mut rng()).unwrap();
    let (mut opt, mut losses) = (Adam::new(1e-2), Vec::new());
    for _ in 0..20 {
        let loss = net.forward(x.trace()).square().mean();
        losses.push(loss.item());
        opt.step(&mut net, loss.backward());
    }
    assert!(losses[19] < 0.7 * losses[0], "{losses:?}");
    assert_eq!(net.bn1.num_batches_tracked.get().item(), 20);
    // What was saved is what is loaded, running statistics included.
    let mut copy = Residual::<dim!(4)>::init(&mut StdRng::seed_from_u64(4));
    copy.load_bytes(&net.to_bytes().unwrap()).unwrap();
    assert_eq!(copy.forward(x.clone()).to_vec(), net.forward(x).to_vec());
    assert_eq!(copy.bn1.num_batches_tracked.get().item(), 20);
}
