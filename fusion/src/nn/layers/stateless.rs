//! Layers that hold nothing.

/// Declares layers without parameters, whose sizes, if any, are in their type.
macro_rules! stateless {
    ($($(#[$doc:meta])* $name:ident $(<$($p:ident $(= $default:ty)?),*>)?)*) => { $(
        stateless!(@ [$(#[$doc])*] $name $(<$($p $(= $default)?),*>)?);
    )* };
    (@ [$($doc:tt)*] $name:ident) => {
        $($doc)*
        #[derive(Copy, Default, fusion_macros::Module)]
        #[module(layer)]
        pub struct $name;
    };
    (@ [$($doc:tt)*] $name:ident <$($p:ident $(= $default:ty)?),*>) => {
        $($doc)*
        #[derive(fusion_macros::Module)]
        #[module(layer)]
        pub struct $name<$($p $(= $default)?),*>(std::marker::PhantomData<fn() -> ($($p,)*)>);

        impl<$($p),*> $name<$($p),*> {
            /// The layer.
            pub const fn new() -> Self {
                Self(std::marker::PhantomData)
            }
        }

        impl<$($p),*> Default for $name<$($p),*> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<$($p),*> Copy for $name<$($p),*> {}
    };
}
