//! The tables in the chapter `guide::parity` (`fusion/docs/parity.md`): what each operation is tried on and how far it is
//! from PyTorch, at most, and how networks learn.
//!
//! `FUSION_TABLE=write cargo test -p fusion-tests --test parity` writes them: it adds and removes rows, and widens what is too
//! narrow, so that one machine after the other can do so. `FUSION_TABLE=anew` forgets what was stated.

use crate::golden::{Tolerance, path, sizes};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Operations of the golden files that are made of others, to try what happens between them.
const COMPOSED: [&str; 2] = ["concat_square", "diamond"];

/// What this library sets out to have of PyTorch's operations with a value that can be compared: a row's name starts so.
const WANTED: &str = "\
    neg abs sign square sqrt rsqrt recip exp exp_m1 ln ln_1p log2 sin cos tan asin acos atan sinh cosh tanh \
    sigmoid log_sigmoid relu relu6 leaky_relu elu selu celu gelu gelu_tanh silu mish softplus softsign hardtanh \
    hardswish hardsigmoid erf floor ceil round trunc clamp is_nan is_finite nan_to_num add sub mul div fmod \
    remainder pow maximum minimum atan2 hypot eq ne gt ge lt le and or xor not where masked_fill lerp addcmul \
    transpose permute reshape flatten squeeze unsqueeze expand flip pad slice slice_step repeat concat stack \
    unstack chunk unfold fold roll tril triu diagonal meshgrid index gather index_select scatter scatter_add \
    take_along_axis one_hot sum mean prod max min argmax argmin var std norm logsumexp all any count_nonzero \
    cumsum cumprod sort argsort topk median quantile histogram unique inner outer matmul einsum lgamma digamma \
    erfinv log_ndtr i0 i1 logit entr xlogy cross_entropy nll bce bce_with_logits mse l1 huber smooth_l1 kl_div \
    hinge cosine_embedding triplet ctc softmax log_softmax conv2d conv_transpose2d max_pool2d avg_pool2d \
    batch_norm layer_norm group_norm instance_norm rms_norm embedding upsample_bilinear pixel_shuffle attention";

/// What may be farther from PyTorch than 1e-5 in `f32` or 1e-12 in `f64`.
struct Far {
    op: &'static str,
    dtype: &'static str,
    kind: Measured,
    most: f64,
    reason: &'static str,
}

const FAR: &[Far] = &[
    Far {
        op: "hardsigmoid",
        dtype: "f64",
        kind: Measured::Gradient,
        most: 1e-7,
        reason: "PyTorch's gradient in `f64` is a sixth in single precision",
    },
    Far {
        op: "layer_norm",
        dtype: "f32",
        kind: Measured::Second,
        most: 1e-4,
        reason: "of a row of nearly equal elements the second gradient divides by the square of their small variance",
    },
    Far {
        op: "CosineEmbeddingLoss",
        dtype: "f32",
        kind: Measured::Second,
        most: 1e-3,
        reason: "of vectors of one small element the second gradient is 0, what is left of terms a thousand times as large as 1",
    },
];

/// How far the values of an operation may be from PyTorch's.
pub fn tolerance<T: Tolerance>(op: &str, kind: Measured) -> f64 {
    let far = FAR.iter().find(|far| (far.op, far.dtype, far.kind) == (op, T::NAME, kind));
    far.map_or(T::TOLERANCE, |far| far.most)
}

/// What is compared.
#[derive(Clone, Copy, PartialEq)]
pub enum Measured {
    /// Results.
    Value,
    /// Gradients.
    Gradient,
    /// Gradients of gradients.
    Second,
}

/// The largest errors of an operation in one element type: of its results, gradients and gradients of gradients; none
/// where nothing was compared.
#[derive(Clone, Copy, Default)]
pub struct Errors([Option<f64>; 3]);

impl Errors {
    /// Keeps an error if it is the largest so far.
    pub fn keep(&mut self, kind: Measured, off: f64) {
        let place = &mut self.0[kind as usize];
        *place = Some(place.unwrap_or(0.0).max(off));
    }

    /// Keeps the larger ones of both.
    pub fn join(&mut self, other: Self) {
        for (place, off) in self.0.iter_mut().zip(other.0) {
            *place = [*place, off].into_iter().flatten().reduce(f64::max);
        }
    }
}

/// The element types of the columns.
const TYPES: [&str; 2] = ["f32", "f64"];

/// What is stated of each type at least, if not that a result is exact, some units in the last place; and what needs no
/// reason.
const BOUNDS: [[f64; 2]; 2] = [[1e-6, 1e-5], [1e-15, 1e-12]];

/// One operation: how many shapes it is tried on, and what is stated of its errors in each type.
#[derive(Clone, Debug)]
struct Row {
    shapes: usize,
    stated: [[String; 3]; 2],
}

/// What nothing is stated of.
const NOTHING: &str = "";

/// The power of ten that holds an error, with room for what other instructions round otherwise: at least `least`, and no
/// more than `most` where that holds it.
pub fn bound(off: f64, [least, most]: [f64; 2]) -> String {
    let roomy = if off <= most { (2.0 * off).clamp(least, most) } else { 2.0 * off };
    // Powers of ten are not exact in binary.
    if off == 0.0 { "exact".into() } else { format!("1e{}", (0.999 * roomy).log10().ceil()) }
}

/// The wider one of two bounds.
pub fn wider(a: String, b: &str) -> String {
    if limit(b) > limit(&a) || a == NOTHING { b.to_owned() } else { a }
}

/// What is stated, as a number.
pub fn limit(stated: &str) -> f64 {
    match stated {
        "exact" => 0.0,
        NOTHING => f64::NAN,
        power => power.parse().expect("a power of ten"),
    }
}

/// Are the tables to be written?
pub fn is_written() -> bool {
    std::env::var_os("FUSION_TABLE").is_some()
}

/// Is what the tables state to be forgotten?
pub fn is_written_anew() -> bool {
    std::env::var("FUSION_TABLE").is_ok_and(|what| what == "anew")
}

/// How to write the tables.
pub const WRITE: &str = "`FUSION_TABLE=write cargo test -p fusion-tests --test parity` writes the tables";

/// The chapter, which several tests write.
pub struct Chapter {
    text: String,
    _turn: MutexGuard<'static, ()>,
}

impl Chapter {
    fn path() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "..", "fusion", "docs", "parity.md"].iter().collect()
    }

    /// The chapter as it is. Nobody else has it meanwhile.
    pub fn open() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { text: std::fs::read_to_string(Self::path()).expect("the chapter"), _turn: turn }
    }

    fn place(&self, name: &str) -> std::ops::Range<usize> {
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let from = self.text.find(&start).expect("where the table starts") + start.len();
        from..from + self.text[from..].find(&end).expect("where the table ends")
    }

    /// The text between the marks of this name.
    pub fn part(&self, name: &str) -> &str {
        &self.text[self.place(name)]
    }

    /// The cells of each row of a table below its head.
    pub fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let cells = |line: &str| line.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']).to_owned()).collect();
        self.part(name).lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect()
    }

    /// Puts another text between the marks.
    pub fn write(&mut self, name: &str, text: &str) {
        self.text.replace_range(self.place(name), text);
        std::fs::write(Self::path(), &self.text).expect("the chapter can be written");
    }
}

/// The cases of all golden files, by operation: the shapes of the inputs.
fn tried() -> BTreeMap<String, BTreeSet<Vec<Vec<usize>>>> {
    let mut tried = BTreeMap::<String, BTreeSet<_>>::new();
    for file in std::fs::read_dir(path("")).expect("the golden files") {
        let name = file.expect("a file").file_name().into_string().expect("a name");
        if !name.ends_with(".json") {
            continue;
        }
        let text = crate::golden::json(&name);
        for case in text["cases"].as_array().into_iter().flatten() {
            let Some(op) = case["op"].as_str().filter(|op| !COMPOSED.contains(op)) else { continue };
            let shape = |input: &Json| sizes(input.get("expand").unwrap_or(&input["shape"]));
            let shapes = case["inputs"].as_array().expect("inputs").iter().map(shape).collect();
            tried.entry(op.to_owned()).or_default().insert(shapes);
        }
    }
    tried
}

fn committed(chapter: &Chapter) -> BTreeMap<String, Row> {
    let row = |cells: Vec<String>| {
        let stated = |from: usize| std::array::from_fn(|i| cells[from + i].clone());
        let row = Row { shapes: cells[1].parse().expect("a number of shapes"), stated: [stated(2), stated(5)] };
        (cells[0].clone(), row)
    };
    chapter.rows("operations").into_iter().map(row).collect()
}

/// What has no row yet, as the chapter says it.
fn missing(rows: &BTreeMap<String, BTreeSet<Vec<Vec<usize>>>>) -> String {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let has_row = |name: &&str| rows.keys().any(|row| plain(row).starts_with(&plain(name)));
    let missing: Vec<String> =
        WANTED.split_whitespace().filter(|name| !has_row(name)).map(|name| format!("`{name}`")).collect();
    if missing.is_empty() { String::new() } else { format!("No row yet: {}.\n", missing.join(", ")) }
}

fn column(dtype: &str) -> usize {
    TYPES.iter().position(|name| *name == dtype).expect("a type of the table")
}

/// Holds the errors measured in one element type to what the table states, or writes them there.
pub fn hold(dtype: &str, errors: &BTreeMap<String, Errors>) {
    static MEASURED: Mutex<BTreeMap<(String, usize), Errors>> = Mutex::new(BTreeMap::new());
    let column = column(dtype);
    if !is_written() {
        let table = committed(&Chapter::open());
        let mut wrong = vec![];
        for (op, errors) in errors.iter().filter(|(op, _)| !COMPOSED.contains(&op.as_str())) {
            let Some(row) = table.get(op) else {
                wrong.push(format!("{op} has no row"));
                continue;
            };
            for ((off, stated), what) in
                errors.0.iter().zip(&row.stated[column]).zip(["result", "gradient", "second gradient"])
            {
                let Some(off) = off else { continue };
                if off.partial_cmp(&limit(stated)).is_none_or(|order| order.is_gt()) {
                    wrong.push(format!("{op}: the {what} in {dtype} is off by {off:e}, and the table says `{stated}`"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}\n{WRITE}", wrong.join("\n"));
        return;
    }
    let mut chapter = Chapter::open();
    let mut measured = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
    for (op, errors) in errors {
        measured.entry((op.clone(), column)).or_default().join(*errors);
    }
    let before = committed(&chapter);
    let mut text = String::from(HEAD);
    let tried = tried();
    chapter.write("missing", &missing(&tried));
    for (op, shapes) in tried {
        let cells = |column: usize| -> [String; 3] {
            let errors = measured.get(&(op.clone(), column)).map(|errors| errors.0);
            let stated = before.get(&op).filter(|_| errors.is_none() || !is_written_anew());
            std::array::from_fn(|i| {
                let now = errors.and_then(|errors| errors[i]).map_or(NOTHING.into(), |off| bound(off, BOUNDS[column]));
                stated.map_or(now.clone(), |row| wider(now, &row.stated[column][i]))
            })
        };
        let cells: Vec<String> = (0..2).flat_map(cells).collect();
        let reasons: Vec<&str> = FAR.iter().filter(|far| far.op == op).map(|far| far.reason).collect();
        text += &format!("| `{op}` | {} | {} | {} |\n", shapes.len(), cells.join(" | "), reasons.join("; "));
    }
    chapter.write("operations", &text);
}

const HEAD: &str = "\
| operation | shapes | `f32` | gradient | second | `f64` | gradient | second | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

#[test]
fn every_operation_has_its_row() {
    let tried = tried();
    println!("{}", missing(&tried));
    let mut wrong = vec![];
    let chapter = Chapter::open();
    let table = committed(&chapter);
    if chapter.part("missing") != missing(&tried) {
        wrong.push("what has no row yet has changed".into());
    }
    drop(chapter);
    for (op, shapes) in &tried {
        match table.get(op) {
            None => wrong.push(format!("{op} has no row")),
            Some(row) if row.shapes != shapes.len() => {
                wrong.push(format!("{op} is tried on {} shapes, and the table says {}", shapes.len(), row.shapes));
            }
            Some(row) if row.stated.iter().any(|stated| stated[0].is_empty()) => {
                wrong.push(format!("nothing is stated of {op}'s results"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(table.keys().filter(|op| !tried.contains_key(*op)).map(|op| format!("{op} is not tried")));
    assert!(is_written() || wrong.is_empty(), "{}\n{WRITE}", wrong.join("\n"));
}

#[test]
fn every_operation_is_tried_on_six_shapes() {
    let few: Vec<String> = tried()
        .into_iter()
        .filter(|(_, shapes)| shapes.len() < 6)
        .map(|(op, shapes)| format!("{op}: {}", shapes.len()))
        .collect();
    assert!(few.is_empty(), "fewer than six shapes:\n{}", few.join("\n"));
}

#[test]
fn what_is_far_has_its_reason() {
    for (op, row) in committed(&Chapter::open()) {
        for (column, dtype) in TYPES.into_iter().enumerate() {
            for (stated, kind) in row.stated[column].iter().zip([Measured::Value, Measured::Gradient, Measured::Second])
            {
                let is_far = limit(stated) > BOUNDS[column][1];
                let reason = FAR.iter().any(|far| (far.op, far.dtype, far.kind) == (op.as_str(), dtype, kind));
                assert!(
                    is_written() || is_far == reason,
                    "{op} in {dtype}: {row:?}; `FAR` has what is far from PyTorch"
                );
            }
        }
    }
}
