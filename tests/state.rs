//! Saving and loading: round trips, what does not fit, hostile files, and optimizers that go on where they were.

mod counting;

#[path = "state/checkpoints.rs"]
mod checkpoints;
#[path = "state/copies.rs"]
mod copies;
#[path = "state/damaged.rs"]
mod damaged;
#[path = "state/hostile.rs"]
mod hostile;
#[path = "state/modules.rs"]
mod modules;
#[path = "state/optimizers.rs"]
mod optimizers;
#[path = "state/parameters.rs"]
mod parameters;
#[path = "state/part.rs"]
mod part;

use fusion::prelude::*;

model! {
    /// Something small with names in two levels.
    Net: [3] -> [2] { fc1: Linear<_, 4>, Relu, fc2: Linear<_, 2> }
}

fn net(seed: u64) -> Net {
    Net::init(&mut StdRng::seed_from_u64(seed))
}

/// A file's contents from a header and the length of its data.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// The header of a file's contents, as text.
fn header(bytes: &[u8]) -> &str {
    let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    std::str::from_utf8(&bytes[8..8 + len]).unwrap()
}
