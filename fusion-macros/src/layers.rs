//! The check of one layer: those that the language knows, and those of the user.

use fusion_rules::model::{BUILTINS, Builtin, Kind, Rule};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::argument::{Argument, Value, is_constant};
use crate::check::{Checker, Step};
use crate::flow::{Axis, Flow, Origin, Size};
use crate::parse::{Call, Layer};
use crate::report::{Ends, nearest, respan, within};

/// What a layer is found to be.
pub struct Found {
    pub ty: TokenStream,
    /// The arguments of its type: how they read, and expressions for them.
    pub sizes: Vec<(String, TokenStream)>,
    pub after: Flow,
}

impl<'a> Checker<'a> {
    /// Checks one layer on what flows into it.
    pub fn layer(&mut self, layer: &'a Layer, field: Ident, position: usize, flow: Flow) -> Step<'a> {
        let mut step = Step {
            layer,
            field,
            position,
            ty: self.lost(),
            start: None,
            sizes: None,
            text: layer.call.as_ref().map_or_else(String::new, |call| call.text.clone()),
            after: Flow::Lost,
            fused: None,
            is_module: None,
            runs: None,
            generic: false,
        };
        let Some(call) = &layer.call else {
            return step;
        };
        match self.builtin_named(call) {
            Some(builtin) => self.builtin(builtin, call, flow, &mut step),
            None => self.custom(call, flow, &mut step),
        }
        step
    }

    /// Lets layers take the next one into their own pass.
    pub fn fuse(&self, layers: &[Layer], steps: &mut [Step<'_>]) {
        let known = |layer: &Layer| builtin(layer.call.as_ref()?.path.get_ident()?);
        for (at, pair) in layers.windows(2).enumerate() {
            if let (Some(first), Some(second)) = (known(&pair[0]), known(&pair[1]))
                && let Some((next, method)) = first.fuses
                && next == second.name
                && steps[at].runs.is_none()
                && matches!(steps[at].after, Flow::Axes(_) | Flow::Const(_))
                && !self.bounds.iter().any(|bound| bound.step == at)
            {
                let (name, method) = (format_ident!("{}", first.name), format_ident!("{method}"));
                steps[at].fused = Some(quote!(::fusion::nn::#name::#method));
            }
        }
    }

    /// The layer of the language that is meant, if one is.
    fn builtin_named(&mut self, call: &Call) -> Option<&'static Builtin> {
        let name = call.path.get_ident()?;
        let text = name.to_string();
        if let Some(known) = builtin(name) {
            return Some(known);
        }
        if self.mentions_param(name.to_token_stream()) {
            return None;
        }
        // A name that is close may well be the user's own layer: only what can hardly be anything else is refused.
        let inferred = call.args.iter().any(|arg| matches!(arg.value, Value::Hole));
        let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
        let slips = if inferred { 2 } else { usize::from(text.len() >= 5) };
        let meant = nearest(&text, BUILTINS.iter().map(|b| b.name), slips)?;
        let same_start =
            meant.chars().next().map(|c| c.to_ascii_lowercase()) == text.chars().next().map(|c| c.to_ascii_lowercase());
        if !inferred && (!same_start || digits(meant) != digits(&text)) {
            return None;
        }
        let mut message = format!("there is no layer `{text}`: did you mean `{meant}`?");
        if !inferred {
            message += &format!("\na layer of your own with this name is written `self::{text}`");
        }
        self.mistake(name.span().into(), message);
        BUILTINS.iter().find(|b| b.name == meant)
    }

    // ---- layers of the language

    fn builtin(&mut self, known: &'static Builtin, call: &Call, flow: Flow, step: &mut Step<'_>) {
        let slots = self.slots(known, call, step.layer);
        let mut sizes = Vec::new();
        for (param, slot) in known.params.iter().zip(&slots) {
            match (param.kind, slot) {
                (Kind::Probability, Some(arg)) => step.start = self.probability(known, arg),
                (Kind::Probability, None) => {}
                (Kind::Input, None) => sizes.push(Size::Hole),
                (Kind::Size, None) => sizes.push(Size::Lost),
                (kind, Some(arg)) => {
                    let mut size = self.size(arg);
                    if kind == Kind::Size && matches!(size, Size::Hole) {
                        let message = format!(
                            "`{}` of `{}` does not follow from its input: write a size in place of this `_`",
                            param.name, known.name
                        );
                        self.mistake(arg.ends, message);
                        size = Size::Lost;
                    }
                    sizes.push(size);
                }
            }
        }
        let constants = sizes.iter().any(|size| matches!(size, Size::Of(Axis::Named(_))));
        let before = flow.clone();
        let found = match flow {
            Flow::Axes(axes) if self.is_generic() || !constants => self.by_sizes(known, call, step, &axes, &sizes),
            Flow::Axes(_) | Flow::Const(_) => self.by_constants(known, call, step, &flow, &sizes),
            Flow::Opaque(free) => self.by_types(known, step, free, &sizes),
            Flow::Open(last) => self.by_last(known, call, step.layer, last, &sizes),
            Flow::Lost => self.found(known, &sizes, None, Flow::Lost),
        };
        // Its own token keeps its place, for editors.
        let at = call.path.get_ident().map_or_else(Span::call_site, Ident::span);
        let (name, ty) = (Ident::new(known.name, at), found.ty);
        let path = respan(quote!(::fusion::nn::), within(at));
        step.ty = quote!(#path #name #ty);
        step.after = found.after;
        if !found.sizes.is_empty() {
            let (texts, sizes): (Vec<_>, Vec<_>) = found.sizes.into_iter().unzip();
            step.text = format!("{}<{}>", known.name, texts.join(", "));
            step.sizes = texts.iter().any(|text| text.parse::<usize>().is_err()).then_some((known.name, sizes));
        }
        if known.rule != Rule::Same {
            let own = step.layer.name.as_ref().map_or_else(|| call.text.clone(), Ident::to_string);
            self.origin = Origin { text: own, before: (known.rule == Rule::Flatten).then_some(before) };
        }
    }

    /// The arguments in the places of their parameters.
    fn slots<'c>(&mut self, known: &Builtin, call: &'c Call, layer: &Layer) -> Vec<Option<&'c Argument>> {
        let params = known.params;
        let mut slots: Vec<Option<&Argument>> = vec![None; params.len()];
        for (key, arg) in &call.keywords {
            let text = key.to_string();
            match params.iter().position(|p| p.name == text) {
                Some(at) if slots[at].is_none() && at >= call.args.len() => slots[at] = Some(arg),
                Some(_) => self.mistake(key.span().into(), format!("`{text}` is given twice")),
                None => {
                    let names: Vec<_> = params.iter().map(|p| p.name).collect();
                    let mut message = format!("`{}` has no argument `{text}`", known.name);
                    match nearest(&text, names.iter().copied(), 2.min(text.len() / 2)) {
                        Some(meant) => message += &format!(": did you mean `{meant}`?"),
                        None if names.is_empty() => message += ": it takes none",
                        None => message += &format!(": it is `{}<{}>`", known.name, names.join(", ")),
                    }
                    self.mistake(Ends { first: key.span(), last: arg.ends.last }, message);
                }
            }
        }
        let given = call.args.len();
        let required = params.iter().zip(&slots);
        let missing = required.skip(given).filter(|(p, slot)| p.kind != Kind::Probability && slot.is_none()).count();
        // `Linear<128>` leaves out what can be inferred.
        let mut first = 0;
        if given > params.len() || missing > 0 {
            first = usize::from(given + 1 == params.len() && missing > 0 && params[0].kind == Kind::Input);
            let message = self.miscount(known, call, layer, first == 1);
            self.mistake(layer.ends, message);
        }
        for (slot, arg) in slots[first..].iter_mut().zip(&call.args) {
            *slot = Some(arg);
        }
        slots
    }

    fn miscount(&self, known: &Builtin, call: &Call, layer: &Layer, one_short: bool) -> String {
        let count = |n: usize| match n {
            0 => "no arguments".to_owned(),
            1 => "1 argument".to_owned(),
            n => format!("{n} arguments"),
        };
        let (name, given, takes) = (known.name, call.args.len() + call.keywords.len(), known.params.len());
        let mut message = format!("`{}` has {}, but `{name}` takes ", layer.text(), count(given));
        if takes == 0 {
            return message + "none";
        }
        let names: Vec<_> = known.params.iter().map(|p| p.name).collect();
        message += &format!("{takes}: `{name}<{}>`", names.join(", "));
        if one_short {
            message += &format!("\nwrite `{name}<_, {}>`", call.args[0].text);
        }
        message
    }

    fn probability(&mut self, known: &Builtin, arg: &Argument) -> Option<TokenStream> {
        let name = Ident::new(known.name, Span::call_site());
        let value = match &arg.value {
            Value::Real(p) if (0.0..=1.0).contains(p) => quote!(#p),
            Value::Number(p @ (0 | 1)) => {
                let p = *p as f64;
                quote!(#p)
            }
            Value::Path(path) if is_constant(path) => path.to_token_stream(),
            Value::Block(block) => block.to_token_stream(),
            Value::Lost => return None,
            _ => {
                let message = format!("`{name}` drops with a probability, from 0.0 to 1.0, not `{}`", arg.text);
                self.mistake(arg.ends, message);
                return None;
            }
        };
        Some(quote!(::fusion::nn::#name::new(#value)))
    }

    /// The type's arguments: `inferred` stands where `_` does, or where a mistake was.
    pub fn found(&self, known: &Builtin, sizes: &[Size], inferred: Option<&Axis>, after: Flow) -> Found {
        let kinds = known.params.iter().filter(|p| p.kind != Kind::Probability);
        let (mut types, mut texts) = (Vec::new(), Vec::new());
        for (_, size) in kinds.zip(sizes) {
            let axis = match size {
                Size::Hole => inferred,
                Size::Of(axis) => Some(axis),
                Size::Lost => None,
            };
            types.push(axis.map_or_else(|| self.lost(), Axis::ty));
            texts.push(axis.map_or_else(|| ("_".into(), quote!(0usize)), |axis| (axis.text(), axis.size())));
        }
        Found { ty: if types.is_empty() { TokenStream::new() } else { quote!(<#(#types),*>) }, sizes: texts, after }
    }
}

fn builtin(name: &Ident) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|known| *name == known.name)
}
