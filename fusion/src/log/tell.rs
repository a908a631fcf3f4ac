//! What a program has, as records.

use super::record::{OperationState, ParameterState, Picture, Predictions};
use crate::graph::Link;
use crate::kernels::{Array, DType, elementwise};
use crate::nn::{GradientRow, Module, OperationReport, Path};
use crate::ops::classes::{guesses_of, labels_of};
use crate::{Error, Result};
use std::collections::HashMap;

/// A larger graph is nothing to look at.
pub(super) const MOST_NODES: usize = 2_000;

/// The most images of one record of predictions.
const MOST_IMAGES: usize = 64;

/// The elements as numbers; true is 1.
pub(super) fn numbers(array: &Array) -> Vec<f64> {
    elementwise::cast(array, DType::F64).to_vec()
}

/// An image `[C, H, W]`.
pub(super) fn picture(image: &Array) -> Result<Picture> {
    let wrong = |problem| Err(Error::argument("image", problem));
    let [channels, height, width] = [0, 1, 2].map(|axis| image.shape().get(axis));
    if ![1, 3].contains(&channels) {
        return wrong(format!("an image in a log has 1 or 3 planes, not {channels}"));
    }
    let (Ok(rows @ 1..), Ok(columns @ 1..)) = (u32::try_from(height), u32::try_from(width)) else {
        return wrong(format!("an image in a log has some pixels, not {height} x {width}"));
    };
    let pixels = match image.dtype() {
        DType::U8 => image.to_vec(),
        // What is NaN is black, and what is larger than a byte is the largest.
        DType::F32 | DType::F64 => numbers(image).into_iter().map(|x| (x * 255.0).round() as u8).collect(),
        other => return wrong(format!("an image in a log has bytes or fractions as elements, not {other}")),
    };
    Ok(Picture { channels: channels as u8, height: rows, width: columns, pixels })
}

impl ParameterState {
    pub(super) fn of(row: &GradientRow) -> Self {
        let gradient = &row.gradient;
        Self {
            path: row.path.clone(),
            shape: row.shape.clone(),
            norm: gradient.norm,
            largest: gradient.largest,
            count: gradient.count as u64,
            zeros: gradient.zeros as u64,
            nans: gradient.nans as u64,
            infinite: gradient.infinite as u64,
            dead_rows: row.dead_rows as u64,
            weight_norm: row.weight_norm,
            update: row.update,
            verdict: row.verdict.to_string(),
        }
    }
}

impl OperationState {
    pub(super) fn all(report: &OperationReport, net: &impl Module) -> Vec<Self> {
        // By the ids of parameters, and by those of operations.
        let (mut layers, mut of_operations) = (HashMap::new(), HashMap::<u64, String>::new());
        net.walk(&Path::root(), &mut |path, value| {
            if let Link::Parameter(id) | Link::Frozen(id) = *value.link() {
                let path = path.to_string();
                let layer = path.rsplit_once('.').map_or("", |(layer, _)| layer);
                layers.entry(id).or_insert_with(|| layer.to_owned());
            }
        });
        let each = |row: &crate::nn::OperationRow| {
            let own = row.inputs.iter().find_map(|id| layers.get(id));
            let layer = own.or_else(|| row.inputs.iter().find_map(|id| of_operations.get(id))).cloned();
            let layer = layer.unwrap_or_default();
            of_operations.insert(row.id, layer.clone());
            Self {
                name: row.name.to_owned(),
                layer,
                at: format!("{}:{}", row.at.file(), row.at.line()),
                shape: row.shape.clone(),
                saturated: row.saturated,
                dead: row.dead_units.map(|(dead, all)| (dead as u64, all as u64)),
                norm: row.gradient.norm,
                verdict: row.verdict.to_string(),
            }
        };
        report.rows.iter().map(each).collect()
    }
}

/// What scores `[N, K]` say of samples of these classes; `images` are `[N, C, H, W]`.
pub(super) fn predictions(
    name: &str,
    scores: &Array,
    labels: &Array,
    classes: &[impl AsRef<str>],
    images: Option<&Array>,
) -> Result<Predictions> {
    let (samples, count) = (scores.shape().get(0), scores.shape().get(1));
    let labels = labels_of("predictions", scores.shape(), labels, None, None)?;
    if !classes.is_empty() && classes.len() != count {
        let found = classes.len();
        return Err(Error::shape(format_args!("predictions: {found} names for {count} classes")));
    }
    let classes = match classes {
        [] => (0..count).map(|class| class.to_string()).collect(),
        names => names.iter().map(|name| name.as_ref().to_owned()).collect(),
    };
    let mut pictures = Vec::new();
    if let Some(images) = images {
        let found = images.shape().get(0);
        if found != samples {
            return Err(Error::shape(format_args!("predictions: {found} images for {samples} samples")));
        }
        let guesses = guesses_of(scores);
        let wrong = |&sample: &usize| labels[sample] != usize::try_from(guesses[sample]).ok();
        for sample in (0..samples).filter(wrong).take(MOST_IMAGES) {
            let (shape, strides) = (images.shape(), images.strides());
            let image = images.view(shape.without(0), strides.without(0), sample * strides.get(0));
            pictures.push((sample as u32, picture(&image)?));
        }
    }
    Ok(Predictions {
        name: name.to_owned(),
        classes,
        scores: elementwise::cast(scores, DType::F32).to_vec(),
        labels: labels.into_iter().flatten().map(|label| label as u32).collect(),
        images: pictures,
    })
}
