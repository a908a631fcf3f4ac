//! The check of a layer or a function of the user's, which is left to the compiler: to const evaluation, or in a generic model to bounds.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::GenericParam;

use crate::diagnostics::{Ends, respan, tidy, within};
use crate::model::ast::Call;
use crate::model::check::Checker;
use crate::model::ir::{Callee, Step};
use crate::model::shape::{Arg, Axis, Flow, Open, Origin};
use crate::size::argument::{Argument, Value, dimension, with_dimensions};

impl Checker<'_> {
    /// Checks a layer of the user's.
    pub fn custom(&mut self, call: &Call, flow: Flow, step: &mut Step<'_>) {
        let ends = step.ends;
        let errors = self.errors.len();
        if self.holds_itself(call) {
            let message = format!(
                "`{0}` holds itself: a model is a fixed list of layers\na tree is a struct with `#[derive(Module)]` and \
                 an `Option<Box<{0}>>` in it",
                self.name
            );
            return self.mistake(Ends::of(&call.path), message);
        }
        let args: Vec<_> = call.args.iter().map(|arg| self.custom_argument(call, arg)).collect();
        for (key, arg) in &call.keywords {
            let message = format!("`{}` is not a layer of Fusion: it takes no arguments by name", tidy(&call.path));
            self.mistake(Ends { first: key.span(), last: arg.ends.last }, message);
        }
        let path = &call.path;
        let ty = if args.is_empty() {
            quote!(#path)
        } else {
            let args = quote_spanned!(within(ends.last)=> <#(#args),*>);
            quote!(#path #args)
        };
        self.origin = Origin { text: step.short.clone(), before: None };
        if self.errors.len() > errors {
            return;
        }
        let generic = self.mentions_param(ty.clone());
        let (mut is_module, mut runs) = (None, None);
        step.ty = ty.clone();
        if !generic && !matches!(flow, Flow::Open(_)) {
            let value = typed_call(ends, quote!(is_module), &[&ty]);
            is_module = Some(self.declare_number(ends, value).into_token_stream());
        }
        step.after = match flow {
            Flow::Lost => Flow::Lost,
            Flow::Open(_) => Flow::Open(Open::default()),
            _ if self.is_generic() => {
                // A repeated layer gives the shape that it takes.
                let to = if step.repeat.is_some() { flow.clone() } else { Flow::Opaque(self.next()) };
                self.layer_bound(&ty, flow, to, ends.first)
            }
            _ => {
                let x = self.sample_type(&flow);
                let name = self.declare(ends, output_of(ends, &ty, &x));
                runs = Some(quote!(#name.rank));
                Flow::Const(name)
            }
        };
        step.callee = Callee::Custom { is_module, runs, generic };
    }

    /// Whether the model itself stands in a layer's type.
    fn holds_itself(&self, call: &Call) -> bool {
        let own = |path: &syn::Path| self.generics.is_some() && (path.is_ident(&self.name) || path.is_ident("Self"));
        own(&call.path) || call.args.iter().any(|arg| matches!(&arg.value, Value::Path(path) if own(path)))
    }

    /// Checks a function of tensors.
    pub fn function(&mut self, call: &Call, flow: Flow, step: &mut Step<'_>) {
        let ends = step.ends;
        let ends_of = |arg: &Argument| arg.ends;
        let mut args = call.args.iter().chain(call.keywords.iter().map(|(_, arg)| arg)).map(ends_of);
        if let (Some(first), Some(last)) = (args.clone().next(), args.next_back()) {
            let ends = Ends { first: first.first, last: last.last };
            let message = format!(
                "`{0}` is a function of one tensor: it takes no arguments here, as its sizes follow from its input\n\
                 write `{0}`, or if it is a type give it a name in capitals",
                tidy(&call.path)
            );
            return self.mistake(ends, message);
        }
        if step.repeat.is_some() || step.name.is_some() {
            let what = if step.repeat.is_some() { "is not repeated" } else { "takes no name" };
            let message = format!("`{}` is a function: it has no tensors to be saved, and {what}", tidy(&call.path));
            return self.mistake(step.name.map_or(ends, |name| name.span().into()), message);
        }
        self.origin = Origin { text: step.short.clone(), before: None };
        step.ty = call.path.to_token_stream();
        step.after = match flow {
            Flow::Lost | Flow::Integers(_) => Flow::Lost,
            Flow::Open(_) => {
                self.mistake(ends, "a type holds layers, and no functions: declare the network with a name");
                Flow::Lost
            }
            // What it gives is stated: see `stated_flow`.
            _ if self.is_generic() => Flow::Opaque(self.next()),
            _ => {
                let (x, path) = (self.sample_type(&flow), &call.path);
                let value = quote_spanned!(ends.last=> ::fusion::__private::output_of_function::<#x, _, _>(&#path));
                let name = self.declare(ends, value);
                step.callee = Callee::Function { runs: Some(quote!(#name.rank)) };
                Flow::Const(name)
            }
        };
    }

    /// The type of what flows, for a batch of unknown size.
    fn sample_type(&self, flow: &Flow) -> TokenStream {
        match flow {
            Flow::Axes(axes) => {
                let sizes = axes.iter().map(Axis::ty);
                quote!(::fusion::Tensor<(::fusion::dim::Dyn #(, #sizes)*,)>)
            }
            Flow::Const(name) => {
                let shape = self.shapes.ty(&quote!(::fusion::dim::Dyn), name);
                quote!(::fusion::Tensor<#shape>)
            }
            Flow::Integers(_) | Flow::Opaque(_) | Flow::Open(_) | Flow::Lost => self.lost(),
        }
    }

    fn custom_argument(&mut self, call: &Call, arg: &Argument) -> TokenStream {
        let lost = TokenStream::new();
        match &arg.value {
            Value::Number(n) => respan(dimension(*n), within(arg.ends.first)),
            Value::Block(block) => block.to_token_stream(),
            Value::Sizes(list) => {
                let list: Vec<_> = list.iter().map(|arg| self.custom_argument(call, arg)).collect();
                quote!((#(#list,)*))
            }
            Value::Type(ty) => {
                let mut ty = ty.clone();
                with_dimensions(&mut ty);
                ty.to_token_stream()
            }
            Value::Path(path) => match path.get_ident().and_then(|name| self.param(name)) {
                Some(GenericParam::Const(_)) => quote!(::fusion::dim::Num<#path>),
                Some(_) => path.to_token_stream(),
                None if path.get_ident().is_some_and(|name| self.any.iter().any(|(any, _)| any == name)) => {
                    self.is_any(arg, &tidy(&call.path));
                    lost
                }
                None if self.is_constant(path) => match self.size(arg) {
                    Arg::Size(axis) => axis.ty(),
                    Arg::Hole | Arg::Lost => lost,
                },
                None if self.is_small(path, arg) => lost,
                None => path.to_token_stream(),
            },
            Value::Hole => {
                let message = format!(
                    "`_` is worked out for Fusion's own layers only: write what `{}` has here",
                    tidy(&call.path)
                );
                self.mistake(arg.ends, message);
                lost
            }
            Value::Real(_) | Value::Bool(_) | Value::Words(_) => {
                let message = format!("`{}` takes sizes and types, not `{}`", tidy(&call.path), arg.text);
                self.mistake(arg.ends, message);
                lost
            }
            Value::Expr { .. } | Value::Batch | Value::Lost => match self.size(arg) {
                Arg::Size(axis) => axis.ty(),
                Arg::Hole | Arg::Lost => lost,
            },
        }
    }
}

/// The shape that a layer makes of an `x`.
fn output_of(ends: Ends, ty: &TokenStream, x: &TokenStream) -> TokenStream {
    let function = typed(ends, quote!(output_of), &[ty, x]);
    quote_spanned!(ends.first=> ::fusion::__private::dims_of(#function))
}

/// `function::<types>()`, underlined from end to end, the types keeping their own places.
fn typed_call(ends: Ends, function: TokenStream, types: &[&TokenStream]) -> TokenStream {
    let (function, last) = (typed(ends, function, types), ends.last);
    quote_spanned!(last=> #function())
}

/// `function::<types>`, in the same way.
fn typed(ends: Ends, function: TokenStream, types: &[&TokenStream]) -> TokenStream {
    let (first, last) = (ends.first, ends.last);
    let function = respan(function, first);
    let mut path = quote_spanned!(first=> ::fusion::__private::#function);
    path.extend(quote_spanned!(last=> ::<#(#types),*>));
    path
}
