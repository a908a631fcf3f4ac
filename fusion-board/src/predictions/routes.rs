//! What the page of predictions asks for.

use super::{Curve, Told, Wrong, curves, of_confusion, of_predictions, wrong};
use crate::board::Board;
use crate::request::{Answer, Problem, Query, work};
use crate::runs::Kind;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use fusion::log::{Predictions, Record};
use serde::Serialize;

/// Classes whose curves may be asked for at once.
const CURVES: usize = 16;

/// `/api/predictions?run=`, and of one `name` and the place `at` in the file: `/api/predictions/classes`,
/// `/api/predictions/wrong?label=&guess=&from=`, `/api/predictions/curves?class=&class=`.
pub fn routes() -> Router<Board> {
    Router::new()
        .route("/api/predictions", get(list))
        .route("/api/predictions/classes", get(classes))
        .route("/api/predictions/wrong", get(mistakes))
        .route("/api/predictions/curves", get(drawn))
}

#[derive(Serialize)]
struct List {
    sets: Vec<Set>,
}

#[derive(Serialize)]
struct Set {
    kind: &'static str,
    name: String,
    /// The step of each record, and where it lies in the file.
    steps: Vec<(u64, u64)>,
}

async fn list(State(board): State<Board>, query: Query) -> Answer<List> {
    let run = query.text("run")?.to_owned();
    work(move || {
        let own = board.run(&run)?;
        let mut sets = Vec::new();
        for (kind, word) in [(Kind::Predictions, "predictions"), (Kind::Confusion, "confusion")] {
            let places = own.places(kind, None);
            sets.extend(places.chunk_by(|a, b| a.name == b.name).map(|places| Set {
                kind: word,
                name: places[0].name.clone(),
                steps: places.iter().map(|place| (place.step, place.at)).collect(),
            }));
        }
        Ok(List { sets })
    })
    .await
}

/// The record that is asked for, of one of the kinds of this page.
fn asked(board: &Board, query: &Query) -> Result<Record, Problem> {
    let run = board.run(query.text("run")?)?;
    let at = query.number("at")?.ok_or_else(|| Problem::bad("the address lacks `at`"))?;
    let name = query.text("name")?;
    let is_there = |kind| run.places(kind, Some(name)).iter().any(|place| place.at == at);
    if !is_there(Kind::Predictions) && !is_there(Kind::Confusion) {
        return Err(Problem::missing("there are no such predictions"));
    }
    Ok(run.entry(at)?.record)
}

fn predictions(board: &Board, query: &Query) -> Result<Predictions, Problem> {
    match asked(board, query)? {
        Record::Predictions(found) => Ok(found),
        _ => Err(Problem::missing("there are no scores, only counts")),
    }
}

async fn classes(State(board): State<Board>, query: Query) -> Answer<Told> {
    work(move || {
        let told = match asked(&board, &query)? {
            Record::Predictions(found) => of_predictions(&found),
            Record::Confusion(found) => of_confusion(found),
            _ => return Err(Problem::missing("there are no such predictions")),
        };
        told.map_err(Problem::failed)
    })
    .await
}

async fn mistakes(State(board): State<Board>, query: Query) -> Answer<Wrong> {
    let (label, guess) = (query.number("label")?, query.number("guess")?);
    let from = query.number("from")?.unwrap_or(0);
    work(move || wrong(&predictions(&board, &query)?, label, guess, from).map_err(Problem::failed)).await
}

#[derive(Serialize)]
struct Curves {
    curves: Vec<Curve>,
}

async fn drawn(State(board): State<Board>, query: Query) -> Answer<Curves> {
    let parse = |class: &str| class.parse().map_err(|_| Problem::bad("`class` is no number of a class"));
    let classes: Vec<usize> = query.all("class").map(parse).collect::<Result<_, _>>()?;
    if classes.len() > CURVES {
        return Err(Problem::bad(format_args!(
            "curves of {} classes are asked for; {CURVES} are the most",
            classes.len()
        )));
    }
    work(move || Ok(Curves { curves: curves(&predictions(&board, &query)?, &classes).map_err(Problem::failed)? })).await
}
