//! The rules that two sizes must be equal.
//!
//! Two known sizes must be equal. A [`Dyn`] fits every known size, and is compared with it when the program runs; two
//! of them fit unless they have different names.

use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::sentences::{self, KnownSizes};
use crate::dim::spell::Lead;

/// Two run-time sizes that have one name.
#[diagnostic::on_unimplemented(
    message = "`Dyn<{Self}>` and `Dyn<{Other}>` are different sizes: their names tell them apart",
    label = "these sizes may differ when the program runs",
    note = "a `Dyn` without a name goes with every other"
)]
pub trait SameName<Other> {}

#[diagnostic::do_not_recommend]
impl<Name> SameName<Name> for Name {}

/// Declares a rule that two sizes must be equal.
macro_rules! equal {
    ($(#[$attr:meta])* $rule:ident<$i:ident> $(gives $out:ident)? in $sentences:ident) => {
        $(#[$attr])*
        pub trait $rule<$i> {
            $(
                /// The size of both: the known one where the other is a `Dyn`.
                type $out;
            )?
        }

        impl<I> $rule<I> for Dyn {
            $(type $out = I;)?
        }

        impl<Name: 'static> $rule<Dyn> for Dyn<Name> {
            $(type $out = Self;)?
        }

        impl<A: 'static, B: 'static> $rule<Dyn<B>> for Dyn<A>
        where
            A: SameName<B>,
        {
            $(type $out = Self;)?
        }

        each_known!([N P Q R A B C D E F] equal_to_dyn $rule [$($out)?]);
        each_pair!(equal_to_known $rule [$($out)?] $sentences);
    };
}

macro_rules! equal_to_dyn {
    (
        $rule:ident [$($out:ident)?]
        [$size:ty] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]
    ) => {
        impl<$($params)* Name: ?Sized + 'static> $rule<Dyn<Name>> for $size
        where
            $($bounds)*
        {
            $(type $out = Self;)?
        }

        impl<$($params)* Name: 'static> $rule<$size> for Dyn<Name>
        where
            $($bounds)*
        {
            $(type $out = $size;)?
        }
    };
}

/// The size that comes out where the rule holds.
macro_rules! equal_out {
    ([] $($rule:tt)*) => {};
    ([$out:ident] $($rule:tt)*) => {
        type $out = <$($rule)*>::Is<Self>;
    };
}

macro_rules! equal_to_known {
    (
        $rule:ident [$($out:ident)?] $sentences:ident
        [$j:ty] [$($jp:tt)*] $js:ident [$($jn:tt)*] [$($jb:tt)*]
        [$i:ty] [$($ip:tt)*] $is:ident [$($in:tt)*] [$($ib:tt)*]
    ) => {
        impl<$($jp)* $($ip)*> $rule<$i> for $j
        where
            $($jb)*
            $($ib)*
            KnownSizes: sentences::$sentences::$js::$is::Fits<$($jn)*, $($in)*>,
        {
            equal_out!([$($out)?] KnownSizes as sentences::$sentences::$js::$is::Fits<$($jn)*, $($in)*>);
        }
    };
}

equal! {
    /// A layer of `I` features takes an input whose last axis has this size.
    ///
    /// ```
    /// use fusion::dim::{Dyn, Features, Num};
    ///
    /// fn fits<J: Features<Num<784>>>() {}
    /// fits::<Num<784>>();
    /// fits::<Dyn>(); // compared when the program runs
    /// ```
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not known to be a dimension of {I} features, which this layer takes",
        label = "not known to be as many",
        note = "a size of generic code has the bound `{Self}: Dim`; if the two may differ, `{Self}: Features<{I}>`"
    )]
    Features<I> in features
}

equal! {
    /// A layer of `I` channels takes an image of this many.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not known to be a dimension of {I} channels, which this layer takes",
        label = "not known to be as many",
        note = "a size of generic code has the bound `{Self}: Dim`; if the two may differ, `{Self}: Channels<{I}>`"
    )]
    Channels<I> in channels
}

equal! {
    /// The sizes of one axis in two tensors that must have one shape.
    #[diagnostic::on_unimplemented(
        message = "the sizes of an axis must be equal, but they are {Self} and {I}",
        label = "the shapes differ"
    )]
    SameSize<I> gives Both in same_size
}

equal! {
    /// The size along which a matrix product multiplies: the columns of the left and the rows of the right.
    #[diagnostic::on_unimplemented(
        message = "a matrix product needs equal inner sizes, but the left has {Self} columns and the right {I} rows",
        label = "the inner sizes differ"
    )]
    Inner<I> in inner
}

equal! {
    /// A size that is made up of parts of `I` elements together.
    #[diagnostic::on_unimplemented(
        message = "parts of {I} together may not be an axis of {Self}",
        label = "the parts may not be the axis"
    )]
    MadeUpOf<I> in made
}

equal! {
    /// A number of columns, one for each of the `I` places of a window.
    #[diagnostic::on_unimplemented(
        message = "a window with {I} places may not make {Self} columns",
        label = "the columns may be others"
    )]
    HasColumns<I> in column
}
