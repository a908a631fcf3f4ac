//! Where the check begins: with a declared model, or with a list of layers.

use quote::format_ident;
use syn::{Error, Generics, Ident};

use crate::diagnostics::tidy;
use crate::model::ast::{Body, Layer, Model, Outputs, Part, Sizes};
use crate::model::check::{Checker, head};
use crate::model::ir::{Checked, Declared, Node, Whole};
use crate::model::shape::{Flow, Open};
use crate::size::argument::Value;

/// The longest network that has a type without a name: the tuples of `Sequential`.
const LONGEST: usize = 12;

/// Checks a declared model.
pub fn declared(model: &mut Model) -> Declared<'_> {
    let mut errors = Vec::new();
    head::parameters(&mut model.generics, &mut errors);
    let starts = Whole::take(&mut model.attrs, &mut errors);
    model.body.errors.append(&mut errors);
    let Model { attrs, vis, name, generics, input, output, body } = model;
    let mut checked = shapes(name, generics, input.as_mut(), output.as_mut(), body);
    starts.unused(&checked.unit, &mut checked.errors);
    Declared { name, vis, generics, attrs, starts, checked }
}

/// Checks a list of layers that is to become a type.
pub fn sequence(body: &mut Body) -> Result<Checked<'_>, Vec<Error>> {
    let mut more = Vec::new();
    for layer in &body.layers {
        if let Some(name) = &layer.name {
            more.push(Error::new(
                name.span(),
                "the layers of a type have no names: declare the network, `Net: [784] -> [10] { .. }`",
            ));
        }
        if !matches!(layer.part, Part::Call(_) | Part::Lost) || layer.output.is_some() || !layer.attrs.is_empty() {
            let message = "a type is a plain list of layers: declare the network, `Net: [784] -> [10] { .. }`";
            more.push(layer.ends.error(message));
        }
    }
    if !more.is_empty() {
        let mut errors = std::mem::take(&mut body.errors);
        errors.extend(more);
        return Err(errors);
    }
    let mut checked = network(body);
    let mut errors = std::mem::take(&mut checked.errors);
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
    if errors.is_empty() { Ok(checked) } else { Err(errors) }
}

/// Works the shapes of a declared model out.
fn shapes<'a>(
    name: &Ident,
    generics: &'a Generics,
    mut input: Option<&mut Sizes>,
    mut output: Option<&mut Outputs>,
    body: &'a mut Body,
) -> Checked<'a> {
    let errors = std::mem::take(&mut body.errors);
    let mut checker = Checker::new(name.clone(), Some(generics), errors);
    if let Some(input) = &mut input {
        checker.without_batch(input, output.as_deref_mut(), &body.layers);
    }
    if let Some(Outputs::One(sizes)) = &output
        && let Some(Value::Number(n)) = sizes.sizes.last().map(|arg| &arg.value)
    {
        checker.gives = Some(*n);
    }
    let input = checker.input(input.as_deref());
    let (written, input) = match input {
        Some((axes, _)) if body.layers.first().is_some_and(Layer::takes_integers) => {
            (Flow::Integers(axes.clone()), Flow::Integers(axes))
        }
        Some((axes, ends)) => (Flow::Axes(axes.clone()), checker.settled(axes, ends)),
        None => (Flow::Lost, Flow::Lost),
    };
    let mut unit = checker.unit(name.clone(), &body.layers, input);
    // The types are those that are written.
    unit.input = written;
    if body.layers.is_empty() {
        unit.output = Flow::Lost;
    }
    let (mut restated, mut outputs) = (false, None);
    match output {
        Some(Outputs::One(sizes)) => (unit.output, restated) = checker.output(&unit, sizes),
        Some(Outputs::Named(named)) => outputs = Some(checker.outputs(&mut unit, named)),
        None => {}
    }
    checker.done(unit, outputs, restated)
}

/// Works out the shapes of layers of which nothing is known but what they themselves say.
pub fn network(body: &mut Body) -> Checked<'_> {
    let errors = std::mem::take(&mut body.errors);
    let mut checker = Checker::new(format_ident!("Network"), None, errors);
    let name = checker.name.clone();
    let unit = checker.unit(name, &body.layers, Flow::Open(Open::default()));
    checker.done(unit, None, false)
}
