//! Works the shapes out, layer by layer, and finds every mistake.
//!
//! What flows between layers is known in one of three ways. As long as the macro knows every layer and every size, it
//! has the numbers itself. After a layer of the user's, or with a size that is a constant, they are values that const
//! evaluation has: the expansion then declares a constant for each shape and a check for each layer. In a generic model
//! they are types, and after a layer of the user's there not even that, only an unknown tensor type with a bound.
//!
//! After a mistake the check goes on with what would have fitted.

use std::collections::HashSet;

use fusion_rules::model::output_text;
use fusion_rules::{DYN, Dims, MAX_RANK, Mistake};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Error, GenericParam, Generics, Ident};

use crate::flow::{Axis, Flow, Origin, Size};
use crate::parse::{Body, Layer, Sizes};
use crate::report::{Ends, respan};

/// Names of what every model can do, which a field would hide from readers.
const METHODS: [&str; 4] = ["forward", "init", "load", "summary"];

/// Numbers beyond every size stand for names while a rule is asked; its sentence then gets the names back.
const SYMBOLS: usize = 1_000_000_000_000;

/// A layer with all that the expansion needs.
pub struct Step<'a> {
    pub layer: &'a Layer,
    pub field: Ident,
    pub position: usize,
    pub ty: TokenStream,
    /// How it is made, if not by `Init`.
    pub start: Option<TokenStream>,
    /// Its type with the sizes that are known by name or number.
    pub text: String,
    /// A layer of the language whose sizes are not all numbers: its name, and expressions for them.
    pub sizes: Option<(&'static str, Vec<TokenStream>)>,
    pub after: Flow,
    /// The function that does the next layer too.
    pub fused: Option<TokenStream>,
    /// Constant numbers that fail where the type is no layer, and where it does not take its input.
    pub is_module: Option<TokenStream>,
    pub runs: Option<TokenStream>,
    /// A layer of the user's whose type has generic parameters in it.
    pub generic: bool,
}

/// A bound of a generic model: this layer makes the second of the first.
pub struct Bound {
    pub ty: TokenStream,
    pub from: Flow,
    pub to: Flow,
    pub span: Span,
    /// The layer's position.
    pub step: usize,
}

/// A model whose shapes are worked out.
pub struct Checked<'a> {
    pub steps: Vec<Step<'a>>,
    /// The sizes of the input; `None` after a mistake.
    pub input: Option<Vec<Axis>>,
    pub output: Flow,
    /// The output's type is the one stated, which only const evaluation has compared with the last layer's.
    pub restated: bool,
    /// Constants and checks.
    pub items: TokenStream,
    pub bounds: Vec<Bound>,
    /// Generic sizes that layers use.
    pub sizes: Vec<TokenStream>,
    pub errors: Vec<Error>,
}

pub struct Checker<'a> {
    pub name: Ident,
    /// `None` in type position.
    pub generics: Option<&'a Generics>,
    pub errors: Vec<Error>,
    pub items: TokenStream,
    pub bounds: Vec<Bound>,
    /// Generic sizes that layers use.
    pub sizes: Vec<TokenStream>,
    pub origin: Origin,
    counter: usize,
    symbols: Vec<String>,
}

/// Checks a declared model.
pub fn model<'a>(
    name: &Ident,
    generics: &'a Generics,
    input: Option<&Sizes>,
    output: Option<&Sizes>,
    body: &'a mut Body,
) -> Checked<'a> {
    let errors = std::mem::take(&mut body.errors);
    let mut checker = Checker::new(name.clone(), Some(generics), errors);
    let input = checker.input(input);
    let flow = match &input {
        Some((axes, ends)) => checker.settled(axes.clone(), *ends),
        None => Flow::Lost,
    };
    let mut steps = checker.steps(&body.layers, flow);
    let input = input.map(|(axes, _)| axes);
    let (output, restated) = checker.output(&mut steps, output);
    checker.done(steps, input, output, restated)
}

/// Checks a list of layers that is to become a type.
pub fn network(body: &mut Body) -> Checked<'_> {
    let errors = std::mem::take(&mut body.errors);
    let mut checker = Checker::new(format_ident!("Network"), None, errors);
    let steps = checker.steps(&body.layers, Flow::Open(None));
    checker.done(steps, None, Flow::Open(None), false)
}

impl<'a> Checker<'a> {
    fn new(name: Ident, generics: Option<&'a Generics>, errors: Vec<Error>) -> Self {
        Self {
            name,
            generics,
            errors,
            items: TokenStream::new(),
            bounds: Vec::new(),
            sizes: Vec::new(),
            origin: Origin { text: String::new(), before: None },
            counter: 0,
            symbols: Vec::new(),
        }
    }

    fn done(self, steps: Vec<Step<'a>>, input: Option<Vec<Axis>>, output: Flow, restated: bool) -> Checked<'a> {
        Checked {
            steps,
            input,
            output,
            restated,
            items: self.items,
            bounds: self.bounds,
            sizes: self.sizes,
            errors: self.errors,
        }
    }

    pub fn mistake(&mut self, ends: Ends, message: impl std::fmt::Display) {
        self.errors.push(ends.error(message));
    }

    pub fn next(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }

    /// Whether the model has generic parameters.
    pub fn is_generic(&self) -> bool {
        self.generics.is_some_and(|g| !g.params.is_empty())
    }

    pub fn param(&self, name: &Ident) -> Option<&'a GenericParam> {
        self.generics?.params.iter().find(|param| match param {
            GenericParam::Type(p) => p.ident == *name,
            GenericParam::Const(p) => p.ident == *name,
            GenericParam::Lifetime(_) => false,
        })
    }

    /// Whether a generic parameter stands in these tokens.
    pub fn mentions_param(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => self.param(&name).is_some(),
            TokenTree::Group(group) => self.mentions_param(group.stream()),
            _ => false,
        })
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

    // ---- shapes

    fn shape(&mut self, sizes: &Sizes, what: &str) -> Option<Vec<Axis>> {
        let mut axes = Vec::new();
        let mut lost = false;
        for arg in &sizes.sizes {
            match self.size(arg) {
                Size::Of(axis) => axes.push(axis),
                Size::Lost => lost = true,
                Size::Hole => {
                    self.mistake(arg.ends, format!("the sizes of the {what} are written, not inferred"));
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

    fn input(&mut self, input: Option<&Sizes>) -> Option<(Vec<Axis>, Ends)> {
        let input = input?;
        if input.sizes.is_empty() {
            self.mistake(input.ends, "a model takes at least one size besides the batch, as in `[784]`");
            return None;
        }
        Some((self.shape(input, "input")?, input.ends))
    }

    /// In a model without parameters, names among the sizes are for const evaluation.
    fn settled(&mut self, axes: Vec<Axis>, ends: Ends) -> Flow {
        if self.is_generic() || axes.iter().all(|axis| matches!(axis, Axis::Number(_))) {
            return Flow::Axes(axes);
        }
        let value = self.value(&Flow::Axes(axes));
        Flow::Const(self.declare(ends, value))
    }

    /// An expression for the shape, batch in front.
    pub fn value(&self, flow: &Flow) -> TokenStream {
        match flow {
            Flow::Const(name) => name.to_token_stream(),
            Flow::Axes(axes) => {
                let sizes = axes.iter().map(Axis::size);
                quote!(::fusion::__private::rules::Dims::new(&[::fusion::__private::rules::DYN #(, #sizes)*]))
            }
            Flow::Opaque(_) | Flow::Open(_) | Flow::Lost => {
                quote!(::fusion::__private::rules::Dims::SCALAR)
            }
        }
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
            Axis::Named(named) => &named.text,
            Axis::Free(..) => "_",
        };
        let at = self.symbols.iter().position(|known| known == text).unwrap_or_else(|| {
            self.symbols.push(text.to_owned());
            self.symbols.len() - 1
        });
        SYMBOLS + at
    }

    /// A sentence with names in place of symbols.
    pub fn named(&self, sentence: &str) -> String {
        let mut out = sentence.to_owned();
        for (at, name) in self.symbols.iter().enumerate() {
            out = out.replace(&(SYMBOLS + at).to_string(), name);
        }
        out
    }

    /// The output's type, and whether it is stated and only const evaluation has compared it.
    fn output(&mut self, steps: &mut [Step<'_>], stated: Option<&Sizes>) -> (Flow, bool) {
        let last = steps.last().map_or(Flow::Lost, |step| step.after.clone());
        let Some(stated) = stated else {
            return (last, false);
        };
        let ends = stated.ends;
        let Some(axes) = self.shape(stated, "output") else {
            return (Flow::Lost, false);
        };
        let numbers = |axes: &[Axis]| axes.iter().all(|axis| matches!(axis, Axis::Number(_)));
        match last {
            Flow::Axes(given) if self.is_generic() || (numbers(&given) && numbers(&axes)) => {
                self.compare(steps, &given, &axes, ends);
                (Flow::Axes(axes), false)
            }
            Flow::Axes(_) | Flow::Const(_) => {
                let (gives, states) = (self.value(&last), self.value(&Flow::Axes(axes.clone())));
                let from = &self.origin.text;
                self.check(ends, quote!(check_output), quote!(#from, #gives, #states));
                (Flow::Axes(axes), true)
            }
            Flow::Opaque(free) => {
                let stated = Flow::Axes(axes.clone());
                self.flows(steps).for_each(|flow| flow.replace(free, &stated));
                (Flow::Axes(axes), false)
            }
            Flow::Open(_) | Flow::Lost => (Flow::Axes(axes), false),
        }
    }

    /// Compares the last shape with the one stated, where the macro can; free sizes become the stated ones.
    fn compare(&mut self, steps: &mut [Step<'_>], given: &[Axis], stated: &[Axis], ends: Ends) {
        let fits = given.len() == stated.len()
            && given.iter().zip(stated).all(|pair| match pair {
                (Axis::Free(..), _) => true,
                (Axis::Named(a), Axis::Named(b)) if a.generic && b.generic => a.text == b.text,
                (Axis::Named(a), _) if !a.generic => true,
                (_, Axis::Named(b)) if !b.generic => true,
                (Axis::Number(a), Axis::Number(b)) => a == b,
                _ => false,
            });
        if !fits {
            let (gives, states) = (self.dims(given), self.dims(stated));
            let text = output_text(&self.origin.text, gives, states);
            let message = self.named(text.as_str());
            self.mistake(ends, message);
            return;
        }
        for (given, stated) in given.iter().zip(stated) {
            if let Axis::Free(free, _) = given {
                self.flows(steps).for_each(|flow| flow.replace_axis(*free, stated));
            }
        }
    }

    /// Every place where a free type may stand.
    fn flows<'s>(&'s mut self, steps: &'s mut [Step<'_>]) -> impl Iterator<Item = &'s mut Flow> {
        let bounds = self.bounds.iter_mut().flat_map(|bound| [&mut bound.from, &mut bound.to]);
        bounds.chain(steps.iter_mut().map(|step| &mut step.after))
    }

    // ---- layers

    fn steps(&mut self, layers: &'a [Layer], input: Flow) -> Vec<Step<'a>> {
        let (mut steps, mut flow) = (Vec::new(), input);
        let mut names = HashSet::new();
        let written: HashSet<String> = layers.iter().filter_map(|l| l.name.as_ref()).map(Ident::to_string).collect();
        for (position, layer) in layers.iter().enumerate() {
            let field = self.field(layer, position, &mut names, &written);
            let step = self.layer(layer, field, position, flow);
            flow = step.after.clone();
            steps.push(step);
        }
        self.fuse(layers, &mut steps);
        steps
    }

    fn field(
        &mut self,
        layer: &Layer,
        position: usize,
        names: &mut HashSet<String>,
        written: &HashSet<String>,
    ) -> Ident {
        let Some(name) = &layer.name else {
            let mut name = format!("layer{position}");
            while written.contains(&name) {
                name.push('_');
            }
            return Ident::new(&name, layer.ends.first);
        };
        if METHODS.contains(&name.to_string().as_str()) {
            let message = format!("every model has a method `{name}`: choose another name for this layer");
            self.mistake(name.span().into(), message);
        }
        if names.insert(name.to_string()) {
            return name.clone();
        }
        let message =
            format!("there is a layer `{name}` already: each name is used once, as tensors are saved under it");
        self.mistake(name.span().into(), message);
        format_ident!("{name}_{position}")
    }
}

/// The constant that holds a model's first mistake.
pub fn lost_name(model: &Ident) -> Ident {
    format_ident!("__{model}_mistake", span = Span::mixed_site())
}

/// A call that is underlined from end to end.
pub fn call_at(ends: Ends, function: TokenStream, args: TokenStream) -> TokenStream {
    let mut call = respan(function, ends.first);
    let mut group = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, args);
    group.set_span(ends.last);
    call.extend([TokenTree::Group(group)]);
    call
}
