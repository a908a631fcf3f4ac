//! Files of events, which TensorBoard reads: messages of protocol buffers (`tensorboard.Event`), each between checksums as in
//! TensorFlow's files of records.

mod message;

use super::growing::Growing;
use super::record::{Confusion, Histogram, ParameterState, Picture, Record};
use crate::crc::crc32c;
use crate::{Error, Result};
use message::Message;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// With what the names of all files of events begin.
const BEGIN: &str = "events.out.tfevents.";

/// The program in the names of those that are written here.
const PROGRAM: &str = ".fusion";

/// A file of events.
#[derive(Debug)]
pub(super) struct Events {
    file: Growing,
}

impl Events {
    /// A new file, named by the time; in a folder of a new run the only one of this library.
    pub fn create(folder: &Path, is_new: bool, now: f64) -> Result<Self> {
        if is_new {
            remove_old(folder).map_err(|source| Error::file(folder, source))?;
        }
        let mut seconds = now as u64;
        let (path, file) = loop {
            let path = folder.join(format!("{BEGIN}{seconds:010}{PROGRAM}"));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                // A run that goes on twice in a second.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => seconds += 1,
                Err(source) => return Err(Error::file(&path, source)),
            }
        };
        let mut events = Self { file: Growing { path, file, end: 0 } };
        let version = Message::default().double(1, now).text(3, "brain.Event:2");
        events.file.add(&framed(&version.0))?;
        Ok(events)
    }

    /// Writes what TensorBoard has a place for.
    pub fn write(&mut self, step: u64, now: f64, record: &Record) -> Result<()> {
        let values = values(record)?;
        if values.is_empty() {
            return Ok(());
        }
        let summary = values.iter().fold(Message::default(), |summary, value| summary.message(1, value));
        let event = Message::default().double(1, now).int(2, step).message(5, &summary);
        self.file.add(&framed(&event.0))
    }
}

fn remove_old(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(BEGIN) && name.ends_with(PROGRAM)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A message between its length and its checksums.
fn framed(message: &[u8]) -> Vec<u8> {
    // A checksum of data that hold checksums is a bad one, so they are stored changed.
    let masked = |bytes: &[u8]| crc32c(bytes).rotate_right(15).wrapping_add(0xA282_EAD8).to_le_bytes();
    let length = (message.len() as u64).to_le_bytes();
    [&length, &masked(&length)[..], message, &masked(message)].concat()
}

/// The values of a summary.
fn values(record: &Record) -> Result<Vec<Message>> {
    Ok(match record {
        Record::Scalars(values) => values.iter().map(|(name, value)| scalar(name, *value)).collect(),
        Record::Gradients(rows) => rows.iter().flat_map(gradient).collect(),
        Record::Histogram(found) => vec![histogram(found)],
        Record::Image(found) => vec![image(&found.name, &found.picture)?],
        Record::Text(found) => vec![text(&found.name, &found.text)],
        Record::Settings(list) => vec![text("settings", &settings(list))],
        Record::Confusion(found) => vec![text(&format!("confusion/{}", found.name), &confusion(found))],
        Record::Network(_) | Record::Operations(_) | Record::Graph(_) | Record::Predictions(_) => Vec::new(),
    })
}

fn value(name: &str) -> Message {
    Message::default().text(1, name)
}

fn scalar(name: &str, number: f64) -> Message {
    value(name).float(2, number as f32)
}

fn gradient(row: &ParameterState) -> impl Iterator<Item = Message> {
    let norm = (row.count > 0).then(|| scalar(&format!("gradients/{}", row.path), row.norm));
    norm.into_iter().chain(row.update.map(|update| scalar(&format!("updates/{}", row.path), update)))
}

fn histogram(found: &Histogram) -> Message {
    let (ranges, count) = (found.counts.len(), found.counts.iter().sum::<u64>());
    let share = |at: usize| (at + 1) as f64 / ranges as f64;
    let end = |at: usize| match at + 1 == ranges {
        true => found.high,
        false => found.low * (1.0 - share(at)) + found.high * share(at),
    };
    let numbers = [found.low, found.high, count as f64, found.sum, found.squares];
    let all = numbers.into_iter().zip(1..).fold(Message::default(), |all, (value, number)| all.double(number, value));
    value(&found.name)
        .message(5, &all.doubles(6, (0..ranges).map(end)).doubles(7, found.counts.iter().map(|&count| count as f64)))
}

fn image(name: &str, picture: &Picture) -> Result<Message> {
    let Picture { channels, height, width, .. } = *picture;
    let about = Message::default().int(1, height.into()).int(2, width.into()).int(3, channels.into());
    Ok(value(name).message(4, &about.bytes(4, &picture.png()?)))
}

/// A text is a tensor of one string, of which the metadata say that it is a text.
fn text(name: &str, text: &str) -> Message {
    const STRING: u64 = 7;
    let tensor = Message::default().int(1, STRING).message(2, &Message::default()).text(8, text);
    let plugin = Message::default().text(1, "text");
    value(name).message(8, &tensor).message(9, &Message::default().message(1, &plugin))
}

/// A row of a table of Markdown.
fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells = cells.into_iter().map(|cell| format!(" {} |", cell.replace('|', "\\|").replace(['\n', '\r'], " ")));
    format!("|{}\n", cells.collect::<String>())
}

fn table(head: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let rule = row(head.iter().map(|_| "---".to_owned()));
    row(head) + &rule + &rows.into_iter().map(row).collect::<String>()
}

fn settings(list: &[(String, String)]) -> String {
    let rows = list.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
    table(vec!["setting".into(), "value".into()], rows)
}

fn confusion(found: &Confusion) -> String {
    let classes = found.classes.iter();
    let head = std::iter::once("label, guess".to_owned()).chain(classes.clone().cloned()).collect();
    let rows = classes
        .zip(found.counts.chunks(found.classes.len().max(1)))
        .map(|(class, counts)| std::iter::once(class.clone()).chain(counts.iter().map(u64::to_string)).collect());
    table(head, rows)
}
