//! A [`Preprocessor`] as JSON.

use super::guard::MOST_COLUMNS;
use super::preprocessor::{How, Input, Place, Preprocessor, Target};
use crate::data::Categories;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// The version of this form.
const VERSION: u64 = 1;

/// Numbers are texts: JSON's readers do not agree on the last bit of a float.
fn text(x: f64) -> String {
    format!("{x:?}")
}

fn place(place: &Place) -> Value {
    json!([place.name, place.at])
}

fn input(Input { column, how }: &Input) -> Value {
    match how {
        How::Number { fill, shift, scale } => {
            json!({"column": place(column), "fill": fill.map(text), "shift": text(*shift), "scale": text(*scale)})
        }
        How::Category { categories, missing } => {
            json!({"column": place(column), "categories": categories.names(), "missing": missing})
        }
    }
}

impl Serialize for Preprocessor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let target = match &self.target {
            Target::Nothing => Value::Null,
            Target::Class(column, categories) => json!({"class": place(column), "categories": categories.names()}),
            Target::Numbers(places) => json!({"numbers": places.iter().map(place).collect::<Vec<_>>()}),
        };
        json!({
            "preprocessor": VERSION,
            "header": self.header,
            "width": self.width,
            "missing": self.missing,
            "decimal_comma": self.decimal_comma,
            "ignore_unknown": self.ignore_unknown,
            "inputs": self.inputs.iter().map(input).collect::<Vec<_>>(),
            "target": target,
        })
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for Preprocessor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(&Value::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// What is under a key, as a type that JSON knows.
fn get<T: serde::de::DeserializeOwned>(json: &Value, key: &str) -> Result<T, String> {
    T::deserialize(&json[key]).map_err(|error| format!("`{key}` of a preprocessor: {error}"))
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| x.is_finite());
    number.ok_or_else(|| format!("a number of a preprocessor is {text:?}"))
}

fn read(json: &Value) -> Result<Preprocessor, String> {
    match json["preprocessor"].as_u64() {
        Some(VERSION) => {}
        Some(other) => return Err(format!("a preprocessor of version {other}, and not {VERSION}")),
        None => return Err("no preprocessor".to_owned()),
    }
    let (header, width) = (get(json, "header")?, get::<usize>(json, "width")?);
    if width > MOST_COLUMNS {
        return Err(format!("a preprocessor of {width} columns"));
    }
    let place = |json: &Value, key: &str| place_of(get(json, key)?, width);
    let input = |json: &Value| {
        let column = place(json, "column")?;
        let how = match json.get("categories") {
            Some(_) => {
                How::Category { categories: get::<Categories>(json, "categories")?, missing: get(json, "missing")? }
            }
            None => {
                let number = |key: &str| finite(&get::<String>(json, key)?);
                let fill = get::<Option<String>>(json, "fill")?.map(|text| finite(&text)).transpose()?;
                How::Number { fill, shift: number("shift")?, scale: number("scale")? }
            }
        };
        Ok(Input { column, how })
    };
    let target = match &json["target"] {
        Value::Null => Target::Nothing,
        target if target.get("class").is_some() => {
            Target::Class(place(target, "class")?, get::<Categories>(target, "categories")?)
        }
        target => {
            let places = get::<Vec<(String, usize)>>(target, "numbers")?;
            Target::Numbers(places.into_iter().map(|pair| place_of(pair, width)).collect::<Result<_, _>>()?)
        }
    };
    let inputs = get::<Vec<Value>>(json, "inputs")?.iter().map(input).collect::<Result<Vec<_>, String>>()?;
    let scaled = |input: &Input| !matches!(input.how, How::Number { scale: 0.0, .. });
    let read = Preprocessor {
        header,
        width,
        missing: get(json, "missing")?,
        decimal_comma: get(json, "decimal_comma")?,
        ignore_unknown: get(json, "ignore_unknown")?,
        inputs,
        target,
    };
    match (1..=MOST_COLUMNS).contains(&read.num_features()) && read.inputs.iter().all(scaled) {
        true => Ok(read),
        false => Err("a preprocessor that makes no features".to_owned()),
    }
}

fn place_of((name, at): (String, usize), width: usize) -> Result<Place, String> {
    match at < width {
        true => Ok(Place { name, at }),
        false => Err(format!("column {at} of a preprocessor of {width} columns")),
    }
}
