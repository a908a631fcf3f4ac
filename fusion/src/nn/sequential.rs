//! Layers one after another, without a name.

use crate::graph::Value;
use crate::nn::module::duplicate::{OneCopy, renewed};
use crate::nn::module::visit::Visit;
use crate::nn::module::{Forward, Init, Module, Path};
use rand::Rng;
use std::fmt;

/// A sequence of layers as one layer: what `model!` in type position stands for. PyTorch's `nn.Sequential`, whose state
/// names it has: `0.weight`, `0.bias`, `2.weight`.
///
/// `L` is a tuple of 1 to 12 layers; the output of each is the input of the next.
///
/// ```
/// use fusion::prelude::*;
///
/// type Net = model!(Linear<784, 128>, Relu, Linear<128, 10>);
///
/// let net = Net::init(&mut StdRng::seed_from_u64(0));
/// let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::zeros());
/// assert_eq!(net.names(), ["0.weight", "0.bias", "2.weight", "2.bias"]);
/// ```
#[derive(Default)]
pub struct Sequential<L>(pub L);

/// Layers with the same values and parameters of their own; what is tied in one is tied in the other.
impl<L: Clone> Clone for Sequential<L>
where
    Self: Module,
{
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        renewed(self, Self(self.0.clone()))
    }
}

/// The layers, with their places.
impl<L: fmt::Debug> fmt::Debug for Sequential<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sequential")?;
        self.0.fmt(f)
    }
}

impl<L> Sequential<L> {
    /// Layers with their starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        Self: Init,
    {
        Self::init_with(rng)
    }
}

impl<L: Module> Module for Sequential<L> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.0.walk(path, visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.0.walk_mut(path, visit);
    }

    fn visit(&self, _: &Path<'_>, _: &[usize], _: &mut dyn Visit) -> bool {
        false
    }

    fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        self.0.visit_all(path, input, visit)
    }

    fn parts(&self, visit: &mut dyn FnMut(&dyn Module)) {
        self.0.parts(visit);
    }
}

impl<L: Init> Init for Sequential<L> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self(L::init_with(rng))
    }
}

/// `sequential!(A a 0, B b 1)`: `Forward` of a tuple of two, with the free types `A` gives and `B` gives.
macro_rules! sequential {
    ($($layer:ident $x:ident $at:tt),*; $out:ident) => {
        sequential!(forward [] $($layer $x $at),*; $out);
    };
    // Each layer takes what the one before gives: `A: Forward<X0, Output = X1>, B: Forward<X1, Output = X2>`.
    (forward [$($done:tt)*] $layer:ident $x:ident $at:tt, $next:ident $y:ident $to:tt $($rest:tt)*) => {
        sequential!(forward [$($done)* $layer $x $y $at,] $next $y $to $($rest)*);
    };
    (forward [$($layer:ident $x:ident $y:ident $at:tt,)*] $last:ident $in:ident $end:tt; $out:ident) => {
        impl<X0, $($layer, $y,)* $last, $out> Forward<X0> for Sequential<($($layer,)* $last,)>
        where
            $($layer: Forward<$x, Output = $y>,)*
            $last: Forward<$in, Output = $out>,
        {
            type Output = $out;

            #[track_caller]
            fn forward(&self, x: X0) -> $out {
                $(let x = self.0.$at.forward(x);)*
                self.0.$end.forward(x)
            }
        }
    };
}
sequential!(A X0 0; X1);
sequential!(A X0 0, B X1 1; X2);
sequential!(A X0 0, B X1 1, C X2 2; X3);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3; X4);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4; X5);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5; X6);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6; X7);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6, H X7 7; X8);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6, H X7 7, I X8 8; X9);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6, H X7 7, I X8 8, J X9 9; X10);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6, H X7 7, I X8 8, J X9 9, K X10 10; X11);
sequential!(A X0 0, B X1 1, C X2 2, D X3 3, E X4 4, F X5 5, G X6 6, H X7 7, I X8 8, J X9 9, K X10 10, L X11 11; X12);
