//! The check of one layer: those that the language knows, and those of the user.

use fusion_rules::MAX_SIZE;
use fusion_rules::model::{BUILTINS, Builtin, Default, Divides, Domain, Gives, Kind, Param};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Ident;

use crate::diagnostics::{Ends, nearest, respan, tidy, within};
use crate::model::ast::Call;
use crate::model::check::Checker;
use crate::model::check::builtin::{BuiltinCall, Resolved, arguments, row};
use crate::model::ir::{Callee, Step};
use crate::model::shape::{Arg, Axis, Flow, Origin};
use crate::model::words;
use crate::size::argument::{Argument, Value, is_constant};
use crate::tokens::same;

impl<'a> Checker<'a> {
    /// Checks one layer on what flows into it.
    pub fn call(&mut self, call: &'a Call, flow: Flow, step: &mut Step<'a>) {
        // What has arguments, a name or a count is no function.
        let layer = call.path.get_ident().and_then(|name| words::meant(&name.to_string()));
        let no_function =
            !call.args.is_empty() || !call.keywords.is_empty() || step.name.is_some() || step.repeat.is_some();
        if let (true, true, Some(known)) = (call.is_function(), no_function, layer) {
            let message = format!("there is no layer `{}`: did you mean `{}`?", tidy(&call.path), known.name);
            self.mistake(Ends::of(&call.path), message);
            return self.builtin(known, call, flow, step);
        }
        if call.is_function() {
            return self.function(call, flow, step);
        }
        match self.builtin_named(call) {
            Ok(Some(layer)) => self.builtin(layer, call, flow, step),
            Ok(None) if matches!(flow, Flow::Integers(_)) => self.takes_integers(step),
            Ok(None) => self.custom(call, flow, step),
            // What it would be is not known.
            Err(()) => {}
        }
    }

    /// The layer of the language that is meant, if one is; an error after a mistake.
    fn builtin_named(&mut self, call: &Call) -> Result<Option<&'static Builtin>, ()> {
        let path = &call.path;
        let name = match path.segments.len() {
            1 => &path.segments[0].ident,
            // `nn::Linear`, as in `fusion::nn::Linear`.
            n if path.segments[n - 2].ident == "nn" => return Ok(builtin(&path.segments[n - 1].ident)),
            _ => return Ok(None),
        };
        let text = name.to_string();
        if let Some(known) = builtin(name) {
            return Ok(Some(known));
        }
        if self.mentions_param(name.to_token_stream()) {
            return Ok(None);
        }
        let inferred = call.args.iter().any(|arg| matches!(arg.value, Value::Hole));
        let missing = words::refused(&text).or_else(|| words::missing(&text).filter(|_| inferred));
        if let Some(message) = missing {
            self.mistake(name.span().into(), message);
            return Err(());
        }
        // A name that is close may well be the user's own layer: only what can hardly be anything else is refused.
        let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
        let slips = if inferred { 2 } else { usize::from(text.len() >= 5) };
        let begins = BUILTINS.iter().map(|b| b.name).find(|known| inferred && known.starts_with(&text));
        let meant = nearest(&text, BUILTINS.iter().map(|b| b.name), slips).or(begins);
        let Some(meant) = meant else {
            return match inferred {
                true => {
                    let message = self.unknown(&text);
                    self.mistake(name.span().into(), message);
                    Err(())
                }
                false => Ok(None),
            };
        };
        let same_start =
            meant.chars().next().map(|c| c.to_ascii_lowercase()) == text.chars().next().map(|c| c.to_ascii_lowercase());
        if !inferred && (!same_start || digits(meant) != digits(&text)) {
            return Ok(None);
        }
        let mut message = format!("there is no layer `{text}`: did you mean `{meant}`?");
        if !inferred {
            message += &format!("\na layer of your own with this name is written `self::{text}`");
        }
        self.mistake(name.span().into(), message);
        Ok(BUILTINS.iter().find(|b| b.name == meant))
    }

    /// That a name, with a `_` among its arguments, is none of Fusion's layers.
    fn unknown(&self, name: &str) -> String {
        format!(
            "there is no layer `{name}` in Fusion, and in a layer of your own no size is worked out: write it in place of \
             `_`\nFusion's layers are {}",
            words::layers()
        )
    }

    // ---- layers of the language

    fn builtin(&mut self, layer: &'static Builtin, call: &'a Call, flow: Flow, step: &mut Step<'a>) {
        let slots = self.slots(layer, call, step);
        let mut known = BuiltinCall { layer, call, sizes: Vec::new(), written: 0 };
        let mut reals = Vec::new();
        for (at, (param, slot)) in layer.params.iter().zip(&slots).enumerate() {
            if !param.kind.is_type() {
                if let Some(arg) = slot
                    && let Some(value) = self.real(layer, param, arg)
                {
                    step.starts.numbers.push((Ident::new(param.name, Span::call_site()), value));
                    let text = &arg.text;
                    reals.push(if at < call.args.len() { text.clone() } else { format!("{} = {text}", param.name) });
                }
                continue;
            }
            let count = layer.sizes_of(param);
            let sizes = match (slot, param.default) {
                (Some(arg), _) => {
                    known.written = at + 1;
                    self.sizes_of_argument(layer, param, arg)
                }
                (None, Default::Is(n)) => vec![Arg::Size(Axis::Number(n)); count],
                (None, Default::Like(other)) => known.sizes_of(other).to_vec(),
                (None, _) if param.kind == Kind::Input => vec![Arg::Hole],
                (None, Default::Required | Default::Number(_)) => vec![Arg::Lost; count],
            };
            if param.default == Default::Required {
                known.written = at + 1;
            }
            known.sizes.extend(sizes);
        }
        if let (Divides::Channels, Some(at)) = (layer.divides, layer.divisor())
            && let Arg::Size(Axis::Named(named)) = &known.sizes[at]
            && named.generic
            && !self.groups.iter().any(|groups| same(groups, &named.ty))
        {
            self.groups.push(named.ty.clone());
        }
        self.windows |= layer.weighs_window() && known.sizes_of("kernel_size").iter().any(is_generic);
        self.starts_are_there(layer, &known, step);
        if matches!(flow, Flow::Integers(_)) && layer.takes != Domain::Indices {
            return self.takes_integers(step);
        }
        let constants = known.sizes.iter().any(|size| matches!(size, Arg::Size(Axis::Named(_))));
        let before = flow.clone();
        let lost = known.sizes.iter().skip(usize::from(layer.infers())).any(|size| matches!(size, Arg::Lost));
        let found = match flow {
            Flow::Lost => self.found(&known, None, Flow::Lost),
            // Of a size that is not known nothing can be worked out.
            _ if lost && !layer.keeps_any() => self.found(&known, None, Flow::Lost),
            Flow::Axes(axes) | Flow::Integers(axes) if self.is_generic() || !constants => {
                self.by_sizes(&mut known, step, &axes)
            }
            Flow::Axes(_) | Flow::Integers(_) | Flow::Const(_) => self.by_constants(&mut known, step, &before),
            Flow::Opaque(free) => self.by_types(&mut known, step, free),
            Flow::Open(open) => self.in_type_position(&mut known, step, open),
        };
        let (fits, bounded) = (found.fits, found.bounded);
        let (rule, args) = (row(layer), arguments(&known));
        step.callee = Callee::Builtin { row: layer, rule, args, fits, followed: false, bounded };
        // Its own token keeps its place, for editors.
        let at = call.path.get_ident().map_or_else(Span::call_site, Ident::span);
        let (name, args) = (Ident::new(layer.name, at), found.args);
        let path = respan(quote!(::fusion::nn::), within(at));
        step.ty = quote!(#path #name #args);
        step.after = found.after;
        step.text = found.text;
        if !reals.is_empty() {
            let args = step.text.strip_prefix(layer.name).and_then(|args| args.strip_prefix('<')?.strip_suffix('>'));
            let args = args.map_or_else(String::new, |args| format!("{args}, "));
            step.text = format!("{}<{args}{}>", layer.name, reals.join(", "));
        }
        if !layer.keeps_any() {
            self.origin = Origin { text: step.short.clone(), before: (layer.gives == Gives::Flat).then_some(before) };
        }
    }

    /// The arguments in the places of their parameters.
    fn slots<'c>(&mut self, layer: &Builtin, call: &'c Call, step: &Step<'_>) -> Vec<Option<&'c Argument>> {
        let params = layer.params;
        let mut slots: Vec<Option<&Argument>> = vec![None; params.len()];
        for (key, arg) in &call.keywords {
            let text = key.to_string();
            match params.iter().position(|p| p.name == text) {
                Some(at) if slots[at].is_none() && at >= call.args.len() => slots[at] = Some(arg),
                Some(_) => self.mistake(key.span().into(), format!("`{text}` is given twice")),
                None => {
                    let names: Vec<_> = params.iter().map(|p| p.name).collect();
                    let mut message = format!("`{}` has no argument `{text}`", layer.name);
                    let begins = names.iter().copied().find(|name| name.starts_with(&text));
                    match begins.or_else(|| nearest(&text, names.iter().copied(), 2.min(text.len() / 2))) {
                        Some(meant) => {
                            message += &format!(": did you mean `{meant}`?");
                            // The check goes on with what is meant.
                            let at = names.iter().position(|name| *name == meant).unwrap_or_default();
                            if slots[at].is_none() && at >= call.args.len() {
                                slots[at] = Some(arg);
                            }
                        }
                        None if names.is_empty() => message += ": it takes none",
                        None => message += &format!(": it is `{}<{}>`", layer.name, names.join(", ")),
                    }
                    self.mistake(Ends { first: key.span(), last: arg.ends.last }, message);
                }
            }
        }
        let given = call.args.len();
        let required = params.iter().filter(|p| p.default == Default::Required).count();
        let missing = (given..required).filter(|&at| slots[at].is_none()).count();
        // `Linear<128>` leaves out what can be inferred.
        let mut first = 0;
        if given > params.len() || missing > 0 {
            let infers = layer.infers() && call.args.first().is_some_and(|arg| !matches!(arg.value, Value::Hole));
            first = usize::from(given > 0 && given + 1 == required && missing > 0 && infers);
            let missing = (given..required).find(|&at| slots[at].is_none() && first == 0);
            let message = self.miscount(layer, call, step, first == 1, missing);
            self.mistake(step.ends, message);
        }
        for (slot, arg) in slots[first..].iter_mut().zip(&call.args) {
            *slot = Some(arg);
        }
        slots
    }

    fn miscount(
        &self,
        layer: &Builtin,
        call: &Call,
        step: &Step<'_>,
        one_short: bool,
        missing: Option<usize>,
    ) -> String {
        let count = |n: usize| match n {
            0 => "no arguments".to_owned(),
            1 => "1 argument".to_owned(),
            n => format!("{n} arguments"),
        };
        let required = layer.params.iter().filter(|p| p.default == Default::Required).count();
        let (name, given, takes) = (layer.name, call.args.len() + call.keywords.len(), layer.params.len());
        let mut message = format!("`{}` has {}, but `{name}` takes ", step.words, count(given));
        if takes == 0 {
            return message + "none";
        }
        let names: Vec<_> = layer.params.iter().map(|p| p.name).collect();
        let range = if required == takes { takes.to_string() } else { format!("{required} to {takes}") };
        message += &format!("{range}: `{name}<{}>`", names.join(", "));
        if let Some(missing) = missing {
            message += &format!("\n`{}` is missing", names[missing]);
        }
        if one_short {
            let rest: Vec<_> = call.args.iter().map(|arg| arg.text.as_str()).collect();
            message += &format!("\nwrite `{name}<_, {}>`", rest.join(", "));
        }
        message
    }

    /// The sizes of an argument of a layer's type: one for each axis of a window, of which one may stand for all.
    fn sizes_of_argument(&mut self, layer: &Builtin, param: &Param, arg: &Argument) -> Vec<Arg> {
        let count = layer.sizes_of(param);
        match &arg.value {
            Value::Sizes(sizes) if param.per_axis && sizes.len() == count => {
                sizes.iter().map(|size| self.argument(layer, param, size)).collect()
            }
            Value::Sizes(_) => {
                let (name, of) = (param.name, layer.name);
                let is = match count {
                    2 if param.per_axis => "one size, or two: of the height and of the width",
                    _ => "one size",
                };
                self.mistake(arg.ends, format!("`{name}` of `{of}` is {is}, not `{}`", arg.text));
                vec![Arg::Lost; count]
            }
            _ => vec![self.argument(layer, param, arg); count],
        }
    }

    /// An argument of a layer's type.
    fn argument(&mut self, layer: &Builtin, param: &Param, arg: &Argument) -> Arg {
        let (name, of) = (param.name, layer.name);
        let size = match (param.kind, &arg.value) {
            (_, Value::Lost) => return Arg::Lost,
            (Kind::Flag, Value::Bool(flag)) => return Arg::Size(Axis::Number(usize::from(*flag))),
            (Kind::Flag, _) => {
                self.mistake(arg.ends, format!("`{name}` of `{of}` is `true` or `false`, not `{}`", arg.text));
                return Arg::Lost;
            }
            (Kind::Padding, Value::Words(words)) if words == "same" => return Arg::Size(Axis::Same),
            (Kind::Padding, Value::Words(_)) | (Kind::Padding, Value::Path(_))
                if arg.text.trim_matches('"').starts_with(|c: char| c.is_lowercase()) =>
            {
                let message = format!("`{name}` of `{of}` is a number or `\"same\"`, not `{}`", arg.text);
                self.mistake(arg.ends, message);
                return Arg::Lost;
            }
            (Kind::Count | Kind::Padding, Value::Number(0)) => return Arg::Size(Axis::Number(0)),
            (Kind::Size | Kind::Divisor, Value::Number(0)) if arg.text == "0" => {
                self.mistake(arg.ends, format!("`{name}` of `{of}` is at least 1"));
                return Arg::Lost;
            }
            _ => self.size(arg),
        };
        if let Arg::Size(Axis::Named(named)) = &size
            && named.any
        {
            self.is_any(arg, of);
            return Arg::Lost;
        }
        if param.kind != Kind::Input && matches!(size, Arg::Hole) {
            let message =
                format!("`{name}` of `{of}` does not follow from its input: write a size in place of this `_`");
            self.mistake(arg.ends, message);
            return Arg::Lost;
        }
        size
    }

    /// A size that may be anything stands where a layer is made for one.
    pub fn is_any(&mut self, arg: &Argument, layer: &str) {
        let message = format!(
            "`{0}` may be any size, and `{layer}` is made for one: make it a parameter of the model, `{1}<{0}: Dim>`",
            arg.text, self.name
        );
        self.mistake(arg.ends, message);
    }

    /// A number that is a field of the layer.
    fn real(&mut self, layer: &Builtin, param: &Param, arg: &Argument) -> Option<TokenStream> {
        let probability = param.kind == Kind::Probability;
        match &arg.value {
            Value::Real(p) if !probability || (0.0..=1.0).contains(p) => Some(quote!(#p)),
            Value::Number(n) if *n <= if probability { 1 } else { MAX_SIZE } => {
                let n = *n as f64;
                Some(quote!(#n))
            }
            Value::Path(path) if is_constant(path) => Some(path.to_token_stream()),
            Value::Block(block) => Some(block.to_token_stream()),
            Value::Lost => None,
            _ => {
                let is = if probability { "a probability, from 0.0 to 1.0" } else { "a number" };
                self.mistake(arg.ends, format!("`{}` of `{}` is {is}, not `{}`", param.name, layer.name, arg.text));
                None
            }
        }
    }

    /// The type's arguments: `inferred` stands where `_` does, or where a mistake was.
    pub fn found(&self, known: &BuiltinCall<'_>, inferred: Option<&Axis>, after: Flow) -> Resolved {
        let (mut args, mut words) = (Vec::new(), Vec::new());
        for param in known.layer.params.iter().take(known.written).filter(|param| param.kind.is_type()) {
            let own = known.sizes_of(param.name);
            let axes: Vec<_> = own.iter().map(|size| size.or(inferred)).collect();
            // Windows that are square have one size for all axes.
            let square = axes.iter().all(|axis| axis.map(Axis::text) == axes[0].map(Axis::text));
            let shown = if square { &axes[..1] } else { &axes[..] };
            let (types, texts): (Vec<_>, Vec<_>) =
                shown.iter().map(|axis| self.argument_type(param.kind, *axis)).unzip();
            let text = if square { texts[0].clone() } else { format!("({})", texts.join(", ")) };
            args.push(if square { types[0].clone() } else { quote!((#(#types),*)) });
            let word = match param.default {
                Default::Required => text.clone(),
                _ => format!("{} = {text}", param.name),
            };
            let default = match &param.default {
                Default::Is(n) => axes.iter().all(|axis| matches!(axis, Some(Axis::Number(m)) if m == n)),
                Default::Like(other) => {
                    let other = known.sizes_of(other).iter().map(|size| size.axis().map(Axis::text));
                    own.iter().all(|size| size.axis().is_some())
                        && own.iter().map(|size| size.axis().map(Axis::text)).eq(other)
                }
                Default::Required | Default::Number(_) => false,
            };
            if !default {
                words.push(word);
            }
        }
        let args = if args.is_empty() { TokenStream::new() } else { quote!(<#(#args),*>) };
        let name = known.layer.name;
        let text = if words.is_empty() { name.to_owned() } else { format!("{name}<{}>", words.join(", ")) };
        Resolved { args, text, after, fits: None, bounded: false }
    }

    /// An argument as a type, and how it reads.
    fn argument_type(&self, kind: Kind, axis: Option<&Axis>) -> (TokenStream, String) {
        match (kind, axis) {
            (Kind::Flag, None) => (quote!(true), "_".into()),
            (_, None) => (self.lost(), "_".into()),
            (Kind::Flag, Some(axis)) => {
                let flag = matches!(axis, Axis::Number(1));
                (quote!(#flag), flag.to_string())
            }
            (_, Some(axis)) => (axis.ty(), axis.text()),
        }
    }

    fn takes_integers(&mut self, step: &Step<'_>) {
        let message = format!(
            "`{}` takes numbers with fractions, but the input is whole numbers, as an `Embedding` of this model takes it",
            step.words
        );
        self.mistake(step.ends, message);
    }
}

fn builtin(name: &Ident) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|known| *name == known.name)
}

/// Whether a size is a parameter of the model.
fn is_generic(size: &Arg) -> bool {
    matches!(size, Arg::Size(Axis::Named(named)) if named.generic)
}
