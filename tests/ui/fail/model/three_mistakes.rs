//! Three mistakes give three errors, also among many layers, and with uses elsewhere.
// mistakes: 3
use fusion::prelude::*;

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

model! {
    pub Net: [28, 28] -> [10] {
        Flatten,
        fc1: Linear<783, 512>, Relu, Dropout<0.25>,
        fc2: Linear<_, 256>, Relu,
        gate: Gate<256>,
        fc3: Linear<255, 128>, Tanh,
        fc4: Linear<_, 64, 32>, Sigmoid,
        fc5: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 28, 28]>::zeros());
    let w: &Tensor<shape![512, 784]> = &net.fc1.weight;
    let v: &Tensor<shape![128, 256]> = &net.fc3.weight;
    let _ = (y, w, v, net.summary(), net.num_parameters());
}
