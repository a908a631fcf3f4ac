//! The words of other libraries, and what is meant by them here.

use fusion_rules::model::{BUILTINS, Builtin, Default, LayerKind};

/// Other names of Fusion's layers, without capitals and underscores.
const ALIASES: &[(&str, &str)] = &[
    ("averagepooling2d", "AvgPool2d"),
    ("maxpooling1d", "MaxPool1d"),
    ("batchnorm", "BatchNorm2d"),
    ("batchnormalization", "BatchNorm2d"),
    ("conv", "Conv2d"),
    ("conv2dtranspose", "ConvTranspose2d"),
    ("dense", "Linear"),
    ("globalaveragepooling2d", "GlobalAvgPool2d"),
    ("layernormalization", "LayerNorm"),
    ("maxpooling2d", "MaxPool2d"),
    ("multiheadselfattention", "MultiHeadAttention"),
    ("spatialdropout1d", "Dropout1d"),
    ("spatialdropout2d", "Dropout2d"),
    ("swish", "Silu"),
];

/// Layers that are not there, as PyTorch writes them, and what comes nearest.
const MISSING: &[(&[&str], &str)] = &[
    (
        &["BatchNorm3d", "InstanceNorm3d", "LocalResponseNorm"],
        "there are `BatchNorm1d<_>`, `BatchNorm2d<_>`, `InstanceNorm1d<_>`, `InstanceNorm2d<_>`, `GroupNorm<_, num_groups>`, \
         `LayerNorm<_>` and `RmsNorm<_>`",
    ),
    (
        &["Conv3d", "ConvTranspose1d", "MaxPool3d", "AvgPool3d"],
        "windows slide over signals, [channels, length], and over images, [channels, height, width]: `Conv1d`, \
         `MaxPool1d`, `AvgPool1d`, `Conv2d`, `ConvTranspose2d`, `MaxPool2d`, `AvgPool2d`",
    ),
    (
        &["LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"],
        "what recurs is a struct with `#[derive(Module)]`, made of `Linear`s, and a `forward` written by hand",
    ),
    (
        &["View", "Reshape"],
        "`Flatten` makes one axis of all, `Unflatten<channels, height, width>` an image of features",
    ),
    (
        &["RReLU", "Threshold", "GLU", "Softmin"],
        "there are {activations}; another one is a function of a tensor, \
         `fn threshold<S: Shape>(x: Tensor<S>) -> Tensor<S>`, which a model calls by its name",
    ),
    (
        &["Transformer", "TransformerEncoder", "TransformerEncoderLayer"],
        "it is made of `MultiHeadAttention`, `LayerNorm`, `Linear` and sums, `_ + { .. }`",
    ),
    (
        &["CrossEntropyLoss", "NLLLoss", "MSELoss", "BCELoss", "BCEWithLogitsLoss", "L1Loss"],
        "a loss is no layer but a method of what the network gives, as in `net.forward(x).cross_entropy(&y)`",
    ),
    (&["Identity"], "what does nothing is left out, and as a branch it is `_`"),
    (&["Sequential", "ModuleList"], "layers stand one after another in the model's braces"),
    (&["Input", "InputLayer"], "what flows in stands in the model's head, as in `Net: [784] -> [10] { .. }`"),
];

/// Those of them that are refused wherever they stand: types of the user's are hardly called so.
const REFUSED: [&str; 14] = [
    "AvgPool3d",
    "BatchNorm3d",
    "Conv3d",
    "ConvTranspose1d",
    "CrossEntropyLoss",
    "GRU",
    "LSTM",
    "MSELoss",
    "MaxPool3d",
    "RNN",
    "RReLU",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "View",
];

/// Without capitals and underscores, of which there are many conventions.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

/// The layer that is called so elsewhere.
pub fn meant(name: &str) -> Option<&'static Builtin> {
    let name = plain(name);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, layer)| *layer);
    BUILTINS.iter().find(|layer| alias.map_or_else(|| plain(layer.name) == name, |alias| layer.name == alias))
}

/// What comes nearest to a layer that is not there.
pub fn missing(name: &str) -> Option<String> {
    let (_, nearest) = MISSING.iter().find(|(names, _)| names.iter().any(|known| plain(known) == plain(name)))?;
    let nearest = nearest.replace("{activations}", &names(|layer| layer.kind == LayerKind::Activation));
    Some(format!("there is no layer `{name}`: {nearest}"))
}

/// The same for a name that may also be a type's of the user, but hardly is.
pub fn refused(name: &str) -> Option<String> {
    let sentence = REFUSED.contains(&name).then(|| missing(name)).flatten()?;
    Some(format!("{sentence}\na layer of your own with this name is written `self::{name}`"))
}

/// All layers by name, for a sentence.
pub fn layers() -> String {
    names(|_| true)
}

/// The names of the layers that `which` picks.
fn names(which: impl Fn(&Builtin) -> bool) -> String {
    let names: Vec<_> = BUILTINS.iter().filter(|layer| which(layer)).map(|layer| format!("`{}`", layer.name)).collect();
    names.join(", ")
}

/// Whether a `_` in front of these arguments makes them those that the layer takes.
pub fn lacks_input(layer: &Builtin, args: usize, keywords: &[String]) -> bool {
    let required = layer.params.iter().filter(|param| param.default == Default::Required);
    let named = required.clone().filter(|param| keywords.iter().any(|key| key == param.name));
    layer.infers()
        && args + named.count() + 1 == required.count()
        && !keywords.iter().any(|key| key == layer.params[0].name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_libraries() {
        let name = |text| meant(text).map(|layer| layer.name);
        assert_eq!(name("ReLU"), Some("Relu"));
        assert_eq!(name("leaky_relu"), Some("LeakyRelu"));
        assert_eq!(name("MultiheadAttention"), Some("MultiHeadAttention"));
        assert_eq!(name("Dense"), Some("Linear"));
        assert_eq!((name("Gate"), name("BatchNorm3d")), (None, None));
        assert!(ALIASES.iter().all(|(alias, layer)| name(alias) == Some(layer)));
    }

    #[test]
    fn what_is_not_there_has_a_sentence() {
        assert!(MISSING.iter().flat_map(|(names, _)| *names).all(|known| meant(known).is_none()));
        assert!(REFUSED.iter().all(|known| missing(known).is_some()));
        assert!(missing("Lstm").is_some_and(|text| text.starts_with("there is no layer `Lstm`: what recurs")));
        assert!(refused("Lstm").is_none() && refused("LSTM").is_some() && missing("Gate").is_none());
    }
}
