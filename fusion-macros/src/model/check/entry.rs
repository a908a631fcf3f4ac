//! Where the check begins: with a declared model, or with a list of layers.

use quote::format_ident;
use syn::Error;

use crate::diagnostics::{Diagnostics, tidy};
use crate::model::ast::{Layer, Model, Outputs, Part, Sizes};
use crate::model::check::{Checker, head};
use crate::model::ir::{Checked, Declared, Node, Whole};
use crate::model::shape::{Flow, Open};
use crate::size::argument::Value;

/// The longest network that has a type without a name: the tuples of `Sequential`.
const LONGEST: usize = 12;

/// Checks a declared model.
pub fn declared<'a>(model: &'a mut Model, errors: &'a Diagnostics) -> Declared<'a> {
    head::parameters(&mut model.generics, errors);
    let starts = Whole::take(&mut model.attrs, errors);
    let Model { attrs, vis, name, generics, input, output, layers } = model;
    let checked = shapes(Checker::new(name.clone(), Some(generics), errors), input.as_mut(), output.as_mut(), layers);
    starts.unused(&checked.unit, errors);
    Declared { name, vis, generics, attrs, starts, checked, failed: !errors.is_empty() }
}

/// Checks a list of layers that is to become a type; `None` if it is none of layers alone.
pub fn sequence<'a>(layers: &'a [Layer], errors: &'a Diagnostics) -> Option<Checked<'a>> {
    let before = errors.len();
    for layer in layers {
        if let Some(name) = &layer.name {
            errors.push(Error::new(
                name.span(),
                "the layers of a type have no names: declare the network, `Net: [784] -> [10] { .. }`",
            ));
        }
        if !matches!(layer.part, Part::Call(_) | Part::Lost) || layer.output.is_some() || !layer.attrs.is_empty() {
            let message = "a type is a plain list of layers: declare the network, `Net: [784] -> [10] { .. }`";
            errors.push(layer.ends.error(message));
        }
    }
    if errors.len() > before {
        return None;
    }
    let checked = network(layers, errors);
    let steps = Node::steps(&checked.unit.nodes);
    for step in &steps {
        if let Some((name, _)) = step.starts.numbers.first() {
            let (name, layer) = (name.to_string(), step.call.map_or("", |call| &call.text));
            let plain = step.call.map(|call| tidy(&call.path)).unwrap_or_default();
            let message = format!(
                "a type has no place for the number `{name}` of `{layer}`: write `{plain}`, with the number that it has by \
                 itself, or declare the network, `Net: [784] -> [10] {{ .. }}`"
            );
            errors.push(step.ends.error(message));
        }
    }
    if steps.len() > LONGEST {
        let message =
            format!("a type holds at most {LONGEST} layers: declare the network, `Net: [784] -> [10] {{ .. }}`");
        errors.push(steps[LONGEST].ends.error(message));
    }
    Some(checked)
}

/// Works the shapes of a declared model out.
fn shapes<'a>(
    mut checker: Checker<'a>,
    mut input: Option<&mut Sizes>,
    mut output: Option<&mut Outputs>,
    layers: &'a [Layer],
) -> Checked<'a> {
    if let Some(input) = &mut input {
        checker.without_batch(input, output.as_deref_mut(), layers);
    }
    if let Some(Outputs::One(sizes)) = &output
        && let Some(Value::Number(n)) = sizes.sizes.last().map(|arg| &arg.value)
    {
        checker.gives = Some(*n);
    }
    let input = checker.input(input.as_deref());
    let (written, input) = match input {
        Some((axes, _)) if layers.first().is_some_and(Layer::takes_integers) => {
            (Flow::Integers(axes.clone()), Flow::Integers(axes))
        }
        Some((axes, ends)) => (Flow::Axes(axes.clone()), checker.settled(axes, ends)),
        None => (Flow::Lost, Flow::Lost),
    };
    let mut unit = checker.unit(checker.name.clone(), layers, input);
    // The types are those that are written.
    unit.input = written;
    if layers.is_empty() {
        unit.output = Flow::Lost;
    }
    let (mut restated, mut outputs) = (false, None);
    match output {
        Some(Outputs::One(sizes)) => (unit.output, restated) = checker.output(&unit, sizes),
        Some(Outputs::Named(named)) => outputs = Some(checker.outputs(&mut unit, named)),
        None => {}
    }
    let kept = outputs.iter().flatten().map(|output| output.name.clone());
    let kept: Vec<_> = kept.chain(unit.taps.iter().cloned()).collect();
    checker.unused(&unit.nodes, &kept);
    checker.done(unit, outputs, restated)
}

/// Works out the shapes of layers of which nothing is known but what they themselves say.
pub fn network<'a>(layers: &'a [Layer], errors: &'a Diagnostics) -> Checked<'a> {
    let mut checker = Checker::new(format_ident!("Network"), None, errors);
    let unit = checker.unit(checker.name.clone(), layers, Flow::Open(Open::default()));
    checker.done(unit, None, false)
}
