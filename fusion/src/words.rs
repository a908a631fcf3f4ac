//! Words of other libraries, answered with ours.
//!
//! A method with such a word is found, and asks for a trait that nothing has: the message is the trait's. The methods are
//! in traits that the prelude brings along without a name, and take `&mut self`: a method of a program of its own, with
//! the same name, comes first. A word that a program may well use itself (`train`, `eval`, `new`) is not answered.

use crate::nn::Module;
use crate::optim::Optimizer;
use crate::tensor::Tensor;
use std::ops::Index;

/// Who is asked for what a word stands for.
#[derive(Debug)]
pub struct Fusion;

macro_rules! words {
    ($(
        $(#[$attr:meta])*
        $Words:ident for [$($implemented:tt)*] {
            $($word:ident($($A:ident),*) $Word:ident: $message:literal, $label:literal $(, $note:literal)*;)*
        }
    )*) => { $(
        $(#[$attr])*
        pub trait $Words {
            $(
                #[doc(hidden)]
                fn $word<$($A),*>(&mut self $(, _: $A)*) -> <Fusion as $Word<Self>>::Out
                where
                    Fusion: $Word<Self>,
                {
                    unreachable!("no type has this trait")
                }
            )*
        }

        $($implemented)* {}

        $(
            #[doc = concat!("What `", stringify!($word), "` would ask for.")]
            #[diagnostic::on_unimplemented(message = $message, label = $label $(, note = $note)*)]
            pub trait $Word<Of: ?Sized> {
                /// What would come of it.
                type Out;
            }
        )*
    )* };
}

words! {
    /// Words for tensors.
    TensorWords for [impl<S, T> TensorWords for Tensor<S, T>] {
        view(A, B) View:
            "`view` is called `reshape` here, and the new shape is a type",
            "write `.reshape::<shape![32, 784]>()`",
            "a `Dyn` in the shape follows from the rest, as -1 does elsewhere";
        numpy() Numpy:
            "a tensor gives its numbers to ndarray",
            "write `.as_ndarray()`, without a copy, or `.to_vec()`";
        tolist() ToList:
            "a tensor gives its numbers as a vector",
            "write `.to_vec()`";
        to_data() ToData:
            "a tensor gives its numbers as a vector",
            "write `.to_vec()`";
        to_scalar() ToScalar:
            "the number in a tensor of one number is its `item`",
            "write `.item()`";
        size(A) Size:
            "the sizes of a tensor are its `shape`",
            "write `.shape()`, and `.shape()[0]` for one of them";
        dim() Rank:
            "the number of axes is the length of the shape",
            "write `.shape().len()`";
        numel() NumEl:
            "the number of elements is their `num_elements`",
            "write `.num_elements()`";
        log() Log:
            "the natural logarithm is called `ln`",
            "write `.ln()`";
        float() ToFloat:
            "an element type is cast to by name",
            "write `.cast::<f32>()`";
        double() ToDouble:
            "an element type is cast to by name",
            "write `.cast::<f64>()`";
        long() ToLong:
            "an element type is cast to by name",
            "write `.cast::<i64>()`";
        to(A) To:
            "there is no device to move a tensor to: all are in the memory of the machine",
            "leave it out; another element type is `.cast::<f64>()`";
        mm(A) Mm:
            "the matrix product is `matmul`",
            "write `.matmul(&w)`";
        bmm(A) Bmm:
            "the product of stacks of matrices is `matmul`, too",
            "write `.matmul(&w)`";
        sum_dim(A) SumDim:
            "a sum over an axis is `sum_over`, and the axis is a type",
            "write `.sum_over(Axis::<1>)`, or `.sum_keep(Axis::<1>)`";
        mean_dim(A) MeanDim:
            "a mean over an axis is `mean_over`, and the axis is a type",
            "write `.mean_over(Axis::<1>)`, or `.mean_keep(Axis::<1>)`";
        swapaxes(A, B) SwapAxes:
            "two axes change places by `transpose`, and the axes are types",
            "write `.transpose(Axis::<0>, Axis::<1>)`";
        requires_grad_() RequiresGrad:
            "a gradient is asked for where a tensor is made",
            "write `.parameter()` for what is trained, or `.watch()` for an input";
        retain_grad() RetainGrad:
            "the gradient of a result in between is asked for by `watch`",
            "write `let h = h.watch();`";
        grad() Grad:
            "a tensor has no gradient in it: `backward()` returns them all",
            "write `let grads = loss.backward();`, then `grads.get(&w)`";
    }

    /// Words for modules, and so for tensors.
    ModuleWords for [impl<M: Module + ?Sized> ModuleWords for M] {
        cuda() Cuda:
            "there is no device to move to: all numbers are in the memory of the machine",
            "leave it out";
        zero_grad() ZeroGrad:
            "there are no stored gradients to zero: `backward()` returns them anew each time",
            "leave it out";
        state_dict() StateDict:
            "a module is saved by itself",
            "write `.save(\"net.safetensors\")?`";
        load_state_dict(A) LoadStateDict:
            "a module is loaded from a file",
            "write `let net = Net::load(\"net.safetensors\")?;`, or `.load_state(path)?` into this one";
    }

    /// Words for optimizers.
    OptimizerWords for [impl<O: Optimizer + ?Sized> OptimizerWords for O] {
        zero_grad() ZeroGradients:
            "there are no stored gradients to zero: `backward()` returns them anew each time",
            "leave it out";
    }
}

impl<S> Tensor<S, i64> {
    /// Labels in the place of the scores.
    #[doc(hidden)]
    pub fn cross_entropy<X>(&self, _: X) -> X::Loss
    where
        X: ScoresFirst,
    {
        unreachable!("no type has this trait")
    }
}

/// What the scores of `labels.cross_entropy(&scores)` would have to be.
#[diagnostic::on_unimplemented(
    message = "the scores come first, then the labels",
    label = "these are scores: write `scores.cross_entropy(&labels)`"
)]
pub trait ScoresFirst {
    /// The loss.
    type Loss;
}

impl Tensor<(), f32> {
    /// A list of tensors, one behind the other.
    #[doc(hidden)]
    pub fn cat<L, A, Out>(_: L, _: A) -> Out
    where
        L: Cat,
    {
        unreachable!("no type has this trait")
    }
}

/// What `cat` would ask for.
#[diagnostic::on_unimplemented(
    message = "`cat` is called `concat_all` here, and the axis is a type",
    label = "write `Tensor::concat_all(&list, Axis::<0>)`, or `a.concat(&b, Axis::<0>)`"
)]
pub trait Cat {}

// No tensor is indexed: what comes of it would be a reference, and a part of a tensor is none.
#[doc(hidden)]
impl<S, T, I> Index<I> for Tensor<S, T>
where
    Fusion: Indexes<I>,
{
    type Output = T;

    fn index(&self, _: I) -> &T {
        unreachable!("no type has this trait")
    }
}

/// What `x[0]` would ask for.
#[diagnostic::on_unimplemented(
    message = "a tensor is not indexed by brackets",
    label = "write `.at(ix![0])` for a part, or `.get(&[0, 0])` for a number",
    note = "`.at(ix![0..5])` is a range of rows, `.at(ix![.., -1])` the last column; `ix!` has a table of all forms"
)]
pub trait Indexes<I> {}
