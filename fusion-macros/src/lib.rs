//! The macros of Fusion. Use them through the crate `fusion`, which exports them.
//!
//! A folder is a macro, and a folder in it a pass:
//!
//! - `model`: `parse` makes a tree of what is written (`ast`), `check` refuses what is wrong, each at its own place, and
//!   works the shapes out (`ir`), `fuse` joins layers to one pass, `emit` writes the code;
//! - `derive`: `#[derive(Module)]`, with its attributes and the bounds that it needs;
//! - `fused`: `parse` reads the declarations, `lower` makes a graph of each formula, `differentiate` adds the gradients,
//!   `plan` decides what is kept for them, and `emit` writes the loops;
//! - `ix`: what is picked of each axis, as calls of one method after another;
//! - `einsum`: `parse` reads the subscripts, `emit` writes a function whose bounds compare the sizes of their letters;
//! - `size`: `dim!`, `shape!` and the arguments of layers;
//! - `sentences`: the words of the library's shape rules, in each spelling of a size;
//! - `init`: `#[init(..)]`, which both macros read;
//! - `methods`: the methods of `Module`, which both macros write;
//! - `diagnostics`: the mistakes that are found, where they stand, and how a name is printed; `tokens` compares
//!   what is written.
//!
//! The rules of shapes and their sentences are in `fusion-rules`, and so is the table of the layers that `model!` knows: a
//! new layer is a row there.

mod derive;
mod diagnostics;
mod einsum;
mod fused;
mod init;
mod ix;
mod methods;
mod model;
mod sentences;
mod size;
mod tokens;

use proc_macro::TokenStream;

#[doc = include_str!("model/model.md")]
#[proc_macro]
pub fn model(input: TokenStream) -> TokenStream {
    model::expand(input.into()).into()
}

#[doc = include_str!("fused/fused.md")]
#[proc_macro]
pub fn fused(input: TokenStream) -> TokenStream {
    fused::expand(input.into(), fused::Kind::Tensors).into()
}

#[doc = include_str!("ix/ix.md")]
#[proc_macro]
pub fn ix(input: TokenStream) -> TokenStream {
    ix::expand(input.into()).into()
}

#[doc = include_str!("einsum/einsum.md")]
#[proc_macro]
pub fn einsum(input: TokenStream) -> TokenStream {
    einsum::expand(input.into(), false).into()
}

/// As [`einsum!`], or an error where the sizes of a letter, known at run time only, differ, or there is no room for the result.
///
/// ```
/// use fusion::prelude::*;
///
/// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0]);
/// let y: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0, 3.0]);
/// assert_eq!(try_einsum!("i,i->", x, x)?.item(), 5.0);
/// assert!(try_einsum!("i,i->", x, y).is_err());
/// # Ok::<(), fusion::Error>(())
/// ```
#[proc_macro]
pub fn try_einsum(input: TokenStream) -> TokenStream {
    einsum::expand(input.into(), true).into()
}

/// As [`fused!`], of values whose shapes are known at run time: for the crate `fusion` itself.
#[doc(hidden)]
#[proc_macro]
pub fn operations(input: TokenStream) -> TokenStream {
    fused::expand(input.into(), fused::Kind::Values).into()
}

/// Makes a struct or an enum a module: a tree of named tensors with starting values.
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
/// It implements `Module`, `Init` and `Clone`, and has `init(&mut rng)` and `load(path)`. With an impl of `Forward` it is a layer,
/// also for `model!`.
///
/// | on a field | |
/// | --- | --- |
/// | `#[init(zeros)]` | a tensor that is trained |
/// | `#[buffer(zeros)]` | a tensor that is saved, but not trained |
/// | `#[module(default = ..)]` | any field: what it starts with |
/// | `#[module(skip)]` | it is neither trained nor saved, and starts as its `Default` or with `default = ..` |
/// | none | a module, which starts by its own `init` |
///
/// | on a variant | |
/// | --- | --- |
/// | `#[module(default)]` | the enum starts as this one |
///
/// | on the type | |
/// | --- | --- |
/// | `#[module(sequential)]` | implements `Forward`: the fields one after another |
/// | `#[module(transparent)]` | its one layer keeps its own names |
/// | `#[module(default = ..)]` | what all of it starts with |
/// | `#[module(no_init)]` | no `init` and no `load`: it is made by hand |
/// | `#[module(no_clone)]` | no `Clone`: that is written by hand |
///
/// # Fields
///
/// A field that is a module is walked under its name, in a tuple under its place: a `Linear`, another type with this derive,
/// a `model!`, a parameter of the type, and `Option`, `Vec`, `Box`, arrays and tuples of them. Numbers, strings and `bool`s
/// are never walked.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// pub struct Pair<L>(L, [L; 2]);
///
/// #[derive(Module)]
/// pub struct Tree {
///     layer: model!(Linear<4, 8>, Relu, Linear<8, 4>),
///     #[module(default = None)]
///     next: Option<Box<Tree>>,
/// }
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let pair = Pair::<Linear<dim!(3), dim!(3), false>>::init(rng);
/// assert_eq!(pair.names(), ["0.weight", "1.0.weight", "1.1.weight"]);
/// let tree = Tree { next: Some(Box::new(Tree::init(rng))), ..Tree::init(rng) };
/// assert_eq!(tree.names()[3..5], ["layer.2.bias", "next.layer.0.weight"]);
/// ```
///
/// ## `#[init(..)]`
///
/// A parameter starts with one of `zeros`, `ones`, `full(x)`, `normal(mean, std)`, `uniform(low, high)`,
/// `truncated_normal(mean, std, low, high)`, `orthogonal(gain)`, `kaiming_uniform`, `kaiming_normal`, `xavier_uniform` and
/// `xavier_normal` (see `fusion::nn::init`); the last four take a gain as well: `kaiming_normal(gain::leaky_relu(0.2), Fan::Out)`,
/// `xavier_uniform(gain::TANH)`. An array has as many tensors, an `Option` has one.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// pub struct Bilinear<I, O> {
///     #[init(xavier_uniform)]
///     weights: [Tensor<(O, I)>; 2],
///     #[init(full(0.1))]
///     bias: Option<Tensor<(O,)>>,
/// }
///
/// let layer = Bilinear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!((layer.num_parameters(), layer.bias.unwrap().to_vec()), (14, vec![0.1; 2]));
/// ```
///
/// ## `#[buffer(..)]`
///
/// What is saved with the module and not trained starts with `zeros`, `ones` or `full(x)`. It may be of whole numbers or
/// `bool`s. What a forward pass changes is a `fusion::nn::Buffer`.
///
/// ```
/// # use fusion::prelude::*;
/// use fusion::nn::Buffer;
///
/// #[derive(Module)]
/// pub struct Mean<C> {
///     #[buffer(zeros)]
///     mean: Buffer<(C,)>,
///     #[buffer(zeros)]
///     batches: Buffer<(), i64>,
///     #[buffer(full(0.5))]
///     keep: Tensor<(C,)>,
/// }
///
/// let mean = Mean::<dim!(3)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!((mean.num_parameters(), mean.names().len()), (0, 3));
/// ```
///
/// ## `#[module(default = ..)]` and `#[module(skip)]`
///
/// A value for a field; `rng` is the generator that `init` was given. Lists and options say so what they start with.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// pub struct Deep<C: Dim> {
///     #[module(default = (0..3).map(|_| Init::init_with(rng)).collect())]
///     layers: Vec<Linear<C, C>>,
///     #[module(default = None)]
///     head: Option<Linear<C, dim!(10)>>,
///     #[module(default = 0.5)]
///     scale: f64,
///     #[module(skip)]
///     calls: std::cell::Cell<usize>,
///     #[module(skip, default = Linear::init_with(rng))]
///     teacher: Linear<C, C>,
/// }
///
/// let deep = Deep::<dim!(8)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!((deep.layers.len(), deep.num_parameters(), deep.scale), (3, 3 * 72, 0.5));
/// ```
///
/// # The type
///
/// ## `#[module(sequential)]`
///
/// Each layer takes what the one before gives. Lists run one after another, `None` gives what it takes, and fields that are
/// no modules are passed over. Sizes that are written as numbers are checked where the type stands; what goes in decides
/// what comes out, and all else is checked where it is used.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// #[module(sequential)]
/// pub struct Mlp<I, A> {
///     fc1: Linear<I, dim!(16)>,
///     activation: A,
///     hidden: [Linear<dim!(16), dim!(16)>; 2],
///     fc2: Linear<dim!(16), dim!(2)>,
/// }
///
/// let net = Mlp::<dim!(3), Tanh>::init(&mut StdRng::seed_from_u64(0));
/// let y: Tensor<shape![5, 2]> = net.forward(Tensor::<shape![5, 3]>::zeros());
/// ```
///
/// ## Enums
///
/// An enum is the layers of the variant that it is; the variant is no part of their names. It starts as the variant with
/// `#[module(default)]`, whose fields say how, or with `#[module(default = ..)]` above the enum. `load` reads the variant that
/// it starts as; another one is made first and then reads with `load_state`.
///
/// With `sequential` all variants give the same type, and one without layers gives what it takes. With `transparent` the
/// tensors are named as if the layer stood there itself.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// #[module(sequential)]
/// pub enum Stage<C: Dim> {
///     Plain(Linear<C, C>),
///     Wide { up: Linear<C, dim!(64)>, act: Relu, down: Linear<dim!(64), C> },
///     #[module(default)]
///     None,
/// }
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let x = Tensor::<shape![5, 3]>::ones();
/// assert_eq!(Stage::<dim!(3)>::init(rng).forward(x.clone()).to_vec(), x.to_vec());
/// let plain = Stage::Plain(Linear::<dim!(3), dim!(3)>::init(rng));
/// assert_eq!(plain.names(), ["0.weight", "0.bias"]);
///
/// #[derive(Module)]
/// #[module(sequential, transparent, default = Either::A(Init::init_with(rng)))]
/// pub enum Either<A, B> {
///     A(A),
///     B(B),
/// }
///
/// let either = Either::<Linear<dim!(3), dim!(2)>, Linear<dim!(3), dim!(2), false>>::init(rng);
/// assert_eq!(either.names(), ["weight", "bias"]);
/// let y: Tensor<shape![5, 2]> = either.forward(x);
/// ```
///
/// ## `#[module(no_init)]`
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module)]
/// #[module(no_init)]
/// pub struct Stack {
///     layers: Vec<Linear<dim!(4), dim!(4)>>,
/// }
///
/// impl Stack {
///     pub fn new(depth: usize, rng: &mut StdRng) -> Self {
///         Self { layers: (0..depth).map(|_| Linear::init(rng)).collect() }
///     }
/// }
///
/// assert_eq!(Stack::new(3, &mut StdRng::seed_from_u64(0)).num_parameters(), 3 * 20);
/// ```
///
/// # `Clone`
///
/// A clone of a module has parameters of its own, with the same values; two fields that hold one parameter do so in the
/// clone too (see `fusion::nn::tie`). A derived `Clone` would not do this: of a tensor it makes another handle of the same
/// parameter. So `Module` writes `Clone` itself, and next to it `Clone` is an error, E0119. A type with a field that is no
/// `Clone` is none either. `Debug` is derived as ever.
///
/// ```
/// # use fusion::prelude::*;
/// #[derive(Module, Debug)]
/// pub struct Policy {
///     fc: Linear<dim!(3), dim!(2)>,
/// }
///
/// let mut policy = Policy::init(&mut StdRng::seed_from_u64(0));
/// let target = policy.clone();
/// let loss = policy.fc.forward(Tensor::<shape![1, 3]>::ones().trace()).sum();
/// Sgd::new(0.1).step(&mut policy, loss.backward());
/// assert_ne!(policy.fc.weight.to_vec(), target.fc.weight.to_vec());
/// assert_eq!(format!("{policy:?}"), "Policy { fc: Linear<3, 2> }");
/// ```
///
/// With `#[module(no_clone)]` it is left to an `impl Clone` by hand.
///
/// # Parameters
///
/// What the fields ask of the type's parameters need not be written. A parameter is a dimension, a shape, an element or a
/// layer by the places where it stands, as `I` and `A` above; so is what is made of it, `D::Size` or `Num<N>`. What `Forward`
/// asks stands in its impl, as in every impl: where a bound is missing, the error says which.
///
/// # Mistakes
///
/// Each mistake is one error, at the place where it is:
///
/// ```text
/// error: how does `scale: Tensor<(C,)>` start?
///        write `#[init(zeros)]` for a parameter, which is trained, or `#[buffer(zeros)]`
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
/// Constants may stand in it, generic parameters may not. A division comes out even.
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
    size::dim(input.into()).into()
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
    size::shape(input.into()).into()
}

/// The sentences of rules about known sizes: for the crate `fusion` itself.
#[doc(hidden)]
#[proc_macro]
pub fn sentences(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(rules) => sentences::expand(&rules).into(),
        Err(error) => error.to_compile_error().into(),
    }
}
