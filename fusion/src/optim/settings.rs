//! An optimizer's settings, each written once: its name in the builder and in files, its default and its range.

/// The numbers that a user chooses. [`optimizer!`] writes this.
pub(super) trait Settings: Sized {
    /// Whose they are.
    const OPTIMIZER: &'static str;
    /// Their names, the learning rate first.
    const NAMES: &'static [&'static str];
    /// A value for each name.
    fn values(&self) -> Vec<f64>;
    /// Takes a value for each name. Says which is out of range.
    fn from_values(values: &[f64]) -> Result<Self, String>;
}

/// A type that a setting can have, and the number that stands for it in a file.
pub(super) trait Setting {
    fn to_f64(self) -> f64;
    fn from_f64(value: f64) -> Self;
}

impl Setting for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

impl Setting for bool {
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn from_f64(value: f64) -> Self {
        value != 0.0
    }
}

/// `Ok` if `value` is a number from 0 on.
pub(super) fn not_negative(name: &str, value: f64) -> Result<(), String> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{name} must be a number from 0 on, but is {value}"))
    }
}

/// `Ok` if `value` is a number from 0 on, below 1.
pub(super) fn below_one(name: &str, value: f64) -> Result<(), String> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} must be from 0 on and below 1, but is {value}"))
    }
}

/// `Ok` for yes and no.
pub(super) fn any(_: &str, _: bool) -> Result<(), String> {
    Ok(())
}

/// Panics unless a setting is in range: a mistake in the program, not in its input.
#[track_caller]
pub(super) fn check(problem: Result<(), String>) {
    if let Err(problem) = problem {
        panic!("{problem}");
    }
}

/// Declares an optimizer by its settings: `builder_method(setting: type = default => check, ..)`. What is left to write is
/// the [`Rule`](super::rule::Rule), and `new`, since a message about its arguments shows where it stands. The learning
/// rate is a setting of each.
macro_rules! optimizer {
    (
        $(#[$docs:meta])*
        $Name:ident with $Rule:ident {
            $(
                $(#[$doc:meta])*
                $method:ident($($setting:ident: $T:ty = $default:expr => $check:ident),+);
            )*
        }
    ) => {
        $(#[$docs])*
        #[derive(Clone)]
        pub struct $Name($crate::optim::rule::Stepper<$Rule>);

        /// The settings.
        #[derive(Clone, Copy)]
        pub(super) struct $Rule {
            learning_rate: f64,
            $($($setting: $T,)+)*
        }

        impl $Rule {
            /// The defaults, with this learning rate. Panics if it is out of range.
            #[track_caller]
            fn new(learning_rate: f64) -> Self {
                $crate::optim::settings::check($crate::optim::settings::not_negative("learning_rate", learning_rate));
                Self { learning_rate, $($($setting: $default,)+)* }
            }
        }

        impl $crate::optim::settings::Settings for $Rule {
            const OPTIMIZER: &'static str = stringify!($Name);
            const NAMES: &'static [&'static str] = &["learning_rate", $($(stringify!($setting),)+)*];

            fn values(&self) -> Vec<f64> {
                vec![self.learning_rate, $($($crate::optim::settings::Setting::to_f64(self.$setting),)+)*]
            }

            fn from_values(values: &[f64]) -> Result<Self, String> {
                let &[learning_rate, $($($setting,)+)*] = values else { unreachable!("a value for each name") };
                let found = Self { learning_rate, $($($setting: $crate::optim::settings::Setting::from_f64($setting),)+)* };
                $crate::optim::settings::not_negative("learning_rate", learning_rate)?;
                $($($crate::optim::settings::$check(stringify!($setting), found.$setting)?;)+)*
                Ok(found)
            }
        }

        impl From<$Rule> for $Name {
            fn from(rule: $Rule) -> Self {
                Self($crate::optim::rule::Stepper::new(rule))
            }
        }

        impl $Name {
            $(
                $(#[$doc])*
                #[track_caller]
                #[must_use]
                pub fn $method(mut self, $($setting: $T),+) -> Self {
                    $(
                        $crate::optim::settings::check($crate::optim::settings::$check(stringify!($setting), $setting));
                        self.0.rule.$setting = $setting;
                    )+
                    self
                }
            )*
        }

        impl $crate::optim::Optimizer for $Name {
            fn try_step(&mut self, module: &mut dyn $crate::nn::Module, gradients: &$crate::Gradients) -> $crate::Result<()> {
                self.0.step(module, gradients)
            }

            fn learning_rate(&self) -> f64 {
                self.0.rule.learning_rate
            }

            fn try_set_learning_rate(&mut self, learning_rate: f64) -> $crate::Result<()> {
                $crate::optim::settings::not_negative("learning_rate", learning_rate)
                    .map_err(|problem| $crate::Error::argument("learning_rate", problem))?;
                self.0.rule.learning_rate = learning_rate;
                Ok(())
            }

            fn save_state(&self, module: &dyn $crate::nn::Module, path: &std::path::Path) -> $crate::Result<()> {
                self.0.save(module, path)
            }

            fn load_state(&mut self, module: &dyn $crate::nn::Module, path: &std::path::Path) -> $crate::Result<()> {
                self.0.load(module, path)
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut text = f.debug_struct(stringify!($Name));
                text.field("learning_rate", &self.0.rule.learning_rate);
                $($(text.field(stringify!($setting), &self.0.rule.$setting);)+)*
                text.finish_non_exhaustive()
            }
        }
    };
}
pub(super) use optimizer;
