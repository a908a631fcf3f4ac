//! How a schedule is declared: by what it is made of and by its settings.

/// Declares a schedule by what `new` takes and by what a builder sets, each with its check:
/// `Name(argument: type => check, ..) { setting: type = default => check; .. }`. One that depends on what it was told
/// `keeps { number: type = at first; .. }`, and is written to files with that.
macro_rules! schedule {
    (
        $(#[$docs:meta])*
        $Name:ident($($given:ident: $G:ty => $given_check:ident),+) {
            $(
                $(#[$doc:meta])*
                $setting:ident: $T:ty = $default:expr => $check:ident;
            )*
        }
        with { $($kept:ident: $K:ty = $first:expr;)* }
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $Name {
            $($given: $G,)+
            $($setting: $T,)*
            $($kept: $K,)*
        }

        impl $Name {
            /// This schedule, with PyTorch's defaults for what is not given here.
            ///
            /// # Panics
            /// If a rate or a factor is negative or not finite, or if a number of steps by which is divided is 0.
            #[track_caller]
            #[must_use]
            pub fn new($($given: $G),+) -> Self {
                $($crate::optim::settings::check($crate::optim::settings::$given_check(stringify!($given), $given));)+
                Self { $($given,)+ $($setting: $default,)* $($kept: $first,)* }
            }

            $(
                $(#[$doc])*
                #[track_caller]
                #[must_use]
                pub fn $setting(mut self, $setting: $T) -> Self {
                    $crate::optim::settings::check($crate::optim::settings::$check(stringify!($setting), $setting));
                    self.$setting = $setting;
                    self
                }
            )*
        }
    };
    (
        $(#[$docs:meta])*
        $Name:ident($($given:ident: $G:ty => $given_check:ident),+) {
            $(
                $(#[$doc:meta])*
                $setting:ident: $T:ty = $default:expr => $check:ident;
            )*
        }
        keeps { $($kept:ident: $K:ty = $first:expr;)* }
    ) => {
        $crate::optim::schedule::declare::schedule! {
            $(#[$docs])*
            $Name($($given: $G => $given_check),+) { $($(#[$doc])* $setting: $T = $default => $check;)* }
            with { $($kept: $K = $first;)* }
        }

        impl $crate::optim::settings::Settings for $Name {
            const OWNER: &'static str = stringify!($Name);
            const NAMES: &'static [&'static str] =
                &[$(stringify!($given),)+ $(stringify!($setting),)* $(stringify!($kept),)*];

            fn values(&self) -> Vec<f64> {
                use $crate::optim::settings::Setting;
                vec![$(self.$given.to_f64(),)+ $(self.$setting.to_f64(),)* $(self.$kept.to_f64(),)*]
            }

            fn from_values(values: &[f64]) -> Result<Self, String> {
                use $crate::optim::settings::Setting;
                let &[$($given,)+ $($setting,)* $($kept,)*] = values else { unreachable!("a value for each name") };
                let found = Self {
                    $($given: Setting::from_f64($given),)+
                    $($setting: Setting::from_f64($setting),)*
                    $($kept: Setting::from_f64($kept),)*
                };
                $($crate::optim::settings::$given_check(stringify!($given), found.$given)?;)+
                $($crate::optim::settings::$check(stringify!($setting), found.$setting)?;)*
                Ok(found)
            }
        }
    };
    ($($schedule:tt)*) => {
        $crate::optim::schedule::declare::schedule! { $($schedule)* with {} }
    };
}
pub(super) use schedule;
