//! The server, with clients that mean well and others.

mod common;

use common::{Running, frames};
use fusion_webcam::server::{Limits, Server};
use fusion_webcam::{Detector, MOST_BYTES, Model};
use futures_util::{SinkExt, StreamExt};
use jpeg_encoder::{ColorType, Encoder};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// No answer takes as long.
const LONG: Duration = Duration::from_secs(60);

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn of(address: SocketAddr) -> Self {
        Self::from(address, &format!("http://{address}")).await.expect("a connection")
    }

    async fn from(address: SocketAddr, origin: &str) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/frames").into_client_request()?;
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        Ok(Self(connect_async(request).await?.0))
    }

    async fn send(&mut self, frame: &[u8]) {
        self.0.send(Message::binary(frame.to_vec())).await.expect("a connection");
    }

    /// The next answer; none at the end.
    async fn next(&mut self) -> Option<Value> {
        match tokio::time::timeout(LONG, self.0.next()).await.expect("an answer in time") {
            Some(Ok(Message::Text(text))) => Some(serde_json::from_str(&text).expect("JSON")),
            Some(Ok(Message::Close(_)) | Err(_)) | None => None,
            Some(Ok(other)) => panic!("{other:?}"),
        }
    }

    /// The answer to a frame.
    async fn ask(&mut self, frame: &[u8]) -> Value {
        self.send(frame).await;
        self.next().await.expect("an answer")
    }

    async fn error(&mut self, frame: &[u8]) -> String {
        self.ask(frame).await["error"].as_str().expect("an error").to_owned()
    }
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let (mut bytes, grey) = (Vec::new(), vec![90; usize::from(width) * usize::from(height)]);
    Encoder::new(&mut bytes, 80).encode(&grey, width, height, ColorType::Luma).expect("an image");
    bytes
}

/// The request as text, and all that comes.
async fn http(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a connection");
    let mut answer = String::new();
    tokio::time::timeout(LONG, stream.read_to_string(&mut answer)).await.expect("an end").expect("text");
    answer
}

#[tokio::test]
async fn pages() {
    let server = Running::at(0, Limits::default());
    let get = async |path: &str, host: &str| {
        http(server.address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
    };
    let own = server.address.to_string();
    for (path, kind, part) in
        [("/", "html", "webcam.js"), ("/webcam.js", "javascript", "getUserMedia"), ("/webcam.css", "css", "body")]
    {
        let answer = get(path, &own).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("text/{kind}")) && answer.contains(part)
        );
        assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
    }
    assert!(get("/other", &own).await.starts_with("HTTP/1.1 404"));
    assert!(get("/", "localhost").await.starts_with("HTTP/1.1 200"));
    // A name that somebody lets lead here.
    for host in ["evil.example", "evil.example:8080", "192.168.1.1", ""] {
        assert!(get("/", host).await.starts_with("HTTP/1.1 403"), "{host}");
    }
    assert!(get("/frames", &own).await.starts_with("HTTP/1.1 4"));
}

#[tokio::test]
async fn frames_of_other_pages_are_refused() {
    let server = Running::at(0, Limits::default());
    let port = server.address.port();
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", &format!("http://localhost:{port}")] {
        match Client::from(server.address, origin).await.err() {
            Some(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin}"),
            other => panic!("{origin}: {other:?}"),
        }
    }
    // Without an origin, and by another name.
    let url = format!("ws://{}/frames", server.address);
    assert!(matches!(connect_async(url.as_str()).await, Err(Error::Http(answer)) if answer.status() == 403));
    let mut request = url.into_client_request().expect("a request");
    for name in ["host", "origin"] {
        let value = if name == "host" { "evil.example" } else { "http://evil.example" };
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    assert!(matches!(connect_async(request).await, Err(Error::Http(answer)) if answer.status() == 403));
}

/// Two connections at once: each has faces with numbers of its own, and both see the singer all the time.
#[tokio::test]
async fn faces() {
    let server = Running::at(0, Limits::default());
    let (mut one, mut two) = (Client::of(server.address).await, Client::of(server.address).await);
    for (number, frame) in frames().iter().enumerate().take(20) {
        for client in [&mut one, &mut two] {
            let answer = client.ask(frame).await;
            let faces = answer["faces"].as_array().expect("faces");
            assert_eq!((answer["frame"].as_u64(), faces.len()), (Some(number as u64 + 1), 1), "{answer}");
            assert_eq!((&answer["width"], &answer["height"], &faces[0]["id"]), (&416.into(), &234.into(), &1.into()));
            for part in ["decode", "resize", "network", "boxes", "tracker"] {
                assert!(answer["ms"][part].as_f64().expect("a time") >= 0.0);
            }
        }
    }
    assert_eq!(Client::of(server.address).await.ask(&frames()[40]).await["faces"][0]["id"], 1);
}

/// Bad input costs its sender the answer. The connection goes on, and so do those of others, with their faces.
#[tokio::test]
async fn bad_frames() {
    let server = Running::at(0, Limits::default());
    let (mut bad, mut good) = (Client::of(server.address).await, Client::of(server.address).await);
    let clip = frames();
    let mut huge = jpeg(16, 16);
    let at = huge.windows(2).position(|mark| mark == [0xff, 0xc0]).expect("a header") + 5;
    huge[at..at + 4].copy_from_slice(&[20_000_u16.to_be_bytes(), 20_000_u16.to_be_bytes()].concat());
    let mut garbled = clip[0].clone();
    garbled[400..900].fill(0xff);
    let cases: [(&[u8], &str); 6] = [
        (b"", "the frame is no JPEG image"),
        (b"no image at all", "the frame is no JPEG image"),
        (&clip[0][..5000], "the frame is damaged"),
        (&garbled, "the frame is "),
        (&huge, "the frame has 20000 x 20000 pixels, and may have"),
        (&b"\xff\xd8\xff\xd8".repeat(1000), "the frame is "),
    ];
    for (number, (frame, says)) in cases.into_iter().enumerate() {
        let error = bad.error(frame).await;
        assert!(error.starts_with(says), "{error}");
        assert_eq!(good.ask(&clip[number]).await["faces"][0]["id"], 1);
    }
    bad.0.send(Message::text("hello")).await.expect("a connection");
    let answer = bad.next().await.expect("an answer");
    assert_eq!(answer["error"], "A frame is a binary message, and this one is text.");
    // The least image has no face, and is none too few.
    let answer = bad.ask(&jpeg(1, 1)).await;
    assert_eq!((&answer["width"], answer["faces"].as_array().map(Vec::len)), (&1.into(), Some(0)), "{answer}");
    // A face that was not there from the beginning has a number from its second frame on.
    bad.ask(&clip[10]).await;
    assert_eq!(bad.ask(&clip[11]).await["faces"][0]["id"], 1);
    assert_eq!(good.ask(&clip[11]).await["faces"][0]["id"], 1);
}

#[tokio::test]
async fn a_frame_with_too_many_bytes() {
    let server = Running::at(0, Limits::default());
    let (mut bad, mut good) = (Client::of(server.address).await, Client::of(server.address).await);
    // The most that a frame may have, and one byte more.
    assert!(bad.error(&vec![0; MOST_BYTES]).await.starts_with("the frame is no JPEG image"));
    let _ = bad.0.send(Message::binary(vec![0; MOST_BYTES + 1])).await;
    assert_eq!(bad.next().await.expect("an answer")["error"], format!("The frame has more than {MOST_BYTES} bytes."));
    assert_eq!(bad.next().await, None);
    assert_eq!(good.ask(&frames()[0]).await["faces"][0]["id"], 1);
}

/// Clients that go away: in the middle of a frame, while somebody works on one, and without a word.
#[tokio::test]
async fn clients_that_go_away() {
    let server = Running::at(0, Limits { cameras: 2, ..Limits::default() });
    let (address, clip) = (server.address, frames());
    let mut good = Client::of(address).await;
    for number in 0..12 {
        // There is one place beside the good client's: each that goes leaves it free.
        let mut other = loop {
            let mut other = Client::of(address).await;
            let answer = other.ask(&clip[0]).await;
            if answer["error"].is_null() {
                break other;
            }
        };
        if number % 3 == 0 {
            // The head of a frame of a million bytes, and a thousand of them.
            let MaybeTlsStream::Plain(stream) = other.0.get_mut() else { panic!("no plain connection") };
            stream.write_all(&[0x82, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 1, 2, 3, 4]).await.expect("a connection");
            stream.write_all(&[7; 1000]).await.expect("a connection");
        } else if number % 3 == 1 {
            other.send(&clip[1]).await;
        }
        drop(other);
        assert_eq!(good.ask(&clip[number]).await["faces"][0]["id"], 1);
    }
}

/// Of frames that come too fast the newest has an answer; none waits.
#[tokio::test]
async fn the_newest_frame_wins() {
    let server = Running::at(0, Limits::default());
    let mut client = Client::of(server.address).await;
    let clip = frames();
    for frame in &clip {
        client.send(frame).await;
    }
    let mut numbers = Vec::new();
    while numbers.last() != Some(&(clip.len() as u64)) {
        numbers.push(client.next().await.expect("an answer")["frame"].as_u64().expect("a number"));
    }
    assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.len() < clip.len() / 2, "{numbers:?}");
}

#[tokio::test]
async fn a_rate_of_frames() {
    let server = Running::at(0, Limits { rate: 10.0, ..Limits::default() });
    let mut client = Client::of(server.address).await;
    let (start, clip) = (Instant::now(), frames());
    for frame in &clip[..6] {
        client.ask(frame).await;
    }
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
    // More than four times as many messages end the connection, and no other.
    let mut other = Client::of(server.address).await;
    for _ in 0..45 {
        let _ = client.0.send(Message::text("x")).await;
    }
    let mut last = None;
    while let Some(answer) = client.next().await {
        last = Some(answer);
    }
    assert_eq!(last.expect("a sentence")["error"], "More than 40 messages in a second.");
    assert_eq!(other.ask(&clip[0]).await["faces"][0]["id"], 1);
}

#[tokio::test]
async fn as_many_cameras_as_there_may_be() {
    let server = Running::at(0, Limits { cameras: 1, ..Limits::default() });
    let clip = frames();
    let mut one = Client::of(server.address).await;
    one.ask(&clip[0]).await;
    let mut two = Client::of(server.address).await;
    assert_eq!(two.next().await.expect("a sentence")["error"], "The server has 1 cameras, and takes no more.");
    assert_eq!(two.next().await, None);
    assert_eq!(one.ask(&clip[1]).await["faces"][0]["id"], 1);
    one.0.close(None).await.expect("a connection");
    let start = Instant::now();
    while Client::of(server.address).await.ask(&clip[0]).await["faces"].is_null() {
        assert!(start.elapsed() < LONG);
    }
}

/// Whoever says nothing loses the place; a page waits until then.
#[tokio::test]
async fn places_of_those_who_say_nothing() {
    let silence = Duration::from_millis(500);
    let server = Running::at(0, Limits { connections: 2, silence, ..Limits::default() });
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(TcpStream::connect(server.address).await.expect("a connection"));
    }
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
    assert!(http(server.address, &request).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_port_that_is_taken() {
    let server = Running::at(0, Limits::default());
    let detector = Detector::new(Model::YoloFace500k, 0.5, 0.45).expect("a network");
    let taken = Server::bind(server.address.ip(), server.address.port(), detector, Limits::default()).await;
    let fault = taken.expect_err("it is taken").to_string();
    assert!(
        fault.starts_with(&format!("the server cannot listen at 127.0.0.1, port {}: ", server.address.port())),
        "{fault}"
    );
}
