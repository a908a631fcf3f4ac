//! One WebSocket: frames in, answers out.

use super::{Answer, Shared};
use crate::Result;
use crate::detector::Found;
use crate::output::faces;
use crate::picture::picture;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use fusion::vision::Tracker;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// How long a client may take to accept an answer.
const SEND: Duration = Duration::from_secs(10);
/// A client that sends this many times as many messages as it gets answers for is closed.
const FLOOD: f64 = 4.0;

/// Work on a frame: the tracker, which comes back, and what was found; nothing if the server failed.
type Work = JoinHandle<Option<(Tracker, Result<Found>)>>;

/// What is known of a connection.
struct Session {
    socket: WebSocket,
    shared: Arc<Shared>,
    /// The newest frame that nobody works on yet, with its number.
    newest: Option<(u64, Bytes)>,
    /// The number of frames that came.
    count: u64,
    /// When the next frame may be worked on.
    next: Instant,
    /// The second in which messages are counted, and how many came in it.
    second: (Instant, f64),
    /// There when nobody works on a frame.
    tracker: Option<Tracker>,
    work: Option<(u64, Work)>,
}

/// Why a connection ends.
enum End {
    /// The client is gone, or does not listen.
    Gone,
    /// The client is told a sentence, and the connection closed.
    Told(String),
}

/// Answers until one side ends it.
pub async fn run(mut socket: WebSocket, shared: Arc<Shared>) {
    let Ok(_place) = Arc::clone(&shared.cameras).try_acquire_owned() else {
        let error = format!("The server has {} cameras, and takes no more.", shared.limits.cameras);
        close(&mut socket, error).await;
        return;
    };
    let (now, tracker) = (Instant::now(), Some(shared.detector.tracker()));
    let mut session =
        Session { socket, shared, newest: None, count: 0, next: now, second: (now, 0.0), tracker, work: None };
    let end = loop {
        if let Err(end) = session.step().await {
            break end;
        }
    };
    // What waits for its turn does so no longer; what is worked on is finished, for nobody.
    if let Some((_, work)) = session.work.take() {
        work.abort();
    }
    if let End::Told(error) = end {
        close(&mut session.socket, error).await;
    }
}

/// Tells what is wrong, and ends it.
async fn close(socket: &mut WebSocket, error: String) {
    let told = async {
        if socket.send(text(&Answer::Problem { error })).await.is_ok() {
            let _ = socket.send(Message::Close(None)).await;
            // What was sent before is read, so that the system does not throw away the sentence with it.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = timeout(SEND / 5, told).await;
}

fn text(answer: &Answer) -> Message {
    Message::Text(serde_json::to_string(answer).expect("names and numbers").into())
}

impl Session {
    /// Waits for one thing to happen: a message, the end of work, the time for more.
    async fn step(&mut self) -> Result<(), End> {
        let waits = self.newest.is_some() && self.work.is_none();
        tokio::select! {
            // Answers first: a client that sends without end gets them, too.
            biased;
            done = async { (&mut self.work.as_mut().expect("there is work").1).await }, if self.work.is_some() => {
                let (frame, _) = self.work.take().expect("it was awaited");
                let answer = match done {
                    Ok(Some((tracker, Ok(found)))) => {
                        self.tracker = Some(tracker);
                        let ([width, height], faces, ms) = (found.size, faces(&found), found.times);
                        Answer::Faces { frame, width, height, faces, ms }
                    }
                    Ok(Some((tracker, Err(fault)))) => {
                        self.tracker = Some(tracker);
                        Answer::Problem { error: fault.to_string() }
                    }
                    _ => Answer::Problem { error: "The server failed with this frame.".to_owned() },
                };
                self.send(&answer).await
            }
            () = sleep_until(self.next), if waits => {
                self.begin();
                Ok(())
            }
            message = self.socket.recv() => self.take(message).await,
        }
    }

    /// Work on the newest frame begins, in its turn.
    fn begin(&mut self) {
        let Some((number, bytes)) = self.newest.take() else { return };
        self.next = Instant::now() + Duration::from_secs_f64(1.0 / self.shared.limits.rate);
        let mut tracker = self.tracker.take().unwrap_or_else(|| self.shared.detector.tracker());
        let shared = Arc::clone(&self.shared);
        let work = async move {
            let turn = Arc::clone(&shared.turn).acquire_owned().await.expect("turns are never closed");
            let work = move || {
                let found = shared.detector.frame(&bytes, picture, &mut tracker).map(|(_, found)| found);
                drop(turn);
                (tracker, found)
            };
            tokio::task::spawn_blocking(work).await.ok()
        };
        self.work = Some((number, tokio::spawn(work)));
    }

    async fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match message {
            None => return Err(End::Gone),
            Some(Err(error)) => return Err(failed(&error)),
            Some(Ok(message)) => message,
        };
        let now = Instant::now();
        if now - self.second.0 > Duration::from_secs(1) {
            self.second = (now, 0.0);
        }
        self.second.1 += 1.0;
        if self.second.1 > FLOOD * self.shared.limits.rate {
            return Err(End::Told(format!("More than {} messages in a second.", FLOOD * self.shared.limits.rate)));
        }
        match message {
            Message::Binary(bytes) => {
                self.count += 1;
                self.newest = Some((self.count, bytes));
                Ok(())
            }
            Message::Text(_) => {
                self.send(&Answer::Problem { error: "A frame is a binary message, and this one is text.".to_owned() })
                    .await
            }
            Message::Close(_) => Err(End::Gone),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn send(&mut self, answer: &Answer) -> Result<(), End> {
        match timeout(SEND, self.socket.send(text(answer))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }
}

/// Why a message cannot be read.
fn failed(error: &axum::Error) -> End {
    let text = error.to_string();
    match text.contains("too long") || text.contains("too large") || text.contains("too big") {
        true => End::Told(format!("The frame has more than {} bytes.", crate::MOST_BYTES)),
        false => End::Gone,
    }
}
