//! Operations of a program's own, with a gradient rule.

use crate::graph::{self, Value};
use crate::kernels::{Array, Dims};
use crate::ops::concat::{concat, slice};
use crate::ops::shape::reshape;
use crate::tensor::{Float, Tensor};

/// Makes `output` the result of an operation on `inputs`, with a gradient rule of its own: PyTorch's `autograd.Function`.
///
/// `inputs` is a tensor by reference, or a tuple of up to six. `output` is a tensor, or a tuple of up to six of one element
/// type; it counts as numbers alone, however they were computed. `rule` gets the gradient of the output, the inputs and the
/// output, and gives the gradient of each input. It is written with tensors, so what it computes has a gradient in its turn.
/// Of several outputs, one that nobody uses has a gradient of zeros. Where no input is traced nothing is recorded.
///
/// What has no gradient, such as labels or a number, is no input: the rule's closure holds it.
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
///
/// /// The polar coordinates of the points `(x, y)`.
/// fn polar<S: Shape>(x: &Tensor<S, f64>, y: &Tensor<S, f64>) -> (Tensor<S, f64>, Tensor<S, f64>) {
///     let (radius, angle) = (x.detach().hypot(&y.detach()), y.detach().atan2(&x.detach()));
///     fusion::record("polar", (x, y), (radius, angle), |(of_radius, of_angle), (x, y), (radius, _)| {
///         let around = of_angle / radius.square();
///         let along = of_radius / radius;
///         (&along * &x - &around * &y, along * y + around * x)
///     })
/// }
///
/// let y = Tensor::<shape![2], f64>::from([1.0, 0.5]);
/// fusion::gradcheck(|x| polar(x, &y.trace_as(x)).0, &Tensor::from([2.0, -1.0]))?;
/// fusion::gradcheck(|x| polar(x, &y.trace_as(x)).1, &Tensor::from([2.0, -1.0]))?;
/// # Ok::<(), fusion::Error>(())
/// ```
#[doc(alias = "Function")]
#[doc(alias = "custom_gradient")]
#[doc(alias = "custom_vjp")]
#[track_caller]
pub fn record<I: Inputs, O: Outputs>(
    name: &'static str,
    inputs: I,
    output: O,
    rule: impl Fn(O, I::Tensors, O) -> I::Tensors + Send + Sync + 'static,
) -> O {
    let (packed, sizes) = output.pack(Value::detach);
    O::unpack(inputs.record(name, packed.into_parts().0, sizes, rule), &sizes)
}

/// What an operation of one's own takes: a tensor, or several, by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an operation takes",
    label = "neither a reference to a tensor of floats nor a tuple of two to six of them"
)]
pub trait Inputs {
    /// The same, owned: what a rule gets, and its gradients.
    type Tensors;

    /// The result of the operation, the outputs in one array.
    #[doc(hidden)]
    #[track_caller]
    fn record<O: Outputs>(
        self,
        name: &'static str,
        packed: Array,
        sizes: O::Sizes,
        rule: impl Fn(O, Self::Tensors, O) -> Self::Tensors + Send + Sync + 'static,
    ) -> Value;
}

/// What an operation of one's own gives: a tensor, or several of one element type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an operation gives",
    label = "neither a tensor of floats nor a tuple of two to six of them, of one element type"
)]
pub trait Outputs: Sized {
    /// The sizes of each output, if there are several.
    #[doc(hidden)]
    type Sizes: Send + Sync + Copy + 'static;

    /// What `part` gives of each, in one value: a recorded operation has one result.
    #[doc(hidden)]
    #[track_caller]
    fn pack(&self, part: fn(&Value) -> Value) -> (Value, Self::Sizes);

    /// The outputs, as parts of that.
    #[doc(hidden)]
    #[track_caller]
    fn unpack(packed: Value, sizes: &Self::Sizes) -> Self;
}

impl<S, T: Float> Outputs for Tensor<S, T> {
    type Sizes = ();

    fn pack(&self, part: fn(&Value) -> Value) -> (Value, ()) {
        (part(self.value()), ())
    }

    fn unpack(packed: Value, (): &()) -> Self {
        Self::wrap(packed)
    }
}

macro_rules! inputs {
    ($($A:ident $T:ident $x:ident $i:literal),*; $refs:pat => $Refs:ty; $Tensors:ty, $tensors:pat => $all:expr) => {
        impl<$($T: Float, $A),*> Inputs for $Refs {
            type Tensors = $Tensors;

            #[track_caller]
            fn record<O: Outputs>(
                self,
                name: &'static str,
                packed: Array,
                sizes: O::Sizes,
                rule: impl Fn(O, Self::Tensors, O) -> Self::Tensors + Send + Sync + 'static,
            ) -> Value {
                let $refs = self;
                let links = [$($x.value().link()),*];
                let ($($x,)*) = ($($x.value().array().clone(),)*);
                graph::record(name, links, packed, |packed| {
                    let packed = packed.clone();
                    move |gradient, context| {
                        let arrays = [$(&$x),*];
                        let $tensors = {
                            $(let $x = Tensor::wrap(context.input($i, arrays[$i]));)*
                            rule(O::unpack(gradient, &sizes), $all, O::unpack(context.output(&packed), &sizes))
                        };
                        [$(checked(name, $x, arrays[$i])),*]
                    }
                })
            }
        }
    };
}
inputs!(A T a 0; a => &Tensor<A, T>; Tensor<A, T>, a => a);

macro_rules! several {
    ($([$($A:ident $T:ident $x:ident $i:tt),*])*) => { $(
        inputs!($($A $T $x $i),*; ($($x),*) => ($(&Tensor<$A, $T>),*); ($(Tensor<$A, $T>),*), ($($x),*) => ($($x),*));

        impl<T: Float, $($A),*> Outputs for ($(Tensor<$A, T>),*) {
            type Sizes = [Dims; [$($i),*].len()];

            #[track_caller]
            fn pack(&self, part: fn(&Value) -> Value) -> (Value, Self::Sizes) {
                let parts = [$(self.$i.value()),*];
                let flat = parts.map(|of| reshape(part(of), &Dims::new(&[of.array().count()])));
                (concat(&flat, 0), parts.map(|of| *of.shape()))
            }

            #[track_caller]
            fn unpack(packed: Value, sizes: &Self::Sizes) -> Self {
                let mut next = 0;
                ($({
                    let (from, shape) = (next, &sizes[$i]);
                    next += shape.count();
                    Tensor::<$A, T>::wrap(reshape(slice(packed.clone(), 0, from, next), shape))
                }),*)
            }
        }
    )* };
}
several! {
    [A TA a 0, B TB b 1]
    [A TA a 0, B TB b 1, C TC c 2]
    [A TA a 0, B TB b 1, C TC c 2, D TD d 3]
    [A TA a 0, B TB b 1, C TC c 2, D TD d 3, E TE e 4]
    [A TA a 0, B TB b 1, C TC c 2, D TD d 3, E TE e 4, F TF f 5]
}

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

    /// `(a² + b, a b)`: two outputs, of inputs of which one is needed in both.
    fn two(a: &Tensor<(Num<3>,), f64>, b: &Tensor<(Num<3>,), f64>) -> [Tensor<(Num<3>,), f64>; 2] {
        let (x, y) = (a.detach(), b.detach());
        let (sum, product) =
            record("two", (a, b), (x.square() + &y, &x * &y), |(f, g), (a, b), _| (&f * &a * 2 + &g * b, f + g * a));
        [sum, product]
    }

    #[test]
    fn several_outputs_and_gradients_of_gradients() {
        let (a, b) = (Tensor::from([1.0, -2.0, 0.5]), Tensor::from([3.0, 4.0, -1.0]));
        for k in 0..2 {
            let both = |x: &Tensor<(Num<3>,), f64>| two(&x.tanh(), &(x * &b.trace_as(x)))[k].exp();
            gradcheck(both, &a).expect("the gradient");
            gradcheck(|x| crate::grad::grad(|x| both(x).sum(), x), &a).expect("the gradient's gradient");
        }
        // One of the two is not used.
        let x = a.watch();
        let [_, product] = two(&x, &b);
        assert_eq!(product.sum().backward().get(&x).unwrap().to_vec(), b.to_vec());
        let shaped = record("shapes", &x, (x.detach().sum(), x.detach()), |(f, g), _, _| g + f);
        assert_eq!((shaped.0.shape().len(), shaped.1.shape()), (0, x.shape()));
    }

    #[test]
    fn inputs_of_two_element_types() {
        let a = Tensor::<(Num<2>,), f32>::from([1.0, 2.0]).watch();
        let b = Tensor::<(Num<2>,), f64>::from([3.0, 4.0]).trace_as(&a).watch();
        let output = a.detach().cast::<f64>() * b.detach();
        let y = record("mixed", (&a, &b), output, |g, (a, b), _| ((&g * b).cast(), g * a.cast::<f64>()));
        let grads = y.sum().backward();
        assert_eq!(grads.get(&a).unwrap().to_vec(), [3.0, 4.0]);
        assert_eq!(grads.get(&b).unwrap().to_vec(), [1.0, 2.0]);
    }

    #[test]
    #[should_panic(expected = "the rule of `odd` gives a gradient of the sizes [1] for an input of [2]")]
    fn a_gradient_of_other_sizes() {
        let x = Tensor::<(Dyn,)>::from(vec![1.0, 2.0]).watch();
        let y = record("odd", &x, x.detach(), |_, _, _| Tensor::from(vec![1.0]));
        let _ = y.sum().backward();
    }
}
