//! A server on this machine that breaks off, forgets, lies and refuses.

use super::*;
use crate::Error;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server says to one request, which may ask for a part from a byte on.
type Answer = Box<dyn Fn(Option<usize>) -> Vec<u8> + Send>;

/// A server that has an answer for each request, and then is gone. It notes where each request wants to begin.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    fn new(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/file", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let from = request(&mut stream);
                notes.lock().unwrap().push(from);
                // Who has heard enough may hang up.
                let _ = stream.write_all(&answer(from));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<Option<usize>> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads a request; from which byte on it wants the file.
fn request(stream: &mut TcpStream) -> Option<usize> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap().to_lowercase();
    let range = text.lines().find_map(|line| line.strip_prefix("range: bytes="))?;
    Some(range.trim_end_matches('-').parse().unwrap())
}

fn data() -> Vec<u8> {
    (0..100_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect()
}

fn md5_of(data: &[u8]) -> String {
    Md5::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer with this head, which promises `promised` bytes, and this body.
fn answer(head: &str, promised: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {promised}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// What an honest server says, which breaks off after so many bytes.
fn honest(data: Vec<u8>, most: usize) -> Answer {
    Box::new(move |from| {
        let (start, all) = (from.unwrap_or(0), data.len());
        let head = match from {
            Some(start) => format!("206 Partial Content\r\nContent-Range: bytes {start}-{}/{all}", all - 1),
            None => "200 OK".to_owned(),
        };
        answer(&head, all - start, &data[start..][..most.min(all - start)])
    })
}

/// One that knows no parts of files.
fn forgetful(data: Vec<u8>, most: usize) -> Answer {
    Box::new(move |_| answer("200 OK", data.len(), &data[..most.min(data.len())]))
}

fn status(head: &'static str) -> Answer {
    Box::new(move |_| answer(head, 4, b"none"))
}

/// Fetches the file from servers with these answers. What became of it, and what each server was asked.
fn fetched(
    folder: &Path,
    servers: Vec<Vec<Answer>>,
) -> (std::result::Result<Vec<u8>, String>, Vec<Vec<Option<usize>>>) {
    let servers: Vec<Server> = servers.into_iter().map(Server::new).collect();
    let addresses: Vec<&String> = servers.iter().map(|server| &server.address).collect();
    let path = folder.join("new/file");
    let result = download(&path, &addresses, 100_000, &md5_of(&data()));
    let result = result.map(|()| fs::read(&path).unwrap()).map_err(|error| {
        assert!(!path.exists(), "half a file");
        let mut text = error.to_string();
        for (i, address) in addresses.iter().enumerate() {
            text = text.replace(*address, &format!("<{i}>"));
        }
        text
    });
    if result.is_ok() {
        assert!(!folder.join("new/file.part").exists());
    }
    (result, servers.iter().map(Server::asked).collect())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn whole() {
    let folder = folder();
    let (result, asked) = fetched(folder.path(), vec![vec![honest(data(), usize::MAX)], vec![]]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![None], vec![]]));
    // Once it is there, nobody is asked.
    let (result, asked) = fetched(folder.path(), vec![vec![]]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![]]));
    fs::write(folder.path().join("new/file"), b"another").unwrap();
    let error = download(folder.path().join("new/file"), &["http://none"], 100_000, "0").unwrap_err().to_string();
    assert!(error.ends_with("new/file: has 7 bytes, and should have 100000; remove the file to have it fetched again"));
}

#[test]
fn broken_in_the_middle() {
    let answers = vec![honest(data(), 40_000), honest(data(), 1), honest(data(), usize::MAX)];
    let (result, asked) = fetched(folder().path(), vec![answers]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![None, Some(40_000), Some(40_001)]]));
    // Where another server goes on.
    let (first, second) =
        (vec![honest(data(), 70_000), status("503 Service Unavailable")], vec![honest(data(), usize::MAX)]);
    let (result, asked) = fetched(folder().path(), vec![first, second]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![None, Some(70_000)], vec![Some(70_000)]]));
}

#[test]
fn broken_for_good_and_resumed_by_the_next_call() {
    let folder = folder();
    let (result, _) = fetched(folder.path(), vec![vec![honest(data(), 60_000), honest(data(), 0)]]);
    let said = result.unwrap_err();
    assert!(said.contains("new/file: cannot be downloaded (<0>: "), "{said}");
    assert!(
        said.ends_with(&format!("By hand, put a file of 100000 bytes and md5 {} there", md5_of(&data()))),
        "{said}"
    );
    assert_eq!(fs::read(folder.path().join("new/file.part")).unwrap(), data()[..60_000]);
    let (result, asked) = fetched(folder.path(), vec![vec![honest(data(), usize::MAX)]]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![Some(60_000)]]));
}

#[test]
fn no_parts_of_files() {
    let answers = vec![forgetful(data(), 40_000), forgetful(data(), 90_000), forgetful(data(), usize::MAX)];
    let (result, asked) = fetched(folder().path(), vec![answers]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![None, Some(40_000), Some(90_000)]]));
    // A server that sends another part than was asked for.
    let liar = |from: Option<usize>| match from {
        None => answer("200 OK", 100_000, &data()[..10]),
        Some(_) => answer("206 Partial Content\r\nContent-Range: bytes 0-99999/100000", 100_000, &data()),
    };
    let (result, _) = fetched(folder().path(), vec![vec![Box::new(liar), Box::new(liar)]]);
    assert!(result.unwrap_err().contains("<0>: answered 206 Partial Content"));
}

#[test]
fn wrong_data() {
    let mut wrong = data();
    wrong[77] ^= 1;
    let folder = folder();
    let servers = vec![vec![honest(wrong.clone(), usize::MAX)], vec![honest(data(), usize::MAX)]];
    let (result, asked) = fetched(folder.path(), servers);
    assert_eq!((result, asked), (Ok(data()), vec![vec![None], vec![None]]));
    let other = tempfile::tempdir().unwrap();
    let (result, _) = fetched(other.path(), vec![vec![honest(wrong.clone(), usize::MAX)]]);
    let said = result.unwrap_err();
    assert!(said.contains(&format!("<0>: its md5 is {}, and should be {}", md5_of(&wrong), md5_of(&data()))), "{said}");
    assert!(!other.path().join("new/file.part").exists());
    // What an earlier run left is of no use: once more from the start.
    fs::write(other.path().join("new/file.part"), &wrong[..50_000]).unwrap();
    let (result, asked) = fetched(other.path(), vec![vec![honest(data(), usize::MAX), honest(data(), usize::MAX)]]);
    assert_eq!((result, asked), (Ok(data()), vec![vec![Some(50_000), None]]));
}

#[test]
fn too_long_and_too_short() {
    let long = [data(), vec![0; 50_000]].concat();
    let (result, _) = fetched(folder().path(), vec![vec![honest(long, usize::MAX)]]);
    assert!(result.unwrap_err().contains("<0>: gave more than the 100000 bytes that it should be"));
    let short = data()[..500].to_owned();
    let (result, _) =
        fetched(folder().path(), vec![vec![honest(short.clone(), usize::MAX), status("416 Range Not Satisfiable")]]);
    assert!(result.unwrap_err().contains("<0>: answered 416 Range Not Satisfiable"));
}

#[test]
fn nowhere() {
    let folder = folder();
    let (result, _) =
        fetched(folder.path(), vec![vec![status("404 Not Found")], vec![], vec![status("403 Forbidden")]]);
    let said = result.unwrap_err();
    assert!(
        said.contains("<0>: answered 404 Not Found; <1>: ") && said.contains("; <2>: answered 403 Forbidden"),
        "{said}"
    );
    let error = download(folder.path().join("x"), &["no address"], 1, "0").unwrap_err();
    assert!(matches!(&error, Error::File { .. }), "{error}");
    #[cfg(unix)]
    assert!(
        download("/dev/null/x", &["http://127.0.0.1:9"], 1, "0").unwrap_err().to_string().starts_with("/dev/null: ")
    );
}

/// An archive and a plain file, fetched, unpacked, and left alone the second time.
#[test]
fn sets() {
    let mut archive = tar_of("numbers/data.bin", &[5; 1000]);
    archive.resize(archive.len() + 1024, 0);
    let server = Server::new(vec![Box::new(move |_| answer("200 OK", archive.len(), &archive))]);
    let mirror: &'static str = server.address.trim_end_matches("/file").to_owned().leak();
    let md5: &'static str = md5_of(&[tar_of("numbers/data.bin", &[5; 1000]), vec![0; 1024]].concat()).leak();
    let published: &'static [Published] =
        vec![Published { name: "numbers.tar.gz", bytes: 512 + 1024 + 1024, md5 }].leak();
    let set = Set {
        name: "Numbers",
        folders: &["numbers"],
        known_by: &["data.bin"],
        published,
        mirrors: vec![mirror].leak(),
    };
    let folder = folder();
    set.download(folder.path()).unwrap();
    set.download(folder.path()).unwrap();
    assert_eq!(server.asked().len(), 1);
    let place = set.folder(folder.path()).unwrap();
    assert_eq!(fs::read(set.find(&place, "data.bin").unwrap()).unwrap(), [5; 1000]);
    assert!(!folder.path().join("numbers.tar.gz").exists());
}

/// A file in an archive.
fn tar_of(name: &str, data: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend(data);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}
