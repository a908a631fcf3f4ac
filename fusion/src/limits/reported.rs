//! What once went outside of its memory, or counted wrongly, in safe code.

use crate::Result;
use crate::dim::{Axis, Dyn, Num};
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use crate::{dim, shape};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Four = (Dyn, Dyn, Dyn, Dyn);

/// What `f` panics with.
#[track_caller]
fn says<T>(f: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else { panic!("no panic") };
    *panic.downcast::<String>().expect("a panic with words")
}

#[test]
fn sums_of_large_views() {
    let one = Tensor::<shape![1, 1, 1, 1]>::ones();
    let x: Tensor<Four> = one.expand::<shape![dim!(65536), dim!(32768), 1, 1]>().to_dynamic();
    let y: Tensor<Four> = one.expand::<shape![1, 1, dim!(65536), dim!(32768)]>().to_dynamic();
    let error = x.try_add(&y).expect_err("too large").to_string();
    assert!(error.contains("[65536, 32768, 65536, 32768] make more than 1099511627775 elements"), "{error}");
    assert!(says(|| x + y).contains("[65536, 32768, 65536, 32768]"));
}

#[test]
fn a_product_that_is_0_in_64_bits() {
    let one = Tensor::<shape![1, 1, 1, 1]>::ones();
    let said = says(|| one.expand::<shape![dim!(65536), dim!(65536), dim!(65536), dim!(65536)]>());
    assert!(said.contains("the sizes [65536, 65536, 65536, 65536] make more than"), "{said}");
    says(|| Array::full(1f32, Dims::new(&[65536; 4])));
    says(|| Array::from_slice::<f32>(&[], Dims::new(&[65536; 4])));
    let four = Array::full(1f32, Dims::new(&[4]));
    for strides in [[1, 1, 1, u32::MAX as usize], [1, 1, 1, usize::MAX], [usize::MAX / 2; 4]] {
        says(|| four.view(Dims::new(&[65536; 4]), Dims::new(&strides), 0));
        says(|| four.view(Dims::new(&[1, 1, 2, 2]), Dims::new(&strides), 0));
    }
    says(|| four.view(Dims::new(&[1]), Dims::new(&[1]), usize::MAX));
    says(|| four.view(Dims::new(&[0]), Dims::new(&[1]), 5));
    // What has no elements has no strides either.
    let nothing = four.view(Dims::new(&[2, 0, 3]), Dims::new(&[1 << 31; 3]), 4);
    assert_eq!(*nothing.strides(), nothing.shape().row_major());
}

/// More elements than 32 bits count.
#[test]
fn views_beyond_32_bits() {
    let x = Tensor::<shape![1, 1]>::ones().expand::<shape![dim!(65536), dim!(65537)]>();
    assert_eq!((x.num_elements(), x.sum().item()), (65536 * 65537, (65536u64 * 65537) as f32));
    assert_eq!((x.get(&[65535, 65536]), x.get(&[65536, 0])), (Some(1.0), None));
    assert_eq!((x.mean().item(), x.max().item()), (1.0, 1.0));
    assert_eq!(x.t().sum_over(Axis::<1>).to_vec()[65536], 65536.0);
}

#[test]
fn more_than_memory() {
    let error = Tensor::<(Dyn, Dyn)>::ones_sized(&[1 << 19, 1 << 20]).expect_err("too large").to_string();
    assert_eq!(
        error,
        "a tensor of the sizes [524288, 1048576] takes 2199023255552 bytes, and the system does not have them"
    );
    let error = Tensor::<(Dyn, Dyn)>::ones_sized(&[1 << 20, usize::MAX]).expect_err("too large").to_string();
    assert!(error.contains("[1048576, 18446744073709551615] make more than 1099511627775 elements"), "{error}");
    let x = Tensor::<shape![1, 1]>::ones().expand::<shape![dim!(524288), 1]>();
    let error = x.try_add(&x.t()).expect_err("too large").to_string();
    assert!(error.contains("[524288, 524288] takes 1099511627776 bytes"), "{error}");
    assert!(says(|| x.contiguous() * x.t()).contains("does not have them"));
}

/// A size at run time has no limit of digits; only what types spell has.
#[test]
fn sizes_of_ten_digits() -> Result<()> {
    let x = Tensor::<(Dyn, Num<0>), u8>::zeros_sized(&[600_000_000, 0])?;
    assert_eq!(x.concat(&x, Axis::<0>).shape(), [1_200_000_000, 0]);
    let large = Tensor::<(Dyn, Num<0>), u8>::zeros_sized(&[1_200_000_000, 0])?;
    assert_eq!(large.concat(&large, Axis::<0>).shape(), [2_400_000_000, 0]);
    let x = Tensor::<(Dyn, Dyn), f32>::zeros_sized(&[2_000_000_000, 0])?;
    assert_eq!(x.transpose(Axis::<0>, Axis::<1>).shape(), [0, 2_000_000_000]);
    assert_eq!(x.try_reshape::<shape![Dyn, 7]>()?.shape(), [0, 7]);
    Ok(())
}

/// Wherever something is empty, so is its view.
#[test]
fn empty_tensors_to_ndarray() -> Result<()> {
    for sizes in [[0, 3], [3, 0], [0, 0]] {
        let x = Tensor::<(Dyn, Dyn)>::zeros_sized(&sizes)?;
        assert_eq!((x.as_ndarray().shape(), x.to_ndarray().shape()), (&sizes[..], &sizes[..]));
        assert_eq!(x.t().as_ndarray().shape(), [sizes[1], sizes[0]]);
        assert_eq!(ndarray::ArrayD::from(x).shape(), sizes);
    }
    let x = Tensor::<shape![1, 3]>::ones().expand::<shape![0, 3]>();
    assert_eq!(x.as_ndarray().shape(), [0, 3]);
    Ok(())
}

#[test]
fn one_less_than_nothing() {
    assert!(Tensor::<shape![0]>::linspace(0.0, 1.0).to_vec().is_empty());
    assert_eq!(Tensor::<shape![1]>::linspace(3.0, 1.0).to_vec(), [3.0]);
    let error = Tensor::<shape![1, 0]>::zeros().try_cross_entropy(&Tensor::from([0i64])).expect_err("no class");
    assert_eq!(error.to_string(), "cross_entropy: the label of row 0 is 0, but there are 0 classes");
}

/// Scores that no key takes part in: the mean of nothing is 0 here, as the sum is.
#[test]
fn stacks_with_an_inner_size_of_nothing() -> Result<()> {
    type Stack = Tensor<(Dyn, Dyn, Dyn)>;
    let (x, y) = (Stack::zeros_sized(&[2, 3, 0])?, Stack::zeros_sized(&[2, 0, 4])?);
    let product = x.matmul(&y);
    assert_eq!((product.shape(), product.to_vec()), (Stack::zeros_sized(&[2, 3, 4])?.shape(), vec![0.0; 24]));
    let (x, w) = (Stack::zeros_sized(&[2, 0, 3])?.watch(), Stack::ones_sized(&[2, 3, 4])?.parameter());
    let grads = x.matmul(&w).sum().backward();
    assert_eq!(grads.get(&w).expect("a gradient").to_vec(), [0.0; 24]);
    assert_eq!(grads.get(&x).expect("a gradient").shape(), [2, 0, 3]);
    Ok(())
}

/// Means divide, once.
#[test]
fn means_of_equal_numbers() {
    assert_eq!(Tensor::<shape![7]>::full(3.0f32).mean().item(), 3.0);
    assert_eq!(Tensor::<shape![49], f64>::full(1.0).mean().item(), 1.0);
    let x = Tensor::<shape![7]>::full(1001.0f32);
    assert_eq!((x.clone() - x.mean()).to_vec(), [0.0; 7]);
    // Its gradient too: 7 / 7, not 7 times the seventh that is rounded.
    let x = Tensor::<shape![49], f64>::ones().watch();
    let grads = (x.mean() * 49.0).sum().backward();
    assert_eq!(grads.get(&x).expect("a gradient").to_vec(), [1.0; 49]);
    let pooled = Tensor::<shape![1, 1, 7, 7]>::full(3.0f32).value().clone();
    let window = crate::ops::conv::Window::square(7);
    assert_eq!(crate::ops::pool::avg_pool2d(pooled, window).array().to_vec::<f32>(), [3.0]);
}

/// Nothing is left of what is constant, in the running statistics neither.
#[test]
fn norms_of_equal_numbers() {
    use crate::nn::{BatchNorm2d, Forward, LayerNorm};
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(0);
    for c in [100.0, 1000.0, 10_001.0, 1e7] {
        let norm = LayerNorm::<Num<61>>::init(&mut rng);
        assert_eq!(norm.forward(Tensor::<shape![2, 61]>::full(c)).to_vec(), [0.0; 122]);
        let norm = BatchNorm2d::<Num<1>>::init(&mut rng);
        let y = norm.forward(Tensor::<shape![1, 1, 61, 1]>::full(c).trace());
        assert_eq!(y.to_vec(), [0.0; 61]);
        let still = norm.forward(Tensor::<shape![1, 1, 1, 1]>::full(0.1 * c)).to_vec()[0];
        // 0.9 of the variance 1 that it began with, and the mean moved by a tenth.
        assert!(still.abs() < 1e-6 * c, "{still}");
    }
}

/// NumPy's pairwise sum has a relative error of 1e-7 here.
#[test]
fn long_sums() {
    let x = Tensor::<(Dyn,)>::full_sized(0.1f32, &[2_000_000]).unwrap();
    let sum = f64::from(x.sum().item());
    assert!((sum / (2e6 * f64::from(0.1f32)) - 1.0).abs() < 1e-7, "{sum}");
    assert_eq!(x.mean().item(), 0.1);
}
