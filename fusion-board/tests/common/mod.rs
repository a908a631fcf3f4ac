//! A server of a folder of runs, and a client that writes its requests itself.

#![allow(dead_code, reason = "each test program needs a part")]

use fusion::log::Run;
use fusion_board::{Board, Server};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// No answer takes as long.
pub const LONG: Duration = Duration::from_secs(60);

/// A server that runs until it is dropped, with all its connections.
pub struct Running {
    pub address: SocketAddr,
    pub folder: TempDir,
    runtime: Option<Runtime>,
}

impl Running {
    /// Of an empty folder of runs.
    pub fn new() -> Self {
        Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST), Vec::new())
    }

    /// At an address, with data sets.
    pub fn at(host: IpAddr, data: Vec<PathBuf>) -> Self {
        let start = move || {
            let folder = tempfile::tempdir().expect("a folder");
            let runtime = Runtime::new().expect("threads");
            let board = Board::open(folder.path(), data).expect("a board");
            let server = runtime.block_on(Server::bind(host, 0, board)).expect("a port");
            let address = server.address();
            runtime.spawn(server.serve(std::future::pending()));
            Self { address, folder, runtime: Some(runtime) }
        };
        // A test may have a runtime of its own, which this thread then belongs to.
        std::thread::spawn(start).join().expect("a server")
    }

    /// A new run.
    pub fn run(&self, name: &str) -> Run {
        Run::create(self.path(name)).expect("room")
    }

    /// Where a run lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The answer to a request for a path with these headers: its first lines and what follows.
    pub fn http(&self, path: &str, host: &str, headers: &str) -> (String, Vec<u8>) {
        ask(self.address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"))
    }

    /// The answer from JSON, and whether all is well.
    pub fn json(&self, path: &str) -> (bool, serde_json::Value) {
        let (head, body) = self.http(path, &self.address.to_string(), "");
        (head.starts_with("HTTP/1.1 200"), serde_json::from_slice(&body).expect("JSON"))
    }

    /// Asks until the answer is as it shall be.
    pub fn until(&self, path: &str, is_so: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let start = Instant::now();
        loop {
            let (_, answer) = self.json(path);
            if is_so(&answer) {
                return answer;
            }
            assert!(start.elapsed() < LONG, "{path}: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let runtime = self.runtime.take().expect("it runs");
        let _ = std::thread::spawn(|| runtime.shutdown_timeout(Duration::from_secs(5))).join();
    }
}

/// Sends text; what comes until the end.
pub fn ask(address: SocketAddr, text: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(LONG)).expect("a connection");
    stream.write_all(text.as_bytes()).expect("a connection");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("headers") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).expect("text");
    let body = answer.split_off(end);
    // Bodies of a length that is not known come in pieces.
    if head.to_lowercase().contains("transfer-encoding: chunked") { (head, joined(&body)) } else { (head, body) }
}

fn joined(mut pieces: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(end) = pieces.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(str::from_utf8(&pieces[..end]).expect("text"), 16).expect("a length");
        all.extend_from_slice(&pieces[end + 2..end + 2 + length]);
        pieces = &pieces[(end + length + 4).min(pieces.len())..];
    }
    all
}

/// A text as a part of an address.
pub fn coded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The file of a run.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("run.fusion")
}
