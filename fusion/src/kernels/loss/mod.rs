//! Losses and their gradients in one pass each: of classes, of pairs of elements, of alignments.

mod classes;
mod ctc;
mod pairs;

pub use classes::{check_labels, cross_entropy, label_weights, pick, put};
pub use ctc::{Alignments, ctc, ctc_grad, ctc_hessian};
pub use pairs::{bce_with_logits, bce_with_logits_grad, binary_cross_entropy, squared_error};
