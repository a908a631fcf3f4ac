//! Lists of layers, and what they are put together with: groups, sums, joins and repeats.
//!
//! A group with a name is a [`Unit`], which becomes a struct of its own. What stands in braces without a name belongs to
//! the unit around it.

use std::collections::HashSet;

use fusion_rules::model::{BUILTINS, Domain};
use fusion_rules::parts::{may_be_equal, repeat_text};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, GenericParam, Ident};

use crate::diagnostics::{Ends, nearest};
use crate::model::ast::{Branch, Layer, Part, Sizes, param_name};
use crate::model::check::Checker;
use crate::model::check::head::First;
use crate::model::ir::{Callee, Node, Place, Starts, Step, Tap, Unit};
use crate::model::shape::{Arg, Axis, Flow, Origin};
use crate::size::argument::{Argument, Value};

/// Names of what every model can do, which a field would hide from readers.
const METHODS: [&str; 5] = ["forward", "init", "load", "sketch", "summary"];

/// The unit that is being filled.
pub struct Scope {
    unit: Ident,
    names: HashSet<String>,
    written: HashSet<String>,
    fields: usize,
    at: usize,
    more: Vec<TokenStream>,
    /// The results that can be taken up again, and those that are.
    pub kept: Vec<(Ident, Flow)>,
    taps: Vec<Ident>,
}

impl Layer {
    /// Whether it begins with a layer that takes whole numbers.
    pub fn takes_integers(&self) -> bool {
        self.part.takes_integers()
    }
}

impl Part {
    fn takes_integers(&self) -> bool {
        match self {
            Self::Call(call) => {
                let layer = BUILTINS.iter().find(|layer| call.path.is_ident(layer.name));
                layer.is_some_and(|layer| layer.takes == Domain::Indices)
            }
            Self::Group(layers) => layers.first().is_some_and(Layer::takes_integers),
            Self::Sum(parts) | Self::Join(parts) => parts.iter().any(|branch| branch.part.takes_integers()),
            Self::Repeat(..) | Self::Identity | Self::Tap(_) | Self::Lost => false,
        }
    }
}

/// The names of the fields of a unit.
fn names<'l>(layers: impl IntoIterator<Item = &'l Layer>, into: &mut HashSet<String>) {
    for layer in layers {
        match (&layer.name, &layer.part) {
            (Some(name), _) => {
                into.insert(name.to_string());
            }
            (None, Part::Group(layers)) => names(layers, into),
            (None, Part::Sum(parts) | Part::Join(parts)) => branch_names(parts, into),
            _ => {}
        }
    }
}

fn branch_names(parts: &[Branch], into: &mut HashSet<String>) {
    for branch in parts {
        match &branch.part {
            Part::Group(layers) => names(layers, into),
            Part::Sum(parts) | Part::Join(parts) => branch_names(parts, into),
            _ => {}
        }
    }
}

impl Scope {
    fn new(unit: Ident, written: HashSet<String>) -> Self {
        Self {
            unit,
            names: HashSet::new(),
            written,
            fields: 0,
            at: 0,
            more: Vec::new(),
            kept: Vec::new(),
            taps: Vec::new(),
        }
    }

    /// A layer that has its name already, where it is written again to be used again.
    fn reused<'l>(&self, part: &'l Part) -> Option<&'l Ident> {
        match part {
            Part::Call(call) if call.is_function() => call.path.get_ident().filter(|name| self.is_layer(name)),
            Part::Sum(parts) | Part::Join(parts) => parts.iter().find_map(|branch| self.reused(&branch.part)),
            Part::Repeat(_, branch) => self.reused(&branch.part),
            _ => None,
        }
    }

    /// Notes what can be taken up again.
    fn keep(&mut self, name: Option<&Ident>, flow: &Flow) {
        self.kept.extend(name.map(|name| (name.clone(), flow.clone())));
    }

    fn is_layer(&self, name: &Ident) -> bool {
        self.written.contains(&name.to_string())
    }

    /// Where the next step is saved; without a name it takes as many places as it is repeated.
    fn place(&mut self, name: Option<&Ident>, count: Option<&Value>, repeat: Option<&TokenStream>) -> Place {
        let place = match name {
            Some(name) => Place::Name(name.to_string()),
            None => Place::At(self.at, self.more.clone()),
        };
        match (name, count, repeat) {
            (None, Some(Value::Number(n)), Some(_)) => self.at += n,
            (None, Some(_), Some(repeat)) => self.more.push(repeat.clone()),
            _ => self.at += 1,
        }
        place
    }
}

impl<'a> Checker<'a> {
    /// Checks layers that become a struct.
    pub fn unit(&mut self, name: Ident, layers: &'a [Layer], input: Flow) -> Unit<'a> {
        let mut written = HashSet::new();
        names(layers, &mut written);
        self.in_unit(name, written, input, |checker, flow, scope| checker.nodes(layers, flow, scope))
    }

    fn in_unit(
        &mut self,
        name: Ident,
        written: HashSet<String>,
        input: Flow,
        check: impl FnOnce(&mut Self, Flow, &mut Scope) -> (Vec<Node<'a>>, Flow),
    ) -> Unit<'a> {
        self.open.push(Vec::new());
        let mut scope = Scope::new(name.clone(), written);
        let (nodes, output) = check(self, input.clone(), &mut scope);
        let bounds = self.open.pop().unwrap_or_default();
        Unit { name, nodes, input, output, bounds, taps: scope.taps }
    }

    pub fn nodes(&mut self, layers: &'a [Layer], mut flow: Flow, scope: &mut Scope) -> (Vec<Node<'a>>, Flow) {
        let mut nodes = Vec::new();
        for (at, layer) in layers.iter().enumerate() {
            if let Some(name) = scope.reused(&layer.part) {
                self.reuse(name, layer.ends);
                flow = Flow::Lost;
                continue;
            }
            self.ahead = match First::of(&layers[at + 1..]) {
                First::Nothing => [self.gives, None],
                first => first.numbers(),
            };
            match (&layer.part, &layer.name) {
                (Part::Group(inner), None) => {
                    self.attributes_are_misplaced(layer);
                    let (inner, after) = self.nodes(inner, flow, scope);
                    nodes.extend(inner);
                    flow = after;
                    if let Some(sizes) = &layer.output {
                        flow = self.stated_flow(flow, sizes, &layer.short_text()).0;
                    }
                }
                (Part::Tap(name), _) => {
                    self.attributes_are_misplaced(layer);
                    let mut tap = self.tap(name, layer.ends, scope);
                    if let Some(sizes) = &layer.output {
                        tap.after = self.stated_flow(tap.after, sizes, &layer.short_text()).0;
                    }
                    flow = tap.after.clone();
                    nodes.push(Node::Tap(tap));
                }
                (part @ (Part::Sum(_) | Part::Join(_)), name) if name.is_none() || part.is_meeting_of_taps() => {
                    self.attributes_are_misplaced(layer);
                    let mut meeting = self.meet(&layer.part, layer.ends, layer.short_text(), flow, scope);
                    if let Some(name) = name {
                        meeting.name = Some(name);
                        self.is_new(name, scope);
                    }
                    if let Some(sizes) = &layer.output {
                        (meeting.after, meeting.restated) = self.stated_flow(meeting.after, sizes, &layer.short_text());
                    }
                    flow = meeting.after.clone();
                    scope.keep(meeting.name, &flow);
                    nodes.push(Node::Meet(meeting));
                }
                _ => {
                    let mut step = self.step(Some(layer), &layer.part, layer.ends, flow, scope);
                    if let Some(sizes) = &layer.output {
                        let (after, restated) = self.stated_flow(step.after, sizes, &step.short);
                        (step.after, step.restated) = (after, step.restated || restated);
                    }
                    flow = step.after.clone();
                    scope.keep(step.name, &flow);
                    nodes.push(Node::Step(step));
                }
            }
        }
        (nodes, flow)
    }

    fn reuse(&mut self, name: &Ident, ends: Ends) {
        let message = format!(
            "`{name}` is a layer of this model already: branches are written where they meet, \
             `{{ {name}: .. }} + {{ .. }}`\nwhat it gives is `@{name}`; a layer that is used twice stands in a struct with `#[derive(Module)]`"
        );
        self.mistake(ends, message);
    }

    /// What an earlier layer of these gave, where it is taken up again.
    pub fn tap(&mut self, name: &Ident, ends: Ends, scope: &mut Scope) -> Tap {
        let found = scope.kept.iter().rev().find(|(known, _)| known == name).map(|(_, flow)| flow.clone());
        if found.is_none() {
            let known: Vec<_> = scope.kept.iter().map(|(known, _)| known.to_string()).collect();
            let mut message = match scope.is_layer(name) {
                true => format!(
                    "`@{name}` is what `{name}` gives, which stands behind this or in a branch that has ended: \
                     what is taken up again is computed before"
                ),
                false => format!("there is no layer `{name}` in front of this"),
            };
            if let Some(meant) = nearest(&name.to_string(), known.iter().map(String::as_str), 2) {
                message += &format!("\ndid you mean `@{meant}`?");
            }
            self.mistake(ends, message);
        } else if !scope.taps.contains(name) {
            scope.taps.push(name.clone());
        }
        self.origin = Origin { text: name.to_string(), before: None };
        Tap { name: name.clone(), after: found.unwrap_or(Flow::Lost), ends }
    }

    fn attributes_are_misplaced(&mut self, layer: &Layer) {
        for attr in &layer.attrs {
            self.mistake(Ends::of(attr), "this belongs to a layer or to a group with a name: `stem: { .. }`");
        }
    }

    /// What goes on behind `-> [..]`, and whether only const evaluation has compared it.
    fn stated_flow(&mut self, gives: Flow, sizes: &Sizes, short: &str) -> (Flow, bool) {
        match self.shape(sizes, "output") {
            Some(axes) => {
                let restated = self.stated(&gives, &axes, sizes.ends, short);
                (self.settled(axes, sizes.ends), restated)
            }
            None => (Flow::Lost, false),
        }
    }

    /// One field, or a function.
    pub fn step(
        &mut self,
        layer: Option<&'a Layer>,
        part: &'a Part,
        ends: Ends,
        flow: Flow,
        scope: &mut Scope,
    ) -> Step<'a> {
        let name = layer.and_then(|layer| layer.name.as_ref());
        let attrs: &'a [Attribute] = layer.map_or(&[], |layer| &layer.attrs);
        let (words, short) = match layer {
            Some(layer) => (layer.text(), layer.short_text()),
            None => (part.text(), part.text()),
        };
        let field = self.field(name, ends, scope);
        let (count, inner) = match part {
            Part::Repeat(count, inner) => (Some(count), &inner.part),
            part => (None, part),
        };
        let repeat = count.and_then(|count| self.count(count));
        let mut step = Step {
            attrs,
            name,
            call: inner.call(),
            words,
            short,
            ends,
            place: scope.place(name, count.map(|count| &count.value), repeat.as_ref()),
            field,
            ty: self.lost(),
            repeat,
            starts: Starts::default(),
            text: inner.text(),
            after: Flow::Lost,
            restated: false,
            // The attributes are read before it is known.
            callee: match inner {
                Part::Call(call) if call.is_function() => Callee::Function { runs: None },
                _ => Callee::Lost,
            },
        };
        self.starts(&mut step, attrs);
        let before = flow.clone();
        match inner {
            Part::Call(call) => self.call(call, flow, &mut step),
            Part::Group(layers) => {
                let unit = self.unit(self.unit_name(scope, &step.field), layers, flow);
                self.is_unit(unit, &mut step);
            }
            Part::Sum(parts) | Part::Join(parts) => {
                let mut written = HashSet::new();
                branch_names(parts, &mut written);
                let (name, words) = (self.unit_name(scope, &step.field), step.words.clone());
                let unit = self.in_unit(name, written, flow, |checker, flow, scope| {
                    let meeting = checker.meet(inner, ends, words, flow, scope);
                    let after = meeting.after.clone();
                    (vec![Node::Meet(meeting)], after)
                });
                self.is_unit(unit, &mut step);
            }
            Part::Repeat(..) => self.mistake(ends, "a repeat cannot be repeated: write one count, the product"),
            Part::Tap(_) | Part::Identity | Part::Lost => {}
        }
        if count.is_some() {
            self.keeps_shape(&before, &mut step);
        }
        let stated = layer.is_some_and(|layer| layer.output.is_some());
        if step.is_function() && self.is_generic() && !stated {
            let message = format!("in a generic model, say what the function `{0}` gives: `{0} -> [..]`", step.short);
            self.mistake(ends, message);
            step.after = Flow::Lost;
        }
        step
    }

    fn unit_name(&self, scope: &Scope, field: &Ident) -> Ident {
        format_ident!("{}_{}", scope.unit, field, span = field.span())
    }

    fn is_unit(&mut self, unit: Unit<'a>, step: &mut Step<'a>) {
        let (name, args) = (&unit.name, self.arguments());
        step.ty = quote!(#name #args);
        step.after = unit.output.clone();
        self.origin = Origin { text: step.short.clone(), before: None };
        step.callee = Callee::Group(Box::new(unit));
    }

    /// The model's parameters as arguments.
    fn arguments(&self) -> TokenStream {
        let params = self.generics.iter().flat_map(|generics| &generics.params).map(param_name);
        let params: Vec<_> = params.collect();
        if params.is_empty() { TokenStream::new() } else { quote!(<#(#params),*>) }
    }

    /// How often something is repeated; `None` after a mistake.
    fn count(&mut self, count: &Argument) -> Option<TokenStream> {
        if let Value::Path(path) = &count.value
            && let Some(param) = path.get_ident().and_then(|name| self.param(name))
        {
            if let GenericParam::Const(param) = param {
                return Some(param.ident.to_token_stream());
            }
            let message =
                format!("`{0}` is a type: what is repeated {0} times needs a constant, `const {0}: usize`", count.text);
            self.mistake(count.ends, message);
            return None;
        }
        if matches!(count.value, Value::Number(0)) {
            self.mistake(count.ends, "a layer is repeated at least once: leave it out, or write another count");
            return None;
        }
        match self.size(count) {
            Arg::Size(Axis::Number(n)) => Some(n.into_token_stream()),
            Arg::Size(axis) => {
                let size = axis.size();
                Some(quote!(#size.or(1)))
            }
            Arg::Hole | Arg::Lost => None,
        }
    }

    /// A repeated layer gives the shape that it takes.
    fn keeps_shape(&mut self, before: &Flow, step: &mut Step<'a>) {
        match (before, &step.after) {
            (Flow::Axes(a), Flow::Axes(b)) if a.iter().chain(b).all(|axis| self.is_known(axis)) => {
                let (takes, gives) = (self.dims(a), self.dims(b));
                if !may_be_equal(takes, gives) {
                    let message = repeat_text(&step.words, takes, gives, &self.names()).to_string();
                    self.mistake(step.ends, message);
                    // Which of the two is meant is not known.
                    let both = a.iter().zip(b).map(|(a, b)| if a.text() == b.text() { a.clone() } else { Axis::Dyn });
                    step.after = if a.len() == b.len() { Flow::Axes(both.collect()) } else { Flow::Lost };
                }
            }
            (Flow::Axes(_) | Flow::Const(_), Flow::Axes(_) | Flow::Const(_)) if !self.is_generic() => {
                let (takes, gives, words) = (before.value(), step.after.value(), &step.words);
                self.check(step.ends, quote!(check_repeat), quote!(#words, #takes, #gives));
                step.restated = true;
                // Of two equal shapes that only const evaluation knows one is spelled.
                if let Flow::Const(name) = &step.after
                    && self.shapes.axes(name).is_none()
                {
                    let same = self.declare(step.ends, quote!(::fusion::__private::repeated(#takes, #gives)));
                    self.shapes.equal(&same, before);
                    step.after = Flow::Const(same);
                }
            }
            (before, after) if self.is_generic() => {
                self.answers.unify(after, before);
                step.after = before.clone();
            }
            _ => {}
        }
    }

    /// Whether the macro knows a size, by number or as a parameter.
    pub fn is_known(&self, axis: &Axis) -> bool {
        match axis {
            Axis::Number(_) | Axis::Dyn | Axis::Same => true,
            Axis::Named(named) => named.generic,
            Axis::Free(..) => false,
        }
    }

    fn field(&mut self, name: Option<&Ident>, ends: Ends, scope: &mut Scope) -> Ident {
        let ordinal = scope.fields;
        scope.fields += 1;
        let Some(name) = name else {
            let mut name = format!("layer{ordinal}");
            while scope.written.contains(&name) {
                name.push('_');
            }
            return Ident::new(&name, ends.first);
        };
        if METHODS.contains(&name.to_string().as_str()) {
            let message = format!("every model has a method `{name}`: choose another name for this layer");
            self.mistake(name.span().into(), message);
        }
        if self.is_new(name, scope) { name.clone() } else { format_ident!("{name}_{ordinal}") }
    }

    /// Whether nothing else has this name.
    fn is_new(&mut self, name: &Ident, scope: &mut Scope) -> bool {
        let new = scope.names.insert(name.to_string());
        if !new {
            let message =
                format!("there is a layer `{name}` already: each name is used once, as tensors are saved under it");
            self.mistake(name.span().into(), message);
        }
        new
    }
}
