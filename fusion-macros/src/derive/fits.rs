//! Whether the layers of a `sequential` type fit each other, as far as their sizes are written as numbers.

use fusion_rules::model::{BUILTINS, Builtin};
use proc_macro2::Span;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, GenericArgument, Ident, Lit, Path, PathArguments, PathSegment, Type};

use super::{Item, Variant};
use crate::derive::attributes::Field;
use crate::derive::bounds::held;
use crate::diagnostics::{Diagnostics, Ends, tidy};
use crate::model::ast::{Call, Layer, Part};
use crate::model::check::entry;
use crate::model::parse::layers;
use crate::size;
use crate::size::argument::{Argument, Value};

impl<'a> Item<'a> {
    /// The first mistakes that layers one after another make, at their fields. A layer of which nothing is known may
    /// take and give anything.
    pub fn check_fits(&mut self) {
        if self.on.sequential.is_none() || !self.errors.is_empty() {
            return;
        }
        for variant in &self.variants {
            let (layers, errors) = (variant.steps().map(layer).collect::<Vec<_>>(), Diagnostics::new());
            entry::network(&layers, &errors);
            let mistakes = errors.take();
            self.errors
                .extend(mistakes.into_iter().map(|mistake| syn::Error::new(mistake.span(), with_types(&mistake))));
        }
    }
}

impl<'a> Item<'a> {
    /// Numbers where a layer's sizes go. rustc says that they are no types; this says what is.
    pub fn check_numbers(&mut self) {
        let mistakes: Vec<_> = self.fields().filter_map(|field| bare(&field.field.ty)).collect();
        self.errors.extend(mistakes);
    }
}

/// The mistake of a layer whose sizes are numbers.
fn bare(ty: &Type) -> Option<syn::Error> {
    let Type::Path(path) = held(ty) else { return None };
    let (layer, last) = builtin(&path.path)?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    let number = |arg: &GenericArgument| match arg {
        GenericArgument::Const(Expr::Lit(lit)) => matches!(lit.lit, Lit::Int(_)),
        _ => false,
    };
    args.args.iter().find(|arg| number(arg))?;
    let words = args.args.iter().map(|arg| if number(arg) { format!("dim!({})", tidy(arg)) } else { tidy(arg) });
    let words: Vec<_> = words.collect();
    let message = format!("outside of `model!` a size is a type: write `{}<{}>`", layer.name, words.join(", "));
    Some(Ends::of(&path.path).error(message))
}

impl<'a> Variant<'a> {
    /// The fields that run one after another.
    pub fn steps(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(|field| field.is_step())
    }
}

/// A field as a layer of a model.
fn layer(field: &Field<'_>) -> Layer {
    let ty = &field.field.ty;
    let part = part(ty).unwrap_or_else(|| {
        let path = Ident::new("Unknown", Span::call_site()).into();
        Part::Call(Call { path, args: Vec::new(), keywords: Vec::new(), text: "Unknown".into() })
    });
    Layer { attrs: Vec::new(), name: field.field.ident.clone(), part, output: None, ends: Ends::of(ty) }
}

fn part(ty: &Type) -> Option<Part> {
    match ty {
        // Layers of one type, of which each takes what the one before gives.
        Type::Array(array) => part(&array.elem),
        Type::Macro(model) if model.mac.path.segments.last().is_some_and(|last| last.ident == "model") => {
            let errors = Diagnostics::new();
            let read = |input: ParseStream<'_>| Ok(layers::body(input, Span::call_site().into(), &errors));
            let layers = read.parse2(model.mac.tokens.clone()).ok();
            if let Some(layers) = &layers {
                entry::network(layers, &errors);
            }
            // Its own mistakes are said by itself.
            let fits = errors.take().is_empty();
            layers.filter(|_| fits).map(Part::Group)
        }
        ty => call(ty).map(Part::Call),
    }
}

/// A layer of the language whose type is written with all that it needs.
fn call(ty: &Type) -> Option<Call> {
    let Type::Path(path) = ty else { return None };
    let (builtin, last) = builtin(&path.path)?;
    let args = match &last.arguments {
        PathArguments::AngleBracketed(args) => &args.args.iter().collect::<Vec<_>>()[..],
        _ => &[],
    };
    let args: Vec<_> = args.iter().zip(sizes_of(builtin)).map(|(arg, _)| argument(arg)).collect::<Option<_>>()?;
    let needed = sizes_of(builtin).filter(|param| param.default == fusion_rules::model::Default::Required).count();
    if args.len() < needed {
        return None;
    }
    let words: Vec<_> = args.iter().map(|arg| arg.text.as_str()).collect();
    let text =
        if words.is_empty() { builtin.name.to_owned() } else { format!("{}<{}>", builtin.name, words.join(", ")) };
    Some(Call { path: Ident::new(builtin.name, last.ident.span()).into(), args, keywords: Vec::new(), text })
}

/// A layer of the language, as `Linear` or `nn::Linear`, with its last name; one with another path is the user's.
fn builtin(path: &Path) -> Option<(&'static Builtin, &PathSegment)> {
    let mut names = path.segments.iter().rev();
    let last = names.next()?;
    let fusions = names.next().is_none_or(|module| module.ident == "nn");
    Some((BUILTINS.iter().find(|layer| fusions && last.ident == layer.name)?, last))
}

fn sizes_of(layer: &'static Builtin) -> impl Iterator<Item = &'static fusion_rules::model::Param> {
    layer.params.iter().filter(|param| param.kind.is_type())
}

/// A number, or a size of which nothing is known.
fn argument(arg: &GenericArgument) -> Option<Argument> {
    let ends = Ends::of(arg);
    match arg {
        GenericArgument::Const(Expr::Lit(lit)) => match &lit.lit {
            Lit::Bool(truth) => Some(Argument { value: Value::Bool(truth.value), text: truth.value.to_string(), ends }),
            _ => None,
        },
        GenericArgument::Type(ty) => {
            let n = size::number(ty)?;
            Some(Argument { value: Value::Number(n), text: n.to_string(), ends })
        }
        _ => None,
    }
}

/// A model's sentence with its way out for a struct, where sizes are types.
fn with_types(mistake: &syn::Error) -> String {
    let text = mistake.to_string();
    let Some((sentence, advice)) = text.split_once("\nwrite `") else {
        return text;
    };
    let Some(layer) = advice.split('`').find(|layer| layer.contains('<') && !layer.contains('_')) else {
        return sentence.to_owned();
    };
    let (mut typed, mut digits) = (String::new(), String::new());
    let inside = layer.find('<').unwrap_or_default();
    for (at, c) in layer.char_indices() {
        if at > inside && c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            typed += &format!("dim!({})", std::mem::take(&mut digits));
        }
        typed.push(c);
    }
    format!("{sentence}\nwrite `{typed}`")
}
