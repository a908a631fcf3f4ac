//! `#[init(..)]` above a model: how the tensors of all its layers start.

use fusion_rules::model::{BUILTINS, Builtin};
use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, Meta, Token, parse_quote_spanned};

use crate::derive::attributes::{Start, start};
use crate::diagnostics::{Ends, nearest};
use crate::model::check::Step;
use crate::model::check::list::{Node, Unit};

/// How the tensors of a model start, where their layers do not say it.
#[derive(Default)]
pub struct Whole(Vec<Rule>);

struct Rule {
    /// `Conv2d` of `Conv2d.weight = ..`
    layer: Option<Ident>,
    tensor: Ident,
    call: TokenStream,
}

impl Whole {
    /// Takes the attributes that say so from a model's.
    pub fn take(attrs: &mut Vec<Attribute>, errors: &mut Vec<Error>) -> Self {
        let mut whole = Self::default();
        attrs.retain(|attr| {
            let is_init = attr.path().is_ident("init");
            if is_init {
                whole.read(attr, errors);
            }
            !is_init
        });
        whole
    }

    fn read(&mut self, attr: &Attribute, errors: &mut Vec<Error>) {
        let span = attr.path().segments[0].ident.span();
        let all = |input: ParseStream| -> syn::Result<Vec<(Option<Ident>, Ident, Expr)>> {
            let mut all = Vec::new();
            while !input.is_empty() {
                let (mut layer, mut tensor) = (None, input.parse::<Ident>()?);
                if input.parse::<Option<Token![.]>>()?.is_some() {
                    layer = Some(std::mem::replace(&mut tensor, input.parse()?));
                }
                input.parse::<Token![=]>()?;
                all.push((layer, tensor, input.parse()?));
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(all)
        };
        let read = match &attr.meta {
            Meta::List(list) if list.tokens.clone().into_iter().any(|token| token.to_string() == "=") => {
                all.parse2(list.tokens.clone())
            }
            _ => {
                let message = "above a model this says of which tensors: `#[init(weight = kaiming_normal)]`, or of one kind of \
                               layer, `#[init(Conv2d.weight = kaiming_normal)]`";
                Err(Ends::of(attr).error(message))
            }
        };
        match read {
            Ok(read) => read.into_iter().for_each(|(layer, tensor, how)| {
                if let Some(message) = unknown(layer.as_ref(), &tensor) {
                    return errors.push(Error::new(layer.as_ref().unwrap_or(&tensor).span(), message));
                }
                let how: Attribute = parse_quote_spanned!(span=> #[init(#how)]);
                if let Some(Start::Tensor { function, numbers, span, .. }) = start(&how, true, errors) {
                    let call = quote_spanned!(span=> ::fusion::nn::init::#function(#(#numbers,)* rng));
                    self.0.push(Rule { layer, tensor, call });
                }
            }),
            Err(error) => errors.push(error),
        }
    }

    /// The tensors of a layer that start like this: what is said of its kind goes before what is said of all.
    pub fn of(&self, step: &Step<'_>) -> Vec<(Ident, TokenStream)> {
        let Some(kind) = kind_of(step) else { return Vec::new() };
        let means = |rule: &&Rule, tensor: &str| match &rule.layer {
            Some(layer) => layer == kind.name && rule.tensor == tensor,
            None => kind.has_plain_weight() && rule.tensor == tensor,
        };
        let rule = |tensor: &&str| {
            let meant = self.0.iter().filter(|rule| means(rule, tensor));
            meant.max_by_key(|rule| rule.layer.is_some()).map(|rule| (rule.tensor.clone(), rule.call.clone()))
        };
        kind.tensors().iter().filter_map(rule).collect()
    }

    /// The rules that mean no layer of the model.
    pub fn unused(&self, unit: &Unit<'_>, errors: &mut Vec<Error>) {
        for rule in &self.0 {
            if !means_any(rule, unit) {
                let which =
                    rule.layer.as_ref().map_or("layer with this tensor".to_owned(), |layer| format!("`{layer}`"));
                let at = rule.layer.as_ref().unwrap_or(&rule.tensor);
                errors.push(Error::new(at.span(), format!("this is never used: there is no {which} in this model")));
            }
        }
    }
}

fn means_any(rule: &Rule, unit: &Unit<'_>) -> bool {
    Node::steps(&unit.nodes).into_iter().any(|step| {
        let meant = kind_of(step).is_some_and(|kind| match &rule.layer {
            Some(layer) => layer == kind.name,
            None => kind.has_plain_weight() && kind.tensors().iter().any(|tensor| rule.tensor == tensor),
        });
        meant || step.unit.as_deref().is_some_and(|unit| means_any(rule, unit))
    })
}

/// The kinds of layers whose tensors can be given a start.
fn kinds() -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().filter(|kind| !kind.tensors().is_empty())
}

/// The kind of a layer of the language.
fn kind_of(step: &Step<'_>) -> Option<&'static Builtin> {
    let call = step.call.filter(|_| step.cost.is_some())?;
    kinds().find(|kind| call.path.is_ident(kind.name))
}

/// What is wrong with the name of a layer or of a tensor.
fn unknown(layer: Option<&Ident>, tensor: &Ident) -> Option<String> {
    let text = tensor.to_string();
    let Some(layer) = layer else {
        let known = ["weight", "bias"];
        return (!known.contains(&text.as_str())).then(|| match nearest(&text, known, 2) {
            Some(meant) => format!("no layer has a tensor `{text}`: did you mean `{meant}`?"),
            None => format!("no layer has a tensor `{text}`: it is `weight` or `bias`"),
        });
    };
    let Some(kind) = kinds().find(|kind| layer == kind.name) else {
        let names: Vec<_> = kinds().map(|kind| format!("`{}`", kind.name)).collect();
        return Some(match nearest(&layer.to_string(), kinds().map(|kind| kind.name), 3) {
            Some(meant) => format!("there is no layer `{layer}` with tensors: did you mean `{meant}`?"),
            None => format!("this says how layers with tensors start, one of {}", names.join(", ")),
        });
    };
    (!kind.tensors().contains(&text.as_str())).then(|| {
        let names: Vec<_> = kind.tensors().iter().map(|tensor| format!("`{tensor}`")).collect();
        format!("`{layer}` has no tensor `{text}`: it has {}", names.join(" and "))
    })
}
