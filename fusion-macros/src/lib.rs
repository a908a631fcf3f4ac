//! The macros of Fusion. Use them through the crate `fusion`, which exports them.
//!
//! `model!` and `#[derive(Module)]` go three steps, each in files of its own. What is written becomes a tree (`parse`,
//! `network`, `argument`; `attributes`). The tree is checked, every refusal at its own place (`check`, `parts`, `layers`,
//! `shapes`, `custom`, `starts`, `resolve`; `bounds`). Then it is expanded (`expand`, `implement`, `cost`; `derive`). The rules of shapes and their sentences
//! are in `fusion-rules`, and so is the table of the layers that `model!` knows: a new layer is an entry there.

mod argument;
mod attributes;
mod bounds;
mod check;
mod cost;
mod custom;
mod derive;
mod expand;
mod flow;
mod implement;
mod layers;
mod network;
mod parse;
mod parts;
mod report;
mod resolve;
mod shapes;
mod sizes;
mod starts;

use proc_macro::TokenStream;

#[doc = include_str!("model.md")]
#[proc_macro]
pub fn model(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(source) => expand::expand(source).into(),
        Err(error) => error.to_compile_error().into(),
    }
}

/// Makes a struct a module: a tree of named tensors with starting values.
///
/// ```
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// pub struct Gate<C: Dim> {
///     #[init(ones)]
///     scale: Tensor<(C,)>,
///     #[buffer(zeros)]
///     seen: Tensor<(C,)>,
///     mix: Linear<C, C>,
///     #[module(default = 1e-5)]
///     eps: f64,
/// }
///
/// let gate = Gate::<dim!(32)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!(gate.names(), ["scale", "seen", "mix.weight", "mix.bias"]);
/// assert_eq!(gate.num_parameters(), 32 + 32 * 32 + 32);
/// ```
///
/// It implements `Module` and `Init`, and has `init(&mut rng)` and `load(path)`, with the bounds that the fields ask of
/// the struct's parameters.
///
/// | on a field | |
/// | --- | --- |
/// | `#[init(zeros)]` | a tensor that is trained. Its start is one of `zeros`, `ones`, `full(x)`, `normal(mean, std)`, `uniform(low, high)`, `kaiming_uniform`, `kaiming_normal`, `xavier_uniform`, `xavier_normal` (see `fusion::nn::init`) |
/// | `#[buffer(zeros)]` | a tensor that is saved, but not trained: `zeros`, `ones` or `full(x)` |
/// | `#[module(default = ..)]` | any field: how it starts. `rng` is there to be used |
/// | `#[module(skip)]` | it is neither trained nor saved, and starts as its `Default` or with `default = ..` |
/// | none | a module, which starts by its own `init` |
///
/// | on the struct | |
/// | --- | --- |
/// | `#[module(sequential)]` | implements `Forward`: the fields one after another |
/// | `#[module(no_init)]` | no `init` and no `load`: it is made by hand |
///
/// Numbers, strings and `bool`s are never walked; lists and options of modules say with `default` what they start with.
///
/// ```
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// #[module(sequential)]
/// pub struct Mlp<I: Dim, A> {
///     fc1: Linear<I, dim!(16)>,
///     activation: A,
///     fc2: Linear<dim!(16), dim!(2)>,
/// }
///
/// #[derive(Module)]
/// pub struct Deep {
///     #[module(default = (0..3).map(|_| Init::init_with(rng)).collect())]
///     layers: Vec<Linear<dim!(8), dim!(8)>>,
/// }
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let y: Tensor<shape![5, 2]> = Mlp::<dim!(3), Tanh>::init(rng).forward(Tensor::<shape![5, 3]>::zeros());
/// assert_eq!(Deep::init(rng).layers.len(), 3);
/// ```
#[proc_macro_derive(Module, attributes(module, init, buffer))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => derive::expand(&input).into(),
        Err(error) => error.to_compile_error().into(),
    }
}

/// A size as a type: `dim!(784)` is `Num<784>`, `dim!(9216)` the digits of a larger number, `Big4<9, 2, 1, 6>`.
///
/// Constants may stand in it, generic parameters may not.
///
/// ```
/// use fusion::dim::{Big4, Dim, Num};
/// use fusion::prelude::*;
///
/// const WIDTH: usize = 32;
///
/// let sizes: (dim!(784), dim!(4 * 2304), dim!(WIDTH * WIDTH)) = Default::default();
/// let same: (Num<784>, Big4<9, 2, 1, 6>, Big4<1, 0, 2, 4>) = sizes;
/// assert_eq!(<dim!(9216)>::SIZE, Some(9216));
/// ```
#[proc_macro]
pub fn dim(input: TokenStream) -> TokenStream {
    sizes::dim(input.into()).into()
}

/// A shape as a type: a tuple of up to six sizes (see [`dim!`]) and dimension types.
///
/// What is a type is taken as one, `Dyn` or a parameter; a constant by itself stands in braces.
///
/// ```
/// use fusion::dim::{Num, Shape};
/// use fusion::prelude::*;
///
/// const CLASSES: usize = 10;
///
/// let image: shape![Dyn, 3, 224, 224] = Default::default();
/// let same: (Dyn, Num<3>, Num<224>, Num<224>) = image;
/// assert_eq!(<shape![Dyn, { CLASSES }]>::SIZES, [None, Some(10)]);
/// ```
#[proc_macro]
pub fn shape(input: TokenStream) -> TokenStream {
    sizes::shape(input.into()).into()
}
