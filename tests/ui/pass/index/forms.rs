use fusion::dim::HasIndex;
use fusion::prelude::*;

fn third<D: Dim + HasIndex<dim!(2)>>(x: &Tensor<(D,)>) -> Tensor<()> {
    x.at(ix![2])
}

fn last<B: Dim>(x: &Tensor<(B, Dyn, dim!(16))>) -> Tensor<(B, dim!(16))> {
    x.at(ix![.., -1])
}

#[test]
fn main() {
    let x = Tensor::<shape![6, 4, 5000]>::zeros();
    let _: Tensor<shape![4, 5000]> = x.at(ix![0]);
    let _: Tensor<shape![6, 4]> = x.at(ix![..., -5000]);
    let _: Tensor<shape![6, 4, 4999]> = x.at(ix![.., .., 1..]);
    let _: Tensor<shape![6, 4, 1250]> = x.at(ix![.., .., ..; 4]);
    let _: Tensor<shape![6, 1, 2, 1000]> = x.at(ix![.., new, 1..-1, 4000..]);
    let _: Tensor<shape![2, 4, 5000]> = x.at(ix![1..6; 3]);
    let _: Tensor<shape![2, 4, 5000]> = x.at(ix![-3..=-1; 2,]);
    let _: Tensor<shape![0, 4, 5000]> = x.at(ix![6..]);
    let _: Tensor<shape![6, 4, 5000]> = x.at(ix![]);
    let (a, b): (usize, u8) = (1, 3);
    let _: Tensor<shape![Dyn, 4, 2]> = x.at(ix![a..b, .., 1..3]);
    let _: Tensor<shape![4, 5000]> = x.at(ix![a + 1]);
    let _: Tensor<shape![Dyn, 4, 5000]> = x.at(ix![..; a]);
    let rows = Tensor::<shape![2, 7], i64>::full(3);
    let _: Tensor<shape![6, 2, 7, 5000]> = x.at(ix![.., &rows]);
    let borrowed = &rows;
    let _: Tensor<shape![6, 2, 7]> = x.at(ix![.., &borrowed, 0]);
    let mask = Tensor::<shape![6, 4], bool>::full(true);
    let _: Tensor<shape![Dyn, 1, 2]> = x.at(ix![&mask, new, -2..]);
    let six: Tensor<shape![1, 1, 1, 1, 1, 1]> = Tensor::<shape![]>::zeros().at(ix![new, new, new, new, new, new]);
    let _: Tensor<shape![1]> = six.at(ix![0, 0, 0, 0, 0]);
    assert_eq!(third(&Tensor::from([1.0, 2.0, 3.0])).item(), 3.0);
    assert_eq!(last(&Tensor::<shape![2, Dyn, 16]>::zeros_sized(&[2, 3, 16]).unwrap()).shape(), [2, 16]);
}
