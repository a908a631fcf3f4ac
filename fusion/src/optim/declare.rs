//! How an optimizer is declared: by its settings, from which all but its rule follows.

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
        pub struct $Name($crate::optim::stepper::Stepper<$Rule>);

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
            const OWNER: &'static str = stringify!($Name);
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

        impl $crate::optim::rule::Grouped for $Rule {
            fn in_group(&self, group: &$crate::optim::groups::Group) -> Self {
                let mut own = *self;
                own.learning_rate *= group.rate_factor.unwrap_or(1.0);
                if let Some(decay) = group.weight_decay {
                    $($(if stringify!($setting) == "weight_decay" {
                        own.$setting = $crate::optim::settings::Setting::from_f64(decay);
                    })+)*
                }
                own
            }
        }

        impl From<$Rule> for $Name {
            fn from(rule: $Rule) -> Self {
                Self($crate::optim::stepper::Stepper::new(rule))
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

            /// Slow weights, which follow every so many steps: a share `alpha` of the way to where the steps have led, from
            /// where these go on. 5 and 0.5 are usual. Zhang et al.,
            /// [Lookahead Optimizer](https://arxiv.org/abs/1907.08610), 2019. A file has them as `path.slow_buffer`.
            ///
            /// # Panics
            /// If `steps` is 0, or `alpha` not from 0 to 1.
            #[track_caller]
            #[must_use]
            pub fn lookahead(mut self, steps: usize, alpha: f64) -> Self {
                match $crate::optim::lookahead::Lookahead::new(steps, alpha) {
                    Ok(lookahead) => self.0.lookahead = Some(lookahead),
                    Err(problem) => panic!("{problem}"),
                }
                self
            }

            /// Gives the parameters that `which` holds settings of their own: see [`Group`](crate::optim::Group).
            ///
            /// `which` is a pattern of paths, in which `*` stands for any letters (`"*.bias"`, `"layer1.*"`), or a function
            /// of path and sizes. A parameter's groups are settled in its first step. A group that holds no parameter
            /// is an error of the first step, which names the nearest path. Groups are part of the program, as the module
            /// is: files do not have them, and loading does not change them.
            ///
            /// # Panics
            /// If a setting is out of range.
            #[doc(alias = "param_groups")]
            #[track_caller]
            #[must_use]
            pub fn group(
                mut self,
                which: impl $crate::optim::Which,
                settings: impl FnOnce($crate::optim::Group) -> $crate::optim::Group,
            ) -> Self {
                self.0.group(which, settings);
                self
            }
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

            fn contents(&self, module: &dyn $crate::nn::Module) -> $crate::state::Contents {
                self.0.contents(module)
            }

            fn load_contents(
                &mut self,
                module: &dyn $crate::nn::Module,
                origin: &$crate::state::Origin<'_>,
            ) -> $crate::Result<()> {
                self.0.load(module, origin)
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut text = f.debug_struct(stringify!($Name));
                text.field("learning_rate", &self.0.rule.learning_rate);
                $($(text.field(stringify!($setting), &self.0.rule.$setting);)+)*
                if let Some(lookahead) = &self.0.lookahead {
                    text.field("lookahead", lookahead);
                }
                if !self.0.groups.is_empty() {
                    text.field("groups", &self.0.groups);
                }
                text.finish_non_exhaustive()
            }
        }
    };
}
pub(super) use optimizer;
