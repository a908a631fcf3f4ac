//! What is written in `model!`, as a tree:
//!
//! ```text
//! model   = attributes visibility name [ `<` generics `>` ] `:` sizes [ `->` outputs ] `{` layers `}`
//! outputs = sizes | `{` name [ `:` sizes ], .. `}`
//! sizes   = `[` size, .. `]`
//! layers   = layer, ..
//! layer    = [ attributes ] [ name `:` ] part [ `->` sizes ]
//! part     = sum [ `|` sum .. ]                  (a join along the channels)
//! sum      = branch [ `+` branch .. ]
//! branch   = `_` | tap | [ count `*` ] ( `{` layers `}` | call )
//! tap      = `@` name                            (what the layer of this name gives)
//! call     = path [ `<` argument, .. `>` ]
//! argument = `_` | size | number with a point | `true` | `false` | `"same"` | `{` constant `}` | type
//!          | key `=` argument
//! size     = number | path | size (`+` | `-` | `*` | `/` | `%`) size | `(` size `)`
//! count    = number | path | `{` constant `}`
//! ```
//!
//! Generics are Rust's, where the default of a size may be a number. In type position there are only layers.

use fusion_rules::parts::Meet;
use syn::ext::IdentExt;
use syn::{Attribute, GenericParam, Generics, Ident, Path, Visibility};

use crate::diagnostics::Ends;
use crate::size::argument::Argument;

/// What a declaration starts with.
pub const HEAD: &str = "a model starts with its name and what it takes: `Net: [784] -> [10] { .. }`";

/// What `model!` was given.
pub enum Source {
    /// A declaration.
    Model(Box<Model>),
    /// A list of layers that is to become a type.
    Network(Vec<Layer>),
}

/// A declared network.
pub struct Model {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: Ident,
    pub generics: Generics,
    /// What it takes; `None` where that could not be read.
    pub input: Option<Sizes>,
    pub output: Option<Outputs>,
    pub layers: Vec<Layer>,
}

/// A shape as written, without the batch.
pub struct Sizes {
    pub sizes: Vec<Argument>,
    pub ends: Ends,
}

/// What a model says that it gives.
pub enum Outputs {
    One(Sizes),
    /// Layers by name, with what each gives.
    Named(Vec<(Ident, Stated)>),
}

/// What is said of the sizes of an output.
pub enum Stated {
    /// They are these; `None` where they could not be read.
    Sizes(Option<Sizes>),
    /// Nothing: they are what the layer gives.
    Nothing,
}

/// One entry of a list of layers.
pub struct Layer {
    pub attrs: Vec<Attribute>,
    pub name: Option<Ident>,
    pub part: Part,
    /// What it is said to give.
    pub output: Option<Sizes>,
    pub ends: Ends,
}

/// What a layer is made of.
pub enum Part {
    Call(Call),
    /// `_`, a branch that does nothing.
    Identity,
    /// `@name`: what an earlier layer gives.
    Tap(Ident),
    Group(Vec<Layer>),
    Repeat(Argument, Box<Branch>),
    Sum(Vec<Branch>),
    Join(Vec<Branch>),
    /// It could not be read.
    Lost,
}

/// A part of a sum, a join or a repeat, with its place.
pub struct Branch {
    pub part: Part,
    pub ends: Ends,
}

/// A layer's type.
pub struct Call {
    /// Its path, without arguments.
    pub path: Path,
    pub args: Vec<Argument>,
    pub keywords: Vec<(Ident, Argument)>,
    /// `Linear<_, 128>`
    pub text: String,
}

impl Layer {
    /// The layer as a sentence names it: `fc1: Linear<_, 128>`.
    pub fn text(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}: {}", self.part.text()),
            None => self.part.text(),
        }
    }

    /// The layer's name, or what it is made of.
    pub fn short_text(&self) -> String {
        self.name.as_ref().map_or_else(|| self.part.text(), Ident::to_string)
    }
}

impl Part {
    pub fn text(&self) -> String {
        let all = |parts: &[Branch], by: &str| parts.iter().map(|b| b.part.text()).collect::<Vec<_>>().join(by);
        match self {
            Self::Call(call) => call.text.clone(),
            Self::Identity | Self::Lost => "_".into(),
            Self::Tap(name) => format!("@{name}"),
            Self::Group(_) => "{ .. }".into(),
            Self::Repeat(count, part) => format!("{} * {}", count.text, part.part.text()),
            Self::Sum(parts) => all(parts, " + "),
            Self::Join(parts) => all(parts, " | "),
        }
    }

    /// How its branches meet; `None` where there are none.
    pub fn meet(&self) -> Option<(Meet, &[Branch])> {
        match self {
            Self::Sum(parts) => Some((Meet::Sum, parts)),
            Self::Join(parts) => Some((Meet::Join, parts)),
            _ => None,
        }
    }

    /// Whether it is a sum or a join of what is there already, and has no layers of its own.
    pub fn is_meeting_of_taps(&self) -> bool {
        let there = |branch: &Branch| match &branch.part {
            Self::Identity | Self::Tap(_) => true,
            part => part.is_meeting_of_taps(),
        };
        self.meet().is_some_and(|(_, branches)| branches.iter().all(there))
    }

    /// The call, if that is all.
    pub fn call(&self) -> Option<&Call> {
        if let Self::Call(call) = self { Some(call) } else { None }
    }
}

impl Call {
    /// Whether it is a function rather than a type: its name is not in capitals, and it has no arguments.
    pub fn is_function(&self) -> bool {
        self.path.segments.last().is_some_and(|s| s.ident.unraw().to_string().starts_with(|c: char| c.is_lowercase()))
    }
}

/// A parameter's name.
pub fn param_name(param: &GenericParam) -> &Ident {
    match param {
        GenericParam::Type(param) => &param.ident,
        GenericParam::Const(param) => &param.ident,
        GenericParam::Lifetime(param) => &param.lifetime.ident,
    }
}
