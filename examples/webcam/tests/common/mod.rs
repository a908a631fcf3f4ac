//! A server, and the clip that it is tried with.

#![allow(dead_code, reason = "each test program needs a part")]

use fusion::vision::BBox;
use fusion_webcam::server::{Limits, Server};
use fusion_webcam::{Detector, Known, Model, avi};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::runtime::Runtime;

/// A server that runs until it is dropped, with all its connections.
pub struct Running {
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Running {
    /// At a port of 127.0.0.1; 0 is any that is free.
    pub fn at(port: u16, limits: Limits) -> Self {
        let start = move || {
            let runtime = Runtime::new().expect("threads");
            let detector = Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network");
            let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let server = runtime.block_on(Server::bind(host, port, detector, limits)).expect("a port");
            let address = server.address();
            runtime.spawn(server.serve(std::future::pending()));
            Self { address, runtime: Some(runtime) }
        };
        // A test may have a runtime of its own, which this thread then belongs to.
        std::thread::spawn(start).join().expect("a server")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let runtime = self.runtime.take().expect("it runs");
        let _ = std::thread::spawn(|| runtime.shutdown_timeout(Duration::from_secs(5))).join();
    }
}

/// Where the clip lies.
pub fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clip").join(name)
}

/// The frames of the clip.
pub fn frames() -> Vec<Vec<u8>> {
    avi::Reader::open(&clip("singer.avi")).expect("a video").collect::<Result<_, _>>().expect("frames")
}

/// The face of each frame.
pub fn boxes() -> Vec<BBox> {
    let known = Known::read(&clip("singer.csv")).expect("a table");
    (0..frames().len()).map(|frame| known.of(&format!("{frame:05}")).expect("a face")[0]).collect()
}
