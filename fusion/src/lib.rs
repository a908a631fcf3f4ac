#![doc = include_str!("../../README.md")]
#![warn(missing_debug_implementations)]

extern crate self as fusion;

mod crc;
pub mod data;
pub mod dim;
mod error;
mod function;
pub mod grad;
mod gradcheck;
mod graph;
mod kernels;
#[cfg(test)]
mod limits;
pub mod log;
pub mod models;
pub mod nn;
mod ops;
pub mod optim;
#[cfg(any(feature = "files", feature = "tensorboard"))]
mod picture;
#[cfg(feature = "plot")]
pub mod plot;
pub mod state;
pub mod tensor;
pub mod train;
#[cfg(feature = "vision")]
pub mod vision;
#[doc(hidden)]
pub mod words;

/// Chapters that explain one thing each, from the start.
pub mod guide {
    #[doc = include_str!("../docs/shapes.md")]
    pub mod shapes {}
    #[doc = include_str!("../docs/data.md")]
    pub mod data {}
    #[doc = include_str!("../docs/layers.md")]
    pub mod layers {}
    #[doc = include_str!("../docs/errors.md")]
    pub mod errors {}
    #[doc = include_str!("../docs/operations.md")]
    pub mod operations {}
    #[doc = include_str!("../docs/gradients.md")]
    pub mod gradients {}
    #[doc = include_str!("../docs/numerics.md")]
    pub mod numerics {}
    #[doc = include_str!("../docs/engine.md")]
    pub mod engine {}
    #[doc = include_str!("../docs/parity.md")]
    pub mod parity {}
    #[doc = include_str!("../docs/fine_tuning.md")]
    pub mod fine_tuning {}
    #[doc = include_str!("../docs/prepared.md")]
    pub mod prepared {}
    #[doc = include_str!("../docs/training.md")]
    pub mod training {}
    #[doc = include_str!("../docs/log.md")]
    pub mod log {}
    #[cfg(feature = "vision")]
    #[doc = include_str!("../docs/detection.md")]
    pub mod detection {}
    #[cfg(feature = "plot")]
    #[doc = include_str!("../docs/plots.md")]
    pub mod plots {}
    #[doc = include_str!("../docs/pytorch.md")]
    pub mod pytorch {}
}

/// The examples in the documentation of the macros, whose crate cannot run them.
#[cfg(doctest)]
mod macros {
    #[doc = include_str!("../../fusion-macros/src/derive/derive.md")]
    mod derive {}
    #[doc = include_str!("../../fusion-macros/src/einsum/einsum.md")]
    mod einsum {}
    #[doc = include_str!("../../fusion-macros/src/einsum/try_einsum.md")]
    mod try_einsum {}
    #[doc = include_str!("../../fusion-macros/src/fused/fused.md")]
    mod fused {}
    #[doc = include_str!("../../fusion-macros/src/ix/ix.md")]
    mod ix {}
    #[doc = include_str!("../../fusion-macros/src/model/model.md")]
    mod model {}
    #[doc = include_str!("../../fusion-macros/src/size/dim.md")]
    mod dim {}
    #[doc = include_str!("../../fusion-macros/src/size/shape.md")]
    mod shape {}
}

/// What stands on the right of an operator, and what functions of [`fused!`] and [`einsum!`] take: traits for code that is
/// generic over it.
pub mod operand {
    pub use crate::kernels::dtype::Scalar;
    pub use crate::ops::axes::Parts;
    pub use crate::ops::einsum::{ElementOf, Multiplied};
    pub use crate::ops::fused::Argument;
    pub use crate::ops::repeat::Coordinates;
    pub use crate::ops::{Meets, Number, Operand, Right, Shaped};
}

/// What [`Tensor::at`] and [`Tensor::rows`] take and give, for signatures that name it.
pub mod index {
    pub use crate::ops::index::at::{Indexed, Indexing, Whole};
    pub use crate::ops::index::rows::Rows;
}

pub use error::{Error, Result};
pub use function::{Inputs, Outputs, record};
pub use fusion_macros::{Module, dim, einsum, fused, ix, model, shape, try_einsum};
pub use gradcheck::gradcheck;
pub use graph::{Dot, Gradients, Trace, Value, manual_seed};
pub use kernels::conv::set_direct_convolutions;
pub use kernels::memory::trim as trim_memory;
pub use kernels::parallel::{num_threads, set_num_threads};
pub use kernels::{DType, Element};
pub use nn::checkpoint;
pub use tensor::Tensor;

/// The `ndarray` whose arrays tensors are made of and give.
#[cfg(feature = "ndarray")]
pub use ndarray;
/// The `rand` whose generators start networks, draw numbers and shuffle data.
pub use rand;

/// What a program that uses Fusion usually needs, with one `use fusion::prelude::*`: [`Tensor`] and the macros; the
/// [layers](crate::nn), [losses](crate::nn::loss) and [optimizers](crate::optim), which are the words of a network as `Vec` and `Option` are of Rust; the
/// traits whose methods programs call; and those that bounds in generic code name. A program's own names come first: what
/// a glob brings gives way to them.
pub mod prelude {
    pub use crate::data::Dataset;
    pub use crate::dim::{
        Above, Axis, Below, Broadcast, BroadcastTo, Channels, Circular, Concat, Constant, Dim, Dyn, Elements, Ends,
        Features, HasAxis, Image, LastDim, MatMul, Nat, Num, Patches, Permute, Plus, Reduce, Reflect, Replicate,
        Reshape, Same, SameShape, Scores, Shape, Squeeze, StaticShape, Swap, Unsqueeze, Window,
    };
    pub use crate::graph::{Gradients, Trace};
    pub use crate::kernels::Element;
    pub use crate::nn::layers::*;
    pub use crate::nn::loss::{
        BatchMean, BceLoss, BceWithLogitsLoss, CosineEmbeddingLoss, CrossEntropyLoss, CtcLoss, Each,
        HingeEmbeddingLoss, HuberLoss, KlDivLoss, L1Loss, Mean, MseLoss, MultiMarginLoss, NllLoss, SmoothL1Loss, Sum,
        TripletMarginLoss,
    };
    pub use crate::nn::{Forward, Init, Module, Prepare};
    pub use crate::optim::*;
    pub use crate::state::State;
    pub use crate::tensor::{Float, Tensor};
    pub use crate::train::{Progress, ProgressExt};
    #[doc(hidden)]
    pub use crate::words::{ModuleWords as _, OptimizerWords as _, TensorWords as _};
    pub use fusion_macros::{Module, dim, einsum, fused, ix, model, shape, try_einsum};
    pub use rand::rngs::{ChaCha12Rng, StdRng};
    pub use rand::{Rng, RngExt, SeedableRng};
}

/// What lies below the typed surface, for this project's own tests. No promise holds for anything here.
#[doc(hidden)]
pub mod internals {
    #[cfg(feature = "files")]
    pub mod files {
        pub use crate::data::files::memory::*;
    }
    #[cfg(feature = "vision")]
    pub mod vision {
        pub use crate::vision::memory::*;
    }
    pub mod log {
        pub use crate::log::frame::framed;
    }
    pub mod graph {
        pub use crate::graph::*;
    }
    pub mod kernels {
        pub use crate::kernels::*;
    }
    pub mod ops {
        pub use crate::ops::*;
    }
}

/// What the macros' output names.
#[doc(hidden)]
pub mod __private {
    pub mod init {
        pub use crate::nn::init::sized::*;
    }
    pub use crate::dim::consts::*;
    pub use crate::dim::rule::Lettered;
    pub use crate::graph::Value;
    pub use crate::nn::inspect::printed::{Shown, show_layers};
    pub use crate::nn::macro_support::derive::*;
    pub use crate::nn::macro_support::following::{Activates, Followed, Summed, followed, summed};
    pub use crate::nn::macro_support::held::Held;
    pub use crate::nn::macro_support::model::*;
    pub use crate::nn::macro_support::walk::{visit_layers, walk_layers, walk_layers_mut};
    pub use crate::nn::module::duplicate::{OneCopy, renewed};
    pub use crate::nn::module::ready::ready;
    pub use crate::nn::module::show::{numbers, output_sizes, show_layer, show_repeated, write_layer};
    pub use crate::ops::{einsum, fused};
    pub use crate::state::load as load_new;
    pub use crate::tensor::{Tensors, any_batch, restate, with_batch};
    pub use crate::{dim_of, spelled_dim};
    pub use fusion_rules as rules;
    pub use fusion_rules::Size::Known;
    pub use rand::Rng;
}
