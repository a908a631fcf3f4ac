//! The check of one layer: those that the language knows, and those of the user.

use fusion_rules::model::{BUILTINS, Builtin, HOLE, Kind, Place, Rule};
use fusion_rules::{DYN, Dims};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::argument::{Argument, Value, is_constant};
use crate::check::{Bound, Checker, Step};
use crate::flow::{Axis, Flow, Named, Origin, Size};
use crate::parse::{Call, Layer};
use crate::report::{Ends, nearest, respan, within};

/// What a layer is found to be.
struct Found {
    ty: TokenStream,
    /// The arguments of its type: how they read, and expressions for them.
    sizes: Vec<(String, TokenStream)>,
    after: Flow,
}

impl<'a> Checker<'a> {
    /// Checks one layer on what flows into it.
    pub fn layer(
        &mut self,
        layer: &'a Layer,
        field: Ident,
        position: usize,
        flow: Flow,
    ) -> Step<'a> {
        let mut step = Step {
            layer,
            field,
            position,
            ty: self.lost(),
            start: None,
            sizes: None,
            text: layer
                .call
                .as_ref()
                .map_or_else(String::new, |call| call.text.clone()),
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
        let slips = if inferred {
            2
        } else {
            usize::from(text.len() >= 5)
        };
        let meant = nearest(&text, BUILTINS.iter().map(|b| b.name), slips)?;
        let same_start = meant.chars().next().map(|c| c.to_ascii_lowercase())
            == text.chars().next().map(|c| c.to_ascii_lowercase());
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
        let constants = sizes
            .iter()
            .any(|size| matches!(size, Size::Of(Axis::Named(_))));
        let before = flow.clone();
        let found = match flow {
            Flow::Axes(axes) if self.is_generic() || !constants => {
                self.by_sizes(known, call, step, &axes, &sizes)
            }
            Flow::Axes(_) | Flow::Const(_) => self.by_constants(known, call, step, &flow, &sizes),
            Flow::Opaque(free) => self.by_types(known, step, free, &sizes),
            Flow::Open(last) => self.by_last(known, call, step.layer, last, &sizes),
            Flow::Lost => {
                let after = Flow::Lost;
                self.found(known, &sizes, None, after)
            }
        };
        // Its own token keeps its place, for editors.
        let at = call
            .path
            .get_ident()
            .map_or_else(Span::call_site, Ident::span);
        let (name, ty) = (Ident::new(known.name, at), found.ty);
        let path = respan(quote!(::fusion::nn::), within(at));
        step.ty = quote!(#path #name #ty);
        step.after = found.after;
        if !found.sizes.is_empty() {
            let (texts, sizes): (Vec<_>, Vec<_>) = found.sizes.into_iter().unzip();
            step.text = format!("{}<{}>", known.name, texts.join(", "));
            step.sizes = texts
                .iter()
                .any(|text| text.parse::<usize>().is_err())
                .then_some((known.name, sizes));
        }
        if known.rule != Rule::Same {
            let own = step
                .layer
                .name
                .as_ref()
                .map_or_else(|| call.text.clone(), Ident::to_string);
            self.origin = Origin {
                text: own,
                before: (known.rule == Rule::Flatten).then_some(before),
            };
        }
    }

    /// The arguments in the places of their parameters.
    fn slots<'c>(
        &mut self,
        known: &Builtin,
        call: &'c Call,
        layer: &Layer,
    ) -> Vec<Option<&'c Argument>> {
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
                        None => {
                            message += &format!(": it is `{}<{}>`", known.name, names.join(", "))
                        }
                    }
                    self.mistake(
                        Ends {
                            first: key.span(),
                            last: arg.ends.last,
                        },
                        message,
                    );
                }
            }
        }
        let given = call.args.len();
        let required = params.iter().zip(&slots);
        let missing = required
            .skip(given)
            .filter(|(p, slot)| p.kind != Kind::Probability && slot.is_none())
            .count();
        // `Linear<128>` leaves out what can be inferred.
        let mut first = 0;
        if given > params.len() || missing > 0 {
            first = usize::from(
                given + 1 == params.len() && missing > 0 && params[0].kind == Kind::Input,
            );
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
        let (name, given, takes) = (
            known.name,
            call.args.len() + call.keywords.len(),
            known.params.len(),
        );
        let mut message = format!(
            "`{}` has {}, but `{name}` takes ",
            layer.text(),
            count(given)
        );
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
                let message = format!(
                    "`{name}` drops with a probability, from 0.0 to 1.0, not `{}`",
                    arg.text
                );
                self.mistake(arg.ends, message);
                return None;
            }
        };
        Some(quote!(::fusion::nn::#name::new(#value)))
    }

    /// The type's arguments: `inferred` stands where `_` does, or where a mistake was.
    fn found(
        &self,
        known: &Builtin,
        sizes: &[Size],
        inferred: Option<&Axis>,
        after: Flow,
    ) -> Found {
        let kinds = known.params.iter().filter(|p| p.kind != Kind::Probability);
        let (mut types, mut texts) = (Vec::new(), Vec::new());
        for (_, size) in kinds.zip(sizes) {
            let axis = match size {
                Size::Hole => inferred,
                Size::Of(axis) => Some(axis),
                Size::Lost => None,
            };
            types.push(axis.map_or_else(|| self.lost(), Axis::ty));
            texts.push(axis.map_or_else(
                || ("_".into(), quote!(0usize)),
                |axis| (axis.text(), axis.size()),
            ));
        }
        Found {
            ty: if types.is_empty() {
                TokenStream::new()
            } else {
                quote!(<#(#types),*>)
            },
            sizes: texts,
            after,
        }
    }

    /// Where the layer stands, for its sentences.
    fn place<'p>(
        &self,
        around: &'p (String, String),
        text: &'p str,
        from: &'p str,
        shown: Dims,
    ) -> Place<'p> {
        Place {
            layer: text,
            around: (&around.0, &around.1),
            from,
            shown,
        }
    }

    /// With numbers, and in a generic model names.
    fn by_sizes(
        &mut self,
        known: &Builtin,
        call: &Call,
        step: &Step<'_>,
        axes: &[Axis],
        sizes: &[Size],
    ) -> Found {
        let x = self.dims(axes);
        let free = |axis: &Axis| matches!(axis, Axis::Free(..));
        // Of a constant only the compiler knows whether it fits; it says so in the body.
        let open = |axis: &Axis| free(axis) || matches!(axis, Axis::Named(named) if !named.generic);
        if known.rule == Rule::Flatten && axes.iter().any(|axis| !matches!(axis, Axis::Number(_))) {
            let factors = axes.iter().map(Axis::size);
            let flat = Axis::Free(self.next(), quote!((1usize #(* #factors)*)));
            return self.bounded(
                known,
                step,
                Flow::Axes(axes.to_vec()),
                Flow::Axes(vec![flat]),
                sizes,
            );
        }
        let numbers: Vec<_> = sizes
            .iter()
            .map(|size| match size {
                Size::Of(axis) => self.number(axis),
                Size::Hole | Size::Lost => HOLE,
            })
            .collect();
        let fits = known.rule.inferred(x);
        let inferred = axes.iter().find(|axis| self.number(axis) == fits).cloned();
        let mut sizes = sizes.to_vec();
        let unsure = axes
            .iter()
            .chain(sizes.iter().filter_map(Size::axis))
            .any(open);
        if let Err(mistake) = known.rule.output(&numbers, x)
            && !(unsure && sizes.first().and_then(Size::axis).is_some())
        {
            let shown = match self.origin.before.clone() {
                Some(Flow::Axes(before)) => self.dims(&before),
                _ => x,
            };
            let (around, text, from) = (
                around(known, call),
                step.layer.text(),
                self.origin.text.clone(),
            );
            let sentence = self.place(&around, &text, &from, shown).text(mistake);
            let message = self.named(sentence.as_str());
            self.mistake(step.layer.ends, message);
            if let Some(size) = sizes.first_mut()
                && Some(known.rule.healed_input(&numbers, x)) != numbers.first().copied()
            {
                *size = Size::Hole;
            }
        }
        if let (Some(axis), Some(Size::Hole)) = (&inferred, sizes.first())
            && free(axis)
        {
            let message = format!(
                "this `_` depends on the sizes that `{}` is used with: make it a parameter of the model, as in `{}<F, ..>`",
                self.name, known.name
            );
            self.mistake(
                call.args.first().map_or(step.layer.ends, |arg| arg.ends),
                message,
            );
            sizes[0] = Size::Lost;
        }
        let after = self.after(known, &sizes, &numbers, x, axes);
        if axes.iter().any(free) && known.rule != Rule::Same {
            return self.bounded(known, step, Flow::Axes(axes.to_vec()), after, &sizes);
        }
        self.found(known, &sizes, inferred.as_ref(), after)
    }

    /// The output's sizes, with their names back.
    fn after(
        &mut self,
        known: &Builtin,
        sizes: &[Size],
        numbers: &[usize],
        x: Dims,
        axes: &[Axis],
    ) -> Flow {
        if known.rule != Rule::Same && sizes.iter().skip(1).any(|size| matches!(size, Size::Lost)) {
            return Flow::Lost;
        }
        let y = known.rule.healed(numbers, x).sample();
        let mut names: Vec<Axis> = axes.to_vec();
        names.extend(sizes.iter().filter_map(Size::axis).cloned());
        let mut out = Vec::new();
        for &n in y.as_slice() {
            let named = names.iter().find(|axis| self.number(axis) == n).cloned();
            out.push(named.unwrap_or(Axis::Number(n)));
        }
        Flow::Axes(out)
    }

    /// A layer whose output is known to the compiler only: in a generic model, a bound.
    fn bounded(
        &mut self,
        known: &Builtin,
        step: &Step<'_>,
        from: Flow,
        to: Flow,
        sizes: &[Size],
    ) -> Found {
        let found = self.found(known, sizes, None, to.clone());
        let (name, ty) = (Ident::new(known.name, Span::call_site()), &found.ty);
        self.bounds.push(Bound {
            ty: quote!(::fusion::nn::#name #ty),
            from,
            to,
            span: step.layer.ends.first,
            step: step.position,
        });
        found
    }

    /// With values that const evaluation has.
    fn by_constants(
        &mut self,
        known: &Builtin,
        call: &Call,
        step: &Step<'_>,
        flow: &Flow,
        sizes: &[Size],
    ) -> Found {
        let ends = step.layer.ends;
        let x = self.value(flow);
        let rule = format_ident!("{}", format!("{:?}", known.rule));
        let rule = quote!(::fusion::__private::rules::model::Rule::#rule);
        let args: Vec<_> = sizes
            .iter()
            .map(|size| match size {
                Size::Of(axis) => axis.size(),
                Size::Hole | Size::Lost => quote!(::fusion::__private::rules::model::HOLE),
            })
            .collect();
        let args = quote!(&[#(#args),*]);
        let lost = sizes.iter().any(|size| matches!(size, Size::Lost));
        if known.rule != Rule::Same && !lost {
            let ((before, after), text, from) =
                (around(known, call), step.layer.text(), &self.origin.text);
            let shown = self
                .origin
                .before
                .as_ref()
                .map_or_else(|| x.clone(), |before| self.value(before));
            let place = quote!(::fusion::__private::rules::model::Place {
                layer: #text, around: (#before, #after), from: #from, shown: #shown,
            });
            self.check(ends, quote!(check_layer), quote!(&#place, #rule, #args, #x));
        }
        let after = match known.rule {
            Rule::Same => flow.clone(),
            _ if lost => Flow::Lost,
            _ => Flow::Const(self.declare(ends, quote!(#rule.healed(#args, #x)))),
        };
        // Only a layer of which the input's size is a part needs that as a type.
        let inferred = known.params.iter().any(|p| p.kind == Kind::Input).then(|| {
            let size = self.declare_number(ends, quote!(#rule.healed_input(#args, #x)));
            Axis::Named(Named {
                text: "_".into(),
                ty: quote!(::fusion::__private::dim_of!(#size)),
                size: size.into_token_stream(),
                generic: false,
            })
        });
        // The size that fits, also where another is written: what is wrong is said by the check.
        let sizes: Vec<_> = known
            .params
            .iter()
            .filter(|p| p.kind != Kind::Probability)
            .zip(sizes)
            .map(|(param, size)| {
                if param.kind == Kind::Input {
                    Size::Hole
                } else {
                    size.clone()
                }
            })
            .collect();
        self.found(known, &sizes, inferred.as_ref(), after)
    }

    /// After a layer of the user's in a generic model: what flows is any tensor type.
    fn by_types(&mut self, known: &Builtin, step: &Step<'_>, free: usize, sizes: &[Size]) -> Found {
        let mut sizes = sizes.to_vec();
        if let Some(hole) = sizes.iter_mut().find(|size| matches!(size, Size::Hole)) {
            *hole = Size::Lost;
            let args = step.layer.call.iter().flat_map(|call| &call.args);
            let at = args
                .clone()
                .find(|arg| matches!(arg.value, Value::Hole))
                .map_or(step.layer.ends, |arg| arg.ends);
            let message = format!(
                "`_` cannot be worked out in a generic model after a layer of your own, `{}`: write the size",
                self.origin.text
            );
            self.mistake(at, message);
        }
        let to = match known.rule {
            Rule::Same => Flow::Opaque(free),
            _ => Flow::Opaque(self.next()),
        };
        self.bounded(known, step, Flow::Opaque(free), to, &sizes)
    }

    /// In type position, where the input's last size is known at most.
    fn by_last(
        &mut self,
        known: &Builtin,
        call: &Call,
        layer: &Layer,
        last: Option<Axis>,
        sizes: &[Size],
    ) -> Found {
        if known.rule != Rule::Linear {
            let after = if known.rule == Rule::Same { last } else { None };
            return self.found(known, sizes, None, Flow::Open(after));
        }
        let mut sizes = sizes.to_vec();
        match (&sizes[0], &last) {
            (Size::Hole, None) => {
                let at = call.args.first().map_or(layer.ends, |arg| arg.ends);
                self.mistake(at, "`_` cannot be worked out: nothing before it says what flows in, so write the size");
            }
            (Size::Of(Axis::Number(takes)), Some(Axis::Number(last))) => {
                let x = Dims::new(&[DYN, *last]);
                if let Err(mistake) = known.rule.output(&[*takes, 1], x) {
                    let (around, text, from) =
                        (around(known, call), layer.text(), self.origin.text.clone());
                    let sentence = self.place(&around, &text, &from, x).text(mistake);
                    self.mistake(layer.ends, sentence);
                    sizes[0] = Size::Hole;
                }
            }
            _ => {}
        }
        let after = sizes[1].axis().cloned();
        self.found(known, &sizes, last.as_ref(), Flow::Open(after))
    }
}

fn builtin(name: &Ident) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|known| *name == known.name)
}

/// What is written around the first argument.
fn around(known: &Builtin, call: &Call) -> (String, String) {
    let rest: String = call
        .args
        .iter()
        .skip(1)
        .map(|arg| format!(", {}", arg.text))
        .collect();
    (format!("{}<", known.name), rest + ">")
}
