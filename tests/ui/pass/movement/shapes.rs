//! Elements that move, with sizes that are known, that the run decides, and that are generic.

use fusion::dim::Padded;
use fusion::prelude::*;

/// Whatever the batch is.
fn any_batch<B: Dim>(x: &Tensor<(B, Num<6>, Num<8>)>) -> Tensor<(B, Num<2>, Num<5>)> {
    let padded: Tensor<(B, Num<8>, Num<10>)> = x.pad((Axis::<1>, Axis::<2>), Ends::<1, 1>, Reflect);
    let same: Tensor<(B, Num<6>, Num<8>)> = padded.shrink((Axis::<1>, Axis::<2>), Ends::<1, 1>);
    let (front, back): (Tensor<(B, Num<2>, Num<8>)>, Tensor<(B, Num<4>, Num<8>)>) =
        same.roll(Axis::<1>, -2).split::<shape![2, 4], _>(Axis::<1>);
    let rows: Tensor<(B, Num<2>, Num<2>, Num<8>)> = back.unflatten::<shape![2, 2], _>(Axis::<1>);
    let flat: Tensor<(B, Num<2>, Num<16>)> = rows.flatten_axes(Axis::<2>, Axis::<3>);
    let diagonals: Tensor<(B, Num<2>)> = flat.diagonal(Axis::<1>, Axis::<2>);
    let last: Tensor<(Num<8>, B, Num<2>)> = front.movedim(Axis::<-1>, Axis::<0>);
    let _: Tensor<(Num<8>, B, Num<3>)> = last.pad(Axis::<2>, Ends::<1, 0>, Circular);
    let _ = diagonals.tril(0);
    x.tril(0).triu(-1).narrow::<dim!(2), _>(Axis::<1>, 3).narrow::<dim!(5), _>(Axis::<2>, 0)
}

/// A size of which the rule is a bound.
fn any_size<N: Dim + Padded<Ends<1, 2>, Replicate>>(x: &Tensor<(N,)>) -> Tensor<(N::Out,)> {
    x.pad(Axis::<0>, Ends::<1, 2>, Replicate)
}

#[test]
fn main() {
    let x = Tensor::<shape![2, 6, 8]>::ones();
    assert_eq!(any_batch(&x).shape(), [2, 2, 5]);
    let some: Tensor<shape![Dyn, 6, 8]> = x.to_dynamic();
    assert_eq!(any_batch(&some).shape(), [2, 2, 5]);
    let y: Tensor<shape![6]> = any_size(&Tensor::from([1.0, 2.0, 3.0]));
    assert_eq!(y.to_vec(), [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
    let y: Tensor<shape![Dyn]> = any_size(&Tensor::<shape![Dyn]>::from(vec![1.0]));
    assert_eq!(y.shape(), [4]);

    // Sizes of the run stay so; what is known of the others stays, too.
    let y: Tensor<shape![Dyn, 9, 8]> = some.pad(Axis::<1>, Ends::<1, 2>, Constant(0.0));
    let y: Tensor<shape![Dyn, Dyn, 8]> = y.pad(Axis::<1>, [-3, 1], Constant(f32::NAN));
    assert_eq!(y.shape(), [2, 7, 8]);
    let y: Tensor<shape![Dyn, 12, 8]> = some.repeat::<shape![3, 2, 1]>();
    assert_eq!(y.shape(), [6, 12, 8]);
    let y: Tensor<shape![2, 2000, 8]> = Tensor::<shape![2, 1000, 8]>::ones().repeat_interleave::<dim!(2), _>(Axis::<1>);
    assert_eq!(y.num_elements(), 32_000);
    let y: Tensor<shape![Dyn, 3, Dyn, 8]> = some.unflatten::<shape![3, Dyn], _>(Axis::<1>);
    assert_eq!(y.shape(), [2, 3, 2, 8]);
    let y: Tensor<shape![Dyn, 8]> = some.flatten_axes(Axis::<0>, Axis::<1>);
    assert_eq!(y.shape(), [12, 8]);

    // Whole numbers and truth values move as well.
    let labels = Tensor::<shape![4], i64>::from([1, 2, 3, 4]);
    let square: Tensor<shape![5, 5], i64> = labels.diag_at(Above::<1>);
    let again: Tensor<shape![4], i64> = square.diagonal_at(Axis::<0>, Axis::<1>, Above::<1>);
    assert_eq!(again.to_vec(), [1, 2, 3, 4]);
    let none: Tensor<shape![0], i64> = square.diagonal_at(Axis::<0>, Axis::<1>, Below::<7>);
    assert_eq!(none.num_elements(), 0);
    let main: Tensor<shape![Dyn], i64> = square.diagonal_at(Axis::<0>, Axis::<1>, -1);
    assert_eq!(main.to_vec(), [0; 4]);
    let past = Tensor::<shape![3, 3], bool>::from_fn(|_| true).tril(0).pad(Axis::<0>, Ends::<0, 1>, Constant(false));
    assert_eq!(past.count_nonzero().item(), 6);
    let odd: Tensor<shape![Dyn], i64> = labels.slice_step(Axis::<0>, .., 2);
    assert_eq!(odd.to_vec(), [1, 3]);
    let (i, j): (Tensor<shape![4, 4], i64>, _) = labels.meshgrid(&labels);
    assert_eq!(i.to_vec()[..5], [1, 1, 1, 1, 2]);
    assert_eq!(j.to_vec()[..5], [1, 2, 3, 4, 1]);

    // Images of a height that the run decides.
    let images: Tensor<shape![2, 3, Dyn, 9]> = Tensor::<shape![2, 3, 7, 9]>::ones().to_dynamic();
    type Strips = Patches<(dim!(3), dim!(1)), dim!(2), (dim!(1), dim!(0))>;
    let columns: Tensor<shape![2, 9, Dyn]> = images.unfold::<Strips>();
    let back: Tensor<shape![2, 3, 7, 9]> = columns.fold::<Strips, shape![7, 9]>();
    assert_eq!(columns.shape(), [2, 9, 20]);
    assert_eq!(back.shape(), [2, 3, 7, 9]);
}
