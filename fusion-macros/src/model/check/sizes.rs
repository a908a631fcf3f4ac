//! What an argument means where a size goes.

use fusion_rules::Mistake;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, GenericParam, Path};

use crate::diagnostics::{tidy, within};
use crate::model::ast::param_name;
use crate::model::check::Checker;
use crate::model::shape::{Arg, Axis, Named, known_size};
use crate::size::argument::{Argument, Value, is_constant};
use crate::size::checked;
use crate::tokens::same;

impl Checker<'_> {
    /// What an argument means where a size goes.
    pub fn size(&mut self, arg: &Argument) -> Arg {
        match &arg.value {
            Value::Hole => Arg::Hole,
            Value::Number(0) => {
                self.mistake(arg.ends, Mistake::Zero.text());
                Arg::Lost
            }
            Value::Number(n) => Arg::Size(Axis::Number(*n)),
            Value::Batch => {
                self.mistake(arg.ends, self.unwritten());
                Arg::Lost
            }
            Value::Lost => Arg::Lost,
            Value::Real(_) | Value::Bool(_) | Value::Words(_) | Value::Sizes(_) => {
                self.mistake(arg.ends, format!("`{}` is not a size", arg.text));
                Arg::Lost
            }
            Value::Path(path) => self.path(path, arg),
            Value::Expr { tokens, names } => match names.iter().find(|n| self.param(n).is_some()) {
                Some(name) => self.arithmetic(arg, name),
                None => self.expression(tokens.clone(), arg),
            },
            Value::Block(block) => {
                let tokens = block.to_token_stream();
                if let [syn::Stmt::Expr(Expr::Path(inner), None)] = &block.stmts[..]
                    && inner.path.get_ident().is_some_and(|n| self.param(n).is_some())
                {
                    self.path(&inner.path, arg)
                } else if self.mentions_param(tokens.clone()) {
                    let generic = self.generics.and_then(|g| g.params.first());
                    let name = generic.map_or_else(String::new, |p| param_name(p).to_string());
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

    fn arithmetic(&mut self, arg: &Argument, name: impl std::fmt::Display) -> Arg {
        let message = format!(
            "`{}` computes with the generic parameter `{name}`: make the result a parameter of its own",
            arg.text
        );
        self.mistake(arg.ends, message);
        Arg::Lost
    }

    fn path(&mut self, path: &Path, arg: &Argument) -> Arg {
        if let Some(at) = path.get_ident().and_then(|name| self.any.iter().position(|(any, _)| any == name)) {
            let (ty, place) = (path.to_token_stream(), self.any[at].1);
            let size = quote!(__input[#place]);
            return Arg::Size(Axis::Named(Named { text: arg.text.clone(), ty, size, generic: true, any: true }));
        }
        let param = path.get_ident().and_then(|name| self.param(name));
        let ty = match param {
            Some(GenericParam::Type(param)) => {
                if param.bounds.is_empty() && self.generics.is_none_or(|g| g.where_clause.is_none()) {
                    let message = format!("`{0}` is used as a size: declare it as `{0}: Dim`", param.ident);
                    self.mistake_once(arg.ends, message);
                    return Arg::Lost;
                }
                path.to_token_stream()
            }
            Some(GenericParam::Const(param)) if tidy(&param.ty) != "usize" => {
                let message = format!("`{0}` is used as a size: declare it as `const {0}: usize`", param.ident);
                self.mistake_once(arg.ends, message);
                return Arg::Lost;
            }
            Some(_) => quote_spanned!(within(arg.ends.first)=> ::fusion::dim::Num<#path>),
            None if self.is_constant(path) => return self.constant(path.to_token_stream(), arg),
            None if self.is_small(path, arg) => return Arg::Lost,
            None => return self.named_type(path.to_token_stream(), arg),
        };
        if !self.sizes.iter().any(|known| same(known, &ty)) {
            self.sizes.push(ty.clone());
        }
        Arg::Size(Axis::Named(Named {
            text: arg.text.clone(),
            size: quote!(::fusion::__private::size::<#ty>()),
            ty,
            generic: true,
            any: false,
        }))
    }

    /// Whether a path is written like a constant: in capitals. In type position a single capital is a parameter of the
    /// type around.
    pub fn is_constant(&self, path: &Path) -> bool {
        let parameter = self.generics.is_none() && path.get_ident().is_some_and(|name| name.to_string().len() == 1);
        is_constant(path) && !parameter
    }

    /// A size that only the compiler knows. It is evaluated in one place, so that what is wrong with it is said once.
    fn constant(&mut self, tokens: TokenStream, arg: &Argument) -> Arg {
        let (ty, size) = if self.generics.is_none() {
            let size = quote!(::fusion::__private::checked_size(#tokens));
            (quote!(::fusion::__private::dim_of!(#size)), known_size(size))
        } else {
            let name = self.declare_number(arg.ends, tokens);
            self.check(arg.ends, quote!(check_size), quote!(#name));
            let recovered = known_size(quote!(::fusion::__private::recovered_size(#name)));
            let recovered = self.declare_size(arg.ends, recovered);
            (self.dimension(&recovered), recovered.into_token_stream())
        };
        Arg::Size(Axis::Named(Named { text: arg.text.clone(), ty, size, generic: false, any: false }))
    }

    /// A size that is computed from constants, by the rules for sizes.
    fn expression(&mut self, tokens: TokenStream, arg: &Argument) -> Arg {
        let Ok(expr) = syn::parse2::<Expr>(tokens.clone()) else {
            return self.constant(tokens, arg);
        };
        // What fails is said by the first; the second is what the model goes on with.
        let (strict, lenient) = (checked(&expr, "ok"), checked(&expr, "or_zero"));
        let (ty, size) = if self.generics.is_none() {
            let strict = quote!(::fusion::__private::checked_size(#strict));
            (quote!(::fusion::__private::dim_of!(#strict, #lenient)), known_size(strict))
        } else {
            self.check(arg.ends, quote!(check_size), strict);
            let recovered = known_size(quote!(::fusion::__private::recovered_size(#lenient)));
            let recovered = self.declare_size(arg.ends, recovered);
            (self.dimension(&recovered), recovered.into_token_stream())
        };
        Arg::Size(Axis::Named(Named { text: arg.text.clone(), ty, size, generic: false, any: false }))
    }

    /// Whether a path is no size as it is written: a constant or a variable in small letters.
    pub fn is_small(&mut self, path: &Path, arg: &Argument) -> bool {
        let small = path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_lowercase));
        if small {
            let message = format!(
                "`{0}` is no size: a size is a number, a constant in capitals, a type, or a constant in braces, `{{ {0} }}`\n\
                 a variable is known when the program runs, and a model's sizes when it is compiled",
                arg.text
            );
            self.mistake(arg.ends, message);
        }
        small
    }

    fn named_type(&mut self, ty: TokenStream, arg: &Argument) -> Arg {
        if tidy(&ty) == "Dyn" || tidy(&ty).ends_with("::Dyn") {
            self.mistake(
                arg.ends,
                "`Dyn` is no size of a model: it takes batches of any size, which are not written, and knows all other sizes",
            );
            return Arg::Lost;
        }
        let size = quote!(::fusion::__private::size::<#ty>());
        if self.generics.is_some() && !self.mentions_param(ty.clone()) {
            return self.constant(quote!(::fusion::__private::number::<#ty>()), arg);
        }
        Arg::Size(Axis::Named(Named { text: arg.text.clone(), ty, size, generic: false, any: false }))
    }
}
