//! Data before it is learned from: the sets inside the library and what the program was told to show.
//!
//! A set is read when it is asked for, at most as much of it as memory has room for: of more a sample, which the page says.

mod figures;
mod project;
mod read;
mod set;
mod store;

use crate::board::Board;
use crate::request::{Answer, Problem, Query, work};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use figures::{Boxes, Distribution, Related, Scatter, class_of};
use fusion::data::Correlation;
use project::{Points, Way};
use serde::Serialize;
use set::{Column, Set};
use std::sync::Arc;
use store::{State as Progress, Store, offered};

/// The most columns that one answer has distributions of, and that a matrix of scatter plots has.
const COLUMNS: usize = 24;
const SCATTERED: usize = 6;
/// The most images of an answer, and the most bytes of them.
const IMAGES: usize = 120;
const PIXELS: usize = 4 << 20;

/// What the page of data asks for.
pub fn routes() -> Router<Board> {
    let store = Arc::new(Store::default());
    /// A route whose answer is made of a set, its column of classes and the query.
    macro_rules! of_set {
        ($f:expr) => {{
            let store = Arc::clone(&store);
            get(move |State(board): State<Board>, query: Query| async move {
                work(move || {
                    let set = store.set(&board, query.text("set")?)?;
                    let class = class_of(&set, query.get("class"))?;
                    $f(&set, class, &query)
                })
                .await
            })
        }};
    }
    let projections = Arc::clone(&store);
    Router::new()
        .route("/api/data", get(list))
        .route("/api/data/describe", of_set!(|set, class, _: &Query| Ok(figures::describe(set, class))))
        .route("/api/data/distributions", of_set!(distributions))
        .route("/api/data/correlations", of_set!(correlations))
        .route("/api/data/scatter", of_set!(scatter))
        .route("/api/data/images", of_set!(images))
        .route("/api/data/means", of_set!(means))
        .route("/api/data/projection", get(move |board, query| projection(board, query, projections)))
}

#[derive(Serialize)]
struct Sets {
    sets: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    /// Where it lies, if it is not a part of the library.
    path: Option<String>,
}

/// Which sets there are. None is read for that.
async fn list(State(board): State<Board>) -> Answer<Sets> {
    let named = |set: store::Offered| Named { name: set.name, path: set.path.map(|path| path.display().to_string()) };
    work(move || Ok(Sets { sets: offered(&board).into_iter().map(named).collect() })).await
}

#[derive(Serialize)]
struct Distributions {
    columns: Vec<Distribution>,
    boxes: Vec<Boxes>,
    /// How many columns there are.
    total: usize,
}

/// Histograms and boxes of some columns, from the one whose place is asked for on.
fn distributions(set: &Set, class: Option<&Column>, query: &Query) -> Result<Distributions, Problem> {
    let from = query.number("from")?.unwrap_or(0);
    let groups = class.map(Column::groups);
    let (mut columns, mut boxes) = (Vec::new(), Vec::new());
    for column in set.columns.iter().skip(from).take(COLUMNS) {
        columns.push(figures::distribution(column, groups.as_ref()));
        boxes.extend(column.as_numbers().map(|numbers| figures::boxes(&column.name, numbers, groups.as_ref())));
    }
    Ok(Distributions { columns, boxes, total: set.columns.len() })
}

fn correlations(set: &Set, _: Option<&Column>, query: &Query) -> Result<Related, Problem> {
    let how = match query.get("how").unwrap_or("pearson") {
        "pearson" => Correlation::Pearson,
        "spearman" => Correlation::Spearman,
        _ => return Err(Problem::bad("`how` is `pearson` or `spearman`")),
    };
    Ok(figures::related(set, how))
}

fn scatter(set: &Set, class: Option<&Column>, query: &Query) -> Result<Scatter, Problem> {
    let names: Vec<&str> = query.all("column").collect();
    if names.len() > SCATTERED {
        return Err(Problem::bad(format_args!("{} columns are asked for; {SCATTERED} are the most", names.len())));
    }
    figures::scatter(set, &names, class)
}

/// Images of one size. Their pixels are in base 64, channel by channel.
#[derive(Serialize)]
struct Images {
    channels: usize,
    height: usize,
    width: usize,
    items: Vec<Picture>,
    /// How many images there are.
    total: usize,
}

#[derive(Serialize)]
struct Picture {
    /// Its row; of a mean of many, none.
    row: Option<usize>,
    class: Option<String>,
    group: Option<u8>,
    /// How many it is the mean of.
    count: usize,
    data: String,
}

fn pictures(set: &Set) -> Result<&set::Pictures, Problem> {
    set.pictures.as_ref().ok_or_else(|| Problem::missing("this data set has no images"))
}

/// Some images: those of a group, or the one of a row, or all, from a place on.
fn images(set: &Set, class: Option<&Column>, query: &Query) -> Result<Images, Problem> {
    let pictures = pictures(set)?;
    let groups = class.map(Column::groups);
    let group = |row: usize| groups.as_ref().and_then(|groups| groups.of[row]);
    let wanted = query.number::<u8>("group")?;
    let rows: Vec<usize> = match query.number::<usize>("row")? {
        Some(row) if row < set.rows => vec![row],
        Some(row) => return Err(Problem::missing(format_args!("there is no row {row}"))),
        None => (0..set.rows).filter(|&row| wanted.is_none() || group(row) == wanted).collect(),
    };
    let most = IMAGES.min(PIXELS / pictures.size().max(1)).max(1);
    let (from, count) = (query.number("from")?.unwrap_or(0), query.number("count")?.unwrap_or(most).min(most));
    let item = |&row: &usize| Picture {
        row: Some(row),
        class: groups.as_ref().zip(group(row)).map(|(groups, at)| groups.names[usize::from(at)].clone()),
        group: group(row),
        count: 1,
        data: BASE64_STANDARD.encode(pictures.of(row)),
    };
    let items = rows.iter().skip(from).take(count).map(item).collect();
    Ok(Images { channels: pictures.channels, height: pictures.height, width: pictures.width, items, total: rows.len() })
}

/// The mean image of each class, or of all.
fn means(set: &Set, class: Option<&Column>, _: &Query) -> Result<Images, Problem> {
    let pictures = pictures(set)?;
    let groups = class.map(Column::groups);
    let names = groups.as_ref().map_or(vec![None], |groups| groups.names.iter().cloned().map(Some).collect());
    let mut sums = vec![(0usize, vec![0u64; pictures.size()]); names.len()];
    for row in 0..set.rows {
        let Some(group) = groups.as_ref().map_or(Some(0), |groups| groups.of[row]) else { continue };
        let (count, sum) = &mut sums[usize::from(group)];
        *count += 1;
        sum.iter_mut().zip(pictures.of(row)).for_each(|(sum, &pixel)| *sum += u64::from(pixel));
    }
    let item = |((group, class), (count, sum)): ((u8, Option<String>), (usize, Vec<u64>))| {
        let mean: Vec<u8> = sum.iter().map(|sum| (sum / count.max(1) as u64) as u8).collect();
        Picture { row: None, class, group: groups.as_ref().map(|_| group), count, data: BASE64_STANDARD.encode(mean) }
    };
    let items: Vec<Picture> = (0..).zip(names).zip(sums).map(item).collect();
    let total = items.len();
    Ok(Images { channels: pictures.channels, height: pictures.height, width: pictures.width, items, total })
}

#[derive(Serialize)]
struct Projected {
    /// How far it is, 0 to 1.
    done: f64,
    points: Points,
    /// The group of each point.
    of: Vec<Option<u8>>,
    classes: Vec<String>,
    has_pictures: bool,
}

/// The rows as points, as far as they are computed: the page asks again until `done` is 1.
async fn projection(State(board): State<Board>, query: Query, store: Arc<Store>) -> Answer<Projected> {
    work(move || {
        let way = match query.get("how").unwrap_or("pca") {
            "pca" => Way::Pca,
            "tsne" => Way::Tsne,
            _ => return Err(Problem::bad("`how` is `pca` or `tsne`")),
        };
        let (set, progress) = store.projection(&board, query.text("set")?, way, query.get("class"))?;
        let (done, points) = match progress {
            Progress::Running(done, points) => (done.min(0.999), points),
            Progress::Done(points) => (1.0, points),
            Progress::Failed(sentence) => return Err(Problem::failed(sentence)),
        };
        let groups = class_of(&set, query.get("class"))?.map(Column::groups);
        Ok(Projected {
            done,
            of: points.rows.iter().map(|&row| groups.as_ref().and_then(|groups| groups.of[row])).collect(),
            points,
            classes: groups.map_or(Vec::new(), |groups| groups.names),
            has_pictures: set.pictures.is_some(),
        })
    })
    .await
}
