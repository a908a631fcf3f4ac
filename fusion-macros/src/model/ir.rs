//! A model whose shapes are worked out: what the check makes of the [tree](crate::model::ast), and the code is written of.

use fusion_rules::model::{BUILTINS, Builtin};
use fusion_rules::parts::Meet;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{Attribute, Generics, Ident, Visibility};

use crate::diagnostics::Ends;
use crate::model::ast::Call;
use crate::model::shape::{Answers, Flow, Shapes};
use crate::tokens::same;

/// A declared model.
pub struct Declared<'a> {
    pub name: &'a Ident,
    pub vis: &'a Visibility,
    pub generics: &'a Generics,
    pub attrs: &'a [Attribute],
    pub starts: Whole,
    pub checked: Checked<'a>,
    /// Mistakes were found.
    pub failed: bool,
}

/// A model whose shapes are worked out.
pub struct Checked<'a> {
    pub unit: Unit<'a>,
    /// Layers that are outputs.
    pub outputs: Option<Vec<Output>>,
    /// The output's type is the one stated, which only const evaluation has compared with the last layer's.
    pub restated: bool,
    /// Constants and checks.
    pub items: TokenStream,
    /// The types of the constant shapes.
    pub shapes: Shapes,
    pub bounds: Vec<Bound>,
    pub answers: Answers,
    /// Expressions for the free sizes, each of those in front of it.
    pub free_sizes: Vec<(usize, TokenStream)>,
    /// Generic sizes that layers use.
    pub sizes: Vec<TokenStream>,
    /// Generic numbers of groups, which are part of a weight's type.
    pub groups: Vec<TokenStream>,
    /// Whether the type of a weight holds a generic window, which must be known to be a size.
    pub windows: bool,
    /// Sizes of the input that may be anything.
    pub any: Vec<Ident>,
}

/// A layer that is an output.
pub struct Output {
    pub name: Ident,
    pub gives: Flow,
    /// Its type can be written with the model's parameters; else it is a parameter itself.
    pub spelled: bool,
}

/// Layers that become a struct.
pub struct Unit<'a> {
    pub name: Ident,
    pub nodes: Vec<Node<'a>>,
    pub input: Flow,
    pub output: Flow,
    /// What it asks of its types: places in the model's list of bounds.
    pub bounds: Vec<usize>,
    /// The layers whose results are taken up again, `@name`.
    pub taps: Vec<Ident>,
}

/// What `forward` does, one after another.
#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
pub enum Node<'a> {
    Step(Step<'a>),
    Meet(Meeting<'a>),
    /// The result of an earlier layer.
    Tap(Tap),
}

/// What an earlier layer gave.
pub struct Tap {
    pub name: Ident,
    pub after: Flow,
    pub ends: Ends,
}

/// A layer with all that the expansion needs.
pub struct Step<'a> {
    pub attrs: &'a [Attribute],
    pub name: Option<&'a Ident>,
    /// The layer's type, or a function.
    pub call: Option<&'a Call>,
    /// How messages name this layer: in full, and short for the layers behind it.
    pub words: String,
    pub short: String,
    pub ends: Ends,
    pub field: Ident,
    pub place: Place,
    pub ty: TokenStream,
    /// How often it is repeated.
    pub repeat: Option<TokenStream>,
    pub starts: Starts,
    /// Its type with the sizes that are known by name or number.
    pub text: String,
    pub after: Flow,
    /// What it gives is stated, and only const evaluation has compared it.
    pub restated: bool,
    pub callee: Callee<'a>,
}

/// What a step calls.
pub enum Callee<'a> {
    /// A layer of the language.
    Builtin {
        row: &'static Builtin,
        /// Its row of the table, and the arguments that its rules are asked with, as expressions.
        rule: TokenStream,
        args: TokenStream,
        /// A constant number: 1, or 0 where it does not take its input.
        fits: Option<TokenStream>,
        /// It does the activation behind it too.
        followed: bool,
        /// What it makes is known by a bound.
        bounded: bool,
    },
    /// A layer of the user's.
    Custom {
        /// Names of constants whose evaluation fails if the type is no module, and if it does not take its input.
        is_module: Option<TokenStream>,
        runs: Option<TokenStream>,
        /// Its type has generic parameters in it.
        generic: bool,
    },
    /// A function of the user's; `runs` as for a layer.
    Function { runs: Option<TokenStream> },
    /// A group of layers: a struct of its own.
    Group(Box<Unit<'a>>),
    /// Not known after a mistake.
    Lost,
}

impl<'a> Step<'a> {
    /// Where the calls of it stand. About a layer of the language rustc has nothing to say, and editors show less of the
    /// calls if they stand elsewhere.
    pub fn call_span(&self) -> Span {
        if self.row().is_some() { Span::call_site() } else { self.ends.first }
    }

    /// Whether it is a function, and no field.
    pub fn is_function(&self) -> bool {
        matches!(self.callee, Callee::Function { .. })
    }

    /// The row of a layer of the language.
    pub fn row(&self) -> Option<&'static Builtin> {
        if let Callee::Builtin { row, .. } = self.callee { Some(row) } else { None }
    }

    /// The layers of a group.
    pub fn unit(&self) -> Option<&Unit<'a>> {
        if let Callee::Group(unit) = &self.callee { Some(unit) } else { None }
    }

    /// The rule of a layer of the language and its arguments, as expressions.
    pub fn rule(&self) -> Option<(&TokenStream, &TokenStream)> {
        if let Callee::Builtin { rule, args, .. } = &self.callee { Some((rule, args)) } else { None }
    }

    /// The constant that fails if the type of a layer of the user's is no module.
    pub fn is_module(&self) -> Option<&TokenStream> {
        if let Callee::Custom { is_module, .. } = &self.callee { is_module.as_ref() } else { None }
    }

    /// The constant that fails if a layer or a function of the user's does not take its input.
    pub fn runs(&self) -> Option<&TokenStream> {
        match &self.callee {
            Callee::Custom { runs, .. } | Callee::Function { runs } => runs.as_ref(),
            _ => None,
        }
    }
}

/// Where a layer's tensors are saved.
#[derive(Clone)]
pub enum Place {
    Name(String),
    /// A number, and constants that are added to it.
    At(usize, Vec<TokenStream>),
}

/// A bound of a generic model.
#[expect(clippy::large_enum_variant, reason = "there are a few in a model")]
pub enum Bound {
    /// This layer makes the second of the first.
    Layer { ty: TokenStream, from: Flow, to: Flow, span: Span },
    /// These branches meet.
    Meet { tags: TokenStream, rule: Ident, left: Flow, right: Flow, to: Option<Flow>, span: Span },
}

/// Branches that meet.
pub struct Meeting<'a> {
    pub meet: Meet,
    /// Its name, if it only brings results together that are there.
    pub name: Option<&'a Ident>,
    pub branches: Vec<Way<'a>>,
    pub after: Flow,
    /// In a generic model, how one branch after the other meets those in front of it, by types.
    pub by_types: Option<Vec<Meets>>,
    pub restated: bool,
    /// The sum is done by the last layer of a branch.
    pub summed: Option<Summed>,
    pub ends: Ends,
}

/// How the last layer of a branch does the sum.
#[derive(Clone, Copy)]
pub struct Summed {
    /// Of which branch.
    pub by: usize,
    /// It does the activation behind the sum too.
    pub followed: bool,
}

/// A branch.
pub struct Way<'a> {
    pub nodes: Vec<Node<'a>>,
    pub after: Flow,
    /// What it ends with, as a sentence names it; nothing for the identity.
    pub name: String,
}

impl Way<'_> {
    /// Whether it takes what flows into the branches.
    pub fn takes_what_flows(&self) -> bool {
        self.nodes.first().is_none_or(Node::takes_what_flows)
    }
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

impl<'a> Node<'a> {
    pub fn step(&self) -> Option<&Step<'a>> {
        if let Self::Step(step) = self { Some(step) } else { None }
    }

    /// The name by which its result is known.
    pub fn name(&self) -> Option<&Ident> {
        match self {
            Self::Step(step) => step.name,
            Self::Meet(meeting) => meeting.name,
            Self::Tap(_) => None,
        }
    }

    /// What it gives.
    pub fn after(&self) -> &Flow {
        match self {
            Self::Step(step) => &step.after,
            Self::Meet(meeting) => &meeting.after,
            Self::Tap(tap) => &tap.after,
        }
    }

    /// Whether it takes what the node in front of it gives.
    pub fn takes_what_flows(&self) -> bool {
        match self {
            Self::Step(_) => true,
            Self::Meet(meeting) => meeting.branches.iter().any(Way::takes_what_flows),
            Self::Tap(_) => false,
        }
    }

    /// How a sentence names it, and where it stands.
    pub fn words(&self) -> (String, Ends) {
        match self {
            Self::Step(step) => (step.short.clone(), step.ends),
            Self::Meet(meeting) => {
                let sign = if meeting.meet == Meet::Sum { "_ + _" } else { "_ | _" };
                (meeting.name.map_or_else(|| sign.into(), Ident::to_string), meeting.ends)
            }
            Self::Tap(tap) => (format!("@{}", tap.name), tap.ends),
        }
    }

    /// Whether it does the activation behind it too.
    pub fn is_followed(&self) -> bool {
        match self {
            Self::Tap(_) => false,
            Self::Step(step) => matches!(step.callee, Callee::Builtin { followed: true, .. }),
            Self::Meet(meeting) => meeting.summed.is_some_and(|summed| summed.followed),
        }
    }

    /// Every step of the unit, those of branches among them.
    pub fn steps<'n>(nodes: &'n [Node<'a>]) -> Vec<&'n Step<'a>> {
        let mut steps = Vec::new();
        for node in nodes {
            match node {
                Self::Step(step) => steps.push(step),
                Self::Meet(meeting) => steps.extend(meeting.branches.iter().flat_map(|way| Self::steps(&way.nodes))),
                Self::Tap(_) => {}
            }
        }
        steps
    }
}

impl<'a> Unit<'a> {
    /// Whether a result is taken up again.
    pub fn is_tapped(&self, name: &Ident) -> bool {
        self.taps.contains(name)
    }

    /// The steps that are fields, in order.
    pub fn fields(&self) -> Vec<&Step<'a>> {
        Node::steps(&self.nodes).into_iter().filter(|step| !step.is_function()).collect()
    }

    /// The units within.
    pub fn units(&self) -> impl Iterator<Item = &Unit<'a>> {
        Node::steps(&self.nodes).into_iter().filter_map(Step::unit)
    }

    /// Types of fields that are the user's, or made of the user's.
    pub fn own_layers(&self) -> Vec<TokenStream> {
        let own = self.fields().into_iter().filter(|step| self.is_own(step));
        let mut all: Vec<TokenStream> = Vec::new();
        for step in own {
            if !all.iter().any(|ty| same(ty, &step.ty)) {
                all.push(step.ty.clone());
            }
        }
        all
    }

    /// Whether a layer is the user's, or made of the user's.
    fn is_own(&self, step: &Step<'a>) -> bool {
        match &step.callee {
            Callee::Group(unit) => unit.fields().into_iter().any(|step| unit.is_own(step)),
            Callee::Builtin { .. } => false,
            Callee::Custom { .. } | Callee::Function { .. } | Callee::Lost => true,
        }
    }

    /// Types of the user's with generic parameters in them, those of the units within too.
    pub fn generic_layers(&self) -> Vec<TokenStream> {
        let own = Node::steps(&self.nodes)
            .into_iter()
            .filter(|step| matches!(step.callee, Callee::Custom { generic: true, .. }))
            .map(|step| step.ty.clone());
        own.chain(self.units().flat_map(Unit::generic_layers)).collect()
    }
}

/// How a layer starts, besides its own `init`.
#[derive(Default)]
pub struct Starts {
    /// Tensors with the functions that fill them.
    pub tensors: Vec<(Ident, TokenStream)>,
    /// Fields with their values.
    pub numbers: Vec<(Ident, TokenStream)>,
    pub frozen: Option<Span>,
}

/// How the tensors of a model start, where their layers do not say it.
#[derive(Default)]
pub struct Whole {
    pub rules: Vec<Rule>,
}

/// What is said of a tensor.
pub struct Rule {
    /// `Conv2d` of `Conv2d.weight = ..`
    pub layer: Option<Ident>,
    pub tensor: Ident,
    pub call: TokenStream,
}

impl Whole {
    /// The tensors of a layer that start like this: what is said of its kind goes before what is said of all.
    pub fn of(&self, step: &Step<'_>) -> Vec<(Ident, TokenStream)> {
        let Some(kind) = kind_of(step) else { return Vec::new() };
        let means = |rule: &&Rule, tensor: &str| match &rule.layer {
            Some(layer) => layer == kind.name && rule.tensor == tensor,
            None => kind.has_plain_weight() && rule.tensor == tensor,
        };
        let rule = |tensor: &&str| {
            let meant = self.rules.iter().filter(|rule| means(rule, tensor));
            meant.max_by_key(|rule| rule.layer.is_some()).map(|rule| (rule.tensor.clone(), rule.call.clone()))
        };
        kind.tensors().iter().filter_map(rule).collect()
    }
}

/// The kinds of layers whose tensors can be given a start.
pub fn kinds() -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().filter(|kind| !kind.tensors().is_empty())
}

/// The row of a layer of the language whose tensors can be given a start.
pub fn kind_of(step: &Step<'_>) -> Option<&'static Builtin> {
    step.row().filter(|row| !row.tensors().is_empty())
}

/// The name of the rule by which branches meet, in `fusion::__private` and in `fusion_rules`.
pub fn rule_name(meet: Meet) -> Ident {
    Ident::new(if meet == Meet::Sum { "Sum" } else { "Join" }, Span::call_site())
}

/// The constant that holds a model's first mistake.
pub fn lost_name(model: &Ident) -> Ident {
    format_ident!("__{model}_mistake", span = Span::mixed_site())
}

/// The docs among a layer's attributes.
pub fn docs(attrs: &[Attribute]) -> Vec<TokenStream> {
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).map(ToTokens::to_token_stream).collect()
}
