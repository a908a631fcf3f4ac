//! What pages are told without asking: server-sent events.

use crate::board::{Board, Event};
use crate::request::Problem;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::routing::get;
use futures_util::Stream;
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pages that are told at one time. The connections that are left answer.
const LISTENERS: usize = 48;

pub fn routes() -> Router<Board> {
    let places = Arc::new(Semaphore::new(LISTENERS));
    Router::new().route("/api/events", get(move |board| listen(board, places)))
}

async fn listen(
    State(board): State<Board>,
    places: Arc<Semaphore>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    let place = places.try_acquire_owned().map_err(|_| Problem::failed("too many pages are open"))?;
    let events = unfold((board.listen(), place), next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

type Listener = (Receiver<Event>, OwnedSemaphorePermit);

async fn next((mut events, place): Listener) -> Option<(Result<sse::Event, Infallible>, Listener)> {
    let Event { name, data } = match events.recv().await {
        Ok(event) => event,
        // A page that missed something reads everything again.
        Err(RecvError::Lagged(_)) => Event { name: "list", data: "{}".into() },
        Err(RecvError::Closed) => return None,
    };
    Some((Ok(sse::Event::default().event(name).data(data)), (events, place)))
}
