//! The head of a model: its parameters, what flows in, and the batch, which is not written there.

use fusion_rules::At;
use fusion_rules::model::{BUILTINS, Builtin};
use syn::{Error, GenericParam, Generics, TypeParamBound, parse_quote};

use crate::diagnostics::{Diagnostics, Ends};
use crate::model::ast::{Call, Layer, Outputs, Part, Sizes, Stated};
use crate::model::check::Checker;
use crate::model::shape::{Axis, Flow};
use crate::size::argument::{Argument, Value, is_constant};

/// The first layer of a list that looks at sizes.
pub enum First<'l> {
    Layer(&'static Builtin, &'l Call),
    /// A layer of the user's, of which nothing is known.
    Other,
    /// There is none.
    Nothing,
}

impl<'l> First<'l> {
    pub fn of(layers: &'l [Layer]) -> Self {
        let first = |layer: &'l Layer| match Self::of_part(&layer.part) {
            Self::Nothing => None,
            found => Some(found),
        };
        layers.iter().find_map(first).unwrap_or(Self::Nothing)
    }

    fn of_part(part: &'l Part) -> Self {
        match part {
            Part::Call(call) => match BUILTINS.iter().find(|layer| call.path.is_ident(layer.name)) {
                Some(layer) if layer.keeps_any() => Self::Nothing,
                Some(layer) => Self::Layer(layer, call),
                None => Self::Other,
            },
            Part::Group(layers) => Self::of(layers),
            Part::Repeat(_, branch) => Self::of_part(&branch.part),
            Part::Sum(branches) | Part::Join(branches) => {
                let found = branches.iter().map(|branch| Self::of_part(&branch.part));
                found.into_iter().find(|found| !matches!(found, Self::Nothing)).unwrap_or(Self::Nothing)
            }
            Part::Identity | Part::Tap(_) => Self::Nothing,
            Part::Lost => Self::Other,
        }
    }

    /// The first two of its sizes, as far as they are written as numbers.
    pub fn numbers(&self) -> [Option<usize>; 2] {
        let number = |at: usize| match self {
            Self::Layer(layer, call) if layer.infers() => match call.args.get(at)?.value {
                Value::Number(n) => Some(n),
                _ => None,
            },
            _ => None,
        };
        [number(0), number(1)]
    }

    fn is_of_images(&self) -> bool {
        matches!(self, Self::Layer(layer, _) if layer.takes_channels())
    }
}

/// Takes out of a model's parameters what they cannot be.
pub fn parameters(generics: &mut Generics, errors: &Diagnostics) {
    for param in &generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            errors.push(Error::new(lifetime.lifetime.span(), "a model has no lifetimes: it owns its tensors"));
        }
    }
    let params = std::mem::take(&mut generics.params);
    generics.params = params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))).collect();
    for param in generics.type_params_mut() {
        let number = |bound: &TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.get_ident().filter(|word| NUMBERS.iter().any(|n| word == n)).cloned()
            }
            _ => None,
        };
        if let Some(word) = param.bounds.iter().find_map(number) {
            let name = &param.ident;
            let message =
                format!("`{word}` is no trait: a size is `{name}: Dim`, and a constant `const {name}: usize`");
            errors.push(Error::new(word.span(), message));
            param.bounds = parse_quote!(::fusion::dim::Dim);
        }
    }
}

/// Types of numbers, which are written where a bound goes.
const NUMBERS: [&str; 10] = ["usize", "u8", "u16", "u32", "u64", "isize", "i32", "i64", "f32", "f64"];

impl Checker<'_> {
    /// What flows in, and the sizes of it that may be anything.
    pub fn input(&mut self, input: Option<&Sizes>) -> Option<(Vec<Axis>, Ends)> {
        let input = input?;
        self.takes = input.sizes.iter().map(|arg| arg.text.clone()).collect();
        if input.sizes.is_empty() {
            self.mistake(input.ends, "a model takes at least one size besides the batch, as in `[784]`");
            return None;
        }
        for (at, arg) in input.sizes.iter().enumerate() {
            if let Value::Path(path) = &arg.value
                && let Some(name) = path.get_ident()
                && name.to_string().len() == 1
                && is_constant(path)
                && self.param(name).is_none()
                && !self.any.iter().any(|(any, _)| any == name)
            {
                self.any.push((name.clone(), at + 1));
            }
        }
        let axes = self.shape(input, "input")?;
        let x = self.dims(&axes);
        if !x.is_tensor() && axes.iter().all(|axis| matches!(axis, Axis::Number(_))) {
            let name = self.name.to_string();
            self.mistake(input.ends, At::layer(&name, "").too_large("takes", x));
        }
        Some((axes, input.ends))
    }

    /// Leaves the batch out of the head where it is written: one mistake, and the check goes on without it.
    pub fn without_batch(&mut self, input: &mut Sizes, output: Option<&mut Outputs>, layers: &[Layer]) {
        if input.sizes.len() < 2 {
            return;
        }
        let (size, named) = (&input.sizes[0], self.names_batch(&input.sizes[0]));
        let image = input.sizes.len() == 4 && First::of(layers).is_of_images();
        if !named && !image {
            return;
        }
        let text = size.text.clone();
        let stated = match &output {
            Some(Outputs::One(sizes)) => Some(sizes),
            _ => None,
        };
        let mut message = self.batch_message(&input.sizes[1..], stated.map(|sizes| self.behind_batch(sizes, &text)));
        if named && text.len() == 1 && !["*", "?"].contains(&text.as_str()) {
            message += &format!("\nif `{text}` is an axis of the input, give it another letter, such as `L`");
        }
        self.mistake(input.ends, message);
        input.sizes.remove(0);
        let remove = |checker: &Self, sizes: &mut Sizes| {
            if checker.behind_batch(sizes, &text).len() < sizes.sizes.len() {
                sizes.sizes.remove(0);
            }
        };
        match output {
            Some(Outputs::One(sizes)) => remove(self, sizes),
            Some(Outputs::Named(outputs)) => {
                for (_, stated) in outputs {
                    if let Stated::Sizes(Some(sizes)) = stated {
                        remove(self, sizes);
                    }
                }
            }
            None => {}
        }
    }

    /// Whether what comes out is stated with the batch, as the first size of the input is.
    pub fn states_batch(&mut self, given: &Flow, stated: &Sizes, axes: &[Axis]) -> bool {
        let (Flow::Axes(given), Some(first), Some(output)) = (given, self.takes.first(), stated.sizes.first()) else {
            return false;
        };
        let same = given.iter().map(Axis::text).eq(axes[1..].iter().map(Axis::text));
        if !same || *first != output.text || self.takes.len() < 2 {
            return false;
        }
        let takes = self.takes[1..].join(", ");
        let gives: Vec<_> = stated.sizes[1..].iter().map(|arg| arg.text.as_str()).collect();
        let message = format!("{}\nwrite `[{takes}] -> [{}]`", self.unwritten(), gives.join(", "));
        self.mistake(stated.ends, message);
        true
    }

    /// Whether a size is called as people call the batch.
    fn names_batch(&self, size: &Argument) -> bool {
        let param = |text: &str| self.generics.is_some_and(|g| g.type_params().any(|param| param.ident == text));
        match &size.value {
            Value::Batch | Value::Hole => true,
            Value::Path(_) => {
                let known = ["N", "B", "None", "Dyn"].contains(&size.text.as_str());
                let word = ["batch", "batchsize", "bs"].contains(&size.text.to_lowercase().replace('_', "").as_str());
                (known || word) && !param(&size.text)
            }
            _ => false,
        }
    }

    /// The sizes without the batch, if it is written as it is in the input.
    fn behind_batch<'s>(&self, sizes: &'s Sizes, batch: &str) -> &'s [Argument] {
        match &sizes.sizes[..] {
            [first, rest @ ..] if !rest.is_empty() && (first.text == batch || self.names_batch(first)) => rest,
            all => all,
        }
    }

    fn batch_message(&self, takes: &[Argument], gives: Option<&[Argument]>) -> String {
        let list = |sizes: &[Argument]| sizes.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(", ");
        let gives = gives.map_or_else(String::new, |gives| format!(" -> [{}]", list(gives)));
        format!("{}\nwrite `[{}]{gives}`", self.unwritten(), list(takes))
    }

    /// That the batch is not written.
    pub fn unwritten(&self) -> String {
        format!("the batch is not written: `{}` takes batches of any size", self.name)
    }
}
