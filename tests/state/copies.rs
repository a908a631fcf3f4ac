//! Copies of networks, and parameters that stand in two places.

use crate::{file, header};
use fusion::nn::{freeze, tie, unfreeze};
use fusion::prelude::*;

model! { Pair: [4] -> [4] { a: Linear<_, 4>, Relu, b: Linear<_, 4>, norm: LayerNorm<_> } }

fn pair(seed: u64) -> Pair {
    let mut pair = Pair::init(&mut StdRng::seed_from_u64(seed));
    tie(&mut pair.b.weight, &pair.a.weight);
    pair
}

fn ids(module: &impl Module) -> Vec<Option<u64>> {
    module.parameters().iter().map(|value| value.link().id()).collect()
}

fn step(net: &mut Pair) {
    let loss = net.forward(Tensor::from([[1.0, -2.0, 3.0, 0.5]]).trace()).square().sum();
    Sgd::new(0.1).step(net, loss.backward());
}

#[test]
fn a_tied_parameter_counts_once() {
    let pair = pair(0);
    assert_eq!((pair.num_parameters(), pair.parameters().len()), (16 + 4 + 4 + 8, 5));
    assert_eq!(pair.summary().parameters(), pair.num_parameters());
    assert_eq!(pair.names().len(), 6);
}

/// Each layer that has parameters: a copy is trained apart, and the original stays as it is.
#[test]
fn copies_are_trained_apart() {
    fn apart<M: Module + Clone + Forward<Tensor<S>, Output = Tensor<Y>>, S: Shape, Y: Shape>(net: M, x: &Tensor<S>) {
        let (bytes, mut copy) = (net.to_bytes().unwrap(), net.clone());
        assert_eq!(copy.to_bytes().unwrap(), bytes);
        assert_eq!(copy.num_parameters(), net.num_parameters());
        let loss = copy.forward(x.trace()).square().sum();
        Sgd::new(0.1).step(&mut copy, loss.backward());
        assert_eq!(net.to_bytes().unwrap(), bytes, "the original has not moved, statistics included");
        assert_ne!(copy.to_bytes().unwrap(), bytes);
    }
    let rng = &mut StdRng::seed_from_u64(0);
    let image = Tensor::<shape![2, 4, 5, 5]>::normal(0.0, 1.0, rng);
    apart(Conv2d::<dim!(4), dim!(2), dim!(3)>::init(rng), &image);
    apart(ConvTranspose2d::<dim!(4), dim!(2), dim!(3)>::init(rng), &image);
    apart(BatchNorm2d::<dim!(4)>::init(rng), &image);
    let rows = Tensor::<shape![2, 3, 4]>::normal(0.0, 1.0, rng);
    apart(Linear::<dim!(4), dim!(2)>::init(rng), &rows);
    apart(LayerNorm::<dim!(4)>::init(rng), &rows);
    apart(MultiHeadAttention::<dim!(4), dim!(2)>::init(rng), &rows);
    apart(<model!(Linear<4, 2>, Tanh, Linear<2, 4>)>::init(rng), &rows);
    apart(vec![Linear::<dim!(4), dim!(4)>::init(rng), Linear::init(rng)], &rows);
    let table = Embedding::<dim!(4), dim!(2)>::init(rng);
    assert!(!ids(&table).contains(&ids(&table.clone())[0]));
}

#[test]
fn ties_and_frozen_parameters_stay_so_in_a_copy() {
    let mut net = pair(0);
    freeze(&mut net.norm);
    let mut copy = net.clone();
    assert_eq!(copy.num_parameters(), net.num_parameters());
    assert_eq!(copy.a.weight.value().link().id(), copy.b.weight.value().link().id());
    unfreeze(&mut copy);
    assert_eq!((copy.num_parameters(), net.num_parameters()), (32, 24));
    unfreeze(&mut net);
    assert!(ids(&copy).iter().all(|id| !ids(&net).contains(id)));
    step(&mut copy);
    assert_eq!(copy.a.weight.to_vec(), copy.b.weight.to_vec());
    assert_ne!(copy.a.weight.to_vec(), net.a.weight.to_vec());
    assert_eq!(net.to_bytes().unwrap(), pair(0).to_bytes().unwrap());
}

/// A file has both names; it is loaded from both or one of them, and what is tied stays so.
#[test]
fn a_tied_parameter_is_saved_and_loaded() {
    let (one, mut two) = (pair(1), pair(2));
    let bytes = one.to_bytes().unwrap();
    assert!(header(&bytes).contains("\"a.weight\"") && header(&bytes).contains("\"b.weight\""));
    two.load_bytes(&bytes).unwrap();
    assert_eq!(two.to_bytes().unwrap(), bytes);
    assert_eq!(ids(&two)[0], two.b.weight.value().link().id());
    step(&mut two);
    assert_eq!(two.a.weight.to_vec(), two.b.weight.to_vec());

    // An untied net of the same names loads it as well; the other way round there are two values.
    let mut untied = Pair::init(&mut StdRng::seed_from_u64(3));
    let other = untied.to_bytes().unwrap();
    untied.load_bytes(&bytes).unwrap();
    assert_eq!(untied.parameters().len(), 6);
    let before = two.to_bytes().unwrap();
    let error = two.load_bytes(&other).unwrap_err().to_string();
    assert_eq!(
        error,
        "(bytes) does not fit this module:\n\
         `a.weight` and `b.weight` are one parameter here, but the file has two values for it"
    );
    assert_eq!(two.to_bytes().unwrap(), before, "nothing has changed");
}

/// Some writers leave out all but one name of a tied parameter.
#[test]
fn one_name_of_a_tied_parameter_is_enough() {
    let mut net: [Linear<dim!(1), dim!(1), false>; 3] = Init::init_with(&mut StdRng::seed_from_u64(0));
    let [first, second, third] = &mut net;
    tie(&mut second.weight, &first.weight);
    tie(&mut third.weight, &first.weight);
    for at in 0..3 {
        let entry = format!(r#"{{"{at}.weight":{{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}}}"#);
        let mut bytes = file(&entry, 4);
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&(at as f32 + 0.5).to_le_bytes());
        net.load_bytes(&bytes).unwrap();
        assert!(net.iter().all(|layer| layer.weight.to_vec() == [at as f32 + 0.5]));
    }
    let error = net.load_bytes(&file("{}", 0)).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 4, "{error}");
    assert!(error.contains("`2.weight` is missing; expected f32 [1, 1]"), "{error}");
}

#[test]
fn what_cannot_be_tied() {
    let tied = std::panic::catch_unwind(|| tie(&mut Tensor::<shape![2]>::ones(), &Tensor::zeros()));
    let message = *tied.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("make it one with `parameter()`"), "{message}");
    let sized = |n| Tensor::<shape![Dyn]>::from_vec_sized(vec![0.0f32; n], &[n]).unwrap().parameter();
    let tied = std::panic::catch_unwind(|| tie(&mut sized(3), &sized(2)));
    assert!(
        tied.unwrap_err()
            .downcast::<String>()
            .unwrap()
            .contains("shape [2] is tied into the place of one of shape [3]")
    );
}

/// A running mean of the weights, as by hand.
#[test]
fn one_network_follows_another() {
    let (net, mut mean) = (pair(1), pair(2));
    let (from, to) = (mean.a.weight.to_vec(), net.a.weight.to_vec());
    let before = ids(&mean);
    mean.lerp_from(&net, 0.25);
    for ((is, from), to) in mean.a.weight.to_vec().iter().zip(from).zip(to) {
        assert!((is - (0.75 * from + 0.25 * to)).abs() < 1e-6);
    }
    assert_eq!(mean.a.weight.to_vec(), mean.b.weight.to_vec(), "what is tied goes once");
    assert_eq!(ids(&mean), before);
    mean.copy_from(&net);
    assert_eq!((mean.to_bytes().unwrap(), ids(&mean)), (net.to_bytes().unwrap(), before));
    // What follows is on its own afterwards.
    step(&mut mean);
    assert_eq!(net.to_bytes().unwrap(), pair(1).to_bytes().unwrap());
}

#[test]
fn buffers_follow_too() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = BatchNorm2d::<dim!(1)>::init(rng);
    let mut target = net.clone();
    net.forward(Tensor::<shape![2, 1, 1, 1]>::from([[[[2.0]]], [[[4.0]]]]).trace());
    target.lerp_from(&net, 0.5);
    assert_eq!((target.running_mean.get().to_vec(), target.num_batches_tracked.get().item()), (vec![0.15], 1));
}

#[test]
fn what_has_another_form_cannot_be_followed() {
    let list = |n: usize| -> Vec<_> {
        let rng = &mut StdRng::seed_from_u64(0);
        (0..n).map(|_| Linear::<dim!(1), dim!(1)>::init(rng)).collect()
    };
    let message = |mut target: Vec<Linear<dim!(1), dim!(1)>>, other: Vec<_>| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target.copy_from(&other)));
        *caught.unwrap_err().downcast::<String>().unwrap()
    };
    let says = "a module follows one of the same form: `1.weight` is ";
    assert_eq!(message(list(1), list(2)), format!("{says}only in the other"));
    assert_eq!(message(list(2), list(1)), format!("{says}f32 [1, 1], in the other nothing"));
}
