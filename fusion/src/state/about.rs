//! What is kept in a file beside the tensors: one value as JSON, among the texts about the whole file.

use super::read::Checkpoint;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The key of the text.
const KEY: &str = "fusion.saved_with";

/// How a file of [`State::save`](super::State::save) begins, behind the length of its header.
const START: &[u8] = br#"{"__metadata__":{"format":"pt""#;

/// The format's alignment of data.
const ALIGN: usize = 8;

/// The contents of a file of a module, with a value beside the tensors.
pub(super) fn with<T: Serialize + ?Sized>(bytes: Vec<u8>, value: &T, path: &Path) -> Result<Vec<u8>> {
    let json = serde_json::to_string(value);
    let json = json.map_err(|error| Error::argument("value", format!("it cannot be written as JSON: {error}")))?;
    insert(bytes, &json, path)
}

/// A file's contents with a text under [`KEY`] in its header.
fn insert(bytes: Vec<u8>, json: &str, path: &Path) -> Result<Vec<u8>> {
    let format = |problem: &str| Error::format(path, problem);
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| format("no safetensors file"))?;
    let length = u64::from_le_bytes(*length) as usize;
    let header = rest.get(..length).ok_or_else(|| format("no safetensors file"))?;
    let behind = header.strip_prefix(START).ok_or_else(|| format("no file of a module"))?;
    let entry = format!(",{}:{}", serde_json::Value::from(KEY), serde_json::Value::from(json));
    let mut new = [START, entry.as_bytes(), behind.trim_ascii_end()].concat();
    new.resize(new.len().next_multiple_of(ALIGN), b' ');
    Ok([&(new.len() as u64).to_le_bytes(), new.as_slice(), &rest[length..]].concat())
}

/// The value that a file keeps beside its tensors: what [`State::save_with`](super::State::save_with) was given.
///
/// # Errors
/// If the file cannot be read, or does not keep a value of this type.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::state;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("layer.safetensors");
/// let layer = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// layer.save_with(&path, &vec!["cat", "dog"])?;
/// assert_eq!(state::saved_with::<Vec<String>>(&path)?, ["cat", "dog"]);
///
/// layer.save(&path)?;
/// let error = state::saved_with::<Vec<String>>(&path).unwrap_err().to_string();
/// assert!(error.ends_with("layer.safetensors: keeps nothing beside its tensors"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn saved_with<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T> {
    let path = path.as_ref();
    let file = Checkpoint::open(path, Vec::new(), KEY)?;
    parse(file.about(), path)
}

fn parse<T: DeserializeOwned>(text: Option<&str>, path: &Path) -> Result<T> {
    let format = |problem| Error::format(path, problem);
    let text = text.ok_or_else(|| format("keeps nothing beside its tensors".to_owned()))?;
    serde_json::from_str(text).map_err(|error| format(format!("what it keeps beside its tensors: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Num;
    use crate::nn::{Init, Linear};
    use crate::state::State;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn a_text_beside_the_tensors() {
        let layer = Linear::<Num<3>, Num<2>>::init_with(&mut StdRng::seed_from_u64(0));
        let plain = layer.to_bytes().unwrap();
        for length in 0..20 {
            let bytes = with(plain.clone(), &"\"\\\n".repeat(length), Path::new("x")).unwrap();
            let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            assert_eq!(header % ALIGN, 0);
            let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
            let texts = metadata.metadata().clone().unwrap();
            assert_eq!((texts.len(), &*texts["format"]), (2, "pt"));
            let mut other = Linear::<Num<3>, Num<2>>::init_with(&mut StdRng::seed_from_u64(1));
            other.load_bytes(&bytes).unwrap();
            assert_eq!(other.to_bytes().unwrap(), plain);
        }
        assert!(insert(b"12345678".to_vec(), "1", Path::new("x")).is_err());
        assert!(insert(vec![], "1", Path::new("x")).is_err());
    }
}
