//! A checkpoint as a file: a safetensors file whose metadata has all that is no tensor, and a checksum of the whole.

use super::run::Run;
use crate::crc::crc32;
use crate::graph::default_stream;
use crate::nn::{Module, generators};
use crate::optim::Optimizer;
use crate::state::{Checkpoint as Reader, How, Name, open, to_bytes};
use crate::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek};
use std::path::Path;

/// The version that is written, and the latest that is read.
const VERSION: u64 = 1;

/// The text of a file's metadata under this key is the checksum and a JSON document.
const KEY: &str = "checkpoint";

/// How a checkpoint begins behind the length of its header, up to the digits of the checksum.
const START: &str = r#"{"__metadata__":{"checkpoint":"crc32="#;

/// The digits of the checksum. In the checksum itself they count as zeros.
const DIGITS: usize = 8;

/// The first of these digits.
const DIGITS_AT: usize = 8 + START.len();

/// The longest document: read, it takes some dozen times the memory.
const LONGEST_DOCUMENT: usize = 1 << 24;

/// A part as it is saved.
#[derive(Clone, Copy)]
pub(super) struct Saved<'a> {
    pub(super) name: &'a str,
    pub(super) module: &'a dyn Module,
    pub(super) optimizer: Option<&'a dyn Optimizer>,
}

/// What is no tensor in a checkpoint.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) run: Run,
    /// The generators of each module's layers.
    pub(super) generators: BTreeMap<String, BTreeMap<String, u64>>,
    /// What the optimizers of modules say of themselves.
    pub(super) optimizers: BTreeMap<String, String>,
    /// The state of the default generator.
    pub(super) default_generator: u64,
}

impl Document {
    fn parse(text: &str) -> Result<Self, String> {
        let mut json: Value = serde_json::from_str(text).map_err(|error| format!("its document: {error}"))?;
        let version = json.get("version").and_then(Value::as_u64).ok_or("its document has no version")?;
        if version > VERSION {
            return Err(format!(
                "it is a checkpoint of version {version}, which a newer Fusion wrote: this one reads versions up to {VERSION}"
            ));
        }
        Self::from_json(&mut json).ok_or_else(|| "its document is not what a checkpoint of this version has".to_owned())
    }

    fn from_json(json: &mut Value) -> Option<Self> {
        let mut document = Self {
            run: Run::from_json(json.get_mut("run")?)?,
            generators: BTreeMap::new(),
            optimizers: BTreeMap::new(),
            default_generator: json.get("default_generator")?.as_u64()?,
        };
        for (name, module) in json.get("modules")?.as_object()? {
            let states = module.get("generators")?.as_object()?.iter();
            let states = states.map(|(path, state)| Some((path.clone(), state.as_u64()?)));
            document.generators.insert(name.clone(), states.collect::<Option<_>>()?);
            if let Some(text) = module.get("optimizer") {
                document.optimizers.insert(name.clone(), text.as_str()?.to_owned());
            }
        }
        Some(document)
    }
}

/// What the tensors of a module, or with `optimizer` those of its optimizer, begin with.
pub(super) fn prefix(name: &str, optimizer: bool) -> String {
    format!("{name}{}.", if optimizer { "_optimizer" } else { "" })
}

/// The contents of a checkpoint that goes to `path`.
pub(super) fn contents(path: &Path, run: &Run, parts: &[Saved<'_>]) -> Result<Vec<u8>> {
    let (mut tensors, mut modules) = (Vec::new(), Map::new());
    for part in parts {
        part.module.walk(&crate::nn::Path::root(), &mut |at, value| {
            tensors.push((format!("{}{at}", prefix(part.name, false)), value.array().clone()));
        });
        let mut module = json!({ "generators": generators(part.module) });
        if let Some(optimizer) = part.optimizer {
            let contents = optimizer.contents(part.module);
            let named = |(name, array)| (format!("{}{name}", prefix(part.name, true)), array);
            tensors.extend(contents.tensors.into_iter().map(named));
            module["optimizer"] = contents.about.into();
        }
        modules.insert(part.name.to_owned(), module);
    }
    let document = json!({
        "version": VERSION,
        "run": run.to_json(),
        "modules": modules,
        "default_generator": default_stream().state(),
    });
    let text = format!("crc32={} {document}", "0".repeat(DIGITS));
    if text.len() > LONGEST_DOCUMENT {
        let problem = format!(
            "the values of the run are {} bytes of JSON, and a checkpoint holds {LONGEST_DOCUMENT}: large data are tensors \
            of a module",
            text.len()
        );
        return Err(Error::argument("run", problem));
    }
    let mut bytes = to_bytes(path, tensors, (KEY, &text))?;
    assert!(bytes[8..].starts_with(START.as_bytes()), "the metadata come first in a header");
    let digits = format!("{:08x}", crc32(0, &bytes));
    bytes[DIGITS_AT..DIGITS_AT + DIGITS].copy_from_slice(digits.as_bytes());
    Ok(bytes)
}

/// Opens a checkpoint and reads its document, without a look at the tensors.
pub(super) fn read_document(path: &Path) -> Result<(fs::File, u64, Document)> {
    let (file, len) = open(path)?;
    let how = How { ignores_others: true, ..How::default() };
    let reader = Reader::new(&file, len, path.to_owned(), Vec::new(), KEY, how)?;
    let format = |problem| Error::format(path, problem);
    let text = reader.about().and_then(|text| text.strip_prefix("crc32=")?.split_once(' '));
    let Some((_, text)) = text else {
        return Err(format(format!("its metadata has no `{KEY}`: it is no checkpoint")));
    };
    if text.len() > LONGEST_DOCUMENT {
        return Err(format(format!("its document is {} bytes long, a checkpoint has {LONGEST_DOCUMENT}", text.len())));
    }
    let mut document = Document::parse(text).map_err(format)?;
    document.run.from = Some(path.to_owned());
    Ok((file, len, document))
}

/// Opens a checkpoint and looks at every byte of it. The inner error is that of a damaged file.
pub(super) fn read_whole(path: &Path) -> Result<Result<(fs::File, u64, Document)>> {
    let damaged = |problem| Ok(Err(Error::format(path, problem)));
    // What is damaged is told first, then what a newer Fusion wrote.
    let (file, _) = open(path)?;
    match check(&file) {
        Ok(Ok(())) => {}
        // A file that is cut off has a better sentence.
        Ok(Err(problem)) => match read_document(path) {
            Err(error @ Error::Format { .. }) => return Ok(Err(error)),
            Err(error) => return Err(error),
            Ok(_) => return damaged(problem),
        },
        Err(source) => return Err(Error::file(path, source)),
    }
    read_document(path).map(Ok)
}

/// Compares the checksum. The inner error is a sentence.
fn check(mut file: &fs::File) -> io::Result<Result<(), String>> {
    file.rewind()?;
    let mut part = Vec::with_capacity(1 << 20);
    file.take(1 << 20).read_to_end(&mut part)?;
    let digits = DIGITS_AT..DIGITS_AT + DIGITS;
    let found = part.get(digits.clone()).and_then(|digits| str::from_utf8(digits).ok()).map(str::to_owned);
    let Some(found) = found.filter(|_| part[8..].starts_with(START.as_bytes())) else {
        return Ok(Err(format!("it does not begin as a checkpoint does, with {}", Name(START))));
    };
    part[digits].fill(b'0');
    let mut crc = 0;
    while !part.is_empty() {
        crc = crc32(crc, &part);
        part.clear();
        file.take(1 << 20).read_to_end(&mut part)?;
    }
    let right = format!("{crc:08x}");
    Ok(if found == right {
        Ok(())
    } else {
        Err(format!("its bytes have the checksum {right}, but it says {}: it is damaged", Name(&found)))
    })
}
