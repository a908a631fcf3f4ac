//! What a page is told of what is wrong.

use super::{Finding, History, diagnose};
use crate::board::Board;
use crate::request::{Answer, Query, work};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;

#[derive(Serialize)]
struct Diagnosis {
    findings: Vec<Told>,
    /// How many reports on gradients and on operations there were to judge by, and which curve was taken for the loss.
    gradients: usize,
    operations: usize,
    loss: Option<String>,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    finding: Finding,
    is_problem: bool,
}

/// `/api/diagnosis?run=`.
pub fn routes() -> Router<Board> {
    Router::new().route("/api/diagnosis", get(diagnosis))
}

async fn diagnosis(State(board): State<Board>, query: Query) -> Answer<Diagnosis> {
    let run = query.text("run")?.to_owned();
    work(move || {
        let history = History::of(&board, &run)?;
        let findings = diagnose(&history);
        let told = |finding: Finding| Told { is_problem: finding.cause.is_problem(), finding };
        Ok(Diagnosis {
            findings: findings.into_iter().map(told).collect(),
            gradients: history.gradients.len(),
            operations: history.operations.len(),
            loss: history.loss_name,
        })
    })
    .await
}
