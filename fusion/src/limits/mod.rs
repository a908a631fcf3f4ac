//! For tests: every operation and every kernel that makes a shape, walked with sizes of 0 and with sizes near and above
//! the limit. Large operands are one element stretched by `expand`, so they cost no memory.
//!
//! A walk accepts a right result, or an error or a panic that says what is wrong: never a wrong count, and never what an
//! unchecked product leads to. Run it with `--release` as well: there overflow does not panic.

mod derivatives;
mod following;
mod images;
mod indexing;
mod kernels;
mod layers;
mod layouts;
mod losses;
mod movement;
mod operations;
mod prepared;
mod products;
mod reported;

use crate::graph::{Link, Value};
use crate::kernels::array::layout::MAX_ELEMENTS;
use crate::kernels::dtype::any;
use crate::kernels::testing::noise;
use crate::kernels::{Array, DType, Dims, Element};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The sizes that a case is tried with: one for each letter of its shapes. A small letter is never large, as a loop goes
/// along it; `1` is 1.
pub(super) struct Sizes {
    of: RefCell<BTreeMap<char, usize>>,
    /// What makes operands of plain values that want a gradient, if they are to, and which operands there are.
    wanted: Cell<Option<fn(Value) -> Value>>,
    leaves: RefCell<Vec<Value>>,
    /// What the operands are, in order, if they are given; floats are `f64` then.
    given: RefCell<Option<Vec<Value>>>,
}

impl Sizes {
    fn new(of: &[(char, usize)]) -> Self {
        let of = RefCell::new(of.iter().copied().collect());
        Self { of, wanted: Cell::new(None), leaves: RefCell::default(), given: RefCell::default() }
    }

    fn size(&self, letter: char) -> usize {
        match letter.to_digit(10) {
            Some(digit) => digit as usize,
            None => *self.of.borrow_mut().entry(letter).or_insert(2),
        }
    }

    /// The sizes of these letters.
    pub(super) fn dims(&self, letters: &str) -> Dims {
        Dims::new(&letters.chars().map(|letter| self.size(letter)).collect::<Vec<_>>())
    }

    /// An array that `f` fills, of one stretched element if it is large.
    pub(super) fn of<T: Element>(&self, letters: &str, f: impl FnMut(usize) -> T) -> Array {
        let (shape, mut f) = (self.dims(letters), f);
        match shape.try_count() {
            Ok(count) if count <= 10_000 => Array::from_fn(shape, f),
            _ => Array::full(f(0), Dims::default()).expand(&shape),
        }
    }

    /// Floats.
    pub(super) fn array(&self, letters: &str) -> Array {
        match self.given.borrow().is_some() {
            true => self.of(letters, noise),
            false => self.of(letters, |i| noise(i) as f32),
        }
    }

    /// Zeros, as labels or numbers of rows.
    pub(super) fn zeros(&self, letters: &str) -> Array {
        self.of(letters, |_| 0i64)
    }

    /// Floats whose gradient is asked for.
    pub(super) fn x(&self, letters: &str) -> Value {
        let x = Value::from(self.array(letters));
        if let Some(given) = &mut *self.given.borrow_mut()
            && !given.is_empty()
        {
            return given.remove(0);
        }
        let Some(wanted) = self.wanted.get() else { return x };
        let x = wanted(x);
        self.leaves.borrow_mut().push(x.clone());
        x
    }
}

/// What an operation gives.
pub(super) enum Made {
    Value(Value),
    Array(Array),
    Error(crate::Error),
    Nothing,
}

impl From<Value> for Made {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<Array> for Made {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<()> for Made {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl<T: Into<Made>> From<crate::Result<T>> for Made {
    fn from(result: crate::Result<T>) -> Self {
        match result {
            Ok(made) => made.into(),
            Err(error) => Self::Error(error),
        }
    }
}

/// An operation by name (`file::function`), and a call of it.
pub(super) type Case = (&'static str, fn(&Sizes) -> Made);

/// The words of a mistake that nobody foresaw.
const UNFORESEEN: [&str; 8] = [
    "overflow",
    "out of range",
    "out of bounds",
    "called `",
    "divide by zero",
    "divisor of zero",
    "assertion",
    "mid >",
];

/// Calls a case: what it made, or the sentence that it said.
#[track_caller]
fn call(name: &str, sizes: &Sizes, case: fn(&Sizes) -> Made) -> Result<Made, String> {
    let said = match catch_unwind(AssertUnwindSafe(|| case(sizes))) {
        Ok(Made::Error(error)) => error.to_string(),
        Ok(made) => return Ok(made),
        Err(panic) => match panic.downcast::<String>() {
            Ok(said) => *said,
            Err(panic) => panic.downcast_ref::<&str>().expect("a panic with words").to_string(),
        },
    };
    let of = sizes.of.borrow();
    assert!(!UNFORESEEN.iter().any(|word| said.contains(word)), "{name} with {of:?} says: {said}");
    Err(said)
}

/// Is the count the product of the sizes, and can the first and the last element be read?
#[track_caller]
fn examine(name: &str, array: &Array) {
    let product = array.shape().iter().map(|n| n as u128).product::<u128>();
    assert!(array.count() as u128 == product && array.count() <= MAX_ELEMENTS, "{name} makes {array:?}");
    let last: Vec<usize> = array.shape().iter().map(|n| n.saturating_sub(1)).collect();
    for index in [vec![0; last.len()], last] {
        let found = any!(array.dtype(), T => array.get::<T>(&index).is_some());
        assert_eq!(found, array.count() > 0, "{name} makes {array:?}");
    }
}

fn cases() -> Vec<Case> {
    [
        operations::CASES,
        operations::FUNCTIONS,
        losses::CASES,
        movement::CASES,
        indexing::CASES,
        products::CASES,
        layers::CASES,
        following::CASES,
        prepared::CASES,
        images::CASES,
        &kernels::cases(),
    ]
    .concat()
}

/// The letters of a case, found by calling it.
#[track_caller]
fn letters((name, case): Case) -> Vec<char> {
    let sizes = Sizes::new(&[]);
    if let Err(said) = call(name, &sizes, case) {
        panic!("{name} with small sizes says: {said}");
    }
    sizes.of.into_inner().into_keys().collect()
}

/// Each axis of each operand empty, and two at once; the gradients have the shapes of what they are of.
#[test]
fn sizes_of_nothing() {
    /// What cannot be had of nothing.
    const REFUSED: [&str; 23] = [
        "do not fill the shape",
        "of no elements",
        "no largest element",
        "no class to choose",
        "no element to choose",
        "no element number",
        "there is no slice",
        "there is no 0..2 along",
        "there is no index 0 along",
        "there is no index -1 along",
        "there is no 1.. along",
        "there is no 0..-1 along",
        "0 classes",
        "0 rows",
        "no row",
        "a reflection has fewer elements",
        "a circular padding has at most",
        "no element to replicate",
        "cannot lose",
        "window",
        "0 channels",
        "leaves nothing",
        "regions",
    ];
    for (name, case) in cases() {
        let letters = letters((name, case));
        for &a in &letters {
            for &b in &letters {
                let sizes = Sizes::new(&[(a, 0), (b, 0)]);
                sizes.wanted.set(Some(|x| x.watch()));
                match call(name, &sizes, case) {
                    Err(said) => {
                        assert!(REFUSED.iter().any(|word| said.contains(word)), "{name} with {a}, {b} empty: {said}");
                    }
                    Ok(Made::Array(array)) => examine(name, &array),
                    Ok(Made::Value(y)) => {
                        examine(name, y.array());
                        let leaves = sizes.leaves.take();
                        if y.traced().is_none() {
                            continue;
                        }
                        let seed = Array::full_float(y.dtype(), 1.0, *y.shape());
                        let grads = y.backward(seed.into());
                        for gradient in leaves.iter().map(|leaf| (leaf, grads.get_value(leaf.link()))) {
                            let (leaf, Some(gradient)) = gradient else { continue };
                            examine(name, gradient.array());
                            assert_eq!(gradient.shape(), leaf.shape(), "{name} with {a}, {b} empty");
                        }
                    }
                    Ok(Made::Error(_) | Made::Nothing) => {}
                }
            }
        }
    }
}

/// Each operand that wants a gradient has one, if the result is of floats: none is cut off without a word, neither of what
/// is watched nor of parameters alone.
#[test]
fn no_gradient_is_cut() {
    let mut cut = Vec::new();
    for wanted in [(|x: Value| x.watch()) as fn(Value) -> Value, Value::into_parameter] {
        for (name, case) in cases() {
            let sizes = Sizes::new(&[]);
            sizes.wanted.set(Some(wanted));
            let Ok(Made::Value(y)) = call(name, &sizes, case) else { continue };
            let leaves = sizes.leaves.take();
            if !matches!(y.dtype(), DType::F32 | DType::F64) || leaves.is_empty() || matches!(y.link(), Link::Inference)
            {
                continue;
            }
            let whole = y.link().wants_gradient() && {
                let seed = Array::full_float(y.dtype(), 1.0, *y.shape());
                let grads = y.backward(seed.into());
                leaves.iter().all(|leaf| grads.get_value(leaf.link()).is_some())
            };
            if !whole {
                cut.push(name);
            }
        }
    }
    assert!(cut.is_empty(), "an operand without a gradient: {cut:?}");
}

/// One axis larger than the memory that tests have, and two whose product is below the limit, above it, or a power of two that is 0 in 64
/// bits.
#[test]
fn sizes_near_and_above_the_limit() {
    const HUGE: usize = 1 << 36;
    for (name, case) in cases() {
        let large: Vec<char> = letters((name, case)).into_iter().filter(char::is_ascii_uppercase).collect();
        for &a in &large {
            for (b, n) in
                large.iter().filter(|&&b| b != a).flat_map(|&b| [4, 1 << 3, 1 << 4, 1 << 28, HUGE].map(|n| (b, n)))
            {
                try_large(name, &Sizes::new(&[(a, HUGE), (b, n)]), case);
            }
            try_large(name, &Sizes::new(&[(a, HUGE)]), case);
            try_large(name, &Sizes::new(&[(a, usize::MAX)]), case);
        }
    }
}

#[track_caller]
fn try_large(name: &str, sizes: &Sizes, case: fn(&Sizes) -> Made) {
    match call(name, sizes, case) {
        Ok(Made::Value(y)) => examine(name, y.array()),
        Ok(Made::Array(array)) => examine(name, &array),
        Ok(Made::Error(_) | Made::Nothing) => {}
        Err(said) => {
            let known = ["the most that a tensor can have", "the system does not have them", "no image has room"];
            let known = [&known[..], &["do not fill the shape", "there is no room for"]].concat();
            assert!(known.iter().any(|word| said.contains(word)), "{name} with {:?} says: {said}", sizes.of.borrow());
        }
    }
}

/// Every public function of `ops`, of the kernels and of `tensor/create.rs` is walked: who adds one adds its case.
#[test]
fn nothing_is_left_out() {
    let source = |path: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let names: Vec<&str> = cases().iter().map(|&(name, _)| name).collect();
    let mut missing = Vec::new();
    let mut files = Vec::new();
    let mut folders = vec!["ops".to_owned(), "kernels".to_owned()];
    while let Some(folder) = folders.pop() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&folder);
        for entry in std::fs::read_dir(path).expect("the folder") {
            let entry = entry.expect("a file");
            let path = format!("{folder}/{}", entry.file_name().into_string().expect("a name"));
            if entry.path().is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    for file in files {
        let Some(path) = file.strip_suffix(".rs") else { continue };
        // Of the kernels a name says its family, not its file.
        let module = match path.strip_prefix("kernels/").and_then(|path| path.split_once('/')) {
            Some((family, _)) => &path[..const { "kernels/".len() } + family.len()],
            None => path.strip_suffix("/mod").unwrap_or(path),
        };
        // What makes no arrays, or is private to the kernels.
        let others = ["dtype", "memory", "parallel", "simd", "testing"].map(|family| format!("kernels/{family}"));
        let file_name = path.rsplit('/').next().expect("a name");
        let within = [
            "layout",
            "walk",
            "function",
            "lanes",
            "argument",
            "steps",
            "tiles",
            "fold",
            "loops",
            "short",
            "dot",
            "drive",
            "epilogue",
            "pack",
            "choose",
            "gradient",
            "tile",
            "tests",
            "derivatives",
        ];
        let whole = ["kernels/mod", "kernels/array/mod", "kernels/gemm/mod", "ops/mod"];
        // The ways to compute a convolution take slices.
        let slices = path.strip_prefix("kernels/conv/").is_some_and(|path| path.contains('/'));
        if others.contains(&module.to_owned()) || within.contains(&file_name) || whole.contains(&path) || slices {
            continue;
        }
        let text = source(&file);
        let text = text.split("#[cfg(test)]\nmod tests {").next().expect("a part");
        for name in text.lines().filter_map(made) {
            let name = format!("{module}::{name}");
            if !names.contains(&name.as_str()) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "without a case in `limits`: {missing:#?}");
}

/// The name of the function that a line declares: a public one, or an entry of a table of operations.
fn made(line: &str) -> Option<&str> {
    let (function, entry) = (line.strip_prefix("pub fn "), line.strip_prefix("    "));
    let entry = entry.map(|entry| entry.strip_prefix("pub fn ").unwrap_or(entry));
    let name = function.or(entry.filter(|entry| entry.contains(") = ")))?.split(['(', '<']).next()?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).then_some(name)
}
