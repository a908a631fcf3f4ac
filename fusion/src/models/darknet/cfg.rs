//! Reads `.cfg` files.

use super::fault::{Fault, short};
use super::layer::{Given, Layer, Line, full_name};
use super::{model, network};
use crate::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The longest file that is read, in bytes: thirty times the longest of Darknet's own.
const LONGEST: u64 = 1 << 20;

/// The most layers.
const MOST: usize = 2000;

/// A network as a `.cfg` file of Darknet describes it.
///
/// The layers are `convolutional`, `maxpool`, `avgpool`, `upsample`, `shortcut`, `route`, `scale_channels`, `dropout` and `yolo`.
/// Settings of the training are passed over.
///
/// ```
/// use fusion::models::darknet::Cfg;
///
/// let text = "
///     [net]
///     width=64
///     height=32
///     channels=3
///     [convolutional]
///     batch_normalize=1
///     filters=8
///     size=3
///     stride=2
///     pad=1
///     activation=leaky
/// ";
/// let cfg = Cfg::parse(text)?;
/// assert_eq!((cfg.input(), cfg.outputs()), ([3, 32, 64], vec![[8, 16, 32]]));
/// assert!(cfg.model("Small").contains("pub Small: [3, 32, 64] -> [8, 16, 32] {"));
///
/// let error = Cfg::parse("[net]\nheight=8\nchannels=3\nwidth=many").unwrap_err();
/// assert_eq!(error.to_string(), "(text): line 4: `width` is a whole number from 1 to 65536, not `many`");
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cfg {
    network: network::Network,
}

impl Cfg {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, has more than a megabyte, or describes no network: the error names the line.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = |source| Error::file(path, source);
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let mut bytes = Vec::new();
        File::open(path).map_err(failed)?.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LONGEST {
            return Err(Error::format(path, format!("a description has at most {LONGEST} bytes")));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::read(path, text),
            Err(error) => {
                let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                Err(Error::format(path, format!("line {line}: this is no text")))
            }
        }
    }

    /// Reads the text of a file. Errors are those of [`Cfg::open`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(Path::new("(text)"), text)
    }

    fn read(path: &Path, text: &str) -> Result<Self> {
        let network = sections(text).and_then(|(net, layers)| network::Network::new(&net, layers));
        match network {
            Ok(network) => Ok(Self { network }),
            Err((line, problem)) => Err(Error::format(path, format!("line {line}: {problem}"))),
        }
    }

    /// Channels, height and width of the images that it takes.
    pub fn input(&self) -> [usize; 3] {
        self.network.input
    }

    /// Channels, height and width of what flows into each `[yolo]`, in the order of the file; without any, of what comes last.
    pub fn outputs(&self) -> Vec<[usize; 3]> {
        self.network.outputs.iter().map(|&at| self.network.shapes[at]).collect()
    }

    /// The network as a `model!` of this name, a program's text that compiles as it is: its layers in the order of the file, so that
    /// [`load`](super::load) reads the weights into it. Names of layers end in the place that the layer has in the file.
    ///
    /// # Panics
    ///
    /// If `name` is no name of a type, such as `YoloFace`.
    pub fn model(&self, name: &str) -> String {
        model::text(&self.network, name)
    }
}

/// The first section, and the layers.
fn sections(text: &str) -> std::result::Result<(Given, Vec<Line>), Fault> {
    let mut all: Vec<(usize, String, Given)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let line = line.split(['#', ';']).next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let Some(kind) = rest.strip_suffix(']') else {
                return Err((number, "a section is written `[convolutional]`: a `]` is missing".into()));
            };
            if all.len() > MOST {
                return Err((number, format!("a network has at most {MOST} layers")));
            }
            all.push((number, kind.trim().to_owned(), Given::default()));
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err((number, format!("expected `[section]` or `key=value`, not `{}`", short(line))));
        };
        let Some((_, kind, given)) = all.last_mut() else {
            return Err((number, format!("`{}` stands in front of the first section, `[net]`", short(line))));
        };
        given.add(kind, number, key.trim(), value.trim())?;
    }
    let mut all = all.into_iter();
    let net = match all.next() {
        Some((_, kind, given)) if full_name(&kind) == "net" => given,
        Some((line, kind, _)) => return Err((line, format!("the first section is `[net]`, not `[{}]`", short(&kind)))),
        None => return Err((1, "there is no section here: a description begins with `[net]`".into())),
    };
    let mut layers = Vec::new();
    for (line, kind, given) in all {
        layers.push(Line { line, layer: Layer::new(&kind, line, &given)? });
    }
    Ok((net, layers))
}
