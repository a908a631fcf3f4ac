//! The server, with clients that mean well and others, and with files that are damaged, strange, or grow.

mod common;

use common::{LONG, Running, ask, coded, file};
use fusion::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

/// The points of a curve of one run.
fn points(answer: &Value) -> Vec<(u64, Value)> {
    let rows = answer["curves"][0]["points"].as_array().expect("points");
    rows.iter().map(|row| (row[0].as_u64().expect("a step"), row[2].clone())).collect()
}

#[test]
fn files_of_the_page() {
    let server = Running::new();
    let own = server.address.to_string();
    for (path, kind, part) in [
        ("/", "html", "app.js"),
        ("/app.js", "javascript", "EventSource"),
        ("/plot/line.js", "javascript", "export"),
        ("/board.css", "css", ":root"),
    ] {
        let (head, body) = server.http(path, &own, "");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains(&format!("text/{kind}")), "{head}");
        assert!(String::from_utf8(body).expect("text").contains(part));
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "frame-ancestors 'none'",
        ] {
            assert!(head.contains(header), "{head}");
        }
    }
}

/// Whatever the page loads is there, and nothing that it names lies elsewhere.
#[test]
fn the_page_is_whole() {
    let server = Running::new();
    let own = server.address.to_string();
    let (mut open, mut seen) = (vec!["/".to_owned()], BTreeSet::new());
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let (head, body) = server.http(&path, &own, "");
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        let text = String::from_utf8(body).expect("text");
        let folder = path.rsplit_once('/').expect("a slash").0;
        for named in text.split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css")) {
            let named = named.trim_start_matches("./");
            let (folder, named) = match named.strip_prefix("../") {
                Some(named) => (folder.rsplit_once('/').expect("a folder").0, named),
                None => (folder, named),
            };
            open.push(format!("{folder}/{named}"));
        }
        for scheme in ["http://", "https://"] {
            let own = ["http://www.w3.org/2000/svg"];
            assert!(
                text.split(scheme).skip(1).all(|rest| own.iter().any(|own| format!("{scheme}{rest}").starts_with(own))),
                "{path}"
            );
        }
    }
    assert!(seen.len() > 12, "{seen:?}");
}

#[test]
fn who_may_ask() {
    let server = Running::new();
    let (own, port) = (server.address.to_string(), server.address.port());
    for host in [&own, "localhost", &format!("localhost:{port}"), "127.0.0.1", "[::1]"] {
        assert!(server.http("/api/runs", host, "").0.starts_with("HTTP/1.1 200"), "{host}");
    }
    // A name that somebody lets lead here, and an address that is another machine's.
    for host in ["evil.example", &format!("evil.example:{port}"), "192.168.1.1", "", "127.0.0.1.evil.example"] {
        let (head, _) = server.http("/api/runs", host, "");
        assert!(head.starts_with("HTTP/1.1 403") && head.contains("content-security-policy"), "{host}: {head}");
    }
    assert!(server.http("/api/runs", &own, &format!("Origin: http://{own}\r\n")).0.starts_with("HTTP/1.1 200"));
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "\u{ff}"] {
        let (head, _) = server.http("/api/runs", &own, &format!("Origin: {origin}\r\n"));
        assert!(head.starts_with("HTTP/1.1 403"), "{origin}: {head}");
    }
    assert!(server.http("/api/runs", &own, "Host: evil.example\r\n").0.starts_with("HTTP/1.1 4"));
    // It only reads.
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request =
            format!("{method} /api/runs HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assert!(ask(server.address, &request).0.starts_with("HTTP/1.1 405"), "{method}");
    }
}

#[test]
fn a_board_for_others() {
    let server = Running::at(IpAddr::V4(Ipv4Addr::UNSPECIFIED), Vec::new());
    let address = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, server.address.port()));
    let get = |host: &str| ask(address, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).0;
    assert!(get("192.168.1.7:6006").starts_with("HTTP/1.1 200") && get("localhost").starts_with("HTTP/1.1 200"));
    assert!(get("evil.example").starts_with("HTTP/1.1 403"));
}

#[test]
fn nothing_outside_the_folder() {
    let server = Running::new();
    let outside = tempfile::tempdir().expect("a folder");
    let mut secret = fusion::log::Run::create(outside.path().join("secret")).expect("room");
    secret.scalar(1, "secret", 42.0).expect("room");
    server.run("own").scalar(1, "loss", 1.0).expect("room");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path().join("secret"), server.path("link")).expect("room");
        fs::create_dir_all(server.path("file")).expect("room");
        std::os::unix::fs::symlink(file(&outside.path().join("secret")), file(&server.path("file"))).expect("room");
    }
    let (_, runs) = server.json("/api/runs");
    assert_eq!(runs["runs"].as_array().expect("runs").len(), 1, "{runs}");
    let out = format!("../{}/secret", outside.path().file_name().expect("a name").display());
    for name in
        [&out, "link", "file", "own/../link", "/etc/passwd", "../../../../etc/passwd", "own/run.fusion", "own\0"]
    {
        for path in [
            format!("/api/curve?name=secret&run={}", coded(name)),
            format!("/api/summary?run={}", coded(name)),
            format!("/api/media?run={}", coded(name)),
            format!("/api/image?at=13&run={}", coded(name)),
        ] {
            let (head, body) = server.http(&path, &server.address.to_string(), "");
            assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
            assert!(!String::from_utf8(body).expect("text").contains("42"));
        }
    }
    // A run that becomes a link while it is shown.
    #[cfg(unix)]
    {
        fs::rename(server.path("own"), server.path("was")).expect("room");
        std::os::unix::fs::symlink(outside.path().join("secret"), server.path("own")).expect("room");
        let (_, answer) = server.json("/api/curve?run=own&name=secret");
        assert!(!answer.to_string().contains("42"), "{answer}");
    }
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/page/app.js", "/plot/..%2fapp.js"] {
        assert!(server.http(path, &server.address.to_string(), "").0.starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[test]
fn questions_that_make_no_sense() {
    let server = Running::new();
    server.run("a").scalar(1, "loss", 1.0).expect("room");
    let run = "run=a&";
    for (path, status) in [
        ("/api/curve?run=a", "400"),
        ("/api/curve?run=a&name=loss&from=x", "400"),
        ("/api/curve?run=a&name=loss&from=NaN", "400"),
        ("/api/curve?run=a&name=loss&to=inf", "400"),
        ("/api/curve?run=a&name=loss&points=-1", "400"),
        ("/api/curve?run=a&name=loss&points=99999999999999999999", "400"),
        ("/api/curve?run=a&name=loss&by=x", "400"),
        ("/api/curve?run=b&name=loss", "404"),
        ("/api/image?run=a", "400"),
        ("/api/image?run=a&at=0", "404"),
        ("/api/text?run=a&at=13", "404"),
        (&format!("/api/curve?{}name=loss", run.repeat(33)), "400"),
        (&format!("/api/curve?{}name=loss", run.repeat(70)), "400"),
        (&format!("/api/curve?run=a&name={}", "x".repeat(40_000)), "400"),
        ("/api/curve?run=a&name=loss&points=1&from=5&to=1", "200"),
        ("/api/curve?run=a&name=other", "200"),
        ("/api/curve?run=a&name=loss&points=1000000000", "200"),
    ] {
        let (head, body) = server.http(path, &server.address.to_string(), "");
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {head}");
        assert!(status == "200" || serde_json::from_slice::<Value>(&body).expect("JSON")["error"].is_string());
    }
}

#[test]
fn strange_names_and_values() {
    let server = Running::new();
    let names = [
        "<script>alert(1)</script>",
        "it's \"quoted\" & more",
        "a/b/c",
        "Ünï ☃ \u{202e}",
        "=1+1",
        "%2e%2e",
        "__proto__",
    ];
    for name in names {
        let mut run = server.run(name.trim_start_matches('/'));
        run.settings(&[(name, &name)]).expect("room");
        for (step, value) in
            [f64::NAN, 1.5, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e-320, f64::MAX].into_iter().enumerate()
        {
            run.scalar(step as u64, name, value).expect("room");
        }
        run.scalar(u64::MAX, name, 2.0).expect("room");
    }
    let (_, runs) = server.json("/api/runs");
    let listed: BTreeSet<&str> =
        runs["runs"].as_array().expect("runs").iter().map(|run| run["name"].as_str().expect("text")).collect();
    assert_eq!(listed, names.into_iter().collect());
    for name in names {
        let path = format!("/api/curve?run={0}&name={0}", coded(name));
        let answer = server.until(&path, |answer| answer["curves"][0]["read"] == 1.0);
        let values: Vec<Value> = points(&answer).into_iter().map(|(_, value)| value).collect();
        assert_eq!(
            values,
            [
                json!("NaN"),
                json!(1.5),
                json!("Infinity"),
                json!("-Infinity"),
                json!(-0.0),
                json!(1e-320),
                json!(f64::MAX),
                json!(2.0)
            ]
        );
        let (_, summary) = server.json(&format!("/api/summary?run={}", coded(name)));
        let curve = &summary["runs"][0]["curves"][0];
        assert_eq!(
            (&curve["name"], &curve["min"][2], &curve["max"][2], &curve["last"][0]),
            (&json!(name), &json!(-0.0), &json!(f64::MAX), &json!(u64::MAX))
        );
    }
}

#[test]
fn damaged_files() {
    let server = Running::new();
    let mut run = server.run("damaged");
    (0..1000).for_each(|step| run.scalar(step, "loss", 1.0).expect("room"));
    drop(run);
    let path = file(&server.path("damaged"));
    let mut bytes = fs::read(&path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 100].fill(0xff);
    let end = bytes.len() - 7;
    fs::write(&path, &bytes[..end]).expect("room");
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("short", b"FUSION"),
        ("other", b"PK\x03\x04 no log at all"),
        ("newer", b"FUSION LOG 9\nwhatever"),
        ("zeros", &[0; 5000]),
    ] {
        fs::create_dir_all(server.path(name)).expect("room");
        fs::write(file(&server.path(name)), bytes).expect("room");
    }
    let answer =
        server.until("/api/curve?run=damaged&name=loss&points=4000", |answer| answer["curves"][0]["read"] == 1.0);
    let count = points(&answer).len();
    assert!((990..1000).contains(&count), "{count}");
    for (name, says) in [("other", "no log of a run"), ("newer", "another version"), ("zeros", "no log of a run")] {
        server.json(&format!("/api/curve?run={name}&name=loss"));
        let runs = server.until("/api/runs", |runs| {
            let mut all = runs["runs"].as_array().expect("runs").iter();
            all.any(|run| run["name"] == name && !run["problem"].is_null())
        });
        assert!(runs.to_string().contains(says), "{runs}");
    }
    let (_, runs) = server.json("/api/runs");
    let damaged = runs["runs"].as_array().expect("runs").iter().find(|run| run["name"] == "damaged").expect("it");
    assert!(damaged["damaged"].as_u64() >= Some(1), "{damaged}");
    for name in ["empty", "short"] {
        assert_eq!(server.json(&format!("/api/curve?run={name}&name=loss")).1["curves"][0]["count"], 0);
    }
}

/// A page that hears events.
struct Listener {
    stream: TcpStream,
    /// What came and was not looked for yet.
    heard: String,
}

impl Listener {
    fn of(server: &Running) -> Self {
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        stream.set_read_timeout(Some(LONG)).expect("a connection");
        write!(stream, "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).expect("a connection");
        let mut listener = Self { stream, heard: String::new() };
        listener.hear(&["text/event-stream"]);
        listener
    }

    /// Listens until these texts came, one behind the other.
    fn hear(&mut self, wanted: &[&str]) {
        let (start, mut part) = (Instant::now(), [0; 65536]);
        for wanted in wanted {
            while !self.heard.contains(wanted) {
                assert!(start.elapsed() < LONG, "no {wanted} in {}", self.heard);
                let count = self.stream.read(&mut part).expect("events");
                assert!(count > 0, "the end after {}", self.heard);
                self.heard += &String::from_utf8_lossy(&part[..count]);
            }
            let end = self.heard.find(wanted).expect("it is there") + wanted.len();
            self.heard.drain(..end);
        }
    }
}

#[test]
fn runs_that_grow() {
    let server = Running::new();
    let mut events = Listener::of(&server);
    let mut run = server.run("new");
    run.scalar(0, "loss", 1.0).expect("room");
    events.hear(&["event: list"]);
    events.hear(&["event: grown", "\"name\":\"new\""]);
    let path = "/api/curve?run=new&name=loss&points=8000";
    assert_eq!(points(&server.until(path, |answer| answer["curves"][0]["count"] == 1)).len(), 1);
    for step in 1..500 {
        run.scalar(step, "loss", 1.0 / step as f64).expect("room");
    }
    events.hear(&["event: grown", "\"name\":\"new\""]);
    let answer = server.until(path, |answer| answer["curves"][0]["count"] == 500);
    assert!(points(&answer).iter().enumerate().all(|(at, (step, _))| at as u64 == *step));
    // Half a record is none yet.
    let own = file(&server.path("new"));
    let whole = fs::metadata(&own).expect("a file").len();
    run.scalar(500, "loss", 9.0).expect("room");
    drop(run);
    let bytes = fs::read(&own).expect("a file");
    fs::write(&own, &bytes[..whole as usize + 20]).expect("room");
    std::thread::sleep(Duration::from_millis(1200));
    let (_, answer) = server.json(path);
    assert_eq!((&answer["curves"][0]["count"], &answer["curves"][0]["read"]), (&json!(500), &json!(1.0)));
    // It is started anew, and is another one at once.
    let mut run = server.run("new");
    (0..600).for_each(|step| run.scalar(step, "other", 2.0).expect("room"));
    server.until("/api/curve?run=new&name=other&points=8000", |answer| answer["curves"][0]["count"] == 600);
    assert_eq!(server.json(path).1["curves"][0]["count"], 0);
    fs::remove_dir_all(server.path("new")).expect("room");
    events.hear(&["event: list"]);
    server.until("/api/runs", |runs| runs["runs"] == json!([]));
}

#[test]
fn images_and_texts() {
    let server = Running::new();
    let mut run = server.run("a");
    let image = Tensor::<(Dyn, Dyn, Dyn), u8>::from_vec_sized((0..24).collect(), &[3, 2, 4]).expect("an image");
    for step in [5, 10] {
        run.image(step, "filters", &image).expect("room");
        run.text(step, "said", "<b>hello</b>").expect("room");
    }
    let media = server.until("/api/media?run=a", |media| media["runs"][0]["items"][1]["steps"][1][0] == 10);
    let items = &media["runs"][0]["items"];
    assert_eq!(
        (&items[0]["kind"], &items[0]["name"], &items[1]["kind"]),
        (&json!("image"), &json!("filters"), &json!("text"))
    );
    let place = |item: usize| items[item]["steps"][1][1].as_u64().expect("a place");
    let (head, body) = server.http(&format!("/api/image?run=a&at={}", place(0)), &server.address.to_string(), "");
    assert!(head.contains("image/png") && head.contains("content-security-policy"), "{head}");
    let mut reader = png::Decoder::new(std::io::Cursor::new(body)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let about = reader.next_frame(&mut pixels).expect("an image");
    assert_eq!((about.width, about.height, &pixels[..6]), (4, 2, &[0, 8, 16, 1, 9, 17][..]));
    let (_, said) = server.json(&format!("/api/text?run=a&at={}", place(1)));
    assert_eq!(said["text"], "<b>hello</b>");
    // One is not the other.
    assert!(!server.json(&format!("/api/text?run=a&at={}", place(0))).0);
}

#[test]
fn many_runs() {
    let server = Running::new();
    for number in 0..1000 {
        let mut run = server.run(&format!("sweep/{number:04}"));
        run.settings(&[("rate", &(f64::from(number) * 1e-4))]).expect("room");
        (0..10).for_each(|step| run.scalar(step, "loss", f64::from(number) / (step + 1) as f64).expect("room"));
    }
    let start = Instant::now();
    let (_, runs) = server.json("/api/runs");
    assert_eq!(runs["runs"].as_array().expect("runs").len(), 1000);
    println!("the list of 1,000 runs: {:?}", start.elapsed());
    // While a page listens, all are read for the table of best values.
    let _events = Listener::of(&server);
    let summary = server.until("/api/summary", |summary| {
        let runs = summary["runs"].as_array().expect("runs");
        runs.iter().filter(|run| run["read"] == 1.0 && run["curves"][0]["count"] == 10).count() == 1000
    });
    println!("all of them are read: {:?}", start.elapsed());
    let run = summary["runs"].as_array().expect("runs").iter().find(|run| run["name"] == "sweep/0500").expect("it");
    assert_eq!((&run["curves"][0]["min"][2], &run["curves"][0]["max"][2]), (&json!(50.0), &json!(500.0)));
}

/// A folder of runs that a training makes later, and what is none.
#[test]
fn a_folder_that_comes_later() {
    let home = tempfile::tempdir().expect("a folder");
    let board = fusion_board::Board::open(home.path().join("runs"), Vec::new()).expect("a board");
    assert!(board.runs().0.is_empty());
    let mut run = fusion::log::Run::create(home.path().join("runs/first")).expect("room");
    run.scalar(1, "loss", 0.5).expect("room");
    let start = Instant::now();
    while board.run("first").is_err() {
        assert!(start.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(board.run("first").expect("a run").summary().curves[0].count, 1);
    fs::write(home.path().join("file"), "x").expect("room");
    for (path, says) in [("file", "it is no folder"), ("missing/runs", "No such file")] {
        let fault = fusion_board::Board::open(home.path().join(path), Vec::new()).expect_err("no folder").to_string();
        assert!(fault.contains(path) && fault.contains(says), "{fault}");
    }
    assert!(fusion_board::Board::open(home.path(), vec![home.path().join("no data")]).is_err());
}

/// Each peak stays in the curve that is drawn, and a part of it is exact. `FUSION_POINTS=10000000` is the size that is promised.
#[test]
fn a_long_curve() {
    let length: u64 = std::env::var("FUSION_POINTS").map_or(100_000, |count| count.parse().expect("a number"));
    let server = Running::new();
    let mut run = server.run("long");
    let peaks = [length / 3, length / 2 + 1, length - 2];
    for step in 0..length {
        let value = if peaks.contains(&step) { 1000.0 + step as f64 } else { (step as f64 * 1e-3).sin() };
        run.scalar(step, "loss", value).expect("room");
    }
    let start = Instant::now();
    let (_, first) = server.json("/api/curve?run=long&name=loss&points=1000");
    println!("first answer of {length} points: {:?}, {} read", start.elapsed(), first["curves"][0]["read"]);
    let answer = server.until("/api/curve?run=long&name=loss&points=1000", |answer| answer["curves"][0]["read"] == 1.0);
    println!("all of them: {:?}", start.elapsed());
    let drawn = points(&answer);
    assert!(drawn.len() <= 1000 && drawn.is_sorted_by_key(|(step, _)| *step), "{}", drawn.len());
    for peak in peaks {
        assert!(drawn.contains(&(peak, json!(1000.0 + peak as f64))), "{peak}");
    }
    assert_eq!((&answer["curves"][0]["count"], &answer["curves"][0]["exact"]), (&json!(length), &json!(false)));
    let (from, to) = (length / 2 - 100, length / 2 + 100);
    let start = Instant::now();
    let (_, part) = server.json(&format!("/api/curve?run=long&name=loss&points=1000&from={from}&to={to}"));
    println!("a part: {:?}", start.elapsed());
    let steps: Vec<u64> =
        points(&part).into_iter().map(|(step, _)| step).filter(|step| (from..=to).contains(step)).collect();
    assert!(steps.into_iter().eq(from..=to) && part["curves"][0]["exact"] == true, "{}", part["curves"][0]["count"]);
    assert!(points(&part).contains(&(length / 2 + 1, json!(1001.0 + (length / 2) as f64))));
}
