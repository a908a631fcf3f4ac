//! A page with the camera of a browser, and faces in its frames by a WebSocket.
//!
//! The page sends a JPEG image, a binary message, and gets an [`Answer`] as JSON; then it sends the next. Each connection has a
//! tracker of its own. What comes faster than it is worked on is replaced by what comes after: the newest frame wins, and nothing
//! waits in a queue.
//!
//! Whoever is no page of this server gets no connection, and a bad frame costs its sender the answer and nobody else anything:
//! see [`Limits`].

mod page;
mod session;

use crate::detector::{Detector, Times};
use crate::output::Face;
use crate::{Fault, Result};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use fusion_web::{Limited, harden, is_own, is_same};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// What a client may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// WebSockets at one time; one more is told so and closed.
    pub cameras: usize,
    /// Connections at one time, of pages and WebSockets; one more waits.
    pub connections: usize,
    /// Frames of a second that a connection gets answers for. One that sends four times as many messages is closed.
    pub rate: f64,
    /// The longest time in which a connection says nothing; then it is closed.
    pub silence: Duration,
}

impl Default for Limits {
    /// 16 cameras with 60 frames of a second each, 64 connections, two minutes.
    fn default() -> Self {
        Self { cameras: 16, connections: 64, rate: 60.0, silence: Duration::from_secs(120) }
    }
}

/// What a client is told of a frame.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// What was found.
    Faces {
        /// The frame's number among those that the connection sent, from 1 on.
        frame: u64,
        /// The frame's width.
        width: usize,
        /// The frame's height.
        height: usize,
        /// The faces that are followed.
        faces: Vec<Face>,
        /// Where the time went.
        ms: Times,
    },
    /// What is wrong.
    Problem {
        /// A sentence.
        error: String,
    },
}

/// A server that listens, and serves once it is told to.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    detector: Detector,
    limits: Limits,
    /// Pages are asked for by an address of this machine alone.
    loopback: bool,
    /// Who has this works on a frame; those who wait get it in turn.
    turn: Arc<Semaphore>,
    /// WebSockets that may be opened.
    cameras: Arc<Semaphore>,
}

impl Server {
    /// Listens at an address; port 0 is any that is free.
    ///
    /// # Errors
    /// If the address is no one's of this machine, or its port is taken.
    pub async fn bind(host: IpAddr, port: u16, detector: Detector, limits: Limits) -> Result<Self> {
        let failed = |error| Fault::new(format_args!("the server cannot listen at {host}, port {port}: {error}"));
        let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (turn, cameras) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(limits.cameras)));
        let shared = Arc::new(Shared { detector, limits, loopback: host.is_loopback(), turn, cameras });
        Ok(Self { listener, address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `end` is there.
    ///
    /// # Errors
    /// If the system takes the address away.
    pub async fn serve(self, end: impl Future<Output = ()>) -> Result<()> {
        let Limits { connections, silence, .. } = self.shared.limits;
        let listener = Limited::new(self.listener, connections, silence);
        let shared = Arc::clone(&self.shared);
        let pages = page::FILES
            .iter()
            .fold(Router::new(), |router, file| router.route(file.path, get(async || file.response())));
        let router = pages
            .route("/frames", any(frames))
            .layer(middleware::from_fn_with_state(shared, guard))
            .with_state(self.shared);
        tokio::select! {
            ended = async { axum::serve(listener, router).await } => ended.map_err(Fault::new),
            () = end => Ok(()),
        }
    }
}

/// Lets those in who ask for an address of this server: the name of another one, whose owner lets it lead here, is refused.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_own(host, shared.loopback) {
        let problem = "This server is asked for by its address, as it was printed when it began.\n";
        return (StatusCode::FORBIDDEN, problem).into_response();
    }
    let mut response = next.run(request).await;
    harden(response.headers_mut());
    response
}

/// Frames and answers, for a page of this server.
async fn frames(State(shared): State<Arc<Shared>>, headers: HeaderMap, socket: WebSocketUpgrade) -> Response {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_same(said(header::ORIGIN), said(header::HOST)) {
        return (StatusCode::FORBIDDEN, "Frames are taken from this server's own page alone.\n").into_response();
    }
    let socket = socket.max_message_size(crate::MOST_BYTES).max_frame_size(crate::MOST_BYTES);
    socket.on_upgrade(|socket| session::run(socket, shared))
}
