//! What a run keeps besides its tensors, as JSON that gives the same again, bit for bit.

use serde_json::Value as Json;

/// A value that is kept.
pub(super) trait Kept: Sized {
    /// What it has to be, for a message.
    const WANTED: &'static str;
    fn to_json(&self) -> Json;
    fn from_json(json: &Json) -> Option<Self>;
}

impl Kept for f64 {
    const WANTED: &'static str = "a number in quotes";

    // In quotes, as JSON has no infinities and no NaN, and not every reader of numbers gives the last bit.
    fn to_json(&self) -> Json {
        Json::String(format!("{self:?}"))
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_str()?.parse().ok()
    }
}

macro_rules! as_json_has_it {
    ($($T:ty: $wanted:literal, |$json:ident| $read:expr;)*) => { $(
        impl Kept for $T {
            const WANTED: &'static str = $wanted;

            fn to_json(&self) -> Json {
                Json::from(self.to_owned())
            }

            fn from_json($json: &Json) -> Option<Self> {
                $read
            }
        }
    )* };
}
as_json_has_it! {
    u64: "a whole number from 0 on", |json| json.as_u64();
    usize: "a whole number from 0 on", |json| json.as_u64()?.try_into().ok();
    i64: "a whole number", |json| json.as_i64();
    bool: "true or false", |json| json.as_bool();
    String: "a text", |json| json.as_str().map(str::to_owned);
}

impl<K: Kept> Kept for Option<K> {
    const WANTED: &'static str = K::WANTED;

    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, Kept::to_json)
    }

    fn from_json(json: &Json) -> Option<Self> {
        if json.is_null() { Some(None) } else { K::from_json(json).map(Some) }
    }
}

impl<K: Kept> Kept for Vec<K> {
    const WANTED: &'static str = "a list";

    fn to_json(&self) -> Json {
        self.iter().map(Kept::to_json).collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_array()?.iter().map(K::from_json).collect()
    }
}

/// The field `name` of an object, or a sentence that says what it should be.
pub(super) fn field<K: Kept>(of: &str, json: &Json, name: &str) -> Result<K, String> {
    let wrong = || format!("`{name}` of a saved {of} should be {}", K::WANTED);
    K::from_json(json.get(name).ok_or_else(wrong)?).ok_or_else(wrong)
}

/// Writes serde's `Serialize` and `Deserialize` for a type by its fields. `if` says what they have to be together.
macro_rules! saved {
    ($Type:ident { $($field:ident),* $(,)? } $(if |$it:ident| $sound:expr)?) => {
        impl serde::Serialize for $Type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::train::saved::Kept;

                serde_json::json!({ $(stringify!($field): self.$field.to_json()),* }).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error;

                let json = serde_json::Value::deserialize(deserializer)?;
                let read = || -> Result<Self, String> {
                    Ok(Self {
                        $($field: $crate::train::saved::field(stringify!($Type), &json, stringify!($field))?),*
                    })
                };
                let found = read().map_err(D::Error::custom)?;
                $(
                    let $it = &found;
                    let sound: bool = $sound;
                    if !sound {
                        return Err(D::Error::custom(concat!("the parts of a saved ", stringify!($Type), " do not fit each other")));
                    }
                )?
                Ok(found)
            }
        }
    };
}
pub(super) use saved;
