//! Lists of layers, and what they are put together with: groups, sums, joins and repeats.
//!
//! A group with a name is a [`Unit`], which becomes a struct of its own. What stands in braces without a name belongs to
//! the unit around it.

use std::collections::HashSet;

use fusion_rules::Dims;
use fusion_rules::parts::{Branch as Arm, Meet, may_be_equal, repeat_text};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, GenericParam, Ident};

use crate::argument::{Argument, Value};
use crate::check::{Bound, Checker, Place, Step};
use crate::flow::{Axis, Flow, Origin, Size};
use crate::network::{Branch, Layer, Part};
use crate::parse::Sizes;
use crate::report::Ends;
use crate::starts::Starts;

/// Names of what every model can do, which a field would hide from readers.
const METHODS: [&str; 5] = ["forward", "init", "load", "sketch", "summary"];

/// Layers that become a struct.
pub struct Unit<'a> {
    pub name: Ident,
    pub nodes: Vec<Node<'a>>,
    pub input: Flow,
    pub output: Flow,
    /// What it asks of its types: places in the model's list of bounds.
    pub bounds: Vec<usize>,
}

/// What `forward` does, one after another.
#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
pub enum Node<'a> {
    Step(Step<'a>),
    Meet(Meeting<'a>),
}

/// Branches that meet.
pub struct Meeting<'a> {
    pub meet: Meet,
    pub branches: Vec<Way<'a>>,
    pub after: Flow,
    /// In a generic model, how one branch after the other meets those in front of it, by types.
    pub by_types: Option<Vec<Meets>>,
    pub restated: bool,
    pub ends: Ends,
}

/// A branch.
pub struct Way<'a> {
    pub nodes: Vec<Node<'a>>,
    pub after: Flow,
    /// What it ends with, as a sentence names it; nothing for the identity.
    name: String,
}

/// How two branches of a generic model meet.
pub struct Meets {
    /// Names for both, as types.
    pub tags: TokenStream,
    /// The second is named first.
    pub swapped: bool,
    /// What flows in, in that order.
    pub left: Flow,
    pub right: Flow,
}

/// The unit that is being filled.
struct Scope {
    unit: Ident,
    names: HashSet<String>,
    written: HashSet<String>,
    fields: usize,
    at: usize,
    more: Vec<TokenStream>,
}

impl<'a> Node<'a> {
    pub fn step(&self) -> Option<&Step<'a>> {
        if let Self::Step(step) = self { Some(step) } else { None }
    }

    /// Every step of the unit, those of branches among them.
    pub fn steps<'n>(nodes: &'n [Node<'a>]) -> Vec<&'n Step<'a>> {
        let mut steps = Vec::new();
        for node in nodes {
            match node {
                Self::Step(step) => steps.push(step),
                Self::Meet(meeting) => steps.extend(meeting.branches.iter().flat_map(|way| Self::steps(&way.nodes))),
            }
        }
        steps
    }
}

impl<'a> Unit<'a> {
    /// The steps that are fields, in order.
    pub fn fields(&self) -> Vec<&Step<'a>> {
        Node::steps(&self.nodes).into_iter().filter(|step| !step.is_function()).collect()
    }

    /// The units within.
    pub fn units(&self) -> impl Iterator<Item = &Unit<'a>> {
        Node::steps(&self.nodes).into_iter().filter_map(|step| step.unit.as_deref())
    }

    /// Types of the user's with generic parameters in them, those of the units within too.
    pub fn generic_layers(&self) -> Vec<TokenStream> {
        let own = Node::steps(&self.nodes).into_iter().filter(|step| step.generic).map(|step| step.ty.clone());
        own.chain(self.units().flat_map(Unit::generic_layers)).collect()
    }
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
            Self::Call(call) => call.path.is_ident("Embedding"),
            Self::Group(layers) => layers.first().is_some_and(Layer::takes_integers),
            Self::Sum(parts) | Self::Join(parts) => parts.iter().any(|branch| branch.part.takes_integers()),
            Self::Repeat(..) | Self::Identity | Self::Lost => false,
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
        Self { unit, names: HashSet::new(), written, fields: 0, at: 0, more: Vec::new() }
    }

    /// Where the next step is saved; without a name it takes as many places as it is repeated.
    fn place(&mut self, name: Option<&Ident>, count: Option<&TokenStream>) -> Place {
        let place = match name {
            Some(name) => Place::Name(name.to_string()),
            None => Place::At(self.at, self.more.clone()),
        };
        match count {
            Some(count) if name.is_none() => match count.to_string().trim_end_matches("usize").parse::<usize>() {
                Ok(n) => self.at += n,
                Err(_) => self.more.push(count.clone()),
            },
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
        let (nodes, output) = check(self, input.clone(), &mut Scope::new(name.clone(), written));
        let bounds = self.open.pop().unwrap_or_default();
        Unit { name, nodes, input, output, bounds }
    }

    fn nodes(&mut self, layers: &'a [Layer], mut flow: Flow, scope: &mut Scope) -> (Vec<Node<'a>>, Flow) {
        let mut nodes = Vec::new();
        for layer in layers {
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
                (Part::Sum(parts) | Part::Join(parts), None) => {
                    self.attributes_are_misplaced(layer);
                    let meet = if matches!(layer.part, Part::Sum(_)) { Meet::Sum } else { Meet::Join };
                    let mut meeting = self.meet(meet, parts, layer.ends, layer.short_text(), flow, scope);
                    if let Some(sizes) = &layer.output {
                        (meeting.after, meeting.restated) = self.stated_flow(meeting.after, sizes, &layer.short_text());
                    }
                    flow = meeting.after.clone();
                    nodes.push(Node::Meet(meeting));
                }
                _ => {
                    let mut step = self.step(Some(layer), &layer.part, layer.ends, flow, scope);
                    if let Some(sizes) = &layer.output {
                        let (after, restated) = self.stated_flow(step.after, sizes, &step.short);
                        (step.after, step.restated) = (after, step.restated || restated);
                    }
                    flow = step.after.clone();
                    nodes.push(Node::Step(step));
                }
            }
        }
        self.fuse(&mut nodes);
        (nodes, flow)
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
    fn step(
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
        let (repeat, inner) = match part {
            Part::Repeat(count, inner) => (self.count(count), &inner.part),
            part => (None, part),
        };
        let mut step = Step {
            attrs,
            name,
            call: inner.call(),
            words,
            short,
            ends,
            place: scope.place(name, repeat.as_ref()),
            field,
            ty: self.lost(),
            repeat,
            unit: None,
            starts: Starts::default(),
            text: inner.text(),
            sizes: None,
            after: Flow::Lost,
            restated: false,
            fused: None,
            is_module: None,
            runs: None,
            fits: None,
            cost: None,
            generic: false,
            bounded: false,
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
                let meet = if matches!(inner, Part::Sum(_)) { Meet::Sum } else { Meet::Join };
                let mut written = HashSet::new();
                branch_names(parts, &mut written);
                let (name, words) = (self.unit_name(scope, &step.field), step.words.clone());
                let unit = self.in_unit(name, written, flow, |checker, flow, scope| {
                    let meeting = checker.meet(meet, parts, ends, words, flow, scope);
                    let after = meeting.after.clone();
                    (vec![Node::Meet(meeting)], after)
                });
                self.is_unit(unit, &mut step);
            }
            Part::Repeat(..) => self.mistake(ends, "what is repeated is repeated once: multiply the counts"),
            Part::Identity | Part::Lost => {}
        }
        if matches!(part, Part::Repeat(..)) {
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
        step.unit = Some(Box::new(unit));
    }

    /// The model's parameters as arguments.
    fn arguments(&self) -> TokenStream {
        let params = self.generics.iter().flat_map(|generics| &generics.params).map(|param| match param {
            GenericParam::Type(p) => p.ident.to_token_stream(),
            GenericParam::Const(p) => p.ident.to_token_stream(),
            GenericParam::Lifetime(p) => p.lifetime.to_token_stream(),
        });
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
            self.mistake(count.ends, "what is repeated 0 times is not there");
            return None;
        }
        match self.size(count) {
            Size::Of(axis) => Some(axis.size()),
            Size::Hole | Size::Lost => None,
        }
    }

    /// What is repeated gives what it takes.
    fn keeps_shape(&mut self, before: &Flow, step: &mut Step<'a>) {
        match (before, &step.after) {
            (Flow::Axes(a), Flow::Axes(b)) if a.iter().chain(b).all(|axis| self.is_known(axis)) => {
                let (takes, gives) = (self.dims(a), self.dims(b));
                if !may_be_equal(takes, gives) {
                    let message = self.named(repeat_text(&step.words, takes, gives).as_str());
                    self.mistake(step.ends, message);
                }
            }
            (Flow::Axes(_) | Flow::Const(_), Flow::Axes(_) | Flow::Const(_)) if !self.is_generic() => {
                let (takes, gives, words) = (self.value(before), self.value(&step.after), &step.words);
                self.check(step.ends, quote!(check_repeat), quote!(#words, #takes, #gives));
                step.restated = true;
            }
            (before, after) if self.is_generic() => {
                self.answers.are(after, before);
                step.after = before.clone();
            }
            _ => {}
        }
    }

    /// Whether the macro knows a size, by number or as a parameter.
    fn is_known(&self, axis: &Axis) -> bool {
        match axis {
            Axis::Number(_) => true,
            Axis::Named(named) => named.generic,
            Axis::Free(..) => false,
        }
    }

    /// Branches that meet.
    fn meet(
        &mut self,
        meet: Meet,
        parts: &'a [Branch],
        ends: Ends,
        words: String,
        flow: Flow,
        scope: &mut Scope,
    ) -> Meeting<'a> {
        let mut branches: Vec<Way<'a>> = Vec::new();
        let origin = self.origin.clone();
        for branch in parts {
            self.origin = origin.clone();
            let way = match &branch.part {
                Part::Identity => Way { nodes: Vec::new(), after: flow.clone(), name: String::new() },
                Part::Group(layers) => {
                    let (nodes, after) = self.nodes(layers, flow.clone(), scope);
                    let name = layers.last().map_or_else(String::new, Layer::short_text);
                    Way { nodes, after, name }
                }
                Part::Sum(inner) | Part::Join(inner) => {
                    let meet = if matches!(branch.part, Part::Sum(_)) { Meet::Sum } else { Meet::Join };
                    let name = branch.part.text();
                    let meeting = self.meet(meet, inner, branch.ends, name.clone(), flow.clone(), scope);
                    let after = meeting.after.clone();
                    Way { nodes: vec![Node::Meet(meeting)], after, name }
                }
                part => {
                    let step = self.step(None, part, branch.ends, flow.clone(), scope);
                    Way { after: step.after.clone(), name: part.text(), nodes: vec![Node::Step(step)] }
                }
            };
            branches.push(way);
        }
        self.origin = Origin { text: words, before: None };
        let mut meeting = Meeting { meet, branches, after: Flow::Lost, by_types: None, restated: false, ends };
        self.together(&mut meeting);
        meeting
    }

    /// What branches give together.
    fn together(&mut self, meeting: &mut Meeting<'a>) {
        let (meet, branches) = (meeting.meet, &meeting.branches);
        if branches.iter().any(|way| matches!(way.after, Flow::Lost | Flow::Open(_) | Flow::Integers(_))) {
            if meet == Meet::Sum
                && let Some(way) = branches.iter().find(|way| matches!(way.after, Flow::Axes(_) | Flow::Const(_)))
            {
                meeting.after = way.after.clone();
            }
            return;
        }
        let known =
            branches.iter().all(|way| way.after.axes().is_some_and(|axes| axes.iter().all(|a| self.is_known(a))));
        if known {
            let arms: Vec<(String, Vec<Axis>)> =
                branches.iter().map(|way| (way.name.clone(), way.after.axes().unwrap_or_default().to_vec())).collect();
            let dims: Vec<Dims> = arms.iter().map(|(_, axes)| self.dims(axes)).collect();
            let arms: Vec<_> = arms.iter().zip(&dims).map(|((name, _), &gives)| Arm { name, gives }).collect();
            // Only numbers can be added up here: a name is left to the compiler.
            let named = meet == Meet::Join
                && branches.iter().any(|way| {
                    !way.after.axes().is_some_and(|axes| matches!(axes.first(), None | Some(Axis::Number(_))))
                });
            if !named {
                if let Some(text) = meet.mistake(&arms) {
                    let message = self.named(text.as_str());
                    self.mistake(meeting.ends, message);
                }
                let names: Vec<Axis> =
                    branches.iter().flat_map(|way| way.after.axes().unwrap_or_default().to_vec()).collect();
                meeting.after = self.with_names(meet.healed(&arms), &names);
                return;
            }
        }
        if self.is_generic() {
            return self.by_type(meeting);
        }
        let arms: Vec<_> = branches
            .iter()
            .map(|way| {
                let (name, gives) = (&way.name, self.value(&way.after));
                quote!(::fusion::__private::rules::parts::Branch { name: #name, gives: #gives })
            })
            .collect();
        let rule = rule_name(meet);
        let rule = quote!(::fusion::__private::rules::parts::Meet::#rule);
        self.check(meeting.ends, quote!(check_meet), quote!(#rule, &[#(#arms),*]));
        meeting.after = Flow::Const(self.declare(meeting.ends, quote!(#rule.healed(&[#(#arms),*]))));
    }

    /// In a generic model, branches meet by types: a bound for each after the first.
    fn by_type(&mut self, meeting: &mut Meeting<'a>) {
        let rule = rule_name(meeting.meet);
        let (mut all, mut name) = (meeting.branches[0].after.clone(), meeting.branches[0].name.clone());
        let mut by_types = Vec::new();
        for way in &meeting.branches[1..] {
            let tags = [self.tag(&name, meeting.ends.first), self.tag(&way.name, meeting.ends.first)];
            // What is known goes on, and so it comes first.
            let swapped = meeting.meet == Meet::Sum && all.axes().is_none() && way.after.axes().is_some();
            let (left, right) = if swapped { (way.after.clone(), all) } else { (all, way.after.clone()) };
            let [a, b] = if swapped { [&tags[1], &tags[0]] } else { [&tags[0], &tags[1]] };
            let tags = quote!((#a, #b));
            let to = match (meeting.meet, &left) {
                (Meet::Sum, _) => None,
                (Meet::Join, Flow::Axes(axes)) if !axes.is_empty() => {
                    let mut axes = axes.clone();
                    let sizes: Vec<_> = [&left, &right].iter().map(|flow| self.value(flow)).collect();
                    let (a, b) = (&sizes[0], &sizes[1]);
                    let rule = quote!(::fusion::__private::rules::parts::Meet::Join);
                    let arm = quote!(::fusion::__private::rules::parts::Branch);
                    let size = quote!(#rule.healed(&[#arm { name: "", gives: #a }, #arm { name: "", gives: #b }]).d[1]);
                    axes[0] = self.free(size);
                    Some(Flow::Axes(axes))
                }
                (Meet::Join, _) => Some(Flow::Opaque(self.next())),
            };
            let span = meeting.ends.first;
            let (l, r) = (left.clone(), right.clone());
            self.bound(Bound::Meet { tags: tags.clone(), rule: rule.clone(), left: l, right: r, to: to.clone(), span });
            all = to.unwrap_or_else(|| left.clone());
            if swapped {
                name = way.name.clone();
            }
            by_types.push(Meets { tags, swapped, left, right });
        }
        meeting.after = all;
        meeting.by_types = Some(by_types);
    }

    /// A type that stands for a branch in a message.
    fn tag(&mut self, name: &str, span: Span) -> TokenStream {
        let word = name.split(|c: char| !c.is_alphanumeric() && c != '_').find(|word| !word.is_empty());
        let tag = Ident::new(word.filter(|w| !w.starts_with(|c: char| c.is_numeric())).unwrap_or("identity"), span);
        let number = self.next();
        let module = format_ident!("__{}_branch_{number}", self.name);
        self.items.extend(quote! {
            #[doc(hidden)]
            #[allow(non_snake_case, non_camel_case_types)]
            pub mod #module {
                pub struct #tag;
            }
        });
        quote!(#module::#tag)
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
        if scope.names.insert(name.to_string()) {
            return name.clone();
        }
        let message =
            format!("there is a layer `{name}` already: each name is used once, as tensors are saved under it");
        self.mistake(name.span().into(), message);
        format_ident!("{name}_{ordinal}")
    }
}

/// The name of the rule by which branches meet, in `fusion::__private` and in `fusion_rules`.
pub fn rule_name(meet: Meet) -> Ident {
    Ident::new(if meet == Meet::Sum { "Sum" } else { "Join" }, Span::call_site())
}
