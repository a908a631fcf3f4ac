//! What holds modules: lists, tuples, boxes.

use super::alike::Alike;
use super::visit::{Part, Visit};
use super::{Forward, Init, Module, Path};
use crate::graph::Value;
use rand::Rng;
use std::marker::PhantomData;

macro_rules! through {
    ($(<$($p:ident),*> $t:ty {
        $self:ident, $path:ident, $f:ident, $input:ident => $each:expr, $each_mut:expr, $forward:expr, $parts:expr
    })*) => { $(
        impl<$($p: Module),*> Module for $t {
            fn walk(&$self, $path: &Path<'_>, $f: &mut dyn FnMut(&Path<'_>, &Value)) { $each }
            fn walk_mut(&mut $self, $path: &Path<'_>, $f: &mut dyn FnMut(&Path<'_>, &mut Value)) { $each_mut }
            fn visit(&self, _: &Path<'_>, _: &[usize], _: &mut dyn Visit) -> bool { false }
            fn visit_all(&$self, $path: &Path<'_>, $input: &[usize], $f: &mut dyn Visit) -> bool { $forward }
            fn parts(&$self, $f: &mut dyn FnMut(&dyn Module)) { $parts }
        }
    )* };
}
through! {
    <M> Option<M> { self, path, visit, input =>
        self.iter().for_each(|m| m.walk(path, visit)),
        self.iter_mut().for_each(|m| m.walk_mut(path, visit)),
        self.iter().all(|m| m.visit_all(path, input, visit)),
        self.iter().for_each(|m| visit(m)) }
    <M> Vec<M> { self, path, visit, input =>
        self.iter().enumerate().for_each(|(i, m)| m.walk(&path.index(i), visit)),
        self.iter_mut().enumerate().for_each(|(i, m)| m.walk_mut(&path.index(i), visit)),
        self.iter().enumerate().all(|(i, m)| m.visit_all(&path.index(i), input, visit)),
        self.iter().for_each(|m| visit(m)) }
    <> () { self, _path, _visit, _input => (), (), false, () }
}

/// What stands for a module: a box, or a borrow.
macro_rules! stands_for {
    ($($(#[$doc:meta])* $t:ty),*) => { $(
        $(#[$doc])*
        impl<M: Module + ?Sized> Module for $t {
            fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
                (**self).walk(path, visit);
            }
            fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
                (**self).walk_mut(path, visit);
            }
            fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
                (**self).visit(path, input, visit)
            }
            fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
                (**self).visit_all(path, input, visit)
            }
            fn parts(&self, visit: &mut dyn FnMut(&dyn Module)) {
                (**self).parts(visit);
            }
            fn key(&self) -> (usize, &'static str) {
                (**self).key()
            }
        }
    )* };
}
stands_for! {
    Box<M>,
    /// Two networks that live apart are one module for a while: `opt.step(&mut (&mut encoder, &mut decoder), ..)`.
    &mut M
}

/// The layers of a tuple are named by their places.
macro_rules! tuples {
    ($([$($layer:ident $at:tt)*])*) => { $(
        impl<$($layer: Module),*> Module for ($($layer,)*) {
            fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
                $(self.$at.walk(&path.index($at), visit);)*
            }
            fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
                $(self.$at.walk_mut(&path.index($at), visit);)*
            }
            fn visit(&self, _: &Path<'_>, _: &[usize], _: &mut dyn Visit) -> bool {
                false
            }
            /// One after another, as in [`Sequential`](crate::nn::Sequential): a tuple has no `forward` of its own.
            fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
                let taken = |at: usize| if at == 0 { input } else { &[] };
                true $(&& self.$at.visit_all(&path.index($at), taken($at), visit))*
            }
            fn parts(&self, visit: &mut dyn FnMut(&dyn Module)) {
                $(visit(&self.$at);)*
            }
        }

        impl<$($layer: Init),*> Init for ($($layer,)*) {
            fn init_with(rng: &mut dyn Rng) -> Self {
                ($($layer::init_with(rng),)*)
            }
        }
    )* };
}
tuples! {
    [A 0]
    [A 0 B 1]
    [A 0 B 1 C 2]
    [A 0 B 1 C 2 D 3]
    [A 0 B 1 C 2 D 3 E 4]
    [A 0 B 1 C 2 D 3 E 4 F 5]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10]
    [A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11]
}

impl<M: Module, const N: usize> Module for [M; N] {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.iter().enumerate().for_each(|(i, m)| m.walk(&path.index(i), visit));
    }
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.iter_mut().enumerate().for_each(|(i, m)| m.walk_mut(&path.index(i), visit));
    }
    /// The layers of the first: all are of one type, and each takes what the first takes.
    fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        visit.enter(Part::Repeated(N));
        let shown = self.first().is_none_or(|first| first.visit(&path.index(0), input, visit));
        visit.leave();
        shown
    }
    fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        self.iter().enumerate().all(|(i, m)| m.visit_all(&path.index(i), input, visit))
    }
    fn parts(&self, visit: &mut dyn FnMut(&dyn Module)) {
        self.iter().for_each(|m| visit(m));
    }
}

impl<P: ?Sized> Module for PhantomData<P> {
    fn walk(&self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &Value)) {}
    fn walk_mut(&mut self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &mut Value)) {}
}

impl<M: Init> Init for Box<M> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self::new(M::init_with(rng))
    }
}

impl<M: Init, const N: usize> Init for [M; N] {
    fn init_with(rng: &mut dyn Rng) -> Self {
        std::array::from_fn(|_| M::init_with(rng))
    }
}

impl<P: ?Sized> Init for PhantomData<P> {
    fn init_with(_: &mut dyn Rng) -> Self {
        Self
    }
}

impl Init for () {
    fn init_with(_: &mut dyn Rng) -> Self {}
}

impl<X, M: Forward<X> + ?Sized> Forward<X> for Box<M> {
    type Output = M::Output;

    fn forward(&self, x: X) -> M::Output {
        (**self).forward(x)
    }
}

/// Layers of one type, one after another; each gives what the next takes. Without a layer, what goes in comes out.
macro_rules! each {
    ($([$($of:tt)*] $t:ty),*) => { $(
        impl<X, M: Forward<X, Output: Alike<X>> $($of)*> Forward<X> for $t {
            type Output = X;

            fn forward(&self, x: X) -> X {
                self.iter().fold(x, |x, layer| layer.forward(x).alike())
            }
        }
    )* };
}
each!([] Option<M>, [] Vec<M>, [, const N: usize] [M; N]);
