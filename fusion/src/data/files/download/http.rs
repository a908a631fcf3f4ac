//! The net.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::{HeaderMap, StatusCode, header};
use ureq::{Agent, Body};

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Appends to `part` what is missing to `bytes`, or begins it anew if the server knows no middle. If not all comes, why; what
/// has come stays. One byte too many is taken, so that a longer file is seen to be one. The error is about `part`.
pub(super) fn append(address: &str, part: &Path, bytes: u64) -> io::Result<Option<String>> {
    let have = std::fs::metadata(part).map_or(0, |about| about.len());
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .build()
        .into();
    let mut request = agent.get(address).header(header::ACCEPT_ENCODING, "identity");
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    let answer = match request.call() {
        Ok(answer) => answer,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let start = match answer.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if starts_at(answer.headers(), have) => have,
        status => return Ok(Some(format!("answered {status}"))),
    };
    let mut file = File::options().create(true).append(start > 0).write(true).truncate(start == 0).open(part)?;
    let problem = copy(answer.into_body(), bytes - start, &mut file)?;
    file.sync_all()?;
    Ok(problem)
}

/// Does the part that comes begin at this byte?
fn starts_at(headers: &HeaderMap, byte: u64) -> bool {
    let range = headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.trim().starts_with(&format!("bytes {byte}-")))
}

/// Why the transfer broke, if it did.
fn copy(body: Body, missing: u64, file: &mut File) -> io::Result<Option<String>> {
    let (mut body, mut chunk) = (body.into_reader().take(missing + 1), vec![0; 1 << 16]);
    loop {
        match body.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(count) => file.write_all(&chunk[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Some(error.to_string())),
        }
    }
}
