//! Operations of a program's own, with a gradient rule.

use crate::graph::{self, Value};
use crate::kernels::Array;
use crate::tensor::{Float, Tensor};

/// Makes `output` the result of an operation on `inputs`, with a gradient rule of its own: PyTorch's `autograd.Function`.
///
/// `inputs` is a tensor by reference, or a pair or triple of them. `output` counts as numbers alone, however they were
/// computed. `rule` gets the gradient of the result, the inputs and the result, and gives the gradient of each input. It is
/// written with tensors, so what it computes has a gradient in its turn. Where no input is traced nothing is recorded.
///
/// # Panics
/// As any operation, if traces of two modes meet, or a trace and what inference gave. The backward pass panics if the
/// rule gives a gradient of other sizes than its input has.
///
/// ```
/// use fusion::prelude::*;
///
/// /// `x³`, in one loop.
/// fn cube<S: Shape>(x: &Tensor<S, f64>) -> Tensor<S, f64> {
///     let cubes = x.to_vec().iter().map(|x| x * x * x).collect();
///     let output = Tensor::from_vec_sized(cubes, &x.shape()).expect("the sizes of x");
///     fusion::record("cube", x, output, |gradient, x, _| gradient * x.square() * 3)
/// }
///
/// fusion::gradcheck(cube, &Tensor::from([2.0, -1.0]))?;
/// # Ok::<(), fusion::Error>(())
/// ```
#[doc(alias = "Function")]
#[track_caller]
pub fn record<S, T: Float, I: Inputs<T>>(
    name: &'static str,
    inputs: I,
    output: Tensor<S, T>,
    rule: impl Fn(Tensor<S, T>, I::Tensors, Tensor<S, T>) -> I::Tensors + Send + Sync + 'static,
) -> Tensor<S, T> {
    Tensor::wrap(inputs.record(name, output.value().array().clone(), rule))
}

/// What an operation of one's own takes: a tensor, or several, by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an operation takes",
    label = "neither a reference to a tensor nor a pair or triple of them"
)]
pub trait Inputs<T> {
    /// The same, owned: what a rule gets, and its gradients.
    type Tensors;

    /// The result of the operation.
    #[doc(hidden)]
    #[track_caller]
    fn record<S>(
        self,
        name: &'static str,
        output: Array,
        rule: impl Fn(Tensor<S, T>, Self::Tensors, Tensor<S, T>) -> Self::Tensors + Send + Sync + 'static,
    ) -> Value;
}

macro_rules! inputs {
    ($($A:ident $x:ident $i:literal),*; $refs:pat => $Refs:ty; $Tensors:ty, $tensors:pat => $all:expr) => {
        impl<T: Float, $($A),*> Inputs<T> for $Refs {
            type Tensors = $Tensors;

            #[track_caller]
            fn record<S>(
                self,
                name: &'static str,
                output: Array,
                rule: impl Fn(Tensor<S, T>, Self::Tensors, Tensor<S, T>) -> Self::Tensors + Send + Sync + 'static,
            ) -> Value {
                let $refs = self;
                let links = [$($x.value().link()),*];
                let ($($x,)*) = ($($x.value().array().clone(),)*);
                graph::record(name, links, output, |output| {
                    let output = output.clone();
                    move |gradient, context| {
                        let arrays = [$(&$x),*];
                        let $tensors = {
                            $(let $x = Tensor::wrap(context.input($i, arrays[$i]));)*
                            rule(Tensor::wrap(gradient), $all, Tensor::wrap(context.output(&output)))
                        };
                        [$(checked(name, $x, arrays[$i])),*]
                    }
                })
            }
        }
    };
}
inputs!(A a 0; a => &Tensor<A, T>; Tensor<A, T>, a => a);
inputs!(A a 0, B b 1; (a, b) => (&Tensor<A, T>, &Tensor<B, T>); (Tensor<A, T>, Tensor<B, T>), (a, b) => (a, b));
inputs!(
    A a 0, B b 1, C c 2;
    (a, b, c) => (&Tensor<A, T>, &Tensor<B, T>, &Tensor<C, T>);
    (Tensor<A, T>, Tensor<B, T>, Tensor<C, T>), (a, b, c) => (a, b, c)
);

/// The gradient of an input with these elements.
#[track_caller]
fn checked<S, T: Float>(name: &str, gradient: Tensor<S, T>, input: &Array) -> Option<Value> {
    let gradient = gradient.into_value();
    let (found, want) = (gradient.shape(), input.shape());
    assert!(found == want, "the rule of `{name}` gives a gradient of the sizes {found:?} for an input of {want:?}");
    Some(gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};
    use crate::gradcheck;

    /// `a * b`, with a rule of its own.
    fn product(a: &Tensor<(Num<3>,), f64>, b: &Tensor<(Num<3>,), f64>) -> Tensor<(Num<3>,), f64> {
        record("product", (a, b), a.detach() * b.detach(), |g, (a, b), _| (&g * b, g * a))
    }

    #[test]
    fn two_inputs_and_gradients_of_gradients() {
        let (a, b) = (Tensor::from([1.0, -2.0, 0.5]), Tensor::from([3.0, 4.0, -1.0]));
        gradcheck(|a| product(a, &b.trace_as(a)), &a).unwrap();
        gradcheck(|x| product(x, x), &a).unwrap();
        let a = a.watch();
        let first = product(&a, &a).backward_with(a.ones_like()).get(&a).unwrap();
        assert_eq!(first.to_vec(), [2.0, -4.0, 1.0]);
        assert_eq!(first.sum().backward().get(&a).unwrap().to_vec(), [2.0; 3]);
    }

    #[test]
    fn a_rule_that_uses_the_result() {
        let x = Tensor::<(Num<2>,), f64>::from([0.5, -1.5]).watch();
        let y = record("exp", &x, x.detach().exp(), |g, _, y| g * y);
        let grads = y.sum().backward();
        assert_eq!(grads.get(&x).unwrap().to_vec(), x.detach().exp().to_vec());
        assert!(!record("exp", &x.detach(), x.detach(), |g, _, _| g).is_traced());
    }

    #[test]
    #[should_panic(expected = "the rule of `odd` gives a gradient of the sizes [1] for an input of [2]")]
    fn a_gradient_of_other_sizes() {
        let x = Tensor::<(Dyn,)>::from(vec![1.0, 2.0]).watch();
        let y = record("odd", &x, x.detach(), |_, _, _| Tensor::from(vec![1.0]));
        let _ = y.sum().backward();
    }
}
