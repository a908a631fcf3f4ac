//! `#[init(..)]` above a model: how the tensors of all its layers start.

use fusion_rules::model::BUILTINS;
use quote::quote_spanned;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, Ident, Meta, Token, parse_quote_spanned};

use crate::diagnostics::{Diagnostics, Ends, nearest};
use crate::init::{Filled, filled};
use crate::model::ir::{Node, Rule, Unit, Whole, kind_of, kinds};

impl Whole {
    /// Takes the attributes that say so from a model's.
    pub fn take(attrs: &mut Vec<Attribute>, errors: &Diagnostics) -> Self {
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

    fn read(&mut self, attr: &Attribute, errors: &Diagnostics) {
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
                if let Some(Filled { function, numbers, span, .. }) = filled(&how, true, errors) {
                    let call = quote_spanned!(span=> ::fusion::__private::init::#function(#(#numbers,)* sizes, rng));
                    self.rules.push(Rule { layer, tensor, call });
                }
            }),
            Err(error) => errors.push(error),
        }
    }

    /// The rules that mean no layer of the model.
    pub fn unused(&self, unit: &Unit<'_>, errors: &Diagnostics) {
        for rule in &self.rules {
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
        meant || step.unit().is_some_and(|unit| means_any(rule, unit))
    })
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
        if BUILTINS.iter().any(|kind| layer == kind.name) {
            return Some(format!("`{layer}` has no tensors: those that have are {}", names.join(", ")));
        }
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
