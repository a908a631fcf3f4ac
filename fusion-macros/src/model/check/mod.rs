//! Works the shapes out, layer by layer, and finds every mistake.
//!
//! What flows between layers is known in one of three ways. As long as the macro knows every layer and every size, it
//! has the numbers itself. After a layer of the user's, or with a size that is a constant, they are values that const
//! evaluation has: the expansion then declares a constant for each shape and a check for each layer. In a generic model
//! they are types, and after a layer of the user's there not even that, only an unknown tensor type with a bound.
//!
//! After a mistake the check goes on with what would have fitted.

pub mod branches;
pub mod builtin;
pub mod custom;
pub mod declared;
pub mod entry;
pub mod head;

pub mod layers;
pub mod list;
pub mod shapes;
pub mod sizes;
pub mod starts;

use std::collections::HashMap;

use fusion_rules::{Dims, MAX_RANK, Mistake, Size};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Ident};

use crate::diagnostics::{Diagnostics, Ends, respan};
use crate::model::ast::{Sizes, param_name};
use crate::model::ir::{Bound, Checked, Output, Unit, lost_name};
use crate::model::shape::{Answers, Arg, Axis, Flow, Origin, Shapes};
use crate::tokens::mention;

pub struct Checker<'a> {
    pub name: Ident,
    /// `None` in type position.
    pub generics: Option<&'a Generics>,
    /// The sizes of the input, as written.
    pub takes: Vec<String>,
    /// Sizes of the input that may be anything, and where they stand in it, the batch at 0.
    pub any: Vec<(Ident, usize)>,
    /// The last number that the model is said to give.
    pub gives: Option<usize>,
    /// The numbers that the next layer is written with, or the one that the model gives.
    pub ahead: [Option<usize>; 2],
    pub errors: &'a Diagnostics,
    pub items: TokenStream,
    pub bounds: Vec<Bound>,
    /// Which bound says what a layer makes of a flow.
    known_bounds: HashMap<String, usize>,
    /// The bounds of the groups that are being checked, the innermost last.
    pub open: Vec<Vec<usize>>,
    pub answers: Answers,
    pub free_sizes: Vec<(usize, TokenStream)>,
    /// The free sizes that are a name and a number.
    free_named: HashMap<usize, Size>,
    /// Generic sizes that layers use.
    pub sizes: Vec<TokenStream>,
    /// Generic numbers of groups, which are part of a weight's type.
    pub groups: Vec<TokenStream>,
    /// Whether the type of a weight holds a generic window, which must be known to be a size.
    pub windows: bool,
    pub origin: Origin,
    counter: usize,
    /// The names of sizes, by their places.
    names: Vec<String>,
    pub shapes: Shapes,
}

impl<'a> Checker<'a> {
    pub fn new(name: Ident, generics: Option<&'a Generics>, errors: &'a Diagnostics) -> Self {
        Self {
            name,
            generics,
            takes: Vec::new(),
            any: Vec::new(),
            gives: None,
            ahead: [None; 2],
            errors,
            items: TokenStream::new(),
            bounds: Vec::new(),
            known_bounds: HashMap::new(),
            open: Vec::new(),
            answers: Answers::default(),
            free_sizes: Vec::new(),
            free_named: HashMap::new(),
            sizes: Vec::new(),
            groups: Vec::new(),
            windows: false,
            origin: Origin { text: String::new(), before: None },
            counter: 0,
            names: Vec::new(),
            shapes: Shapes::default(),
        }
    }

    pub fn done(self, unit: Unit<'a>, outputs: Option<Vec<Output>>, restated: bool) -> Checked<'a> {
        Checked {
            unit,
            outputs,
            restated,
            items: self.items,
            shapes: self.shapes,
            bounds: self.bounds,
            answers: self.answers,
            free_sizes: self.free_sizes,
            sizes: self.sizes,
            groups: self.groups,
            windows: self.windows,
            any: self.any.into_iter().map(|(name, _)| name).collect(),
        }
    }

    pub fn mistake(&mut self, ends: Ends, message: impl std::fmt::Display) {
        self.errors.push(ends.error(message));
    }

    /// A mistake that other places may have too, said at the first.
    pub fn mistake_once(&mut self, ends: Ends, message: String) {
        if !self.errors.says(&message) {
            self.mistake(ends, message);
        }
    }

    pub fn next(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }

    /// A bound of all groups that are being checked.
    pub fn bound(&mut self, bound: Bound) {
        let at = self.bounds.len();
        self.bounds.push(bound);
        self.open.iter_mut().for_each(|open| open.push(at));
    }

    /// What a layer makes of `from`: `to`, unless a bound says so already.
    pub fn layer_bound(&mut self, ty: &TokenStream, from: Flow, to: Flow, span: Span) -> Flow {
        let key = format!("{ty} of {}", from.key());
        if let Some(&at) = self.known_bounds.get(&key)
            && let Bound::Layer { to, .. } = &self.bounds[at]
        {
            let to = to.clone();
            for open in self.open.iter_mut().filter(|open| !open.contains(&at)) {
                open.push(at);
            }
            return to;
        }
        self.known_bounds.insert(key, self.bounds.len());
        self.bound(Bound::Layer { ty: ty.clone(), from, to: to.clone(), span });
        to
    }

    /// A size that follows from a generic one, and how to compute it; `is` says what is known of it.
    pub fn free(&mut self, size: TokenStream, is: Size) -> Axis {
        let free = self.next();
        if matches!(is, Size::Named { .. }) {
            self.free_named.insert(free, is);
        }
        self.free_sizes.push((free, size));
        Axis::Free(free)
    }

    /// Whether the model has generic parameters.
    pub fn is_generic(&self) -> bool {
        self.generics.is_some_and(|g| !g.params.is_empty()) || !self.any.is_empty()
    }

    pub fn param(&self, name: &Ident) -> Option<&'a GenericParam> {
        self.generics?.params.iter().find(|param| param_name(param) == name)
    }

    /// Whether a generic parameter stands in these tokens.
    pub fn mentions_param(&self, tokens: TokenStream) -> bool {
        mention(tokens, &|name| self.param(name).is_some())
    }

    /// A type that is an error which is reported already: about it and all that comes of it rustc is silent.
    pub fn lost(&self) -> TokenStream {
        let lost = lost_name(&self.name);
        quote!(::fusion::__private::LostType<{ #lost }>)
    }

    // ---- constants

    /// A check at this place, made by const evaluation.
    pub fn check(&mut self, ends: Ends, function: TokenStream, args: TokenStream) {
        let call = call_at(ends, quote!(::fusion::__private::#function), args);
        self.items.extend(quote!(const _: () = #call;));
    }

    /// Declares a number whose computation fails where a bound does.
    pub fn declare_number(&mut self, ends: Ends, value: TokenStream) -> Ident {
        self.constant_of(ends, quote!(usize), value)
    }

    /// Declares a size that const evaluation computes.
    pub fn declare_size(&mut self, ends: Ends, value: TokenStream) -> Ident {
        self.constant_of(ends, quote!(::fusion::__private::rules::Size), value)
    }

    /// Declares a shape that const evaluation computes.
    pub fn declare(&mut self, ends: Ends, value: TokenStream) -> Ident {
        self.constant_of(ends, quote!(::fusion::__private::rules::Dims), value)
    }

    fn constant_of(&mut self, ends: Ends, ty: TokenStream, value: TokenStream) -> Ident {
        let number = self.next();
        let name = format_ident!("__{}_{number}", self.name, span = Span::mixed_site());
        let last = ends.last;
        self.items.extend(quote_spanned! {last=>
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #name: #ty = #value;
        });
        name
    }

    /// The dimension of a size that const evaluation computes.
    pub fn dimension(&mut self, size: &Ident) -> TokenStream {
        let (alias, spelled) = (format_ident!("{size}_Dim"), format_ident!("{size}_Spelled"));
        self.items.extend(quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #spelled: ::fusion::dim::consts::Spelled = ::fusion::dim::consts::spelled(#size);

            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            type #alias = ::fusion::__private::spelled_dim!(#spelled);
        });
        alias.into_token_stream()
    }

    // ---- shapes

    pub fn shape(&mut self, sizes: &Sizes, what: &str) -> Option<Vec<Axis>> {
        let mut axes = Vec::new();
        let mut lost = false;
        for arg in &sizes.sizes {
            match self.size(arg) {
                Arg::Size(axis) => axes.push(axis),
                Arg::Lost => lost = true,
                Arg::Hole => {
                    let mut message = format!("the sizes of the {what} are written, not inferred");
                    if what == "input" {
                        message += "\na size that may be anything is a capital letter, as in `[3, H, W]`";
                    }
                    self.mistake(arg.ends, message);
                    lost = true;
                }
            }
        }
        if sizes.sizes.len() >= MAX_RANK {
            let mistake = Mistake::Rank { rank: sizes.sizes.len() + 1 };
            self.mistake(sizes.ends, format!("{}: the batch is one of them", mistake.text()));
            return None;
        }
        (!lost).then_some(axes)
    }

    /// In a model without parameters, names among the sizes are for const evaluation.
    pub fn settled(&mut self, axes: Vec<Axis>, ends: Ends) -> Flow {
        if self.is_generic() || !axes.iter().any(Axis::is_symbolic) {
            return Flow::Axes(axes);
        }
        let value = Flow::Axes(axes.clone()).value();
        let name = self.declare(ends, value);
        self.shapes.are(&name, axes);
        Flow::Const(name)
    }

    /// The shape, batch in front.
    pub fn dims(&mut self, axes: &[Axis]) -> Dims {
        axes.iter().fold(Dims::of(&[Size::Dyn]), |dims, axis| dims.push(self.known(axis)))
    }

    /// What is known of a size.
    pub fn known(&mut self, axis: &Axis) -> Size {
        let name = match axis {
            Axis::Number(n) => return Size::Known(*n),
            Axis::Dyn => return Size::Dyn,
            Axis::Same => return Size::Same,
            Axis::Named(named) => named.text.clone(),
            Axis::Free(free) => match self.free_named.get(free) {
                Some(size) => return *size,
                None => format!("_{free}"),
            },
        };
        let place = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        Size::Named { name: place as u32, offset: 0 }
    }

    /// The names of sizes as messages say them.
    pub fn names(&self) -> Vec<&str> {
        self.names.iter().map(|name| if name.starts_with('_') { "_" } else { name }).collect()
    }
}

/// A call that is underlined from end to end.
pub fn call_at(ends: Ends, function: TokenStream, args: TokenStream) -> TokenStream {
    let mut call = respan(function, ends.first);
    let mut group = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, args);
    group.set_span(ends.last);
    call.extend([TokenTree::Group(group)]);
    call
}
