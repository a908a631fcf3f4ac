//! Parts along an axis and their stacks, over a free batch; an LSTM's step with PyTorch's layout of the gates.

use fusion::dim::Chunk;
use fusion::prelude::*;

fn last<B: Dim, T: Dim, F: Dim>(x: &Tensor<(B, T, F)>) -> Tensor<(B, F)> {
    x.select(Axis::<1>, x.shape()[1] - 1)
}

fn step<B: Dim, H: Dim, G: Dim + Chunk<Num<4>, Out = H>>(
    gates: &Tensor<(B, G)>,
    c: &Tensor<(B, H)>,
) -> (Tensor<(B, H)>, Tensor<(B, H)>) {
    let [i, f, g, o] = gates.chunk(Axis::<1>);
    let c = f.sigmoid() * c + i.sigmoid() * g.tanh();
    (o.sigmoid() * c.tanh(), c)
}

fn doubled<B: Dim, T: Dim, F: Dim>(x: &Tensor<(B, T, F)>) -> Tensor<(B, Dyn, F)> {
    let steps: Vec<_> = x.unstack(Axis::<1>).iter().map(|x| x * 2.0).collect();
    Tensor::stack(steps, Axis::<1>)
}

#[test]
fn main() {
    let x = Tensor::<shape![2, 3, 4]>::from_fn(|i| i as f32);
    assert_eq!(last(&x).to_vec(), [8.0, 9.0, 10.0, 11.0, 20.0, 21.0, 22.0, 23.0]);
    assert_eq!(doubled(&x).to_vec(), (&x + &x).to_vec());

    let (x, w) = (Tensor::<shape![2, 8]>::ones().trace(), Tensor::<shape![8, 12]>::zeros().parameter());
    let (h, c) = step(&x.matmul(&w), &Tensor::<shape![2, 3]>::ones());
    let grads = (h + c).sum().backward();
    assert_eq!(grads.get(&w).unwrap().shape(), [8, 12]);

    let middle: Tensor<shape![2, 5]> = x.narrow(Axis::<-1>, 2);
    assert_eq!(middle.num_elements(), 10);
    let rows = Tensor::concat_all([&middle, &middle], Axis::<0>);
    assert_eq!(rows.shape(), [4, 5]);
}
