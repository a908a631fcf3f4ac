//! What the page of the network asks for.

use super::figures::{Drawn, figures};
use super::histograms::{Heights, heights};
use crate::board::Board;
use crate::diagnosis::{History, spread};
use crate::request::{Answer, Problem, Query, work};
use crate::runs::Kind;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use fusion::log::{GraphNode, Record};
use serde::Serialize;

/// Histograms of a name that are told.
const STEPS: usize = 64;
/// The most ranges of one; a log has no more of its own making.
const RANGES: usize = 1024;
/// The longest text of a value in a graph, in bytes.
const TEXT: usize = 200;

/// `/api/network?run=`, `/api/histograms?run=&name=`, `/api/graph?run=&name=&at=`.
pub fn routes() -> Router<Board> {
    Router::new()
        .route("/api/network", get(network))
        .route("/api/histograms", get(histograms))
        .route("/api/graph", get(graph))
}

#[derive(Serialize)]
struct Network {
    #[serde(flatten)]
    drawn: Drawn,
    /// The names of histograms.
    histograms: Vec<String>,
    /// The recorded computations, with the step and the place in the file of each.
    graphs: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    steps: Vec<(u64, u64)>,
}

async fn network(State(board): State<Board>, query: Query) -> Answer<Network> {
    let run = query.text("run")?.to_owned();
    work(move || {
        let drawn = figures(&History::of(&board, &run)?);
        let own = board.run(&run)?;
        let mut histograms: Vec<String> =
            own.places(Kind::Histogram, None).into_iter().map(|place| place.name).collect();
        histograms.dedup();
        let graphs = own.places(Kind::Graph, None);
        let graphs = graphs.chunk_by(|a, b| a.name == b.name).map(|places| Named {
            name: places[0].name.clone(),
            steps: places.iter().map(|place| (place.step, place.at)).collect(),
        });
        Ok(Network { drawn, histograms, graphs: graphs.collect() })
    })
    .await
}

async fn histograms(State(board): State<Board>, query: Query) -> Answer<Heights> {
    let (run, name) = (query.text("run")?.to_owned(), query.text("name")?.to_owned());
    work(move || {
        let own = board.run(&run)?;
        let mut all = Vec::new();
        for place in spread(&own.places(Kind::Histogram, Some(&name)), STEPS) {
            match own.entry(place.at)?.record {
                Record::Histogram(histogram) if histogram.counts.len() <= RANGES => all.push((place.step, histogram)),
                _ => {}
            }
        }
        Ok(heights(&all))
    })
    .await
}

#[derive(Serialize)]
struct Graph {
    nodes: Vec<Node>,
    edges: Vec<(u64, u64)>,
}

#[derive(Serialize)]
struct Node {
    label: String,
    shape: Option<Vec<usize>>,
    value: String,
    gradient: String,
    is_leaf: bool,
}

fn short(mut text: String) -> String {
    if text.len() > TEXT {
        text.truncate(text.floor_char_boundary(TEXT));
        text.push('…');
    }
    text
}

fn node(node: GraphNode) -> Node {
    Node {
        label: short(node.label),
        shape: node.shape,
        value: short(node.value),
        gradient: short(node.gradient),
        is_leaf: node.is_leaf,
    }
}

/// Nodes of a graph that are drawn; a log has no more of its own making.
const NODES: usize = 2000;

async fn graph(State(board): State<Board>, query: Query) -> Answer<Graph> {
    let (run, name) = (query.text("run")?.to_owned(), query.text("name")?.to_owned());
    let at: u64 = query.number("at")?.ok_or_else(|| Problem::bad("the address lacks `at`"))?;
    work(move || {
        let own = board.run(&run)?;
        if !own.places(Kind::Graph, Some(&name)).iter().any(|place| place.at == at) {
            return Err(Problem::missing("there is no such graph"));
        }
        let Record::Graph(graph) = own.entry(at)?.record else {
            return Err(Problem::missing("there is no such graph"));
        };
        if graph.nodes.len() > NODES || graph.edges.len() > 4 * NODES {
            return Err(Problem::failed(format_args!(
                "a graph of {} nodes is too large to be drawn",
                graph.nodes.len()
            )));
        }
        Ok(Graph { nodes: graph.nodes.into_iter().map(node).collect(), edges: graph.edges })
    })
    .await
}
