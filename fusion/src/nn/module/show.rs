//! How layers of the library show themselves, and what their sums are.

use super::path::Path;
use super::visit::{Argument, Layer, Part, Row, Shown, Visit, Written};
use fusion_rules::model::{Builtin, Kind, Param};
use fusion_rules::{Dims, Size};
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

/// A layer of the table: its row, the sizes of its type, and the numbers that are fields of it.
type Told<'a> = (&'static Builtin, &'a [Size], &'a [f64]);

/// The sizes of a layer's type as numbers: no layer is made of others.
fn own_numbers(sizes: &[Size]) -> Vec<usize> {
    sizes.iter().map(|size| size.or(0)).collect()
}

/// The arguments of a layer; `own` are the sizes of its type as numbers.
fn arguments<'a>((row, sizes, numbers): Told<'_>, own: &'a [usize]) -> Vec<(&'static str, Argument<'a>)> {
    let (mut sizes, mut all, mut numbers) = (sizes, own, numbers.iter());
    let argument = |param: &Param| {
        let count = row.sizes_of(param);
        let ((is, sizes_behind), (own, behind)) = (sizes.split_at(count), all.split_at(count));
        (sizes, all) = (sizes_behind, behind);
        let argument = match (param.kind, own) {
            (Kind::Probability | Kind::Number, _) => Argument::Number(numbers.next().copied().unwrap_or(f64::NAN)),
            (Kind::Flag, own) => Argument::Flag(own == [1]),
            (Kind::Padding, _) if is[0] == Size::Same => Argument::SamePadding,
            (_, own) if param.per_axis => Argument::Sizes(own),
            (_, own) => Argument::Size(own[0]),
        };
        (param.name, argument)
    };
    row.params.iter().map(argument).collect()
}

/// The sizes of a shape with so many samples; none if they are not known.
pub fn numbers(dims: Dims, batch: usize) -> Vec<usize> {
    known(if dims.rank == 0 { dims } else { dims.with(0, Size::Known(batch)) })
}

/// The sizes of a shape; none if one of them is not known.
fn known(dims: Dims) -> Vec<usize> {
    dims.as_slice().iter().map(|size| size.number()).collect::<Option<_>>().unwrap_or_default()
}

/// The sizes that a layer of the language makes of these; none if they are not known.
pub fn output_sizes(layer: &Builtin, args: &[Size], input: &[usize]) -> Vec<usize> {
    if input.is_empty() { Vec::new() } else { known(layer.recovered(args, Dims::new(input))) }
}

/// Shows a layer of the table.
pub fn show_layer(visit: &mut dyn Visit, path: &Path<'_>, input: &[usize], told: Told<'_>, module: &dyn Shown) -> bool {
    let (layer, sizes, _) = told;
    visit.layer(Layer {
        path,
        name: layer.name,
        kind: layer.kind,
        arguments: &arguments(told, &own_numbers(sizes)),
        count: None,
        input,
        output: &output_sizes(layer, sizes, input),
        module,
        row: Some(Row { layer, sizes }),
        copy: None,
    });
    true
}

/// Writes the type of a layer of the table.
pub fn write_layer(f: &mut fmt::Formatter<'_>, told: Told<'_>) -> fmt::Result {
    let (layer, sizes, _) = told;
    write!(f, "{}", Written(layer.name, Some(layer), &arguments(told, &own_numbers(sizes))))
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
