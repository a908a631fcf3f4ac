//! Networks of Darknet: what their `.weights` files hold, and what their `.cfg` files describe.
//!
//! [`load`] reads trained weights into a network, and [`Cfg`] reads a description and writes it as a `model!`, which the example
//! `darknet` prints. The networks of [`models::yolo`](crate::models::yolo) are such descriptions, written shorter.
//!
//! ```no_run
//! use fusion::models::{YoloFace500k, darknet};
//! use fusion::prelude::*;
//!
//! let mut net = YoloFace500k::init(&mut StdRng::seed_from_u64(0));
//! darknet::load(&mut net, "yoloface-500k.weights")?;
//! let net = net.prepare();
//! let boxes = net.forward(Tensor::<shape![1, 3, 256, 320]>::zeros());
//! # Ok::<(), fusion::Error>(())
//! ```

mod cfg;
mod fault;
mod layer;
mod model;
mod network;
mod weights;

pub use cfg::Cfg;
pub use weights::{Header, load, load_bytes};
