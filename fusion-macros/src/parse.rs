//! What is written in `model!`, as a tree. Nothing is checked here but the grammar:
//!
//! ```text
//! model   = attributes visibility name [ `<` generics `>` ] `:` sizes [ `->` sizes ] `{` layers `}`
//! network = layers                                  (in type position)
//! sizes   = `[` size, .. `]`
//! layers  = layer, ..
//! layer   = [ docs ] [ name `:` ] path [ `<` argument, .. `>` ]
//! argument = `_` | size | number with a point | `{` constant `}` | type | key `=` argument
//! size    = number | path | size (`+` | `-` | `*` | `/` | `%`) size | `(` size `)`
//! ```

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Generics, Ident, Path, Result, Token, Visibility, braced, bracketed, parenthesized, token,
};

use crate::argument::{self, Argument};
use crate::report::{Ends, is_keyword, tidy};

/// What a declaration starts with.
pub const HEAD: &str = "a model starts with its name and what it takes: `Net: [784] -> [10] { .. }`";

/// What `model!` was given.
pub enum Source {
    /// A declaration.
    Model(Box<Model>),
    /// A list of layers that is to become a type.
    Network(Body),
}

/// A declared network.
pub struct Model {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: Ident,
    pub generics: Generics,
    /// What it takes; `None` where that could not be read.
    pub input: Option<Sizes>,
    pub output: Option<Sizes>,
    pub body: Body,
}

/// A shape as written, without the batch.
pub struct Sizes {
    pub sizes: Vec<Argument>,
    pub ends: Ends,
}

/// Layers, and the mistakes found while reading.
pub struct Body {
    pub layers: Vec<Layer>,
    pub errors: Vec<Error>,
}

/// A layer as written.
pub struct Layer {
    pub docs: Vec<Attribute>,
    pub name: Option<Ident>,
    /// `None` where it could not be read.
    pub call: Option<Call>,
    pub ends: Ends,
}

/// A layer's type.
pub struct Call {
    /// Its path, without arguments.
    pub path: Path,
    pub args: Vec<Argument>,
    pub keywords: Vec<(Ident, Argument)>,
    /// `Linear<_, 128>`
    pub text: String,
}

impl Layer {
    /// The layer as a sentence names it: `fc1: Linear<_, 128>`.
    pub fn text(&self) -> String {
        let call = self.call.as_ref().map_or("_", |call| &call.text);
        match &self.name {
            Some(name) => format!("{name}: {call}"),
            None => call.to_owned(),
        }
    }
}

impl Parse for Source {
    fn parse(input: ParseStream) -> Result<Self> {
        if declares(&input.fork()) {
            return input.parse().map(|model| Self::Model(Box::new(model)));
        }
        Ok(Self::Network(Body::parse(input, Span::call_site().into())))
    }
}

/// Whether a declaration follows, rather than a list of layers.
fn declares(input: ParseStream) -> bool {
    let attributed = input.peek(Token![#]);
    if attributed || input.is_empty() || input.call(Attribute::parse_outer).is_err() {
        return true;
    }
    if input.peek(Token![pub]) || input.peek(Token![struct]) || input.peek(token::Bracket) {
        return true;
    }
    if !input.peek(Ident::peek_any) || input.call(Ident::parse_any).is_err() {
        return false;
    }
    if input.peek(Token![<]) && input.parse::<Generics>().is_err() {
        return false;
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        // `Net: [784]` declares, `fc1: Linear<784, 10>` names a layer.
        return !input.peek2(Ident::peek_any);
    }
    input.peek(token::Brace) || input.peek(Token![->]) || input.peek(Token![where])
}

impl Parse for Model {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let mut errors = Vec::new();
        if input.peek(Token![struct]) {
            let word: Token![struct] = input.parse()?;
            errors.push(Error::new(word.span, "`model!` writes the struct: leave this word out"));
        }
        if !input.peek(Ident) {
            let message = if input.is_empty() { "there is no model here" } else { "a model needs a name" };
            let ends = input.parse::<TokenTree>().map_or_else(|_| input.span().into(), Ends::of);
            return Err(ends.error(format!("{message}: `Net: [784] -> [10] {{ .. }}`")));
        }
        let name: Ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let taken = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Sizes::read(input, &mut errors)
        } else {
            let message =
                format!("`{name}` does not say what it takes: write `{name}: [784] ..`, with the sizes of one input");
            errors.push(Error::new(name.span(), message));
            None
        };
        let output = if input.peek(Token![->]) {
            input.parse::<Token![->]>()?;
            Sizes::read(input, &mut errors)
        } else {
            None
        };
        if input.peek(Token![where]) {
            generics.where_clause = Some(input.parse()?);
        }
        if input.is_empty() {
            let message =
                format!("`{name}` has no layers: they stand in braces, as in `{name}: [784] -> [10] {{ .. }}`");
            return Err(Error::new(name.span(), message));
        }
        if !input.peek(token::Brace) {
            return Err(input.error(HEAD));
        }
        let inner;
        let brace = braced!(inner in input);
        let mut body = Body::parse(&inner, brace.span.join().into());
        if !input.is_empty() {
            let rest = Ends::of(input.parse::<proc_macro2::TokenStream>()?);
            errors.push(rest.error("a `model!` declares one model: this does not belong to it"));
        }
        body.errors.splice(0..0, errors);
        Ok(Self { attrs, vis, name, generics, input: taken, output, body })
    }
}

impl Sizes {
    /// Reads sizes, or after a mistake skips what stands in their place.
    fn read(input: ParseStream, errors: &mut Vec<Error>) -> Option<Self> {
        let sizes = Self::parse(input, errors).map_err(|error| errors.push(error)).ok();
        let at_end = |input: ParseStream| {
            input.is_empty() || input.peek(token::Brace) || input.peek(Token![->]) || input.peek(Token![where])
        };
        while sizes.is_none() && !at_end(input) && input.parse::<TokenTree>().is_ok() {}
        sizes
    }

    fn parse(input: ParseStream, errors: &mut Vec<Error>) -> Result<Self> {
        if !input.peek(token::Bracket) {
            return Err(input.error("sizes stand in brackets, as in `[784]` or `[1, 28, 28]`"));
        }
        let inner;
        let bracket = bracketed!(inner in input);
        let mut sizes = Vec::new();
        while !inner.is_empty() {
            sizes.push(argument::parse(&inner, errors)?);
            if !inner.is_empty() {
                inner.parse::<Token![,]>()?;
            }
        }
        Ok(Self { sizes, ends: bracket.span.join().into() })
    }
}

impl Body {
    /// Reads layers to the end. After a mistake it goes on with the next layer that has a name.
    fn parse(input: ParseStream, whole: Ends) -> Self {
        let (mut layers, mut errors) = (Vec::new(), Vec::new());
        if input.is_empty() {
            errors.push(whole.error("a model has at least one layer"));
        }
        while !input.is_empty() {
            let start = input.span();
            let name = if input.peek2(Token![:]) { input.fork().call(Ident::parse_any).ok() } else { None };
            match Layer::parse(input, &mut errors) {
                Ok(layer) => layers.push(layer),
                Err(error) => {
                    errors.push(error);
                    skip(input);
                    let _ = input.parse::<Token![,]>();
                    layers.push(Layer {
                        docs: Vec::new(),
                        name: name.filter(|name| !is_keyword(name)),
                        call: None,
                        ends: start.into(),
                    });
                    continue;
                }
            }
            if input.is_empty() || input.parse::<Token![,]>().is_ok() {
                continue;
            }
            if input.peek(Token![;]) {
                errors.push(input.error("layers are separated by `,`"));
                let _ = input.parse::<Token![;]>();
            } else if let Some(layer) = layers.last() {
                errors.push(input.error(format!("a `,` is missing between `{}` and this", layer.text())));
                if !input.peek(Ident) {
                    skip(input);
                }
            }
        }
        Self { layers, errors }
    }
}

/// Skips to the end, or to a layer with a name.
fn skip(input: ParseStream) {
    while !input.is_empty() && !names(input) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Whether `name:` follows.
fn names(input: ParseStream) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::])
}

impl Layer {
    fn parse(input: ParseStream, errors: &mut Vec<Error>) -> Result<Self> {
        let mut docs = input.call(Attribute::parse_outer)?;
        docs.retain(|attr| {
            let is_doc = attr.path().is_ident("doc");
            if !is_doc {
                errors.push(Ends::of(attr).error("a layer takes doc comments, but no other attributes"));
            }
            is_doc
        });
        let start = input.span();
        let mut name = None;
        if names(input) {
            let mut word = input.call(Ident::parse_any)?;
            if is_keyword(&word) {
                let message = format!("`{word}` is a keyword of Rust: choose another name for this layer");
                errors.push(Error::new(word.span(), message));
                word = Ident::new(&format!("{word}_"), word.span());
            }
            name = Some(word);
            input.parse::<Token![:]>()?;
        } else if input.peek(Ident) && input.peek2(Token![=]) {
            let word: Ident = input.parse()?;
            return Err(Error::new(word.span(), format!("a layer's name is followed by `:`: write `{word}: ..`")));
        }
        if input.peek(Token![_]) || (!input.peek(Ident::peek_any) && !input.peek(Token![::])) {
            return Err(input.error("expected a layer, such as `Relu` or `fc1: Linear<_, 128>`"));
        }
        let path = Path::parse_mod_style(input)?;
        let mut last = path.segments.last().map_or(start, |s| s.ident.span());
        let (mut args, mut keywords) = (Vec::new(), Vec::new());
        if input.peek(token::Paren) {
            let inner;
            let paren = parenthesized!(inner in input);
            last = paren.span.close();
            (args, keywords) = arguments(&inner, errors)?;
            let ends = Ends { first: path.span(), last };
            let text = call_text(&path, &args, &keywords);
            errors.push(ends.error(format!("a layer's arguments stand in `<..>`: write `{text}`")));
        } else if input.peek(Token![<]) || (input.peek(Token![::]) && input.peek3(Token![<])) {
            if input.peek(Token![::]) {
                input.parse::<Token![::]>()?;
            }
            input.parse::<Token![<]>()?;
            (args, keywords) = arguments(input, errors)?;
            if !input.peek(Token![>]) {
                let message = format!("`{}<` is never closed: a `>` is missing", tidy(&path));
                return Err(Ends::of(&path).error(message));
            }
            last = input.parse::<Token![>]>()?.span;
        }
        let text = call_text(&path, &args, &keywords);
        Ok(Self { docs, name, call: Some(Call { path, args, keywords, text }), ends: Ends { first: start, last } })
    }
}

/// Arguments in order, and those with a key.
type Arguments = (Vec<Argument>, Vec<(Ident, Argument)>);

/// Reads arguments up to a `>`, the end, or what looks like the next layer.
fn arguments(input: ParseStream, errors: &mut Vec<Error>) -> Result<Arguments> {
    let (mut args, mut keywords) = (Vec::new(), Vec::new());
    while !input.is_empty() && !input.peek(Token![>]) && !names(input) {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
            let key = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            keywords.push((key, argument::parse(input, errors)?));
        } else {
            args.push(argument::parse(input, errors)?);
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if !input.is_empty() && !input.peek(Token![>]) {
            return Err(input.error("a `,` is missing before this argument"));
        }
    }
    Ok((args, keywords))
}

fn call_text(path: &Path, args: &[Argument], keywords: &[(Ident, Argument)]) -> String {
    let words: Vec<_> = args
        .iter()
        .map(|arg| arg.text.clone())
        .chain(keywords.iter().map(|(key, arg)| format!("{key} = {}", arg.text)))
        .collect();
    if words.is_empty() {
        tidy(path.to_token_stream())
    } else {
        format!("{}<{}>", tidy(path.to_token_stream()), words.join(", "))
    }
}
