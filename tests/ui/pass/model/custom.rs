//! Layers of one's own, other models among them; what follows them is inferred by const evaluation.
#![deny(warnings)]

use fusion::prelude::*;

mod my {
    use fusion::prelude::*;

    /// Scales each feature.
    #[derive(Module)]
    pub struct Gate<C: Dim> {
        #[init(ones)]
        scale: Tensor<(C,)>,
    }

    impl<B: Dim, C: Dim> Forward<Tensor<(B, C)>> for Gate<C> {
        type Output = Tensor<(B, C)>;
        fn forward(&self, x: Tensor<(B, C)>) -> Tensor<(B, C)> {
            x * &self.scale
        }
    }

    /// Adds its input to what a layer makes of it.
    #[derive(Module)]
    pub struct Residual<L> {
        inner: L,
    }

    impl<B: Dim, C: Dim, L: Forward<Tensor<(B, C)>, Output = Tensor<(B, C)>>> Forward<Tensor<(B, C)>> for Residual<L> {
        type Output = Tensor<(B, C)>;
        fn forward(&self, x: Tensor<(B, C)>) -> Tensor<(B, C)> {
            let y = self.inner.forward(x.clone());
            y + x
        }
    }

    /// The same number in each place.
    #[derive(Module)]
    pub struct Times<const N: usize>;

    impl<S: Shape, const N: usize> Forward<Tensor<S>> for Times<N> {
        type Output = Tensor<S>;
        fn forward(&self, x: Tensor<S>) -> Tensor<S> {
            x * N as f32
        }
    }
}

const WIDTH: usize = 1500;

model! {
    pub Head: [64] -> [10] { fc1: Linear<_, 32>, Relu, fc2: Linear<_, 10> }
}

model! {
    pub Net: [20] -> [10] {
        fc1: Linear<_, WIDTH>, Relu,
        my::Gate<WIDTH>,
        my::Gate<1500>,
        my::Residual<Linear<1500, 1500>>,
        my::Times<{ 1 + 1 }>,
        fc2: Linear<_, 64>, Relu,
        head: Head,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![3, 10]> = net.forward(Tensor::<shape![3, 20]>::ones());
    let _: &Tensor<shape![64, 1500]> = &net.fc2.weight;
    let names = net.names();
    assert!(names.contains(&"2.scale".into()) && names.contains(&"4.inner.weight".into()));
    assert!(names.contains(&"head.fc1.weight".into()));
    let summary = net.summary();
    let shown: Vec<_> = summary.rows().iter().map(|row| (row.layer.as_str(), row.output.as_slice())).collect();
    assert_eq!(shown[2], ("my::Gate<WIDTH>", &[1500][..]));
    assert_eq!(shown[6], ("Linear<1500, 64>", &[64][..]));
    assert_eq!(shown[8], ("Head", &[10][..]));
    assert_eq!(summary.rows()[8].multiply_adds, Some(64 * 32 + 32 * 10));
}
