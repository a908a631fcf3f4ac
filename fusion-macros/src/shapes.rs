//! The shape of a layer of the language: with numbers and names, with constants, or with types, as far as is known.

use fusion_rules::model::{Builtin, HOLE, Kind, Place, Rule};
use fusion_rules::{DYN, Dims};
use proc_macro2::Span;
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use crate::argument::Value;
use crate::check::{Bound, Checker, Step};
use crate::flow::{Axis, Flow, Named, Size};
use crate::layers::Found;
use crate::parse::{Call, Layer};

impl Checker<'_> {
    /// Where the layer stands, for its sentences.
    fn place<'p>(&self, around: &'p (String, String), text: &'p str, from: &'p str, shown: Dims) -> Place<'p> {
        Place { layer: text, around: (&around.0, &around.1), from, shown }
    }

    /// With numbers, and in a generic model names.
    pub fn by_sizes(&mut self, known: &Builtin, call: &Call, step: &Step<'_>, axes: &[Axis], sizes: &[Size]) -> Found {
        let x = self.dims(axes);
        let free = |axis: &Axis| matches!(axis, Axis::Free(..));
        // Of a constant only the compiler knows whether it fits; it says so in the body.
        let open = |axis: &Axis| free(axis) || matches!(axis, Axis::Named(named) if !named.generic);
        if known.rule == Rule::Flatten && axes.iter().any(|axis| !matches!(axis, Axis::Number(_))) {
            let factors = axes.iter().map(Axis::size);
            let flat = Axis::Free(self.next(), quote!((1usize #(* #factors)*)));
            return self.bounded(known, step, Flow::Axes(axes.to_vec()), Flow::Axes(vec![flat]), sizes);
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
        let unsure = axes.iter().chain(sizes.iter().filter_map(Size::axis)).any(open);
        if let Err(mistake) = known.rule.output(&numbers, x)
            && !(unsure && sizes.first().and_then(Size::axis).is_some())
        {
            let shown = match self.origin.before.clone() {
                Some(Flow::Axes(before)) => self.dims(&before),
                _ => x,
            };
            let (around, text, from) = (around(known, call), step.layer.text(), self.origin.text.clone());
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
            self.mistake(call.args.first().map_or(step.layer.ends, |arg| arg.ends), message);
            sizes[0] = Size::Lost;
        }
        let after = self.after(known, &sizes, &numbers, x, axes);
        if axes.iter().any(free) && known.rule != Rule::Same {
            return self.bounded(known, step, Flow::Axes(axes.to_vec()), after, &sizes);
        }
        self.found(known, &sizes, inferred.as_ref(), after)
    }

    /// The output's sizes, with their names back.
    fn after(&mut self, known: &Builtin, sizes: &[Size], numbers: &[usize], x: Dims, axes: &[Axis]) -> Flow {
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
    fn bounded(&mut self, known: &Builtin, step: &Step<'_>, from: Flow, to: Flow, sizes: &[Size]) -> Found {
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
    pub fn by_constants(
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
            let ((before, after), text, from) = (around(known, call), step.layer.text(), &self.origin.text);
            let shown = self.origin.before.as_ref().map_or_else(|| x.clone(), |before| self.value(before));
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
            .map(|(param, size)| if param.kind == Kind::Input { Size::Hole } else { size.clone() })
            .collect();
        self.found(known, &sizes, inferred.as_ref(), after)
    }

    /// After a layer of the user's in a generic model: what flows is any tensor type.
    pub fn by_types(&mut self, known: &Builtin, step: &Step<'_>, free: usize, sizes: &[Size]) -> Found {
        let mut sizes = sizes.to_vec();
        if let Some(hole) = sizes.iter_mut().find(|size| matches!(size, Size::Hole)) {
            *hole = Size::Lost;
            let args = step.layer.call.iter().flat_map(|call| &call.args);
            let at = args.clone().find(|arg| matches!(arg.value, Value::Hole)).map_or(step.layer.ends, |arg| arg.ends);
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
    pub fn by_last(
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
                    let (around, text, from) = (around(known, call), layer.text(), self.origin.text.clone());
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

/// What is written around the first argument.
fn around(known: &Builtin, call: &Call) -> (String, String) {
    let rest: String = call.args.iter().skip(1).map(|arg| format!(", {}", arg.text)).collect();
    (format!("{}<", known.name), rest + ">")
}
