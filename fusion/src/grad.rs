//! Gradients of functions: what `torch.func` and JAX call `grad`, `vjp`, `jvp`, `jacobian`, `hessian`, and the product of a
//! Hessian with a vector.
//!
//! A function is a closure of one tensor. It is called once, with that tensor watched: in training mode, or in the mode of
//! the tensor where that is traced already (`x.trace_with(Trace::evaluation())`). What comes out is a plain tensor, unless
//! `x` is traced: then it hangs on `x`'s trace and has gradients in its turn, so that these functions nest to any order.
//! Where the result does not depend on `x` the derivative is 0.
//!
//! ```
//! use fusion::grad;
//! use fusion::prelude::*;
//!
//! let x = Tensor::<shape![2], f64>::from([1.0, 2.0]);
//! let cubes = |x: &Tensor<shape![2], f64>| x.pow(3).sum();
//! assert_eq!(grad::grad(cubes, &x).to_vec(), [3.0, 12.0]); // 3x²
//! assert_eq!(grad::hvp(cubes, &x, &Tensor::from([1.0, 10.0])).to_vec(), [6.0, 120.0]); // 6x times the vector
//! assert_eq!(grad::hessian(cubes, &x).to_vec(), [6.0, 0.0, 0.0, 12.0]);
//! // The third derivative, by nesting.
//! let second = |x: &Tensor<shape![2], f64>| grad::grad(|x| grad::grad(cubes, x).sum(), x).sum();
//! assert_eq!(grad::grad(second, &x).to_vec(), [6.0, 6.0]);
//! ```

use crate::dim::{Elements, OneNumber, Shape};
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::ops::concat::concat;
use crate::ops::shape::reshape;
use crate::tensor::{Float, Tensor};

/// The gradient of a function that gives one number. `torch.func.grad`.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// assert_eq!(fusion::grad::grad(|x| x.square().sum(), &x).to_vec(), [6.0, 8.0]);
/// ```
#[track_caller]
pub fn grad<S: Shape, R: Shape + OneNumber, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
) -> Tensor<S, T> {
    value_and_grad(f, x).1
}

/// What a function gives, one number, and its gradient. `torch.func.grad_and_value`, the other way round.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let (value, gradient) = fusion::grad::value_and_grad(|x| x.square().sum(), &x);
/// assert_eq!((value.item(), gradient.to_vec()), (25.0, vec![6.0, 8.0]));
/// ```
#[track_caller]
pub fn value_and_grad<S: Shape, R: Shape + OneNumber, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
) -> (Tensor<R, T>, Tensor<S, T>) {
    let leaf = x.watch();
    let y = f(&leaf);
    let (value, seed) = (kept(&y, x), ones(&y, x.is_traced()));
    (value, pulled(y, seed, &leaf))
}

/// What a function gives, and `v`, a weight for each element of that, times its Jacobian: the product of a vector with the
/// Jacobian, which is one backward pass. `torch.func.vjp`.
///
/// # Panics
/// If `v` has another shape than what the function gives.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let (y, weighted) = fusion::grad::vjp(|x| x.square(), &x, &Tensor::from([1.0, 10.0]));
/// assert_eq!((y.to_vec(), weighted.to_vec()), (vec![9.0, 16.0], vec![6.0, 80.0]));
/// ```
#[track_caller]
pub fn vjp<S: Shape, R: Shape, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
    v: &Tensor<R, T>,
) -> (Tensor<R, T>, Tensor<S, T>) {
    let leaf = x.watch();
    let y = f(&leaf);
    let seed = if x.is_traced() { v.trace_as(x) } else { v.clone() };
    (kept(&y, x), pulled(y, seed, &leaf))
}

/// What a function gives, and by how much that changes where `x` changes by `v`: the product of the Jacobian with a vector.
/// `torch.func.jvp`.
///
/// It is computed by two backward passes: that of `f` is linear in its seed, and the gradient by the seed is what is asked
/// for.
///
/// # Panics
/// If `v` and `x` differ in a size.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let (y, change) = fusion::grad::jvp(|x| x.square().sum(), &x, &Tensor::from([1.0, 10.0]));
/// assert_eq!((y.item(), change.item()), (25.0, 86.0));
/// ```
#[track_caller]
pub fn jvp<S: Shape, R: Shape, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
    v: &Tensor<S, T>,
) -> (Tensor<R, T>, Tensor<R, T>) {
    let leaf = x.watch();
    let y = f(&leaf);
    let seed = y.zeros_like().trace_as(&leaf).watch();
    let value = kept(&y, x);
    let change = dotted(&pulled(y, seed.clone(), &leaf), v, &leaf);
    let one = ones(&change, x.is_traced());
    (value, pulled(change, one, &seed))
}

/// The Hessian of a function that gives one number, times a vector: `2 H v` costs what two backward passes do, and no
/// Hessian is made. `torch.autograd.functional.hvp`.
///
/// Pearlmutter, [Fast Exact Multiplication by the Hessian](https://doi.org/10.1162/neco.1994.6.1.147), 1994.
///
/// # Panics
/// If `v` and `x` differ in a size.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let product = fusion::grad::hvp(|x| x.pow(3).sum(), &x, &Tensor::from([1.0, 10.0]));
/// assert_eq!(product.to_vec(), [18.0, 240.0]);
/// ```
#[track_caller]
pub fn hvp<S: Shape, R: Shape + OneNumber, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
    v: &Tensor<S, T>,
) -> Tensor<S, T> {
    let leaf = x.watch();
    let y = f(&leaf);
    let one = ones(&y, true);
    let along = dotted(&pulled(y, one, &leaf), v, &leaf);
    let one = ones(&along, x.is_traced());
    pulled(along, one, &leaf)
}

/// The Jacobian of a function: a row for each element that it gives, a column for each element of `x`, both in C order. One
/// backward pass for each row. `torch.func.jacrev`.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let swapped = |x: &Tensor<shape![2]>| x.square().matmul(&Tensor::<shape![2, 3]>::from([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]));
/// let jacobian: Tensor<shape![3, 2]> = fusion::grad::jacobian(swapped, &x);
/// assert_eq!(jacobian.to_vec(), [0.0, 8.0, 6.0, 0.0, 6.0, 8.0]);
/// ```
#[track_caller]
pub fn jacobian<S: Shape + Elements, R: Shape + Elements, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
) -> Tensor<(R::Len, S::Len), T> {
    let leaf = x.watch();
    let y = f(&leaf);
    Tensor::wrap(rows(&y, &leaf, x.is_traced()))
}

/// The Hessian of a function that gives one number: a row and a column for each element of `x`, in C order. One backward
/// pass for each row, of a gradient that is computed once. `torch.func.hessian`.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
/// let product = |x: &Tensor<shape![2]>| x.select(Axis::<0>, 0) * x.select(Axis::<0>, 1);
/// let hessian: Tensor<shape![2, 2]> = fusion::grad::hessian(product, &x);
/// assert_eq!(hessian.to_vec(), [0.0, 1.0, 1.0, 0.0]);
/// ```
#[track_caller]
pub fn hessian<S: Shape + Elements, R: Shape + OneNumber, T: Float>(
    f: impl FnOnce(&Tensor<S, T>) -> Tensor<R, T>,
    x: &Tensor<S, T>,
) -> Tensor<(S::Len, S::Len), T> {
    let leaf = x.watch();
    let y = f(&leaf);
    let one = ones(&y, true);
    let gradient = pulled(y, one, &leaf);
    Tensor::wrap(rows(&gradient, &leaf, x.is_traced()))
}

/// A value of a function of `x`: with its past where `x` has one.
fn kept<S: Shape, R: Shape, T: Float>(y: &Tensor<R, T>, x: &Tensor<S, T>) -> Tensor<R, T> {
    if x.is_traced() { y.clone() } else { y.detach() }
}

/// A seed of ones for a pass that is `recorded` or not.
fn ones<R: Shape, T: Float>(y: &Tensor<R, T>, recorded: bool) -> Tensor<R, T> {
    let ones = y.ones_like();
    if recorded { ones.trace_as(y) } else { ones.detach() }
}

/// The gradient by `leaf` of the elements of `y`, weighted by `seed`; 0 if `y` does not depend on it.
#[track_caller]
fn pulled<S: Shape, R: Shape, T: Float>(y: Tensor<R, T>, seed: Tensor<R, T>, leaf: &Tensor<S, T>) -> Tensor<S, T> {
    let gradient = if y.value().link().wants_gradient() { y.backward_with(seed).get(leaf) } else { None };
    gradient.unwrap_or_else(|| leaf.zeros_like())
}

/// The sum of the products of the elements of `gradient` and `v`.
#[track_caller]
fn dotted<S: Shape, T: Float>(gradient: &Tensor<S, T>, v: &Tensor<S, T>, leaf: &Tensor<S, T>) -> Tensor<(), T> {
    assert_eq!(v.shape(), leaf.shape(), "the vector has another shape than what is differentiated by");
    let product = crate::ops::binary::mul(gradient.value().clone(), v.trace_as(leaf).value());
    Tensor::<S, T>::wrap(product).sum()
}

/// The gradient of each element of `y` by `leaf`, as the rows of a matrix; `recorded` in their turn if it is said.
#[track_caller]
fn rows<S: Shape, R: Shape, T: Float>(y: &Tensor<R, T>, leaf: &Tensor<S, T>, recorded: bool) -> Value {
    let (shape, columns) = (*y.value().shape(), leaf.num_elements());
    let row = |i: usize| {
        let seed = Array::from_fn(shape, |k| T::from_f64(f64::from(u8::from(k == i))));
        let seed = Tensor::<R, T>::wrap(seed.into());
        let gradient = pulled(y.clone(), if recorded { seed.trace_as(y) } else { seed }, leaf);
        reshape(gradient.into_value(), &Dims::new(&[1, columns]))
    };
    let rows: Vec<_> = (0..y.num_elements()).map(row).collect();
    match rows.is_empty() {
        true => Array::full(T::from_f64(0.0), Dims::new(&[0, columns])).into(),
        false => concat(&rows, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use crate::gradcheck;

    type X = Tensor<(Num<3>,), f64>;

    fn x() -> X {
        Tensor::from([0.5, -1.25, 2.0])
    }

    /// A function with a full Hessian.
    fn mixed(x: &X) -> Tensor<(), f64> {
        (x.sum().tanh() * x.square().sum()).exp() + x.pow(3).sum()
    }

    #[track_caller]
    fn close(a: &[f64], b: &[f64]) {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * (1.0 + b.abs())), "{a:?} is not {b:?}");
    }

    #[test]
    fn rows_of_the_hessian_are_its_products() {
        let whole = hessian(mixed, &x()).to_vec();
        for i in 0..3 {
            let unit = X::wrap(Array::from_fn(Dims::new(&[3]), |k| f64::from(u8::from(k == i))).into());
            close(&hvp(mixed, &x(), &unit).to_vec(), &whole[3 * i..][..3]);
            // A Hessian is the Jacobian of the gradient, and symmetric.
            let (_, column) = jvp(|x| grad(mixed, x), &x(), &unit);
            close(&column.to_vec(), &[whole[i], whole[3 + i], whole[6 + i]]);
        }
        close(&jacobian(|x| grad(mixed, x), &x()).to_vec(), &whole);
        for i in 0..3 {
            for j in 0..i {
                close(&[whole[3 * i + j]], &[whole[3 * j + i]]);
            }
        }
    }

    #[test]
    fn what_they_give_has_gradients() {
        let v = X::from([1.0, -0.5, 2.0]);
        gradcheck(|x| grad(mixed, x), &x()).expect("the gradient's");
        gradcheck(|x| hvp(mixed, x, &v), &x()).expect("the product's");
        gradcheck(|x| jvp(|x| x.tanh() * x.sum(), x, &v).1, &x()).expect("the change's");
        gradcheck(|x| vjp(|x| x.tanh() * x.sum(), x, &v).1, &x()).expect("the weighted sum's");
        gradcheck(|x| jacobian(|x| x.tanh() * x.sum(), x), &x()).expect("the Jacobian's");
        gradcheck(|x| hessian(mixed, x), &x()).expect("the Hessian's");
        // A plain tensor gives plain ones.
        assert!(!grad(mixed, &x()).is_traced() && !hessian(mixed, &x()).is_traced());
    }

    #[test]
    fn what_does_not_depend_has_none() {
        let constant = |_: &X| Tensor::<(), f64>::wrap(Array::full(2.0f64, Dims::default()).into());
        assert_eq!(value_and_grad(constant, &x()).1.to_vec(), [0.0; 3]);
        assert_eq!(hessian(|x| x.sum(), &x()).to_vec(), [0.0; 9]);
        assert_eq!(jvp(constant, &x(), &x()).1.to_vec(), [0.0]);
        // Nor do parameters of the function: theirs is another gradient.
        let w = X::from([1.0, 2.0, 3.0]).parameter();
        assert_eq!(grad(|x| (x * &w).sum(), &x()).to_vec(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn of_no_elements() {
        let empty = Tensor::<(Dyn,), f64>::wrap(Array::full(0.0f64, Dims::new(&[0])).into());
        assert_eq!(jacobian(|x| x.square(), &empty).shape(), [0, 0]);
        assert_eq!(hessian(|x| x.square().sum(), &empty).shape(), [0, 0]);
    }
}
