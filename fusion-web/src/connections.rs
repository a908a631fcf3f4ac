//! Connections: not too many, and none that says nothing.

use axum::serve::Listener;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// A listener that takes a connection once there is a place for it.
pub struct Limited {
    listener: TcpListener,
    places: Arc<Semaphore>,
    silence: Duration,
}

impl Limited {
    /// With so many places; who says nothing for so long loses theirs.
    pub fn new(listener: TcpListener, places: usize, silence: Duration) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(places)), silence }
    }
}

impl Listener for Limited {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("places are never closed");
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // An answer is one small packet, which is not to wait for another.
        let _ = stream.set_nodelay(true);
        let end = Box::pin(sleep(self.silence));
        (Connection { stream, end, silence: self.silence, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection in its place.
pub struct Connection {
    stream: TcpStream,
    /// When it ends if nothing is said.
    end: Pin<Box<Sleep>>,
    silence: Duration,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// The silence begins anew.
    fn wait(&mut self) {
        let end = Instant::now() + self.silence;
        self.end.as_mut().reset(end);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.wait();
            return read;
        }
        self.end.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        // Who is told something by and by, and takes it, has nothing to say.
        if written.is_ready() {
            self.wait();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
