//! Files of a page, which are part of the program, and the headers of all answers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A file of a page.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Where it lies.
    pub path: &'static str,
    /// What it holds.
    pub text: &'static str,
}

/// Nothing is loaded from elsewhere, no script but the page's own runs, and no other page shows this one. Images may be made by the
/// page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

impl File {
    /// The file as an answer; the end of its path says of what kind it is.
    pub fn response(&self) -> Response {
        let kind = match self.path.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            _ => "text/html; charset=utf-8",
        };
        ([(header::CONTENT_TYPE, kind)], self.text).into_response()
    }
}

/// Adds what browsers are told with every answer.
pub fn harden(headers: &mut HeaderMap) {
    HEADERS.iter().for_each(|(name, value)| _ = headers.insert(name, HeaderValue::from_static(value)));
}
