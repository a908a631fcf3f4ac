//! The shape of a layer of the language: with numbers and names, with constants, or with types, as far as is known.

use fusion_rules::model::{Builtin, Gives, Place};
use fusion_rules::{Dims, MAX_RANK, Mistake, Size, sizes};
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::model::ast::Call;
use crate::model::check::Checker;
use crate::model::check::builtin::{BuiltinCall, Resolved, arguments, row};
use crate::model::ir::Step;
use crate::model::shape::{Arg, Axis, Flow, Named, Open};
use crate::size::argument::Value;

impl Checker<'_> {
    /// The sentence of a layer's mistake, at its place.
    fn sentence(
        &self,
        known: &BuiltinCall<'_>,
        second: Size,
        step: &Step<'_>,
        mistake: Mistake,
        shown: Dims,
    ) -> String {
        let ((before, after), exchanged) = (around(known), self.exchanged(known));
        let swapped = (if exchanged.is_empty() { Size::Dyn } else { second }, exchanged.as_str());
        let (names, from) = (self.names(), self.origin.text.as_str());
        let place = Place { layer: &step.words, around: (&before, &after), swapped, from, shown, names: &names };
        place.text(mistake).to_string()
    }

    /// The layer with its first two sizes exchanged, where these are what flows in and what flows out, and what comes
    /// behind it says so too.
    fn exchanged(&self, known: &BuiltinCall<'_>) -> String {
        let Call { args, keywords, .. } = known.call;
        match &args[..] {
            [first, second, rest @ ..]
                if known.layer.is_between()
                    && matches!(first.value, Value::Number(n) if self.ahead.contains(&Some(n))) =>
            {
                let words = [second, first].into_iter().chain(rest).map(|arg| arg.text.clone());
                let named = keywords.iter().map(|(key, arg)| format!("{key} = {}", arg.text));
                format!("{}<{}>", known.layer.name, words.chain(named).collect::<Vec<_>>().join(", "))
            }
            _ => String::new(),
        }
    }

    /// With numbers, and in a generic model names.
    pub fn by_sizes(&mut self, known: &mut BuiltinCall<'_>, step: &mut Step<'_>, axes: &[Axis]) -> Resolved {
        let layer = known.layer;
        let x = self.dims(axes);
        let free = |axis: &Axis| matches!(axis, Axis::Free(..));
        // Of a constant only the compiler knows whether it fits; it says so in the body.
        let open = |axis: &Axis| free(axis) || matches!(axis, Axis::Named(named) if !named.generic);
        let (mut numbers, geometry) = self.numbers(known, x);
        let fits = layer.inferred(x);
        let inferred = if layer.takes_channels() { axes.first() } else { axes.last() };
        let inferred = inferred.filter(|axis| self.known(axis) == fits).cloned();
        let mut all = axes.iter().chain(known.sizes.iter().filter_map(Arg::axis));
        let names = all.any(Axis::is_symbolic);
        let unsure = axes.iter().chain(known.sizes.iter().filter_map(Arg::axis)).any(open);
        match layer.output(&numbers, x) {
            Err(Mistake::Features { .. } | Mistake::Channels { .. })
                if unsure && known.sizes.first().and_then(Arg::axis).is_some() => {}
            // What is computed from names may be anything.
            Err(Mistake::Unflatten { .. }) if names && x.rank == 2 => {}
            Ok(_) => {
                if let (false, Err(mistake)) = (names, layer.possible(&numbers, x)) {
                    let message = self.sentence(known, Size::Dyn, step, mistake, x);
                    self.mistake(step.ends, message);
                }
            }
            Err(mistake) => {
                let shown = match self.origin.before.clone() {
                    Some(Flow::Axes(before)) => self.dims(&before),
                    _ => x,
                };
                let second = numbers.get(1).copied().unwrap_or(Size::Dyn);
                let message = self.sentence(known, second, step, mistake, shown);
                if let (Mistake::Features { .. }, Some(axis)) = (mistake, axes.last())
                    && is_open(axis)
                {
                    // A size that may be anything is written in no layer.
                    let sentence = message.lines().next().unwrap_or_default();
                    let message = format!(
                        "{sentence}\n`{}` is made for one size of the last axis, which may be any here",
                        known.layer.name
                    );
                    self.mistake(step.ends, message);
                    known.sizes[0] = Arg::Lost;
                    return self.found(known, None, Flow::Lost);
                }
                self.mistake(step.ends, message);
                // Sizes that are exchanged are meant the other way round.
                if matches!(mistake, Mistake::Features { .. } | Mistake::Channels { .. })
                    && second == fits
                    && !self.exchanged(known).is_empty()
                {
                    numbers.swap(0, 1);
                    known.sizes.swap(0, 1);
                }
                if layer.infers()
                    && Some(layer.recovered_input(&numbers, x)) != numbers.first().copied()
                    && let Some(size) = known.sizes.first_mut()
                {
                    *size = Arg::Hole;
                }
                // An error type: rustc reports nothing further about it.
                if let (Mistake::Groups { .. } | Mistake::Heads { .. }, Some(at)) = (mistake, layer.divisor()) {
                    known.sizes[at] = Arg::Lost;
                }
            }
        }
        if let (Some(axis), Some(Arg::Hole)) = (&inferred, known.sizes.first())
            && is_open(axis)
        {
            let message = format!(
                "this `_` depends on the sizes that `{}` is used with: make it a parameter of the model, as in `{}<F, ..>`",
                self.name, known.layer.name
            );
            self.mistake(known.call.args.first().map_or(step.ends, |arg| arg.ends), message);
            known.sizes[0] = Arg::Lost;
        }
        let after = self.after(known, &numbers, x, axes, geometry);
        let names = axes.iter().chain(known.sizes.iter().filter_map(Arg::axis));
        let symbolic = names.clone().any(Axis::is_symbolic);
        let frees = names.chain(after.axes().unwrap_or_default()).any(free);
        // After a mistake what is inferred may not be a size.
        let inferred = inferred.filter(|axis| !matches!(axis, Axis::Dyn)).or_else(|| {
            let input = layer.infers();
            input.then(|| Axis::of(layer.recovered_input(&numbers, x)))
        });
        if !layer.keeps_any() && self.is_generic() && (frees || (layer.computes() && symbolic)) {
            return self.bounded(known, step, inferred.as_ref(), Flow::Axes(axes.to_vec()), after);
        }
        self.found(known, inferred.as_ref(), after)
    }

    /// What is known of the arguments. The arguments of windows and scales must be numbers: a name among them
    /// is replaced by 1 (0 for padding), and the second result says so.
    fn numbers(&mut self, known: &BuiltinCall<'_>, x: Dims) -> (Vec<Size>, bool) {
        let layer = known.layer;
        let sizes = known.sizes.clone();
        let mut numbers: Vec<_> = sizes
            .iter()
            .map(|size| match size {
                Arg::Size(axis) => self.known(axis),
                Arg::Hole | Arg::Lost => Size::Hole,
            })
            .collect();
        let named = |size: &Size| matches!(size, Size::Named { .. });
        // What a divisor divides: what flows in, and what flows out.
        let input = if layer.takes_channels() { x.d[1] } else { x.last() };
        let divides = numbers.first().is_some_and(named) || named(&input);
        let divides = divides || (layer.is_between() && numbers.get(1).is_some_and(named));
        if let Some(divisor) = layer.divisor()
            && (divides || named(&numbers[divisor]))
        {
            numbers[divisor] = Size::Known(1);
        }
        let windows: Vec<_> = (0..numbers.len()).filter_map(|at| Some((at, layer.harmless(at)?))).collect();
        let unknown = windows.iter().any(|(at, _)| named(&numbers[*at]));
        if unknown {
            windows.iter().for_each(|&(at, harmless)| numbers[at] = Size::Known(harmless));
        }
        (numbers, unknown)
    }

    /// The output's sizes, with their names back; what is computed from names is free.
    fn after(&mut self, known: &BuiltinCall<'_>, numbers: &[Size], x: Dims, axes: &[Axis], geometry: bool) -> Flow {
        let layer = known.layer;
        let symbolic = |axis: Option<&Axis>| axis.is_some_and(Axis::is_symbolic);
        let any = axes.iter().any(|axis| symbolic(Some(axis)));
        let computed = |at: usize| match layer.gives {
            Gives::Flat => any,
            _ => layer.is_computed(at) && symbolic(axes.get(at)),
        };
        let y = layer.recovered(numbers, x).sample();
        let mut names: Vec<Axis> = axes.to_vec();
        names.extend(known.sizes.iter().filter_map(Arg::axis).cloned());
        let value = Flow::Axes(axes.to_vec()).value();
        let args = arguments(known);
        let mut out = Vec::new();
        for (at, &size) in y.as_slice().iter().enumerate() {
            let window = geometry && layer.is_computed(at);
            // Of two that are equal in number, the one at this place.
            let mut named = axes.get(at).into_iter().chain(&names);
            let named = named.find(|axis| axis.is_symbolic() && self.known(axis) == size);
            out.push(match named {
                Some(axis) if !window => axis.clone(),
                _ if window || computed(at) => {
                    let (row, at) = (row(layer), at + 1);
                    self.free(quote!(#row.recovered(#args, #value).d[#at]), if window { Size::Dyn } else { size })
                }
                _ => Axis::of(size),
            });
        }
        Flow::Axes(out)
    }

    /// A shape whose sizes get their names back.
    pub fn with_names(&mut self, x: Dims, names: &[Axis]) -> Flow {
        let mut out = Vec::new();
        for &size in x.sample().as_slice() {
            let named = names.iter().find(|axis| self.known(axis) == size).cloned();
            out.push(named.unwrap_or(Axis::of(size)));
        }
        Flow::Axes(out)
    }

    /// A layer whose output is known to the compiler only: in a generic model, a bound.
    fn bounded(
        &mut self,
        known: &BuiltinCall<'_>,
        step: &Step<'_>,
        inferred: Option<&Axis>,
        from: Flow,
        to: Flow,
    ) -> Resolved {
        let mut found = self.found(known, inferred, to.clone());
        let (name, args) = (format_ident!("{}", known.layer.name), &found.args);
        let ty = quote!(::fusion::nn::#name #args);
        // A repeated layer gives the shape that it takes.
        let to = if step.repeat.is_some() { from.clone() } else { to };
        found.after = self.layer_bound(&ty, from, to, step.ends.first);
        found.bounded = true;
        found
    }

    /// With values that const evaluation has.
    pub fn by_constants(&mut self, known: &mut BuiltinCall<'_>, step: &mut Step<'_>, flow: &Flow) -> Resolved {
        let ends = step.ends;
        let x = flow.value();
        let layer = row(known.layer);
        let args = arguments(known);
        let same = known.layer.keeps_any();
        let axes = match flow {
            Flow::Const(name) => self.shapes.axes(name).map(<[Axis]>::to_vec),
            flow => flow.axes().map(<[Axis]>::to_vec),
        };
        let sure = axes.as_ref().is_some_and(|axes| takes_surely(known, axes));
        if !same && !sure {
            let ((before, after), text, from) = (around(known), step.words.clone(), self.origin.text.clone());
            let exchanged = self.exchanged(known);
            let second = match known.sizes.get(1) {
                Some(Arg::Size(axis)) if !exchanged.is_empty() => axis.size(),
                _ => quote!(::fusion::__private::rules::Size::Dyn),
            };
            let shown = self.origin.before.as_ref().map_or_else(|| x.clone(), |before| before.value());
            let place = quote!(::fusion::__private::rules::model::Place {
                layer: #text, around: (#before, #after), swapped: (#second, #exchanged), from: #from, shown: #shown, names: &[],
            });
            self.check(ends, quote!(check_layer), quote!(&#place, &#layer, #args, #x));
        }
        let after = match known.layer.gives {
            Gives::Same => flow.clone(),
            _ => {
                let name = self.declare(ends, quote!(#layer.recovered(#args, #x)));
                if let Some(axes) = self.axes_after(known, axes.as_deref(), &name) {
                    self.shapes.are(&name, axes);
                }
                Flow::Const(name)
            }
        };
        let mut fits = None;
        if !known.layer.always_fits() && !sure {
            // A layer that does not fit is never called, so that rustc reports it once.
            fits = Some(self.declare_number(ends, quote!(#layer.fits(#args, #x) as usize)).into_token_stream());
            step.restated = true;
        }
        if let Some(at) = known.layer.divisor()
            && !matches!(known.sizes[at], Arg::Size(Axis::Number(1)))
            && !sure
        {
            let size = self.declare_size(ends, quote!(#layer.recovered_divisor(#args, #x)));
            known.sizes[at] = Arg::Size(Axis::Named(Named {
                text: known.sizes[at].axis().map_or_else(String::new, Axis::text),
                ty: self.dimension(&size),
                size: size.into_token_stream(),
                generic: false,
                any: false,
            }));
        }
        // Only a layer of which the input's size is a part needs that as a type.
        let input = known.layer.infers();
        let inferred = input.then(|| match axes.as_deref().and_then(|axes| input_of(known.layer, axes)) {
            Some(axis) if sure => axis.clone(),
            _ => {
                let size = self.declare_size(ends, quote!(#layer.recovered_input(#args, #x)));
                Axis::Named(Named {
                    text: "_".into(),
                    ty: self.dimension(&size),
                    size: size.into_token_stream(),
                    generic: false,
                    any: false,
                })
            }
        });
        // The size that fits, also where another is written: what is wrong is said by the check.
        if input {
            known.sizes[0] = Arg::Hole;
        }
        Resolved { fits, ..self.found(known, inferred.as_ref(), after) }
    }

    /// The sizes of the constant shape that a layer makes, where it is known how many there are. Those that are known, or
    /// are the input's, keep their types; only the others are spelled.
    fn axes_after(&mut self, known: &BuiltinCall<'_>, taken: Option<&[Axis]>, name: &Ident) -> Option<Vec<Axis>> {
        let layer = known.layer;
        let argument = |at: Option<usize>| match at.map(|at| &known.sizes[at]) {
            Some(Arg::Size(axis @ Axis::Number(_))) => Some(axis.clone()),
            _ => None,
        };
        let numbers = numbers_of(known);
        let mut axes: Vec<Option<Axis>> = match layer.gives {
            Gives::Same | Gives::Last(_) => taken?.iter().cloned().map(Some).collect(),
            Gives::Push(_) => taken?.iter().cloned().map(Some).chain([None]).collect(),
            Gives::Flat => vec![None],
            Gives::Axes(rules) => {
                let keeps = |at: &usize| numbers.as_ref().is_some_and(|numbers| layer.keeps(numbers, *at));
                let kept = |at: usize| taken.filter(|taken| keeps(&at) && taken.len() == rules.len())?.get(at).cloned();
                (0..rules.len()).map(|at| argument(layer.argument_of(at)).or_else(|| kept(at))).collect()
            }
        };
        match layer.gives {
            // What a layer of features gives where a `Flatten` is missing has another rank.
            Gives::Last(_) if axes.len() != 1 => return None,
            Gives::Push(_) if axes.len() >= MAX_RANK => return None,
            Gives::Last(_) | Gives::Push(_) => *axes.last_mut()? = argument(layer.last_argument()),
            _ => {}
        }
        let spelled = axes.into_iter().enumerate().map(|(at, axis)| {
            axis.unwrap_or_else(|| {
                let (axis, items) = self.shapes.spelled(name, at);
                self.items.extend(items);
                axis
            })
        });
        Some(spelled.collect())
    }

    /// After a layer of the user's in a generic model: what flows is any tensor type.
    pub fn by_types(&mut self, known: &mut BuiltinCall<'_>, step: &mut Step<'_>, free: usize) -> Resolved {
        if let Some(hole) = known.sizes.iter_mut().find(|size| matches!(size, Arg::Hole)) {
            *hole = Arg::Lost;
            let at = known.call.args.iter().find(|arg| matches!(arg.value, Value::Hole));
            let message = format!(
                "`_` cannot be worked out in a generic model after a layer of your own, `{}`: write the size, or say \
                 what `{0}` gives, `{0} -> [..]`",
                self.origin.text
            );
            self.mistake(at.map_or(step.ends, |arg| arg.ends), message);
        }
        let to = Flow::Opaque(if known.layer.keeps_any() { free } else { self.next() });
        self.bounded(known, step, None, Flow::Opaque(free), to)
    }

    /// In type position, that a layer of so many axes takes no others.
    fn takes_rank(&mut self, known: &BuiltinCall<'_>, step: &Step<'_>, open: &Open) {
        let Some(rank) = open.rank else { return };
        let mut x = Dims::of(&[Size::Dyn; MAX_RANK]).range(0, rank);
        if let Some(axis) = &open.last {
            x = x.with_last(self.known(axis));
        }
        if let (Some(axis), 4) = (&open.channels, rank) {
            x = x.with(1, self.known(axis));
        }
        let numbers: Vec<_> =
            known.sizes.iter().map(|size| size.axis().map_or(Size::Dyn, |axis| self.known(axis))).collect();
        if let Some(mistake) = known.layer.refuses_rank(&numbers, x) {
            let message = self.sentence(known, Size::Dyn, step, mistake, x);
            self.mistake(step.ends, message);
        }
    }

    /// In type position, where at most some sizes of the input are known.
    pub fn in_type_position(&mut self, known: &mut BuiltinCall<'_>, step: &Step<'_>, open: Open) -> Resolved {
        let layer = known.layer;
        let image = layer.takes_channels();
        let input = if image { &open.channels } else { &open.last };
        let takes_input = layer.infers();
        if takes_input && matches!(known.sizes[0], Arg::Hole) && input.is_none() {
            let at = known.call.args.first().map_or(step.ends, |arg| arg.ends);
            self.mistake(at, "`_` cannot be worked out: nothing before it says what flows in, so write the size");
            known.sizes[0] = Arg::Lost;
        } else if takes_input
            && let (Arg::Size(Axis::Number(takes)), Some(Axis::Number(given))) = (&known.sizes[0], input)
            && takes != given
        {
            let (x, takes) = match image {
                true => (Dims::of(&sizes![Dyn, (*given), Dyn, Dyn]), Size::Known(*takes)),
                false => (Dims::of(&sizes![Dyn, (*given)]), Size::Known(*takes)),
            };
            let mistake =
                if image { Mistake::Channels { takes, input: x } } else { Mistake::Features { takes, input: x } };
            let second = known.sizes.get(1).and_then(Arg::axis).map_or(Size::Dyn, |axis| self.known(axis));
            // Only this one size of the input is known.
            let message = self.sentence(known, second, step, mistake, Dims::of(&sizes![Dyn, (*given)]));
            self.mistake(step.ends, message);
            known.sizes[0] = Arg::Hole;
        }
        self.takes_rank(known, step, &open);
        let input = input.clone();
        let size = |at: Option<usize>| known.sizes.get(at?).and_then(Arg::axis).cloned();
        let kept = || size(takes_input.then_some(0)).or_else(|| input.clone());
        let rank = layer.rank().or(open.rank);
        let (channels, last, rank) = match layer.gives {
            Gives::Same if layer.keeps_any() => (open.channels, open.last, rank),
            Gives::Same if image => (kept(), None, rank),
            Gives::Same => (None, kept(), rank),
            Gives::Last(_) => (None, size(layer.last_argument()), rank),
            Gives::Push(_) => (None, size(layer.last_argument()), None),
            Gives::Flat => (None, None, Some(2)),
            Gives::Axes(axes) => {
                let first = || size(layer.argument_of(0)).or_else(|| kept().filter(|_| !layer.is_between()));
                match axes.len() {
                    1 => (None, first(), Some(2)),
                    n => (first(), size(layer.last_argument()), Some(1 + n)),
                }
            }
        };
        let after = Open { channels, last, rank };
        self.found(known, input.as_ref(), Flow::Open(after))
    }
}

/// Whether a size is not known where the model is declared, by number or as a parameter.
fn is_open(axis: &Axis) -> bool {
    matches!(axis, Axis::Free(..)) || matches!(axis, Axis::Named(named) if named.any)
}

/// The axis that a layer's first argument is the size of.
fn input_of<'x>(layer: &Builtin, axes: &'x [Axis]) -> Option<&'x Axis> {
    if layer.takes_channels() { axes.first() } else { axes.last() }
}

/// The arguments, if all that are written are numbers.
fn numbers_of(known: &BuiltinCall<'_>) -> Option<Vec<Size>> {
    let number = |size: &Arg| match size {
        Arg::Size(Axis::Number(n)) => Some(Size::Known(*n)),
        Arg::Size(Axis::Same) => Some(Size::Same),
        Arg::Hole => Some(Size::Hole),
        Arg::Size(_) | Arg::Lost => None,
    };
    known.sizes.iter().map(number).collect()
}

/// Whether a layer takes these sizes, of which some only const evaluation knows, whatever those are.
fn takes_surely(known: &BuiltinCall<'_>, axes: &[Axis]) -> bool {
    let layer = known.layer;
    let Some(numbers) = numbers_of(known).filter(|_| matches!(layer.gives, Gives::Same | Gives::Axes(_))) else {
        return false;
    };
    let named = |axis: &Axis| axis.number().is_none();
    let read = layer.infers() && input_of(layer, axes).is_none_or(named);
    let keeps = |at: usize| layer.keeps(&numbers, at);
    if read || axes.iter().enumerate().any(|(at, axis)| named(axis) && !keeps(at)) {
        return false;
    }
    // Of a size that is only kept nothing need be known.
    let size = |axis: &Axis| Size::of(axis.number());
    let x = axes.iter().fold(Dims::of(&[Size::Dyn]), |x, axis| x.push(size(axis)));
    layer.output(&numbers, x).is_ok() && layer.possible(&numbers, x).is_ok()
}

/// What is written around the first argument.
fn around(known: &BuiltinCall<'_>) -> (String, String) {
    let Call { args, keywords, .. } = known.call;
    let rest = args.iter().skip(1).map(|arg| format!(", {}", arg.text));
    let named = keywords.iter().map(|(key, arg)| format!(", {key} = {}", arg.text));
    (format!("{}<", known.layer.name), rest.chain(named).collect::<String>() + ">")
}
