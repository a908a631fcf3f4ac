//! Sums of products by letters, in code that knows the sizes and in code that does not.

use fusion::prelude::*;

// The names of the macro's own function do not hide those of the program.
#[allow(non_camel_case_types)]
type i = shape![2];

fn einsum(x: &Tensor<i>) -> Tensor<i> {
    x * 2
}

fn attention<B: Dim, H: Dim, T: Dim, D: Dim, F: Float>(
    q: &Tensor<(B, H, T, D), F>,
    k: &Tensor<(B, H, T, D), F>,
    v: &Tensor<(B, H, T, D), F>,
) -> Tensor<(B, H, T, D), F> {
    let scores = einsum!("bhqd,bhkd->bhqk", q, k).softmax(Axis::<-1>);
    einsum!("bhqk,bhkd->bhqd", scores, v)
}

fn bilinear<B: Dim, I: Dim, O: Dim>(x: &Tensor<(B, I)>, w: &Tensor<(O, I, I)>) -> Tensor<(B, O)> {
    einsum!("bi,oij,bj->bo", x, w, x)
}

struct Batch;

#[test]
fn main() {
    let x = Tensor::<shape![2, 2]>::from([[1.0, 2.0], [3.0, 4.0]]);
    let trace: Tensor<()> = einsum!("ii->", x);
    assert_eq!(trace.item(), 5.0);
    let turned: Tensor<shape![2, 2]> = einsum!("ij -> ji", &x);
    assert_eq!(turned.to_vec(), [1.0, 3.0, 2.0, 4.0]);
    // What is written may be any expression, and stays there.
    let row = Tensor::<i>::from([1.0, 10.0]);
    assert_eq!(einsum!("ij,j", &x + 1, einsum(&row)).to_vec(), [64.0, 108.0]);
    assert_eq!(einsum!("ij,j", (&x + 1).abs(), row,).to_vec(), [32.0, 54.0]);
    assert_eq!(einsum!("i,i,i->", row, row, row).item(), 1001.0);

    let q = Tensor::<shape![2, 4, 3, 8], f64>::ones();
    assert_eq!(attention(&q, &q, &q).to_vec()[0], 1.0);
    let open = q.to_dynamic::<shape![Dyn, 4, Dyn, 8]>();
    let y: Tensor<shape![Dyn, 4, Dyn, 8], f64> = attention(&open, &open, &open);
    assert_eq!(y.shape(), [2, 4, 3, 8]);
    let w = Tensor::<shape![3, 2, 2]>::ones();
    assert_eq!(bilinear(&x, &w).to_vec()[..3], [9.0; 3]);

    // What is known of a size in one operand is known of the result.
    let rows: Tensor<shape![Dyn, 3]> = einsum!("bi,oij->bo", x.to_dynamic::<shape![Dyn, Dyn]>(), w);
    assert_eq!(rows.to_vec(), [6.0, 6.0, 6.0, 14.0, 14.0, 14.0]);
    let named: Tensor<shape![Dyn<Batch>, 2]> = x.to_dynamic();
    let same: Tensor<shape![Dyn<Batch>]> = einsum!("bi,bi->b", named, named);
    assert_eq!(same.to_vec(), [5.0, 25.0]);
    let both: Tensor<shape![2]> = einsum!("bi,bi->b", named, x);
    assert_eq!(both.to_vec(), [5.0, 25.0]);
    assert!(try_einsum!("bi,bi->b", named, Tensor::<shape![Dyn, 2]>::ones_sized(&[3, 2]).unwrap()).is_err());
}
