//! Layers that hold nothing.

/// Declares layers without parameters, whose sizes, if any, are in their type.
macro_rules! stateless {
    ($($(#[$doc:meta])* $name:ident $(<$($p:ident $(= $default:ty)?),*>)?)*) => { $(
        stateless!(@ [$(#[$doc])*] $name $(<$($p $(= $default)?),*>)?);

        impl $(<$($p),*>)? Init for $name $(<$($p),*>)? {
            fn init_with(_: &mut dyn Rng) -> Self {
                Self::default()
            }
        }

        impl $(<$($p),*>)? Module for $name $(<$($p),*>)? {
            fn walk(&self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &Value)) {}
            fn walk_mut(&mut self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &mut Value)) {}
            fn multiply_adds(&self, _: &[usize], _: &[usize]) -> Option<u64> {
                Some(0)
            }
        }
    )* };
    (@ [$($doc:tt)*] $name:ident) => {
        $($doc)*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name;
    };
    (@ [$($doc:tt)*] $name:ident <$($p:ident $(= $default:ty)?),*>) => {
        $($doc)*
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

        impl<$($p),*> Clone for $name<$($p),*> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($p),*> Copy for $name<$($p),*> {}

        impl<$($p),*> std::fmt::Debug for $name<$($p),*> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}
