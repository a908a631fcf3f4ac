//! What flows between layers.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use fusion_rules::{MAX_RANK, Size};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::size::argument::dimension;

/// One size of a shape.
#[derive(Clone)]
pub enum Axis {
    Number(usize),
    /// Not known, after a mistake or in a join.
    Dyn,
    /// The padding that keeps a size.
    Same,
    /// A generic parameter, a constant or a type.
    Named(Named),
    /// A size that follows from a generic one: a free parameter of the generated impl.
    Free(usize),
}

/// A size with a name.
#[derive(Clone)]
pub struct Named {
    pub text: String,
    pub ty: TokenStream,
    /// An expression for its value, a `Size`.
    pub size: TokenStream,
    /// A generic parameter, or a size of the input that may be anything: no two of them are equal.
    pub generic: bool,
    /// A size of the input that may be anything.
    pub any: bool,
}

/// An argument where a size goes.
#[derive(Clone)]
pub enum Arg {
    Hole,
    Size(Axis),
    Lost,
}

/// What comes out of a layer.
#[derive(Clone)]
pub enum Flow {
    /// These sizes behind the batch.
    Axes(Vec<Axis>),
    /// The same, of whole numbers: what an `Embedding` takes.
    Integers(Vec<Axis>),
    /// The value of this constant.
    Const(Ident),
    /// An unknown tensor type: a free parameter of the generated impl.
    Opaque(usize),
    /// In type position: all that is known is what the last layer itself says.
    Open(Open),
    /// Unknown after a mistake.
    Lost,
}

/// The sizes that are known in type position.
#[derive(Clone, Default)]
pub struct Open {
    pub channels: Option<Axis>,
    pub last: Option<Axis>,
    /// How many axes there are, the batch among them.
    pub rank: Option<usize>,
}

/// What a layer's input has its shape from.
#[derive(Clone)]
pub struct Origin {
    /// The layer; nothing for the model's own input.
    pub text: String,
    /// The shape before a `Flatten`, which says more than the product.
    pub before: Option<Flow>,
}

impl Axis {
    /// Its type; `free` makes the name of a free parameter.
    pub fn ty(&self) -> TokenStream {
        match self {
            Self::Dyn => quote!(::fusion::dim::Dyn),
            Self::Same => quote!(::fusion::dim::Same),
            Self::Number(n) => dimension(*n),
            Self::Named(named) => named.ty.clone(),
            Self::Free(n) => free_axis(*n).into_token_stream(),
        }
    }

    /// An expression for its value, a `Size`.
    pub fn size(&self) -> TokenStream {
        match self {
            Self::Number(n) => known_size(n),
            Self::Dyn => quote!(::fusion::__private::rules::Size::Dyn),
            Self::Same => quote!(::fusion::__private::rules::Size::Same),
            Self::Named(named) => named.size.clone(),
            Self::Free(n) => free_size(*n).into_token_stream(),
        }
    }

    /// Whether it is no number that the macro has.
    pub fn is_symbolic(&self) -> bool {
        matches!(self, Self::Named(_) | Self::Free(_))
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<usize> {
        if let Self::Number(n) = self { Some(*n) } else { None }
    }

    /// A size that is a number, or not known.
    pub fn of(size: Size) -> Self {
        size.number().map_or(Self::Dyn, Self::Number)
    }

    pub fn text(&self) -> String {
        match self {
            Self::Number(n) => n.to_string(),
            Self::Dyn => "?".into(),
            Self::Same => "\"same\"".into(),
            Self::Named(named) => named.text.clone(),
            Self::Free(..) => "_".into(),
        }
    }
}

impl Flow {
    /// A text that is the same for equal flows.
    pub fn key(&self) -> String {
        match self {
            Self::Axes(axes) | Self::Integers(axes) => axes.iter().map(|axis| format!("{} ", axis.ty())).collect(),
            Self::Const(name) => name.to_string(),
            Self::Opaque(free) => format!("?{free}"),
            Self::Open(_) | Self::Lost => String::new(),
        }
    }

    /// An expression for the shape, batch in front.
    pub fn value(&self) -> TokenStream {
        match self {
            Self::Const(name) => name.to_token_stream(),
            Self::Axes(axes) | Self::Integers(axes) => {
                if let Some(numbers) = axes.iter().map(Axis::number).collect::<Option<Vec<_>>>() {
                    return quote!(::fusion::__private::samples(&[#(#numbers),*]));
                }
                let sizes = axes.iter().map(Axis::size);
                quote!(::fusion::__private::rules::Dims::of(&[::fusion::__private::rules::Size::Dyn #(, #sizes)*]))
            }
            Self::Opaque(_) | Self::Open(_) | Self::Lost => quote!(::fusion::__private::rules::Dims::SCALAR),
        }
    }

    /// The sizes, if they are known by number or name.
    pub fn axes(&self) -> Option<&[Axis]> {
        if let Self::Axes(axes) | Self::Integers(axes) = self { Some(axes) } else { None }
    }
}

/// What the free types of a generic model turn out to be.
#[derive(Default)]
pub struct Answers {
    tensors: HashMap<usize, Flow>,
    axes: HashMap<usize, Axis>,
}

impl Answers {
    /// The flow `from` is `to`: its free types get their answers.
    pub fn unify(&mut self, from: &Flow, to: &Flow) {
        match (from, to) {
            (Flow::Opaque(a), Flow::Opaque(b)) if a == b => {}
            (Flow::Opaque(free), to) => {
                self.tensors.insert(*free, to.clone());
            }
            (Flow::Axes(from), Flow::Axes(to)) => {
                for (axis, is) in from.iter().zip(to) {
                    match (axis, is) {
                        (Axis::Free(a), Axis::Free(b)) if a == b => {}
                        (Axis::Free(free), is) => {
                            self.axes.insert(*free, is.clone());
                        }
                        _ => {}
                    }
                }
            }
            (from @ Flow::Axes(_), to @ Flow::Opaque(_)) => self.unify(to, from),
            _ => {}
        }
    }

    pub fn axis(&self, axis: &Axis) -> Axis {
        match axis {
            Axis::Free(free) => self.axes.get(free).map_or_else(|| axis.clone(), |axis| self.axis(axis)),
            axis => axis.clone(),
        }
    }

    pub fn flow(&self, flow: &Flow) -> Flow {
        match flow {
            Flow::Opaque(free) => match self.tensors.get(free) {
                Some(is) => self.flow(is),
                None => flow.clone(),
            },
            Flow::Axes(axes) => Flow::Axes(axes.iter().map(|axis| self.axis(axis)).collect()),
            flow => flow.clone(),
        }
    }
}

impl Arg {
    pub fn axis(&self) -> Option<&Axis> {
        match self {
            Self::Size(axis) => Some(axis),
            Self::Hole | Self::Lost => None,
        }
    }

    /// The size, with what is inferred in place of `_`.
    pub fn or<'a>(&'a self, inferred: Option<&'a Axis>) -> Option<&'a Axis> {
        match self {
            Self::Hole => inferred,
            Self::Size(axis) => Some(axis),
            Self::Lost => None,
        }
    }
}

/// The `Size` of a number, given as an expression.
pub fn known_size(number: impl ToTokens) -> TokenStream {
    quote!(::fusion::__private::Known(#number))
}

/// The name of a free size.
pub fn free_axis(n: usize) -> Ident {
    format_ident!("__N{n}", span = Span::mixed_site())
}

/// The name of the variable with its value.
pub fn free_size(n: usize) -> Ident {
    format_ident!("__n{n}", span = Span::mixed_site())
}

/// The name of a free tensor type.
pub fn free_tensor(n: usize) -> Ident {
    format_ident!("__X{n}", span = Span::mixed_site())
}

/// The types of the shapes that are constants.
///
/// Spelling a size costs rustc eleven small constants, and a shape whose number of axes is not known has five sizes. So
/// a size that is known is not spelled, and a type that nothing names is not declared.
#[derive(Default)]
pub struct Shapes {
    /// The sizes behind the batch, where the macro knows how many there are.
    axes: HashMap<String, Vec<Axis>>,
    /// The constants that have the type of another.
    like: HashMap<String, Ident>,
    /// The constants whose digits are declared.
    spelled: HashSet<String>,
    /// The constants whose type is named somewhere.
    named: RefCell<BTreeMap<String, Ident>>,
}

impl Shapes {
    /// The sizes of a constant's shape, batch left out, if it is known how many there are.
    pub fn axes(&self, name: &Ident) -> Option<&[Axis]> {
        self.axes.get(&name.to_string()).map(Vec::as_slice)
    }

    /// The type of a constant's shape, with this type as its first axis.
    pub fn ty(&self, batch: &TokenStream, name: &Ident) -> TokenStream {
        let name = self.like.get(&name.to_string()).unwrap_or(name);
        self.named.borrow_mut().insert(name.to_string(), name.clone());
        let alias = shape_alias(name);
        quote!(#alias<#batch>)
    }

    /// States the sizes of a constant's shape.
    pub fn are(&mut self, name: &Ident, axes: Vec<Axis>) {
        self.axes.insert(name.to_string(), axes);
    }

    /// States that a constant's shape is that of a flow; if it is not, a check says so.
    pub fn equal(&mut self, name: &Ident, flow: &Flow) {
        match flow {
            Flow::Axes(axes) => self.are(name, axes.clone()),
            Flow::Const(other) => {
                if let Some(axes) = self.axes(other) {
                    self.are(name, axes.to_vec());
                }
                let first = self.like.get(&other.to_string()).unwrap_or(other).clone();
                self.like.insert(name.to_string(), first);
            }
            _ => {}
        }
    }

    /// The size of a constant's shape at this place behind the batch, and the items that declare its type.
    pub fn spelled(&mut self, name: &Ident, at: usize) -> (Axis, TokenStream) {
        let mut items = TokenStream::new();
        if self.spelled.insert(name.to_string()) {
            items.extend(declare_spelled(name));
        }
        let (alias, spelled) = (format_ident!("{name}_{at}"), spelled_name(name));
        let (axis, at) = (axis_name(at), at + 1);
        items.extend(quote! {
            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            type #alias = ::fusion::__private::spelled_dim!(#spelled.#axis);
        });
        let (ty, size) = (alias.into_token_stream(), quote!(#name.d[#at]));
        (Axis::Named(Named { text: "_".into(), ty, size, generic: false, any: false }), items)
    }

    /// Declares what [`ty`](Self::ty) names. The constants in it are evaluated once, wherever it is used.
    pub fn items(&self) -> TokenStream {
        let named = self.named.borrow();
        named.values().map(|name| self.declared(name)).collect()
    }

    fn declared(&self, name: &Ident) -> TokenStream {
        let (alias, spelled) = (shape_alias(name), spelled_name(name));
        let declared = match self.axes(name) {
            Some(axes) => {
                let axes = axes.iter().map(Axis::ty);
                quote!((__B, #(#axes,)*))
            }
            None => {
                let axes = (0..MAX_RANK - 1).map(axis_name);
                quote! {
                    <::fusion::dim::consts::Sized<
                        { #spelled.rank },
                        __B,
                        #(::fusion::__private::spelled_dim!(#spelled.#axes),)*
                    > as ::fusion::dim::consts::Tuple>::Shape
                }
            }
        };
        let digits =
            (self.axes(name).is_none() && !self.spelled.contains(&name.to_string())).then(|| declare_spelled(name));
        quote! {
            #digits
            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            type #alias<__B> = #declared;
        }
    }
}

/// Declares the digits of a constant's sizes.
fn declare_spelled(name: &Ident) -> TokenStream {
    let spelled = spelled_name(name);
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code)]
        const #spelled: ::fusion::dim::consts::SpelledShape = ::fusion::dim::consts::spelled_shape(#name);
    }
}

fn spelled_name(name: &Ident) -> Ident {
    format_ident!("{name}_Spelled")
}

/// The field of `SpelledShape` for the axis at this place behind the batch.
fn axis_name(at: usize) -> Ident {
    format_ident!("{}", ["b", "c", "d", "e", "f"][at])
}

fn shape_alias(name: &Ident) -> Ident {
    format_ident!("{name}_Shape")
}
