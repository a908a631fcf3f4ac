//! The page's files, which are part of the program.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A file of the page.
pub struct File {
    /// Where it lies.
    pub path: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// All that a browser loads.
pub const FILES: [File; 3] = [
    File { path: "/", kind: "text/html; charset=utf-8", text: include_str!("../../page/index.html") },
    File { path: "/webcam.js", kind: "text/javascript; charset=utf-8", text: include_str!("../../page/webcam.js") },
    File { path: "/webcam.css", kind: "text/css; charset=utf-8", text: include_str!("../../page/webcam.css") },
];

/// Nothing is loaded from elsewhere, no script but the page's own runs, and no other page shows this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

impl File {
    /// The file as an answer.
    pub fn response(&self) -> Response {
        ([(header::CONTENT_TYPE, self.kind)], self.text).into_response()
    }
}

/// Adds what browsers are told with every answer.
pub fn harden(headers: &mut HeaderMap) {
    HEADERS.iter().for_each(|(name, value)| _ = headers.insert(name, HeaderValue::from_static(value)));
}
