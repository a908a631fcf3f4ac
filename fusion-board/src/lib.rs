//! A page that shows runs of training while they grow, and data before it is learned from.
//!
//! A training writes a log with [`fusion::log::Run`]; the program of this package, `cargo run --release -p fusion-board -- runs`,
//! serves a page of all logs in a folder. [`Board`] is what it knows: which runs there are, their curves, thinned so that peaks
//! stay and memory is bounded, and where in the files everything else lies. [`Server`] answers browsers.
//!
//! ```no_run
//! use fusion_board::{Board, Server};
//! use std::net::Ipv4Addr;
//!
//! # async fn serve() -> Result<(), fusion_board::Fault> {
//! let board = Board::open("runs", Vec::new())?;
//! let server = Server::bind(Ipv4Addr::LOCALHOST.into(), 6006, board).await?;
//! println!("http://{}", server.address());
//! server.serve(std::future::pending()).await
//! # }
//! ```

mod board;
mod data;
pub mod diagnosis;
pub mod network;
pub mod predictions;
mod request;
pub mod runs;
mod server;

pub use board::{Board, Event};
pub use fusion_web::Fault;
pub use request::{Answer, Problem, Query, work};
pub use server::Server;
