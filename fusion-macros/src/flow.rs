//! What flows between layers.

use fusion_rules::MAX_RANK;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::argument::dimension;

/// One size of a shape.
#[derive(Clone)]
pub enum Axis {
    Number(usize),
    /// A generic parameter, a constant or a type.
    Named(Named),
    /// A size that follows from a generic one: a free parameter of the generated impl, and how to compute it.
    Free(usize, TokenStream),
}

/// A size with a name.
#[derive(Clone)]
pub struct Named {
    pub text: String,
    pub ty: TokenStream,
    /// An expression for its value.
    pub size: TokenStream,
    /// A generic parameter: no two of them are equal.
    pub generic: bool,
}

/// An argument where a size goes.
#[derive(Clone)]
pub enum Size {
    Hole,
    Of(Axis),
    Lost,
}

/// What comes out of a layer.
#[derive(Clone)]
pub enum Flow {
    /// These sizes behind the batch.
    Axes(Vec<Axis>),
    /// The value of this constant.
    Const(Ident),
    /// An unknown tensor type: a free parameter of the generated impl.
    Opaque(usize),
    /// In type position: all that is known is the last size, or nothing.
    Open(Option<Axis>),
    /// Unknown after a mistake.
    Lost,
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
            Self::Number(n) => dimension(*n),
            Self::Named(named) => named.ty.clone(),
            Self::Free(n, _) => free_axis(*n).into_token_stream(),
        }
    }

    /// An expression for its value.
    pub fn size(&self) -> TokenStream {
        match self {
            Self::Number(n) => quote!(#n),
            Self::Named(named) => named.size.clone(),
            Self::Free(_, size) => size.clone(),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Number(n) => n.to_string(),
            Self::Named(named) => named.text.clone(),
            Self::Free(..) => "_".into(),
        }
    }
}

impl Flow {
    pub fn replace(&mut self, free: usize, by: &Flow) {
        if matches!(self, Self::Opaque(n) if *n == free) {
            *self = by.clone();
        }
    }

    pub fn replace_axis(&mut self, free: usize, by: &Axis) {
        if let Self::Axes(axes) = self {
            for axis in axes {
                if matches!(axis, Axis::Free(n, _) if *n == free) {
                    *axis = by.clone();
                }
            }
        }
    }
}

impl Size {
    pub fn axis(&self) -> Option<&Axis> {
        match self {
            Self::Of(axis) => Some(axis),
            Self::Hole | Self::Lost => None,
        }
    }
}

/// The name of a free size.
pub fn free_axis(n: usize) -> Ident {
    format_ident!("__N{n}", span = Span::mixed_site())
}

/// The name of a free tensor type.
pub fn free_tensor(n: usize) -> Ident {
    format_ident!("__X{n}", span = Span::mixed_site())
}

/// The type of a shape that a constant has, with this type as its first axis.
pub fn shape_type(batch: &TokenStream, name: &Ident) -> TokenStream {
    let axes = 1..MAX_RANK;
    quote! {
        <::fusion::dim::consts::Sized<
            { #name.rank },
            #batch,
            #(::fusion::__private::dim_of!(#name.d[#axes]),)*
        > as ::fusion::dim::consts::Tuple>::Shape
    }
}
