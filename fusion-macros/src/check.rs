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
use syn::{Error, GenericParam, Generics, Ident, Path};

use crate::argument::{Argument, Value, dimension, is_constant};
use crate::parse::{Body, Layer, Sizes};
use crate::report::{Ends, respan, tidy};

/// Names of what every model can do, which a field would hide from readers.
const METHODS: [&str; 4] = ["forward", "init", "load", "summary"];

/// Numbers beyond every size stand for names while a rule is asked; its sentence then gets the names back.
const SYMBOLS: usize = 1_000_000_000_000;

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
    Open(Option<usize>),
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
    /// The method that does the next layer too.
    pub fused: Option<Ident>,
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
    generics: Option<&'a Generics>,
    pub errors: Vec<Error>,
    pub items: TokenStream,
    pub bounds: Vec<Bound>,
    sizes: Vec<TokenStream>,
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
            origin: Origin {
                text: String::new(),
                before: None,
            },
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

    // ---- sizes

    /// What an argument means where a size goes.
    pub fn size(&mut self, arg: &Argument) -> Size {
        match &arg.value {
            Value::Hole => Size::Hole,
            Value::Number(0) => {
                self.mistake(arg.ends, Mistake::Zero.text());
                Size::Lost
            }
            Value::Number(n) => Size::Of(Axis::Number(*n)),
            Value::Lost => Size::Lost,
            Value::Real(_) | Value::Bool => {
                self.mistake(arg.ends, format!("`{}` is not a size", arg.text));
                Size::Lost
            }
            Value::Path(path) => self.path(path, arg),
            Value::Expr { tokens, names } => match names.iter().find(|n| self.param(n).is_some()) {
                Some(name) => self.arithmetic(arg, name),
                None => self.constant(tokens.clone(), arg),
            },
            Value::Block(block) => {
                let tokens = block.to_token_stream();
                if let [syn::Stmt::Expr(syn::Expr::Path(inner), None)] = &block.stmts[..]
                    && inner.path.get_ident().is_some_and(|n| self.param(n).is_some())
                {
                    self.path(&inner.path, arg)
                } else if self.mentions_param(tokens.clone()) {
                    let generic = self.generics.and_then(|g| g.params.first());
                    let name = generic.map_or_else(String::new, |p| tidy(param_name(p)));
                    self.arithmetic(arg, name)
                } else if let [syn::Stmt::Expr(inner, None)] = &block.stmts[..] {
                    self.constant(inner.to_token_stream(), arg)
                } else {
                    self.constant(tokens, arg)
                }
            }
            Value::Type(ty) => self.named_type(ty.to_token_stream(), arg),
        }
    }

    fn arithmetic(&mut self, arg: &Argument, name: impl std::fmt::Display) -> Size {
        let message = format!(
            "`{}` computes with the generic parameter `{name}`: make the result a parameter of its own",
            arg.text
        );
        self.mistake(arg.ends, message);
        Size::Lost
    }

    fn path(&mut self, path: &Path, arg: &Argument) -> Size {
        let param = path.get_ident().and_then(|name| self.param(name));
        let ty = match param {
            Some(GenericParam::Type(param)) => {
                if param.bounds.is_empty() && self.generics.is_none_or(|g| g.where_clause.is_none()) {
                    let message = format!("`{0}` is used as a size: declare it as `{0}: Dim`", param.ident);
                    self.mistake(arg.ends, message);
                    return Size::Lost;
                }
                path.to_token_stream()
            }
            Some(_) => quote!(::fusion::dim::Num<#path>),
            None if self.is_constant(path) => return self.constant(path.to_token_stream(), arg),
            None => return self.named_type(path.to_token_stream(), arg),
        };
        if !self.sizes.iter().any(|known| known.to_string() == ty.to_string()) {
            self.sizes.push(ty.clone());
        }
        Size::Of(Axis::Named(Named {
            text: arg.text.clone(),
            size: quote!(::fusion::__private::size::<#ty>()),
            ty,
            generic: true,
        }))
    }

    /// Whether a path is written like a constant: in capitals. In type position a single capital is a parameter of the
    /// type around.
    pub fn is_constant(&self, path: &Path) -> bool {
        let parameter = self.generics.is_none() && path.get_ident().is_some_and(|name| name.to_string().len() == 1);
        is_constant(path) && !parameter
    }

    /// A size that only the compiler knows. It is evaluated in one place, so that what is wrong with it is said once.
    fn constant(&mut self, tokens: TokenStream, arg: &Argument) -> Size {
        let size = if self.generics.is_none() {
            quote!(::fusion::__private::checked_size(#tokens))
        } else {
            let name = self.declare_number(arg.ends, tokens);
            self.check(arg.ends, quote!(check_size), quote!(#name));
            quote!(::fusion::__private::healed_size(#name))
        };
        Size::Of(Axis::Named(Named {
            text: arg.text.clone(),
            ty: quote!(::fusion::__private::dim_of!(#size)),
            size,
            generic: false,
        }))
    }

    fn named_type(&mut self, ty: TokenStream, arg: &Argument) -> Size {
        if tidy(&ty) == "Dyn" || tidy(&ty).ends_with("::Dyn") {
            self.mistake(arg.ends, "a model takes any batch, which is not written; every other size is known");
            return Size::Lost;
        }
        let size = quote!(::fusion::__private::size::<#ty>());
        if self.generics.is_some() && !self.mentions_param(ty.clone()) {
            return self.constant(size, arg);
        }
        Size::Of(Axis::Named(Named {
            text: arg.text.clone(),
            ty,
            size,
            generic: false,
        }))
    }

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

    fn sizes(&mut self, sizes: &Sizes, what: &str) -> Option<Vec<Axis>> {
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
            let mistake = Mistake::Rank {
                rank: sizes.sizes.len() + 1,
            };
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
        Some((self.sizes(input, "input")?, input.ends))
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
            Flow::Opaque(_) | Flow::Open(_) | Flow::Lost => quote!(::fusion::__private::rules::Dims::SCALAR),
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
        let Some(axes) = self.sizes(stated, "output") else {
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
        let written: HashSet<String> =
            layers.iter().filter_map(|l| l.name.as_ref()).map(Ident::to_string).collect();
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
        let message = format!("there is a layer `{name}` already: a name is the path of saved tensors");
        self.mistake(name.span().into(), message);
        format_ident!("{name}_{position}")
    }
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
    fn replace(&mut self, free: usize, by: &Flow) {
        if matches!(self, Self::Opaque(n) if *n == free) {
            *self = by.clone();
        }
    }

    fn replace_axis(&mut self, free: usize, by: &Axis) {
        if let Self::Axes(axes) = self {
            for axis in axes {
                if matches!(axis, Axis::Free(n, _) if *n == free) {
                    *axis = by.clone();
                }
            }
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

/// The constant that holds a model's first mistake.
pub fn lost_name(model: &Ident) -> Ident {
    format_ident!("__{model}_mistake", span = Span::mixed_site())
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

/// A call that is underlined from end to end.
pub fn call_at(ends: Ends, function: TokenStream, args: TokenStream) -> TokenStream {
    let mut call = respan(function, ends.first);
    let mut group = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, args);
    group.set_span(ends.last);
    call.extend([TokenTree::Group(group)]);
    call
}

fn param_name(param: &GenericParam) -> TokenStream {
    match param {
        GenericParam::Type(p) => p.ident.to_token_stream(),
        GenericParam::Const(p) => p.ident.to_token_stream(),
        GenericParam::Lifetime(p) => p.lifetime.to_token_stream(),
    }
}
