//! How layers of the library show themselves, and what their sums are.

use super::path::Path;
use super::visit::{Argument, Layer, Part, Row, Shown, Visit, Written};
use fusion_rules::model::{Builtin, Kind, Param};
use fusion_rules::{Dims, SAME};
use std::fmt;

impl Layer<'_> {
    /// How many multiply-adds it makes; `None` if it does not say, or its sizes are not known.
    pub fn multiply_adds(&self) -> Option<u64> {
        let one = match self.row {
            _ if self.input.is_empty() => None,
            Some(row) => {
                let sample = row.layer.cost(row.sizes, Dims::new(self.input)).multiply_adds?;
                // `[features]` alone is one sample.
                Some(sample * if self.input.len() > 1 { self.input[0] as u64 } else { 1 })
            }
            // One that is made of layers makes what they make.
            None => MultiplyAdds::of(self.module, self.input),
        };
        one.map(|one| one * if self.row.is_some() { self.count.unwrap_or(1) as u64 } else { 1 })
    }
}

/// The arguments of a row with these sizes, and with these numbers for those that are fields.
fn arguments<'a>(row: &Builtin, sizes: &'a [usize], numbers: &[f64]) -> Vec<(&'static str, Argument<'a>)> {
    let (mut sizes, mut numbers) = (sizes, numbers.iter());
    let argument = |param: &Param| {
        let (own, rest) = sizes.split_at(row.sizes_of(param));
        sizes = rest;
        let argument = match (param.kind, own) {
            (Kind::Probability | Kind::Number, _) => Argument::Number(numbers.next().copied().unwrap_or(f64::NAN)),
            (Kind::Flag, own) => Argument::Flag(own == [1]),
            (Kind::Padding, [SAME, ..]) => Argument::SamePadding,
            (_, own) if param.per_axis => Argument::Sizes(own),
            (_, own) => Argument::Size(own[0]),
        };
        (param.name, argument)
    };
    row.params.iter().map(argument).collect()
}

/// Shows a layer of the table: its row, the sizes of its type, and the numbers that are fields of it.
pub fn show_layer(
    visit: &mut dyn Visit,
    path: &Path<'_>,
    input: &[usize],
    (layer, sizes, numbers): (&'static Builtin, &[usize], &[f64]),
    module: &dyn Shown,
) -> bool {
    let gives = (!input.is_empty()).then(|| layer.recovered(sizes, Dims::new(input)));
    let output = gives.as_ref().map_or(&[][..], Dims::as_slice);
    visit.layer(Layer {
        path,
        name: layer.name,
        kind: layer.kind,
        arguments: &arguments(layer, sizes, numbers),
        count: None,
        input,
        output,
        module,
        row: Some(Row { layer, sizes }),
    });
    true
}

/// Writes the type of a layer of the table.
pub fn write_layer(
    f: &mut fmt::Formatter<'_>,
    (layer, sizes, numbers): (&'static Builtin, &[usize], &[f64]),
) -> fmt::Result {
    write!(f, "{}", Written(layer.name, Some(layer), &arguments(layer, sizes, numbers)))
}

/// The sum of the layers' multiply-adds, if all are known.
pub(in crate::nn) struct MultiplyAdds {
    sum: Option<u64>,
    /// How often what is shown stands there, in each of the parts that are open.
    times: Vec<u64>,
}

impl MultiplyAdds {
    /// Those of all layers of a module, for an input with these sizes.
    pub fn of(module: &dyn Shown, input: &[usize]) -> Option<u64> {
        let mut all = Self { sum: Some(0), times: vec![1] };
        if module.show(&Path::root(), input, &mut all) { all.sum } else { None }
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
pub fn show_repeated<M: Shown, const N: usize>(visit: &mut dyn Visit, path: &Path<'_>, input: &[usize], layers: &[M; N])
where
    [M; N]: Shown,
{
    struct Repeated<'v> {
        visit: &'v mut dyn Visit,
        path: &'v Path<'v>,
        count: usize,
        module: &'v dyn Shown,
    }

    impl Visit for Repeated<'_> {
        fn layer(&mut self, layer: Layer<'_>) {
            self.visit.layer(layer.repeated(self.path, self.count, self.module));
        }
    }

    if let Some(first) = layers.first() {
        first.show(path, input, &mut Repeated { visit, path, count: N, module: layers });
    }
}
