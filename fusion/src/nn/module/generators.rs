//! The generators of layers: where their random numbers stand.

use super::{Module, Path};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The state of each generator of a module, by its path: those of dropout layers.
pub(crate) fn generators(module: &dyn Module) -> BTreeMap<String, u64> {
    let states = Mutex::new(BTreeMap::new());
    module.walk(
        &Path::root_of_generators(&|path, stream| {
            let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
            states.insert(path.to_string(), stream.state());
        }),
        &mut |_, _| {},
    );
    states.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Lets each generator of a module that has a state here go on from there.
pub(crate) fn set_generators(module: &dyn Module, states: &BTreeMap<String, u64>) {
    module.walk(
        &Path::root_of_generators(&|path, stream| {
            if let Some(state) = states.get(&path.to_string()) {
                stream.set_state(*state);
            }
        }),
        &mut |_, _| {},
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    model! { Net: [3] -> [2] { { fc: Linear<_, 4>, Dropout<0.5> }, drop: Dropout<0.1>, Linear<_, 2> } }

    #[derive(Module)]
    #[module(no_init)]
    struct Held {
        nets: Vec<Net>,
        boxed: Box<Dropout>,
    }

    #[test]
    fn each_by_its_path_and_back() {
        let make = |seed| {
            let rng = &mut StdRng::seed_from_u64(seed);
            Held { nets: vec![Net::init(rng), Net::init(rng)], boxed: Box::new(Dropout::init_with(rng)) }
        };
        let (one, two) = (make(0), make(1));
        let states = generators(&one);
        let names: Vec<_> = states.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["boxed.random", "nets.0.1.random", "nets.0.drop.random", "nets.1.1.random", "nets.1.drop.random"]
        );
        assert_ne!(generators(&two), states);
        set_generators(&two, &states);
        assert_eq!(generators(&two), states);
        let x = Tensor::<shape![50]>::ones();
        let drops = |held: &Held| held.boxed.forward(x.trace()).to_vec();
        assert_eq!(drops(&one), drops(&two));
        assert_eq!(one.names(), two.names());
        assert!(!one.names().iter().any(|name| name.ends_with("random")), "no tensors");
    }
}
