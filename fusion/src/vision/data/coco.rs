//! Boxes in COCO's JSON.

use super::sample::{Sample, contents, inside};
use crate::vision::{BBox, Labelled};
use crate::{Error, Result};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Classes and samples.
pub fn read(path: &Path, folder: &Path) -> Result<(Vec<String>, Vec<Sample>)> {
    parsed(path, &contents(path)?, folder)
}

/// Those of a file's contents.
pub fn parsed(path: &Path, bytes: &[u8], folder: &Path) -> Result<(Vec<String>, Vec<Sample>)> {
    let json: Json = serde_json::from_slice(bytes).map_err(|error| Error::format(path, error))?;
    parse(&json, folder).map_err(|problem| Error::format(path, problem))
}

fn parse(json: &Json, folder: &Path) -> Result<(Vec<String>, Vec<Sample>), String> {
    let mut classes = BTreeMap::new();
    for (place, category) in list(json, "categories")?.iter().enumerate() {
        let of = Entry { list: "categories", place, json: category };
        if classes.insert(of.whole("id")?, of.text("name")?).is_some() {
            return Err(of.wrong("its id stands there for the second time"));
        }
    }
    let (mut samples, mut numbers) = (Vec::new(), HashMap::new());
    for (place, image) in list(json, "images")?.iter().enumerate() {
        let of = Entry { list: "images", place, json: image };
        let file = inside(folder, of.text("file_name")?).ok_or_else(|| of.wrong("its name leads out of the folder"))?;
        if numbers.insert(of.whole("id")?, samples.len()).is_some() {
            return Err(of.wrong("its id stands there for the second time"));
        }
        samples.push(Sample { file, objects: Vec::new() });
    }
    for (place, annotation) in list(json, "annotations")?.iter().enumerate() {
        let of = Entry { list: "annotations", place, json: annotation };
        if annotation.get("iscrowd").is_some_and(|crowd| crowd != 0 && crowd != false) {
            continue;
        }
        let (image, category) = (of.whole("image_id")?, of.whole("category_id")?);
        let number = numbers.get(&image).ok_or_else(|| of.wrong(&format!("there is no image {image}")))?;
        let class = classes.keys().position(|&id| id == category);
        let class = class.ok_or_else(|| of.wrong(&format!("there is no category {category}")))?;
        let sides = annotation.get("bbox").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let sides: Vec<f32> = sides.iter().filter_map(|side| Some(side.as_f64()? as f32)).collect();
        let [x, y, w, h] = sides[..] else { return Err(of.wrong("it has no `bbox` of four numbers")) };
        samples[*number].objects.push(Labelled { bbox: BBox::from_xywh(x, y, w, h), class });
    }
    if samples.is_empty() {
        return Err("has no images".to_owned());
    }
    Ok((classes.into_values().map(str::to_owned).collect(), samples))
}

fn list<'a>(json: &'a Json, name: &str) -> Result<&'a [Json], String> {
    json.get(name).and_then(Json::as_array).map(Vec::as_slice).ok_or_else(|| format!("has no list `{name}`"))
}

/// One of a list.
struct Entry<'a> {
    list: &'static str,
    place: usize,
    json: &'a Json,
}

impl<'a> Entry<'a> {
    fn wrong(&self, problem: &str) -> String {
        format!("entry {} of `{}`: {problem}", self.place, self.list)
    }

    fn whole(&self, name: &str) -> Result<u64, String> {
        let number = self.json.get(name).and_then(Json::as_u64);
        number.ok_or_else(|| self.wrong(&format!("it has no `{name}` that is a whole number")))
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self.json.get(name).and_then(Json::as_str);
        text.ok_or_else(|| self.wrong(&format!("it has no text `{name}`")))
    }
}
