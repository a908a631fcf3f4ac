//! The shape of a layer of the language: with numbers and names, with constants, or with types, as far as is known.

use fusion_rules::model::{HOLE, Place, Rule};
use fusion_rules::{DYN, Dims, MAX_RANK, Mistake};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use crate::argument::Value;
use crate::check::{Checker, NAMED, Step};
use crate::flow::{Axis, Flow, Named, Open, Size};
use crate::layers::{Found, Known};
use crate::network::Call;

impl Checker<'_> {
    /// The sentence of a layer's mistake, at its place.
    fn sentence(&self, known: &Known<'_>, second: usize, step: &Step<'_>, mistake: Mistake, shown: Dims) -> String {
        let ((before, after), exchanged) = (around(known), self.exchanged(known));
        let swapped = (if exchanged.is_empty() { DYN } else { second }, exchanged.as_str());
        let place = Place { layer: &step.words, around: (&before, &after), swapped, from: &self.origin.text, shown };
        self.named(place.text(mistake).as_str())
    }

    /// The layer with its first two sizes exchanged, where these are what flows in and what flows out, and what comes
    /// behind it says so too.
    fn exchanged(&self, known: &Known<'_>) -> String {
        let Call { args, keywords, .. } = known.call;
        match (known.layer.rule, &args[..]) {
            (Rule::Linear | Rule::Conv2d | Rule::ConvTranspose2d, [first, second, rest @ ..]) if matches!(first.value, Value::Number(n) if self.ahead.contains(&Some(n))) =>
            {
                let words = [second, first].into_iter().chain(rest).map(|arg| arg.text.clone());
                let named = keywords.iter().map(|(key, arg)| format!("{key} = {}", arg.text));
                format!("{}<{}>", known.layer.name, words.chain(named).collect::<Vec<_>>().join(", "))
            }
            _ => String::new(),
        }
    }

    /// With numbers, and in a generic model names.
    pub fn by_sizes(&mut self, known: &mut Known<'_>, step: &mut Step<'_>, axes: &[Axis]) -> Found {
        let rule = known.layer.rule;
        let x = self.dims(axes);
        let free = |axis: &Axis| matches!(axis, Axis::Free(..));
        // Of a constant only the compiler knows whether it fits; it says so in the body.
        let open = |axis: &Axis| free(axis) || matches!(axis, Axis::Named(named) if !named.generic);
        let (mut numbers, geometry) = self.numbers(known, x);
        let fits = rule.inferred(x);
        let channels = matches!(rule, Rule::Conv2d | Rule::ConvTranspose2d | Rule::BatchNorm2d);
        let inferred = if channels { axes.first() } else { axes.last() };
        let inferred = inferred.filter(|axis| self.number(axis) == fits).cloned();
        let mut all = axes.iter().chain(known.sizes.iter().filter_map(Size::axis));
        let names = all.any(|axis| !matches!(axis, Axis::Number(_)));
        let unsure = axes.iter().chain(known.sizes.iter().filter_map(Size::axis)).any(open);
        match rule.output(&numbers, x) {
            Err(Mistake::Features { .. } | Mistake::Channels { .. })
                if unsure && known.sizes.first().and_then(Size::axis).is_some() => {}
            // What is computed from names may be anything.
            Err(Mistake::TooManyDigits) if names => {}
            Err(Mistake::Unflatten { .. }) if names && x.rank == 2 => {}
            Ok(_) => {
                if let (false, Err(mistake)) = (names, rule.possible(&numbers, x)) {
                    let message = self.sentence(known, DYN, step, mistake, x);
                    self.mistake(step.ends, message);
                }
            }
            Err(mistake) => {
                let shown = match self.origin.before.clone() {
                    Some(Flow::Axes(before)) => self.dims(&before),
                    _ => x,
                };
                let second = numbers.get(1).copied().unwrap_or(DYN);
                let mut message = self.sentence(known, second, step, mistake, shown);
                if let (true, Mistake::Unflatten { image, .. }) = (names, mistake) {
                    // The product of names is no number.
                    let product = image.as_slice().iter().fold(1, |product: usize, &n| product.saturating_mul(n));
                    message = message.replace(&format!(" of {product} features"), " of its features");
                }
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
                    known.sizes[0] = Size::Lost;
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
                if known.layer.infers()
                    && Some(rule.healed_input(&numbers, x)) != numbers.first().copied()
                    && let Some(size) = known.sizes.first_mut()
                {
                    *size = Size::Hole;
                }
                // An error type: rustc reports nothing further about it.
                if let (Mistake::Groups { .. } | Mistake::Heads { .. }, Some(at)) = (mistake, rule.divisor()) {
                    known.sizes[at] = Size::Lost;
                }
            }
        }
        if let (Some(axis), Some(Size::Hole)) = (&inferred, known.sizes.first())
            && is_open(axis)
        {
            let message = format!(
                "this `_` depends on the sizes that `{}` is used with: make it a parameter of the model, as in `{}<F, ..>`",
                self.name, known.layer.name
            );
            self.mistake(known.call.args.first().map_or(step.ends, |arg| arg.ends), message);
            known.sizes[0] = Size::Lost;
        }
        let after = self.after(known, &numbers, x, axes, geometry);
        let names = axes.iter().chain(known.sizes.iter().filter_map(Size::axis));
        let symbolic = names.clone().any(|axis| !matches!(axis, Axis::Number(_)));
        let frees = names.chain(after.axes().unwrap_or_default()).any(free);
        let computes = matches!(
            rule,
            Rule::Conv2d
                | Rule::ConvTranspose2d
                | Rule::Pool2d
                | Rule::Upsample
                | Rule::Flatten
                | Rule::Unflatten
                | Rule::Attention
        );
        // After a mistake what is inferred may not be a size.
        let inferred = inferred.filter(|axis| !matches!(axis, Axis::Number(DYN))).or_else(|| {
            let input = known.layer.infers();
            input.then(|| Axis::Number(rule.healed_input(&numbers, x)))
        });
        if rule != Rule::Same && self.is_generic() && (frees || (computes && symbolic)) {
            return self.bounded(known, step, inferred.as_ref(), Flow::Axes(axes.to_vec()), after);
        }
        self.found(known, inferred.as_ref(), after)
    }

    /// The arguments as numbers, symbols for names. The arguments of windows and scales must be numbers: a name among them
    /// is replaced by 1 (0 for padding), and the second result says so.
    fn numbers(&mut self, known: &Known<'_>, x: Dims) -> (Vec<usize>, bool) {
        let rule = known.layer.rule;
        let sizes = known.sizes.clone();
        let mut numbers: Vec<_> = sizes
            .iter()
            .map(|size| match size {
                Size::Of(axis) => self.number(axis),
                Size::Hole | Size::Lost => HOLE,
            })
            .collect();
        let named = |n: &usize| *n >= NAMED && *n < fusion_rules::SAME;
        let channels =
            numbers.first().is_some_and(named) || numbers.get(1).is_some_and(named) || { x.rank > 1 && named(&x.d[1]) };
        let (windows, groups, divides) = match rule {
            Rule::Conv2d => (2..6, Some(6), channels),
            Rule::ConvTranspose2d => (2..6, Some(6), channels),
            Rule::Pool2d => (0..numbers.len(), None, false),
            Rule::Upsample => (0..1, None, false),
            Rule::Attention => (0..0, Some(1), numbers.first().is_some_and(named) || named(&x.last())),
            _ => (0..0, None, false),
        };
        let mut unknown = false;
        if let Some(groups) = groups
            && (divides || named(&numbers[groups]))
        {
            numbers[groups] = 1;
        }
        if rule == Rule::ConvTranspose2d && named(&numbers[8]) {
            (numbers[8], unknown) = (1, true);
        }
        if windows.clone().any(|at| named(&numbers[at])) {
            unknown = true;
            for at in windows {
                let none = matches!(known.layer.params[at].name, "padding" | "output_padding");
                numbers[at] = usize::from(!none);
            }
        }
        (numbers, unknown)
    }

    /// The output's sizes, with their names back; what is computed from names is free.
    fn after(&mut self, known: &Known<'_>, numbers: &[usize], x: Dims, axes: &[Axis], geometry: bool) -> Flow {
        let rule = known.layer.rule;
        let symbolic = |axis: Option<&Axis>| axis.is_some_and(|axis| !matches!(axis, Axis::Number(_)));
        let computed = |at: usize| match rule {
            Rule::Conv2d | Rule::ConvTranspose2d | Rule::Pool2d | Rule::Upsample => at > 0 && symbolic(axes.get(at)),
            Rule::Flatten => axes.iter().any(|axis| symbolic(Some(axis))),
            _ => false,
        };
        let y = rule.healed(numbers, x).sample();
        let mut names: Vec<Axis> = axes.to_vec();
        names.extend(known.sizes.iter().filter_map(Size::axis).cloned());
        let value = Flow::Axes(axes.to_vec()).value();
        let args = arguments(known);
        let mut out = Vec::new();
        for (at, &n) in y.as_slice().iter().enumerate() {
            let window = geometry && at > 0;
            // Of two that are equal in number, the one at this place.
            let mut named = axes.get(at).into_iter().chain(&names);
            let named = named.find(|axis| self.number(axis) == n && !matches!(axis, Axis::Number(_)));
            out.push(match named {
                Some(axis) if !window => axis.clone(),
                _ if window || computed(at) => {
                    let (rule, at) = (rule_path(rule), at + 1);
                    self.free(quote!(#rule.healed(#args, #value).d[#at]), if window { DYN } else { n })
                }
                _ => Axis::Number(n),
            });
        }
        Flow::Axes(out)
    }

    /// A shape whose sizes get their names back.
    pub fn with_names(&mut self, x: Dims, names: &[Axis]) -> Flow {
        let mut out = Vec::new();
        for &n in x.sample().as_slice() {
            let named = names.iter().find(|axis| self.number(axis) == n).cloned();
            out.push(named.unwrap_or(Axis::Number(n)));
        }
        Flow::Axes(out)
    }

    /// A layer whose output is known to the compiler only: in a generic model, a bound.
    fn bounded(
        &mut self,
        known: &Known<'_>,
        step: &mut Step<'_>,
        inferred: Option<&Axis>,
        from: Flow,
        to: Flow,
    ) -> Found {
        let mut found = self.found(known, inferred, to.clone());
        let (name, args) = (format_ident!("{}", known.layer.name), &found.args);
        let ty = quote!(::fusion::nn::#name #args);
        // A repeated layer gives the shape that it takes.
        let to = if step.repeat.is_some() { from.clone() } else { to };
        found.after = self.layer_bound(&ty, from, to, step.ends.first);
        step.bounded = true;
        found
    }

    /// With values that const evaluation has.
    pub fn by_constants(&mut self, known: &mut Known<'_>, step: &mut Step<'_>, flow: &Flow) -> Found {
        let ends = step.ends;
        let x = flow.value();
        let rule = rule_path(known.layer.rule);
        let args = arguments(known);
        let same = known.layer.rule == Rule::Same;
        if !same {
            let ((before, after), text, from) = (around(known), step.words.clone(), self.origin.text.clone());
            let exchanged = self.exchanged(known);
            let second = match known.sizes.get(1) {
                Some(Size::Of(axis)) if !exchanged.is_empty() => axis.size(),
                _ => quote!(::fusion::__private::rules::DYN),
            };
            let shown = self.origin.before.as_ref().map_or_else(|| x.clone(), |before| before.value());
            let place = quote!(::fusion::__private::rules::model::Place {
                layer: #text, around: (#before, #after), swapped: (#second, #exchanged), from: #from, shown: #shown,
            });
            self.check(ends, quote!(check_layer), quote!(&#place, #rule, #args, #x));
        }
        let after = match same {
            true => flow.clone(),
            false => Flow::Const(self.declare(ends, quote!(#rule.healed(#args, #x)))),
        };
        if !matches!(known.layer.rule, Rule::Same | Rule::Linear | Rule::Flatten | Rule::LayerNorm) {
            // A layer that does not fit is never called, so that rustc reports it once.
            step.fits = Some(self.declare_number(ends, quote!(#rule.fits(#args, #x))).into_token_stream());
            step.restated = true;
        }
        if let Some(at) = known.layer.rule.divisor()
            && !matches!(known.sizes[at], Size::Of(Axis::Number(1)))
        {
            let size = self.declare_number(ends, quote!(#rule.healed_divisor(#args, #x)));
            known.sizes[at] = Size::Of(Axis::Named(Named {
                text: known.sizes[at].axis().map_or_else(String::new, Axis::text),
                ty: self.dimension(&size),
                size: size.into_token_stream(),
                generic: false,
                any: false,
            }));
        }
        // Only a layer of which the input's size is a part needs that as a type.
        let input = known.layer.infers();
        let inferred = input.then(|| {
            let size = self.declare_number(ends, quote!(#rule.healed_input(#args, #x)));
            Axis::Named(Named {
                text: "_".into(),
                ty: self.dimension(&size),
                size: size.into_token_stream(),
                generic: false,
                any: false,
            })
        });
        // The size that fits, also where another is written: what is wrong is said by the check.
        if input {
            known.sizes[0] = Size::Hole;
        }
        self.found(known, inferred.as_ref(), after)
    }

    /// After a layer of the user's in a generic model: what flows is any tensor type.
    pub fn by_types(&mut self, known: &mut Known<'_>, step: &mut Step<'_>, free: usize) -> Found {
        if let Some(hole) = known.sizes.iter_mut().find(|size| matches!(size, Size::Hole)) {
            *hole = Size::Lost;
            let at = known.call.args.iter().find(|arg| matches!(arg.value, Value::Hole));
            let message = format!(
                "`_` cannot be worked out in a generic model after a layer of your own, `{}`: write the size, or say \
                 what `{0}` gives, `{0} -> [..]`",
                self.origin.text
            );
            self.mistake(at.map_or(step.ends, |arg| arg.ends), message);
        }
        let to = Flow::Opaque(if known.layer.rule == Rule::Same { free } else { self.next() });
        self.bounded(known, step, None, Flow::Opaque(free), to)
    }

    /// In type position, that a layer of images or of features takes nothing else.
    fn takes_rank(&mut self, known: &Known<'_>, step: &Step<'_>, image: bool, open: &Open) {
        let Some(rank) = open.rank else { return };
        let takes = match known.layer.rule {
            Rule::Attention => 3,
            Rule::Unflatten => 2,
            _ if image => 4,
            _ => return,
        };
        if rank == takes {
            return;
        }
        let mut x = Dims::new(&[DYN; MAX_RANK]).range(0, rank);
        if let Some(axis) = &open.last {
            x = x.with_last(self.number(axis));
        }
        if let (Some(axis), 4) = (&open.channels, rank) {
            x = x.with(1, self.number(axis));
        }
        let mistake = match takes {
            3 => Mistake::NotASequence { input: x },
            2 => {
                let image: Vec<_> =
                    known.sizes.iter().map(|size| size.axis().map_or(DYN, |n| self.number(n))).collect();
                Mistake::Unflatten { image: Dims::new(&image), input: x }
            }
            _ => Mistake::NotAnImage { input: x },
        };
        let message = self.sentence(known, DYN, step, mistake, x);
        self.mistake(step.ends, message);
    }

    /// In type position, where at most some sizes of the input are known.
    pub fn by_last(&mut self, known: &mut Known<'_>, step: &Step<'_>, open: Open) -> Found {
        let rule = known.layer.rule;
        let image = known.layer.is_of_images();
        let input = if image { &open.channels } else { &open.last };
        let takes_input = known.layer.infers();
        if takes_input && matches!(known.sizes[0], Size::Hole) && input.is_none() {
            let at = known.call.args.first().map_or(step.ends, |arg| arg.ends);
            self.mistake(at, "`_` cannot be worked out: nothing before it says what flows in, so write the size");
            known.sizes[0] = Size::Lost;
        } else if takes_input
            && let (Size::Of(Axis::Number(takes)), Some(Axis::Number(given))) = (&known.sizes[0], input)
            && takes != given
        {
            let (x, takes) = match image {
                true => (Dims::new(&[DYN, *given, DYN, DYN]), *takes),
                false => (Dims::new(&[DYN, *given]), *takes),
            };
            let mistake =
                if image { Mistake::Channels { takes, input: x } } else { Mistake::Features { takes, input: x } };
            let second = known.sizes.get(1).and_then(Size::axis).map_or(DYN, |axis| self.number(axis));
            // Only this one size of the input is known.
            let message = self.sentence(known, second, step, mistake, Dims::new(&[DYN, *given]));
            self.mistake(step.ends, message);
            known.sizes[0] = Size::Hole;
        }
        self.takes_rank(known, step, image, &open);
        let input = input.clone();
        let size = |at: usize| known.sizes.get(at).and_then(Size::axis).cloned();
        let (channels, last, rank) = match rule {
            Rule::Same => (open.channels, open.last, open.rank),
            Rule::Conv2d | Rule::ConvTranspose2d => (size(1), None, Some(4)),
            Rule::Pool2d | Rule::AdaptivePool2d | Rule::BatchNorm2d | Rule::Upsample => {
                (input.clone().or_else(|| size(0).filter(|_| takes_input)), None, Some(4))
            }
            Rule::GlobalPool2d => (None, input.clone(), Some(2)),
            Rule::Linear => (None, size(1), open.rank),
            Rule::Embedding => (None, size(1), None),
            Rule::LayerNorm => (None, size(0).or_else(|| input.clone()), open.rank),
            Rule::Attention => (None, size(0).or_else(|| input.clone()), Some(3)),
            Rule::Unflatten => (size(0), size(2), Some(4)),
            Rule::Flatten => (None, None, Some(2)),
        };
        let after = Open { channels, last, rank };
        self.found(known, input.as_ref(), Flow::Open(after))
    }
}

/// Whether a size is not known where the model is declared, by number or as a parameter.
fn is_open(axis: &Axis) -> bool {
    matches!(axis, Axis::Free(..)) || matches!(axis, Axis::Named(named) if named.any)
}

/// The arguments as expressions.
pub fn arguments(known: &Known<'_>) -> TokenStream {
    let args = known.sizes.iter().map(|size| match size {
        Size::Of(axis) => axis.size(),
        Size::Hole | Size::Lost => quote!(::fusion::__private::rules::model::HOLE),
    });
    quote!(&[#(#args),*])
}

/// The rule as an expression.
pub fn rule_path(rule: Rule) -> TokenStream {
    let rule = format_ident!("{}", format!("{rule:?}"));
    quote!(::fusion::__private::rules::model::Rule::#rule)
}

/// What is written around the first argument.
fn around(known: &Known<'_>) -> (String, String) {
    let Call { args, keywords, .. } = known.call;
    let rest = args.iter().skip(1).map(|arg| format!(", {}", arg.text));
    let named = keywords.iter().map(|(key, arg)| format!(", {key} = {}", arg.text));
    (format!("{}<", known.layer.name), rest.chain(named).collect::<String>() + ">")
}
