//! The server: the page, what it asks for, and what it is told.
//!
//! It listens on this machine alone unless it is told otherwise, only reads, and gives nothing that does not lie in the folder of
//! runs or was named as data. Whoever asks for it by a name that is not its own, or from another page, is refused.

mod api;
mod events;
mod page;

use crate::board::Board;
use crate::{data, diagnosis, network, predictions};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fusion_web::{Fault, Limited, harden, is_own, is_same};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;

/// Connections at one time; one more waits.
const CONNECTIONS: usize = 64;
/// The longest time in which nothing is said on a connection.
const SILENCE: Duration = Duration::from_secs(120);

/// A server that listens, and serves once it is told to.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    board: Board,
}

/// All that is answered. A part of the board adds its own.
fn routes() -> Router<Board> {
    Router::new()
        .merge(api::routes())
        .merge(events::routes())
        .merge(diagnosis::routes())
        .merge(network::routes())
        .merge(predictions::routes())
        .merge(data::routes())
}

impl Server {
    /// Listens at an address; port 0 is any that is free.
    ///
    /// # Errors
    /// If the address is no one's of this machine, or its port is taken.
    pub async fn bind(host: IpAddr, port: u16, board: Board) -> Result<Self, Fault> {
        let failed = |error| Fault::new(format_args!("the board cannot listen at {host}, port {port}: {error}"));
        let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, board })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `end` is there.
    ///
    /// # Errors
    /// If the system takes the address away.
    pub async fn serve(self, end: impl Future<Output = ()>) -> Result<(), Fault> {
        let listener = Limited::new(self.listener, CONNECTIONS, SILENCE);
        let is_loopback = self.address.ip().is_loopback();
        let pages =
            page::FILES.iter().fold(routes(), |router, file| router.route(file.path, get(async || file.response())));
        let router = pages.layer(middleware::from_fn_with_state(is_loopback, guard)).with_state(self.board);
        tokio::select! {
            ended = async { axum::serve(listener, router).await } => ended.map_err(Fault::new),
            () = end => Ok(()),
        }
    }
}

/// Lets those in who ask for an address of this server, and are no other page.
async fn guard(State(is_loopback): State<bool>, request: Request, next: Next) -> Response {
    let mut response = match refusal(request.headers(), is_loopback) {
        Some(sentence) => (StatusCode::FORBIDDEN, sentence).into_response(),
        None => next.run(request).await,
    };
    harden(response.headers_mut());
    response
}

/// Why a request with these headers gets no answer; none if it gets one.
fn refusal(headers: &HeaderMap, is_loopback: bool) -> Option<&'static str> {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = said(header::HOST).unwrap_or_default();
    if !is_own(host, is_loopback) || headers.get_all(header::HOST).iter().count() > 1 {
        return Some("The board is asked for by its address, as it was printed when it began.\n");
    }
    let is_elsewhere = headers.contains_key(header::ORIGIN) && !is_same(said(header::ORIGIN).unwrap_or_default(), host);
    is_elsewhere.then_some("The board answers its own page alone.\n")
}
