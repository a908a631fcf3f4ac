//! What the page of runs asks for.

use crate::board::Board;
use crate::request::{Answer, Problem, Query, work};
use crate::runs::{About, Drawn, Kind, Place, Run, Summary, Wanted};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fusion::log::{Picture, Record};
use serde::Serialize;
use std::sync::Arc;

/// Runs that are asked for at once.
const RUNS: usize = 32;
/// Points that a curve may be asked for with.
const POINTS: (usize, usize) = (16, 8192);
/// The most bytes of a text.
const TEXT: usize = 1 << 20;
/// The most pixels of an image.
const PIXELS: u64 = 1 << 24;

pub fn routes() -> Router<Board> {
    Router::new()
        .route("/api/runs", get(runs))
        .route("/api/summary", get(summary))
        .route("/api/curve", get(curve))
        .route("/api/media", get(media))
        .route("/api/image", get(image))
        .route("/api/text", get(text))
}

#[derive(Serialize)]
struct Runs {
    runs: Vec<About>,
    has_more: bool,
}

async fn runs(State(board): State<Board>) -> Answer<Runs> {
    work(move || {
        let (runs, has_more) = board.runs();
        Ok(Runs { runs: runs.iter().map(|run| run.about()).collect(), has_more })
    })
    .await
}

#[derive(Serialize)]
struct Summaries {
    runs: Vec<Summary>,
}

fn named(query: &Query) -> Result<Vec<String>, Problem> {
    let names: Vec<String> = query.all("run").map(str::to_owned).collect();
    if names.len() > RUNS {
        return Err(Problem::bad(format_args!("{} runs are asked for; {RUNS} are the most", names.len())));
    }
    Ok(names)
}

/// Of the runs that are named, or of all.
async fn summary(State(board): State<Board>, query: Query) -> Answer<Summaries> {
    let names = named(&query)?;
    work(move || {
        let runs = match names.is_empty() {
            true => board.runs().0.iter().map(|run| run.summary()).collect(),
            false => board.runs_of(&names)?.iter().map(|run| run.summary()).collect(),
        };
        Ok(Summaries { runs })
    })
    .await
}

#[derive(Serialize)]
struct Curves {
    curves: Vec<Drawn>,
}

async fn curve(State(board): State<Board>, query: Query) -> Answer<Curves> {
    let (names, name) = (named(&query)?, query.text("name")?.to_owned());
    let edge = |name, none| match query.number(name)? {
        Some(edge) if f64::is_finite(edge) => Ok(edge),
        Some(_) => Err(Problem::bad(format_args!("`{name}` is no finite number"))),
        None => Ok(none),
    };
    let by_time = match query.get("by").unwrap_or("step") {
        "step" => false,
        "time" => true,
        _ => return Err(Problem::bad("`by` is `step` or `time`")),
    };
    let (from, to) = (edge("from", f64::NEG_INFINITY)?, edge("to", f64::INFINITY)?);
    let points = query.number("points")?.unwrap_or(1000).clamp(POINTS.0, POINTS.1);
    let wanted = Wanted { by_time, from, to, points };
    work(move || {
        let runs = board.runs_of(&names)?;
        Ok(Curves { curves: runs.iter().map(|run| run.curve(&name, wanted)).collect::<Result<_, _>>()? })
    })
    .await
}

#[derive(Serialize)]
struct Media {
    runs: Vec<MediaOf>,
}

#[derive(Serialize)]
struct MediaOf {
    run: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    kind: &'static str,
    name: String,
    /// The step of each record, and where it lies in the file.
    steps: Vec<(u64, u64)>,
}

/// Which images and texts there are.
async fn media(State(board): State<Board>, query: Query) -> Answer<Media> {
    let names = named(&query)?;
    work(move || {
        let items = |run: &Arc<Run>| {
            let of = |kind, word| {
                let places = run.places(kind, None);
                let item = |own: &[Place]| Item {
                    kind: word,
                    name: own[0].name.clone(),
                    steps: own.iter().map(|place| (place.step, place.at)).collect(),
                };
                places.chunk_by(|a, b| a.name == b.name).map(item).collect::<Vec<_>>()
            };
            let items = of(Kind::Image, "image").into_iter().chain(of(Kind::Text, "text")).collect();
            MediaOf { run: run.name().to_owned(), items }
        };
        Ok(Media { runs: board.runs_of(&names)?.iter().map(items).collect() })
    })
    .await
}

/// The record of a kind that lies at the place that is asked for.
fn asked(board: &Board, query: &Query, kind: Kind) -> Result<Record, Problem> {
    let run = board.run(query.text("run")?)?;
    let at = query.number("at")?.ok_or_else(|| Problem::bad("the address lacks `at`"))?;
    if !run.places(kind, None).iter().any(|place| place.at == at) {
        return Err(Problem::missing("there is no such record"));
    }
    Ok(run.entry(at)?.record)
}

async fn image(State(board): State<Board>, query: Query) -> Result<Response, Problem> {
    let drawn = move || match asked(&board, &query, Kind::Image)? {
        Record::Image(image) => png(&image.picture),
        _ => Err(Problem::missing("there is no such record")),
    };
    let bytes =
        tokio::task::spawn_blocking(drawn).await.map_err(|_| Problem::failed("the image cannot be drawn"))??;
    Ok(([(header::CONTENT_TYPE, "image/png")], bytes).into_response())
}

/// A picture as a PNG file.
///
/// # Errors
/// If it has no pixels, or too many.
fn png(picture: &Picture) -> Result<Vec<u8>, Problem> {
    let plane = u64::from(picture.width) * u64::from(picture.height);
    if plane == 0 || plane > PIXELS || plane * u64::from(picture.channels) != picture.pixels.len() as u64 {
        return Err(Problem::failed(format_args!("the image has {} x {} pixels", picture.width, picture.height)));
    }
    picture.png().map_err(|error| Problem::failed(format_args!("the image cannot be drawn: {error}")))
}

#[derive(Serialize)]
struct Said {
    text: String,
}

async fn text(State(board): State<Board>, query: Query) -> Answer<Said> {
    work(move || match asked(&board, &query, Kind::Text)? {
        Record::Text(mut text) => {
            text.text.truncate(text.text.floor_char_boundary(TEXT));
            Ok(Said { text: text.text })
        }
        _ => Err(Problem::missing("there is no such record")),
    })
    .await
}
