//! What a page asks, and how it is answered.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The most bytes behind the `?` of an address.
const LONGEST: usize = 32 << 10;
/// The most names that it may have.
const MOST: usize = 64;

/// An answer as JSON, or what is wrong.
pub type Answer<T> = Result<Json<T>, Problem>;

/// What is wrong with a request: a status and a sentence. The page gets `{"error": ".."}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    sentence: String,
}

impl Problem {
    /// The request makes no sense.
    pub fn bad(sentence: impl fmt::Display) -> Self {
        Self { status: StatusCode::BAD_REQUEST, sentence: sentence.to_string() }
    }

    /// What is asked for is not there.
    pub fn missing(sentence: impl fmt::Display) -> Self {
        Self { status: StatusCode::NOT_FOUND, sentence: sentence.to_string() }
    }

    /// What is asked for is there, and cannot be read or shown.
    pub fn failed(sentence: impl fmt::Display) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, sentence: sentence.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(serde_json::json!({ "error": self.sentence }))).into_response()
    }
}

/// What stands behind the `?` of an address, names with values. It has at most 32 KiB and 64 names.
///
/// As an argument of a handler it is read from the request; more than that is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the text behind the `?`.
    ///
    /// # Errors
    /// If it is too long.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > LONGEST {
            return Err(Problem::bad(format_args!(
                "the address asks with {} bytes; {LONGEST} are the most",
                text.len()
            )));
        }
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().take(MOST + 1).collect();
        match pairs.len() {
            0..=MOST => Ok(Self(pairs)),
            _ => Err(Problem::bad(format_args!("the address asks with more than {MOST} names"))),
        }
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name.
    ///
    /// # Errors
    /// If there is none.
    pub fn text(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| Problem::bad(format_args!("the address lacks `{name}`")))
    }

    /// The first value of a name as a number, if there is one.
    ///
    /// # Errors
    /// If it is none.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let parse = |text: &str| text.parse().map_err(|_| Problem::bad(format_args!("`{name}` is no such number")));
        self.get(name).map(parse).transpose()
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

/// Answers with what `f` gives, computed on a thread on which reading files and waiting hold nobody up.
///
/// # Errors
/// Those of `f`, and one if it panics.
pub async fn work<T: Serialize + Send + 'static>(f: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Answer<T> {
    let worked = tokio::task::spawn_blocking(f).await;
    worked.map_err(|_| Problem::failed("the board failed at this; the terminal where it runs says more"))?.map(Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let query = Query::parse("run=a%2Fb+c&run=%3Cscript%3E&from=1e3&points=x").expect("a query");
        assert_eq!(query.all("run").collect::<Vec<_>>(), ["a/b c", "<script>"]);
        assert_eq!((query.get("to"), query.text("run").expect("one")), (None, "a/b c"));
        assert_eq!((query.number("from"), query.number::<f64>("to")), (Ok(Some(1000.0)), Ok(None)));
        assert_eq!(query.number::<usize>("points").expect_err("none").to_string(), "`points` is no such number");
        assert_eq!(query.text("name").expect_err("none").to_string(), "the address lacks `name`");
    }

    #[test]
    fn queries_that_are_too_long() {
        assert!(Query::parse(&"x".repeat(LONGEST)).is_ok() && Query::parse(&"x".repeat(LONGEST + 1)).is_err());
        assert!(Query::parse(&"a=1&".repeat(MOST)).is_ok() && Query::parse(&"a=1&".repeat(MOST + 1)).is_err());
    }
}
