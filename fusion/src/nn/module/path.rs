//! Where a tensor stands in a tree of modules.

use crate::graph::Stream;
use std::fmt;

/// A place in a tree of modules: `layer1.0.conv1.weight`. A list on the stack; text is made only when it is shown.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    parameter: bool,
    /// Who wants to see the generators that a walk comes by.
    collect: Option<&'a Collect<'a>>,
}

/// What is shown a generator, with its place.
pub(in crate::nn) type Collect<'a> = dyn Fn(&Path<'_>, &Stream) + Sync + 'a;

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl Path<'static> {
    /// The tree itself.
    pub const fn root() -> Self {
        Self { parent: None, step: Step::Root, parameter: false, collect: None }
    }
}

impl<'c> Path<'c> {
    /// The tree itself, for a walk that shows `collect` the generators of layers.
    pub(in crate::nn) const fn root_of_generators(collect: &'c Collect<'c>) -> Self {
        Self { parent: None, step: Step::Root, parameter: false, collect: Some(collect) }
    }
}

impl Path<'_> {
    /// The field `name` of this module.
    pub const fn child<'a>(&'a self, name: &'a str) -> Path<'a> {
        self.below(Step::Name(name))
    }

    /// The module at `index` of this list.
    pub const fn index(&self, index: usize) -> Path<'_> {
        self.below(Step::Index(index))
    }

    const fn below<'a>(&'a self, step: Step<'a>) -> Path<'a> {
        Path { parent: Some(self), step, parameter: self.parameter, collect: self.collect }
    }

    /// Shows the generator that stands at this place to who asked for it, if somebody did.
    #[doc(hidden)]
    pub fn generator(&self, generator: &Stream) {
        if let Some(collect) = self.collect {
            collect(self, generator);
        }
    }

    /// The same place, declared to hold a parameter; so is all that stands below. `#[init(..)]` of `#[derive(Module)]`
    /// says so, and so do the layers of the library. An optimizer refuses a plain tensor there: it would never be
    /// trained. In a walk by hand:
    ///
    /// ```
    /// use fusion::Value;
    /// use fusion::nn::Path;
    /// use fusion::prelude::*;
    ///
    /// struct Scale(Tensor<shape![3]>);
    ///
    /// impl Module for Scale {
    ///     fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
    ///         self.0.walk(&path.child("scale").parameter(), visit);
    ///     }
    ///     fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
    ///         self.0.walk_mut(&path.child("scale").parameter(), visit);
    ///     }
    /// }
    ///
    /// let layer = Scale(Tensor::ones().parameter());
    /// layer.walk(&Path::root(), &mut |path, _| assert!(path.is_parameter()));
    /// ```
    pub const fn parameter(self) -> Self {
        Self { parameter: true, ..self }
    }

    /// Is this the tree itself?
    pub(in crate::nn) const fn is_root(&self) -> bool {
        matches!(self.step, Step::Root)
    }

    /// Is this place declared to hold a parameter? See [`Path::parameter`].
    pub const fn is_parameter(&self) -> bool {
        self.parameter
    }

    /// The place so many after this one in a list.
    #[doc(hidden)]
    pub const fn plus(&self, more: usize) -> Path<'_> {
        match self.step {
            Step::Index(index) => Path { step: Step::Index(index + more), ..*self },
            _ => *self,
        }
    }
}

/// The steps from the root, joined with `.`.
impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.step, Step::Root) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => index.fmt(f),
        }
    }
}
