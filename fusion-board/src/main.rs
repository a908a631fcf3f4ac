//! The board: `cargo run --release -p fusion-board -- runs` serves a page of the runs in a folder.

use clap::Parser;
use fusion_board::{Board, Fault, Server};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// A page that shows runs of training while they grow, and data before it is learned from.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder of runs, each a folder with a `run.fusion` in it.
    #[arg(default_value = "runs")]
    runs: PathBuf,
    /// Data to look at: a CSV file, an IDX file, or a folder of images.
    #[arg(long, num_args = 1..)]
    data: Vec<PathBuf>,
    /// The port of the page.
    #[arg(long, default_value_t = 6006)]
    port: u16,
    /// Lets others than this machine look: the address of this machine at which they reach it, such as 0.0.0.0.
    #[arg(long, value_name = "ADDRESS")]
    open_to: Option<IpAddr>,
}

fn main() -> Result<(), Fault> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Fault::new(format_args!("there are no threads: {error}")))?;
    runtime.block_on(async {
        let board = Board::open(&arguments.runs, arguments.data)?;
        let host = arguments.open_to.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let server = Server::bind(host, arguments.port, board).await?;
        println!("http://{} shows the runs of {}; Ctrl-C ends it.", server.address(), arguments.runs.display());
        if !host.is_loopback() {
            println!("Everybody who reaches this address may look.");
        }
        server.serve(async { _ = tokio::signal::ctrl_c().await }).await
    })
}
