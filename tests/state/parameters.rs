//! What is declared to be a parameter, and what is trained of it.

use fusion::nn::{Buffer, freeze, unfreeze};
use fusion::prelude::*;

/// A field of each kind.
#[derive(Module)]
struct Kinds {
    #[init(ones)]
    scale: Tensor<shape![2]>,
    #[init(zeros)]
    pair: [Option<Tensor<shape![2]>>; 2],
    #[buffer(zeros)]
    kept: Tensor<shape![2]>,
    #[buffer(zeros)]
    seen: Buffer<shape![2]>,
    #[module(default = Tensor::ones())]
    any: Tensor<shape![2]>,
    layer: Linear<dim!(2), dim!(2)>,
    norm: BatchNorm2d<dim!(2)>,
}

fn kinds() -> Kinds {
    Kinds::init(&mut StdRng::seed_from_u64(0))
}

/// The names of the places that are declared to hold a parameter.
fn declared(module: &impl Module) -> Vec<String> {
    let mut names = Vec::new();
    module.walk(&fusion::nn::Path::root(), &mut |path, _| {
        names.extend(path.is_parameter().then(|| path.to_string()));
    });
    names
}

#[test]
fn a_path_knows_what_its_place_is_for() {
    let parameters =
        ["scale", "pair.0", "pair.1", "layer.weight", "layer.bias", "norm.weight", "norm.bias"].map(String::from);
    assert_eq!(declared(&kinds()), parameters);
    let rng = &mut StdRng::seed_from_u64(0);
    let attention = MultiHeadAttention::<dim!(4), dim!(2)>::init(rng);
    assert_eq!(declared(&attention), attention.names());
    let convolutions = (
        Conv2d::<dim!(2), dim!(2), dim!(3)>::init(rng),
        ConvTranspose2d::<dim!(2), dim!(2), dim!(3)>::init(rng),
        (Embedding::<dim!(3), dim!(2)>::init(rng), LayerNorm::<dim!(3)>::init(rng)),
    );
    assert_eq!(declared(&convolutions), convolutions.names());

    #[derive(Module)]
    #[module(transparent)]
    struct Only(#[init(ones)] Tensor<shape![2]>);
    #[derive(Module)]
    struct Tuple(#[init(ones)] Tensor<shape![2]>, Only);
    assert_eq!(declared(&Tuple::init(rng)), ["0", "1"]);
}

#[test]
fn frozen_and_back_a_parameter_is_the_same() {
    let mut net = kinds();
    let ids = |net: &Kinds| net.parameters().iter().map(|value| value.link().id()).collect::<Vec<_>>();
    let (before, names) = (ids(&net), net.names());
    freeze(&mut net);
    assert_eq!((net.num_parameters(), net.names()), (0, names));
    freeze(&mut net);
    unfreeze(&mut net);
    assert_eq!(ids(&net), before);
    unfreeze(&mut net);
    assert_eq!(ids(&net), before, "buffers are no parameters");

    // A part, down to one tensor.
    freeze(&mut net.layer);
    freeze(&mut net.scale);
    assert_eq!(net.num_parameters(), 4 + 4);
    unfreeze(&mut net.layer);
    unfreeze(&mut net.scale);
    freeze(&mut net.seen);
    unfreeze(&mut net.seen);
    assert_eq!(ids(&net), before);
}

#[test]
fn a_plain_tensor_in_a_parameters_place_can_be_frozen() {
    let mut net = kinds();
    net.layer.weight = Tensor::ones();
    freeze(&mut net.layer);
    assert!(net.layer.weight.value().is_frozen());
    net.scale = Tensor::zeros();
    freeze(&mut net.scale);
    assert!(net.scale.value().is_frozen());
    unfreeze(&mut net);
    assert_eq!(net.num_parameters(), kinds().num_parameters());
}

#[test]
fn nothing_is_recorded_of_what_is_frozen() {
    let mut net = kinds();
    freeze(&mut net.layer);
    let x = Tensor::<shape![1, 2]>::ones();
    let data = net.layer.forward(x.clone());
    let grads = (data.trace() * &net.scale).sum().backward();
    assert!(grads.get(&net.scale).is_some());
    let grads = (net.layer.forward(x.trace()) * &net.scale).sum().backward();
    assert!(grads.get(&net.scale).is_some() && grads.get(&net.layer.weight).is_none());
}

/// What is looked up in a frozen table stands on the trace of the indices: the layers behind it are trained.
#[test]
fn behind_a_frozen_table_layers_are_trained() {
    let rng = &mut StdRng::seed_from_u64(0);
    let (mut table, layer) = (Embedding::<dim!(3), dim!(2)>::init(rng), Linear::<dim!(2), dim!(2)>::init(rng));
    freeze(&mut table);
    let words = Tensor::<shape![2], i64>::from([0, 2]);
    let grads = layer.forward(table.forward(words.trace())).sum().backward();
    assert!(grads.get(&layer.weight).is_some());
}

#[test]
fn what_is_frozen_is_saved_under_its_name() {
    let (mut one, mut two) = (kinds(), kinds());
    freeze(&mut one);
    freeze(&mut two.layer);
    one.layer.weight = Tensor::ones().parameter();
    two.load_bytes(&one.to_bytes().unwrap()).unwrap();
    assert_eq!(two.layer.weight.to_vec(), [1.0; 4]);
    assert!(two.layer.weight.value().is_frozen() && two.scale.is_parameter());
}

/// Two networks that live apart, in one step and in one file.
#[test]
fn borrowed_modules_are_modules() {
    let (mut encoder, mut decoder) = (kinds(), crate::net(0));
    let before = (encoder.layer.weight.to_vec(), decoder.fc1.weight.to_vec());
    let x = Tensor::<shape![1, 2]>::ones();
    let one = encoder.layer.forward(x.trace()).sum();
    let two = decoder.forward(Tensor::<shape![1, 3]>::ones().trace()).sum();
    Sgd::new(0.1).step(&mut (&mut encoder, &mut decoder), (one + &two).backward());
    assert_ne!(before.0, encoder.layer.weight.to_vec());
    assert_ne!(before.1, decoder.fc1.weight.to_vec());

    let both = (&mut encoder, &mut decoder);
    assert_eq!(both.names()[..2], ["0.scale", "0.pair.0"]);
    let bytes = both.to_bytes().unwrap();
    let other = (kinds(), &mut &mut crate::net(1));
    let mut other = Box::new(other);
    other.load_bytes(&bytes).unwrap();
    assert_eq!(other.1.fc1.weight.to_vec(), decoder.fc1.weight.to_vec());
}
