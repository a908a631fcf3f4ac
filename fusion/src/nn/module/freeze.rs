//! What is trained and what is not.

use crate::nn::module::{Module, Path};

/// Stops the training of a module, or of a part of it: its parameters become data, without gradients. They are saved and
/// loaded under their names as before, and [`unfreeze`] makes them the same parameters again. PyTorch's
/// `requires_grad_(False)`; in `model!`, `#[freeze]`.
///
/// What is computed from frozen layers and untraced data is data too. So in fine-tuning `x` need not be traced before
/// it comes to a layer that is trained, and nothing is recorded of the frozen part:
///
/// ```
/// use fusion::nn::{freeze, unfreeze};
/// use fusion::prelude::*;
///
/// model! { Net: [3] -> [2] { body: Linear<_, 4>, Relu, head: Linear<_, 2> } }
///
/// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
/// freeze(&mut net.body);
/// assert_eq!((net.num_parameters(), net.names().len()), (10, 4));
///
/// let x = Tensor::<shape![1, 3]>::ones();
/// let features = Relu.forward(net.body.forward(x.clone()));
/// let grads = net.head.forward(features.trace()).sum().backward();
/// assert!(grads.get(&net.head.weight).is_some());
///
/// unfreeze(&mut net.body);
/// let grads = net.forward(x.trace()).sum().backward();
/// assert!(grads.get(&net.body.weight).is_some());
/// ```
///
/// Batch normalisation that is frozen still moves its running statistics in training, as PyTorch's does; of data that is
/// not traced, as above, it does not.
#[doc(alias = "requires_grad_")]
pub fn freeze(module: &mut impl Module) {
    module.walk_mut(&Path::root(), &mut |path, value| {
        // A plain tensor in a parameter's place, or one that was given by itself, is declared to stay as it is.
        let declared = path.is_parameter() || path.is_root();
        if value.is_parameter() || declared && value.dtype().is_float() {
            value.freeze();
        }
    });
}

/// The way back from [`freeze`]: what was a parameter is one again, the same as before, so that an optimizer goes on with
/// what it knows about it. Buffers stay buffers. PyTorch's `requires_grad_(True)`.
///
/// ```
/// use fusion::nn::{freeze, unfreeze};
/// use fusion::prelude::*;
///
/// let mut layer = BatchNorm2d::<dim!(3)>::init(&mut StdRng::seed_from_u64(0));
/// freeze(&mut layer);
/// unfreeze(&mut layer);
/// assert_eq!((layer.num_parameters(), layer.names().len()), (6, 5));
/// ```
#[doc(alias = "requires_grad_")]
pub fn unfreeze(module: &mut impl Module) {
    module.walk_mut(&Path::root(), &mut |_, value| value.unfreeze());
}
