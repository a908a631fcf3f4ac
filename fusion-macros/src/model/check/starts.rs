//! The attributes of a layer in `model!`: how its tensors start, and whether they are trained.

pub mod whole;

use quote::quote_spanned;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Meta, Token, parse_quote_spanned};

use crate::init::{Filled, filled};
use fusion_rules::model::{Builtin, Kind, Param};

use crate::diagnostics::{Ends, nearest};
use crate::model::check::Checker;
use crate::model::check::builtin::BuiltinCall;
use crate::model::ir::Step;
use crate::model::shape::{Arg, Axis};

impl Checker<'_> {
    /// Reads the attributes of a layer.
    pub fn starts(&mut self, step: &mut Step<'_>, attrs: &[Attribute]) {
        for attr in attrs {
            if attr.path().is_ident("doc") {
                continue;
            } else if attr.path().is_ident("freeze") {
                if !matches!(attr.meta, Meta::Path(_)) {
                    self.mistake(Ends::of(attr), "`#[freeze]` takes nothing: it is for the whole layer");
                }
                step.starts.frozen = Some(attr.path().segments[0].ident.span());
            } else if attr.path().is_ident("init") {
                self.init(step, attr);
            } else {
                let name = attr.path().get_ident().map(Ident::to_string).unwrap_or_default();
                let mut message = "a layer takes doc comments, `#[init(..)]` and `#[freeze]`".to_owned();
                if let Some(meant) = nearest(&name, ["init", "freeze"], 2) {
                    message = format!("there is no `#[{name}]` here: did you mean `#[{meant}]`?");
                }
                self.mistake(Ends::of(attr), message);
            }
        }
        if step.is_function() && (step.starts.frozen.is_some() || !step.starts.tensors.is_empty()) {
            self.mistake(
                step.ends,
                format!("`{}` is a function: it has no tensors that could start or be frozen", step.short),
            );
        }
    }

    /// A tensor that an attribute starts is there: a layer may be without a bias.
    pub fn starts_are_there(&mut self, layer: &Builtin, known: &BuiltinCall<'_>, step: &Step<'_>) {
        let without = |param: &&Param| matches!(known.sizes_of(param.name), [Arg::Size(Axis::Number(0))]);
        let flag = |name: &Ident| {
            let of = |param: &&Param| param.kind == Kind::Flag && (name == param.name || param.name == "affine");
            layer.params.iter().find(of).filter(without)
        };
        let missing = step.starts.tensors.iter().find_map(|(name, _)| Some((name, flag(name)?.name)));
        if let Some((tensor, flag)) = missing {
            let message = format!("`{}` has no `{tensor}` that could start: its `{flag}` is `false`", step.words);
            self.mistake(tensor.span().into(), message);
        }
    }

    /// `#[init(kaiming_normal)]`, which is the weight's, or `#[init(weight = kaiming_normal, bias = zeros)]`.
    fn init(&mut self, step: &mut Step<'_>, attr: &Attribute) {
        let named = |input: ParseStream| -> syn::Result<Vec<(Ident, Expr)>> {
            let mut all = Vec::new();
            while !input.is_empty() {
                let name = input.parse()?;
                input.parse::<Token![=]>()?;
                all.push((name, input.parse()?));
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(all)
        };
        let span = attr.path().segments[0].ident.span();
        let tensors: Vec<(Ident, Attribute)> = match &attr.meta {
            Meta::List(list) if list.tokens.clone().into_iter().any(|t| t.to_string() == "=") => {
                match named.parse2(list.tokens.clone()) {
                    Ok(all) => {
                        all.into_iter().map(|(name, how)| (name, parse_quote_spanned!(span=> #[init(#how)]))).collect()
                    }
                    Err(error) => return self.errors.push(error),
                }
            }
            _ => vec![(Ident::new("weight", span), attr.clone())],
        };
        if step.call.is_none() {
            self.mistake(Ends::of(attr), "`#[init(..)]` is for the tensors of one layer");
            return;
        }
        for (tensor, how) in tensors {
            if let Some(Filled { function, numbers, span, .. }) = filled(&how, true, self.errors) {
                let call = quote_spanned!(span=> ::fusion::__private::init::#function(#(#numbers,)* sizes, rng));
                step.starts.tensors.push((tensor, call));
            }
        }
    }
}
