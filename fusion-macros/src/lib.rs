//! The macros of Fusion. Use them through the crate `fusion`, which exports them.
//!
//! `model!` and `#[derive(Module)]` go three steps, each in files of its own. What is written becomes a tree (`parse`,
//! `argument`; `attributes`). The tree is checked, every refusal at its own place (`check`, `layers`, `shapes`, `custom`,
//! `resolve`; `bounds`). Then it is expanded (`expand`, `implement`; `derive`). The rules of shapes and their sentences
//! are in `fusion-rules`, and so is the table of the layers that `model!` knows: a new layer is an entry there.

mod argument;
mod attributes;
mod bounds;
mod check;
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

/// Declares a network, and checks its shapes while it is compiled.
///
/// ```
/// use fusion::prelude::*;
///
/// model! {
///     /// A classifier of small images.
///     pub Digits: [8, 8] -> [10] {
///         Flatten,
///         fc1: Linear<_, 32>, Relu, Dropout<0.2>,
///         fc2: Linear<_, 10>,
///     }
/// }
///
/// let net = Digits::init(&mut StdRng::seed_from_u64(0));
/// let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 8, 8]>::zeros());
/// assert_eq!(net.fc1.weight.shape(), [32, 64]);
/// assert_eq!(net.names(), ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
/// println!("{}", net.summary());
/// ```
///
/// This is a struct with a field for each layer. It has `init(&mut rng)`, `load(path)` and `summary()`, and implements
/// `Module`, `Init` and `Forward` for batches of any size: the batch is the first axis and is never written.
///
/// # The head
///
/// Attributes, documentation and visibility are the struct's. Then come its name, the sizes that go in, and, if one
/// likes to have them checked, those that come out.
///
/// ```
/// # use fusion::prelude::*;
/// model! { Small: [3] { fc: Linear<_, 2> } }
/// model! { pub Stated: [3] -> [2] { fc: Linear<_, 2> } }
/// ```
///
/// # Layers
///
/// A layer is a type with its arguments. One with a name, `fc1: ..`, is the field `fc1`, and its tensors are saved under
/// that name; one without is saved under its position, as in PyTorch's `nn.Sequential`: `0.weight`.
///
/// | layer | takes | gives |
/// | --- | --- | --- |
/// | `Linear<in, out>` | `[.., in]` | `[.., out]` |
/// | `Relu`, `Sigmoid`, `Tanh` | any shape | the same |
/// | `Dropout<p>`, `Dropout` (0.5) | any shape | the same |
/// | `Flatten` | `[a, b, ..]` | `[a * b * ..]` |
///
/// These names always mean Fusion's layers. A `Linear` with a `Relu` right behind it is computed in one pass.
///
/// Any other path is a layer of your own: a type that derives `Module` and implements `Forward`, or another `model!`.
/// Numbers among its arguments are dimensions, as in `Gate<32>` for a `Gate<C: Dim>`; what stands in braces stays a
/// constant, `Repeat<{ 3 }>`.
///
/// ```
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// pub struct Gate<C: Dim> {
///     #[init(ones)]
///     scale: Tensor<(C,)>,
/// }
///
/// impl<B: Dim, C: Dim> Forward<Tensor<(B, C)>> for Gate<C> {
///     type Output = Tensor<(B, C)>;
///     fn forward(&self, x: Tensor<(B, C)>) -> Tensor<(B, C)> {
///         x * &self.scale
///     }
/// }
///
/// model! { pub Head: [64] -> [10] { fc: Linear<_, 10> } }
/// model! { pub Net: [8] -> [10] { Linear<_, 64>, gate: Gate<64>, head: Head } }
/// ```
///
/// # Sizes
///
/// A size is a number, an expression of numbers (`4 * 64`), a constant (a path in capitals, or any expression in braces),
/// a dimension type (`dim!(64)`, a path that is not in capitals), a generic parameter, or `_`: what flows into the layer.
///
/// ```
/// # use fusion::prelude::*;
/// const HIDDEN: usize = 128;
///
/// model! {
///     pub Net: [28, 28] -> [10] {
///         Flatten,
///         Linear<_, 4 * 64>, Relu,
///         Linear<_, HIDDEN>, Relu,
///         Linear<HIDDEN, { HIDDEN.ilog2() as usize }>, Relu,
///         Linear<_, 10>,
///     }
/// }
/// ```
///
/// # Parameters
///
/// A model may have generic parameters: dimensions, constants up to 999, and layers. Nothing can be inferred then from a
/// layer of your own (write the size), and nothing computed with a parameter (give the result a parameter of its own:
/// where the model is used, it is checked).
///
/// ```
/// # use fusion::prelude::*;
/// model! {
///     pub Mlp<I: Dim, H: Dim>: [I] -> [10] { fc1: Linear<_, H>, Relu, fc2: Linear<_, 10> }
/// }
/// model! {
///     pub Flat<C: Dim, F: Dim>: [C, 4, 4] -> [10] { Flatten, fc: Linear<F, 10> }
/// }
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let mlp = Mlp::<dim!(784), dim!(128)>::init(rng);
/// let flat = Flat::<dim!(3), dim!(48)>::init(rng);
/// ```
///
/// # In type position
///
/// A list of at most 12 layers is a type, a `fusion::nn::Chain`. A single capital letter in it is a parameter of the type
/// around it.
///
/// ```
/// # use fusion::prelude::*;
/// type Net = model!(Linear<784, 128>, Relu, Linear<128, 10>);
///
/// let net = Net::init(&mut StdRng::seed_from_u64(0));
/// ```
///
/// # Mistakes
///
/// Each mistake is one error, at the layer itself:
///
/// ```text
/// error: `fc1: Linear<9000, 128>` takes 9000 features, but `Flatten` gives it 9216 ([64, 12, 12])
///        write `Linear<_, 128>` or `Linear<9216, 128>`
/// ```
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
