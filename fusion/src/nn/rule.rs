//! What `model!` and `#[derive(Module)]` ask of the types in them: the names that stand below a message of the compiler.
//!
//! Nothing here is to be written in a program: [`Module`](super::Module), [`Init`](super::Init) and
//! [`Forward`](super::Forward) are.

#[doc(hidden)]
pub use super::macro_support::derive::{Alike, HasDefault, Starts, Walked, default, started};
#[doc(hidden)]
pub use super::macro_support::model::{
    Is, IsModule, Join, KnownTensor, OneShape, Rule, Sum, is_module, output_of, output_of_function,
};
