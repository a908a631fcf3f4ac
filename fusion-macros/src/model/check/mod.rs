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

use fusion_rules::{DYN, Dims, MAX_RANK, Mistake};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Ident};

use crate::diagnostics::{Diagnostics, Ends, respan};
use crate::model::ast::{Sizes, param_name};
use crate::model::ir::{Bound, Checked, Unit, lost_name};
use crate::model::shape::{Answers, Axis, Flow, Origin, Shapes, Size};
use crate::tokens::mention;

/// Generic sizes are encoded as large numbers so that the numeric rules can run; messages decode them. They lie so far
/// apart that no window makes one of another.
const SYMBOLS: usize = 500_000_000;
const BETWEEN: usize = 1_000_000;
/// The least number that stands for a name, or for one less a window.
pub const NAMED: usize = SYMBOLS - BETWEEN / 2;

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
    free_numbers: HashMap<usize, usize>,
    /// Generic sizes that layers use.
    pub sizes: Vec<TokenStream>,
    /// Generic numbers of groups, which are part of a weight's type.
    pub groups: Vec<TokenStream>,
    /// Whether the type of a weight holds a generic window, which must be known to be a size.
    pub windows: bool,
    pub origin: Origin,
    counter: usize,
    symbols: Vec<String>,
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
            free_numbers: HashMap::new(),
            sizes: Vec::new(),
            groups: Vec::new(),
            windows: false,
            origin: Origin { text: String::new(), before: None },
            counter: 0,
            symbols: Vec::new(),
            shapes: Shapes::default(),
        }
    }

    pub fn done(self, unit: Unit<'a>, outputs: Option<Vec<(Ident, Vec<Axis>)>>, restated: bool) -> Checked<'a> {
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

    /// A size that follows from a generic one, and how to compute it; `number` is what came out with symbols.
    pub fn free(&mut self, size: TokenStream, number: usize) -> Axis {
        let free = self.next();
        if self.near(number).is_some() {
            self.free_numbers.insert(free, number);
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
        let number = self.next();
        let name = format_ident!("__{}_{number}", self.name, span = Span::mixed_site());
        let last = ends.last;
        self.items.extend(quote_spanned! {last=>
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #name: usize = #value;
        });
        name
    }

    /// Declares a shape that const evaluation computes.
    pub fn declare(&mut self, ends: Ends, value: TokenStream) -> Ident {
        let number = self.next();
        let name = format_ident!("__{}_{number}", self.name, span = Span::mixed_site());
        let last = ends.last;
        self.items.extend(quote_spanned! {last=>
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #name: ::fusion::__private::rules::Dims = #value;
        });
        name
    }

    /// The dimension of a number that const evaluation computes.
    pub fn dimension(&mut self, number: &Ident) -> TokenStream {
        let (alias, spelled) = (format_ident!("{number}_Dim"), format_ident!("{number}_Spelled"));
        self.items.extend(quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #spelled: ::fusion::dim::consts::Spelled = ::fusion::dim::consts::spelled(#number);

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
                Size::Of(axis) => axes.push(axis),
                Size::Lost => lost = true,
                Size::Hole => {
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
        if self.is_generic() || axes.iter().all(|axis| matches!(axis, Axis::Number(_))) {
            return Flow::Axes(axes);
        }
        let value = Flow::Axes(axes.clone()).value();
        let name = self.declare(ends, value);
        self.shapes.are(&name, axes);
        Flow::Const(name)
    }

    /// The shape in numbers, batch in front, with symbols for names.
    pub fn dims(&mut self, axes: &[Axis]) -> Dims {
        let mut dims = Dims::new(&[DYN]);
        for axis in axes {
            dims = dims.push(self.number(axis));
        }
        dims
    }

    /// A size as a number, a symbol for a name.
    pub fn number(&mut self, axis: &Axis) -> usize {
        let text = match axis {
            Axis::Number(n) => return *n,
            Axis::Named(named) => named.text.clone(),
            Axis::Free(free) => match self.free_numbers.get(free) {
                Some(n) => return *n,
                None => format!("_{free}"),
            },
        };
        let at = self.symbols.iter().position(|known| *known == text).unwrap_or_else(|| {
            self.symbols.push(text);
            self.symbols.len() - 1
        });
        SYMBOLS + at * BETWEEN
    }

    /// A sentence with names in place of symbols: `C`, and `H - 2` for what a window leaves of `H`.
    pub fn named(&self, sentence: &str) -> String {
        let (mut out, mut digits) = (String::new(), String::new());
        for c in sentence.chars().chain([' ']) {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            match digits.parse().ok().and_then(|n| self.near(n)) {
                Some((name, 0)) => out += name,
                Some((name, more)) if more < 0 => out += &format!("{name} - {}", -more),
                Some((name, more)) => out += &format!("{name} + {more}"),
                None => out += &digits,
            }
            digits.clear();
            out.push(c);
        }
        out.pop();
        out
    }

    /// Decodes a symbolic size: the name and the offset, if `n` encodes their sum.
    fn near(&self, n: usize) -> Option<(&str, isize)> {
        let at = n.checked_sub(NAMED)? / BETWEEN;
        let (name, more) = (self.symbols.get(at)?, n as isize - (SYMBOLS + at * BETWEEN) as isize);
        let name = if name.starts_with('_') { "_" } else { name };
        (more.unsigned_abs() < BETWEEN / 10).then_some((name, more))
    }

    /// The place of the name near which a number is; `None` for numbers proper.
    pub fn symbol(&self, n: usize) -> Option<usize> {
        self.near(n).map(|_| (n - NAMED) / BETWEEN)
    }

    /// Whether a number is one proper, or made of one name by adding alone.
    pub fn is_plain(&self, n: usize) -> bool {
        n < NAMED || self.near(n).is_some()
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
