//! A walk through what a network is made of.

use super::layer::Layer;
use crate::nn::module::{Module, Path};

/// What holds several layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// A group with this name.
    Group(&'a str),
    /// Branches that are added.
    Sum,
    /// Branches that are joined along the channels.
    Join,
    /// One of the branches; of no layers if it is the identity.
    Branch,
    /// Layers of one type, so many in a row, of which the first is shown.
    Repeated(usize),
}

/// What is shown every layer of a network, in the order in which they are computed. See [`Module::visit`].
pub trait Visit {
    /// A layer.
    fn layer(&mut self, layer: Layer<'_>);

    /// A function, with its place and the sizes of what it gives.
    fn function(&mut self, path: &Path<'_>, name: &str, output: &[usize]) {
        let _ = (path, name, output);
    }

    /// What has been computed so far is an output of the network, with this name.
    fn output(&mut self, name: &str) {
        let _ = name;
    }

    /// What follows stands in this, up to [`Visit::leave`].
    fn enter(&mut self, part: Part<'_>) {
        let _ = part;
    }

    /// Its end.
    fn leave(&mut self) {}
}

/// The sum of the layers' multiply-adds, if all are known.
pub(in crate::nn) struct MultiplyAdds {
    sum: Option<u64>,
    /// How often what is shown stands there, in each of the parts that are open.
    times: Vec<u64>,
}

impl MultiplyAdds {
    /// Those of all layers of a module, for an input with these sizes.
    pub fn of(module: &dyn Module, input: &[usize]) -> Option<u64> {
        let mut all = Self { sum: Some(0), times: vec![1] };
        if module.visit(&Path::root(), input, &mut all) { all.sum } else { None }
    }
}

impl Visit for MultiplyAdds {
    fn layer(&mut self, layer: Layer<'_>) {
        let times = self.times.last().copied().unwrap_or(1);
        self.sum = self.sum.zip(layer.multiply_adds()).map(|(sum, more)| sum + more * times);
    }

    fn enter(&mut self, part: Part<'_>) {
        let times = self.times.last().copied().unwrap_or(1);
        self.times.push(if let Part::Repeated(count) = part { times * count as u64 } else { times });
    }

    fn leave(&mut self) {
        self.times.pop();
    }
}

/// Shows the layers of a list of one type as one layer, so many in a row.
pub fn show_repeated<M: Module, const N: usize>(
    visit: &mut dyn Visit,
    path: &Path<'_>,
    input: &[usize],
    layers: &[M; N],
) {
    struct Repeated<'v> {
        visit: &'v mut dyn Visit,
        path: &'v Path<'v>,
        count: usize,
        module: &'v dyn Module,
    }

    impl Visit for Repeated<'_> {
        fn layer(&mut self, layer: Layer<'_>) {
            self.visit.layer(layer.repeated(self.path, self.count, self.module));
        }
    }

    if let Some(first) = layers.first() {
        first.visit(path, input, &mut Repeated { visit, path, count: N, module: layers });
    }
}
