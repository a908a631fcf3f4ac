//! Norms, activations and what makes images larger, in models and in types.

use fusion::nn::Attend;
use fusion::prelude::*;

model! {
    /// With every layer that keeps channels.
    pub Images: [3, 8, 6] -> [4, 16, 12] {
        Conv2d<_, 4, 3, padding = 1>, InstanceNorm2d<_>, Elu<0.5>,
        _ + { Conv2d<_, 4, 1>, InstanceNorm2d<4, affine = true>, PRelu<_>, Dropout2d<0.1> },
        UpsamplingBilinear2d<2>, Hardtanh<0, 6>, Softplus<beta = 2>, Celu, Selu, Relu6, Hardsigmoid,
    }
}

model! { pub Signals: [4, 10] -> [4, 10] { InstanceNorm1d<_, true>, Dropout1d, Softsign, Tanhshrink, Softshrink<0.25>, Hardshrink } }

model! { pub Features: [10, 8] -> [10, 8] { RmsNorm<_>, GeluTanh, RmsNorm<8, eps = 1e-6>, LogSigmoid, LogSoftmax } }

model! { pub Sized<C: Dim>: [C, H, W] { InstanceNorm2d<C>, PRelu<C>, UpsamplingBilinear2d<2, false> } }

#[test]
fn shapes_and_parameters() {
    let mut rng = StdRng::seed_from_u64(0);
    let net = Images::init(&mut rng);
    let y: Tensor<shape![2, 4, 16, 12]> = net.forward(Tensor::<shape![2, 3, 8, 6]>::zeros());
    assert!(y.to_vec().iter().all(|y| y.is_finite()));
    assert_eq!(net.num_parameters(), 4 * 27 + 4 + 16 + 4 + 8 + 4);
    assert_eq!(fusion::nn::cost::<Images, Tensor<shape![1, 3, 8, 6]>>().parameters, Some(net.num_parameters()));
    let net = Signals::init(&mut rng);
    let y: Tensor<shape![2, 4, 10]> = net.forward(Tensor::<shape![2, 4, 10]>::ones().trace());
    assert_eq!(y.shape(), [2, 4, 10]);
    assert_eq!(net.num_parameters(), 8);
    let net = Features::init(&mut rng);
    let y: Tensor<shape![2, 10, 8]> = net.forward(Tensor::<shape![2, 10, 8]>::ones());
    assert_eq!(y.shape(), [2, 10, 8]);
    assert_eq!(net.num_parameters(), 16);
    let y = Sized::<dim!(3)>::init(&mut rng).forward(Tensor::<shape![2, 3, 4, 5]>::ones());
    assert_eq!(y.shape(), [2, 3, 8, 10]);
}

#[test]
fn masks_of_many_shapes() {
    let mut rng = StdRng::seed_from_u64(0);
    let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut rng);
    let x = Tensor::<shape![3, 5, 8]>::normal(0.0, 1.0, &mut rng);
    let dynamic: Tensor<shape![Dyn, Dyn, 8]> = x.to_dynamic();
    let one = Tensor::<shape![5, 5], bool>::full(false);
    let each = Tensor::<shape![3, 5, 5], bool>::full(false);
    let keys = Tensor::<shape![3, 5], bool>::full(false);
    let bias = Tensor::<shape![1, 5, 5]>::zeros();
    let plain = layer.forward(x.clone()).to_vec();
    let same = |y: Vec<f32>| assert!(y.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-5));
    same(layer.attend_with(x.clone(), x.clone(), x.clone(), &Attend::new().hide(&one).hide_keys(&keys)).to_vec());
    same(layer.attend_with(x.clone(), x.clone(), x.clone(), &Attend::new().allow(&!&each)).to_vec());
    same(layer.attend_with(x.clone(), x.clone(), x.clone(), &Attend::new().bias(&bias)).to_vec());
    same(layer.attend_with(dynamic.clone(), dynamic.clone(), dynamic, &Attend::new().hide(&each)).to_vec());
}
