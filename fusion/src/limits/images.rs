//! What is done to images before a network sees them, and the labels of samples.

use super::{Case, Made, Sizes};
use crate::kernels::Array;
use crate::kernels::images::{self, Adjust, Edge, Filter, Rect};
use crate::ops::classes;
use fusion_rules::Fill;

/// How many images, of how many rows and columns.
fn sizes(x: &Array) -> [usize; 3] {
    [0, 2, 3].map(|axis| x.shape().get(axis))
}

/// The upper left part of an image.
fn part(x: &Array) -> Rect {
    let [_, rows, columns] = sizes(x);
    Rect { top: 0, left: 0, height: rows.min(1), width: columns.min(1) }
}

fn bytes(s: &Sizes, letters: &str) -> Array {
    s.of(letters, |i| i as u8)
}

fn resized(s: &Sizes, filter: Filter) -> Made {
    let x = bytes(s, "ncHW");
    let whole = part(&x);
    if whole.height * whole.width == 0 { Made::Nothing } else { images::resize(&x, &[whole], [3, 3], filter).into() }
}

pub(super) const CASES: &[Case] = &[
    ("kernels/images::to_float", |s| images::to_float(&bytes(s, "NCHW")).into()),
    ("kernels/images::normalize", |s| {
        let c = s.dims("c").count();
        images::normalize(bytes(s, "NcHW"), &vec![0.5; c], &vec![0.5; c]).into()
    }),
    ("kernels/images::normalize", |s| {
        let c = s.dims("c").count();
        images::normalize(s.array("NcHW"), &vec![0.5; c], &vec![0.5; c]).into()
    }),
    ("kernels/images::statistics", |s| {
        images::statistics(&bytes(s, "NcHW"));
        ().into()
    }),
    ("kernels/images::windows", |s| {
        let x = bytes(s, "ncHW");
        let places = vec![[-1, -1]; sizes(&x)[0]];
        images::windows(&x, [2, 2], &places, Edge { fill: Fill::Constant, value: 0.0 }).into()
    }),
    ("kernels/images::flip", |s| {
        let x = bytes(s, "ncHW");
        let all = vec![true; sizes(&x)[0]];
        images::flip(x, &all).into()
    }),
    ("kernels/images::affine", |_| {
        images::affine(30.0, [1.0, 0.0], 2.0, [0.0, 10.0]);
        ().into()
    }),
    ("kernels/images::warp", |s| {
        let x = bytes(s, "ncHW");
        let maps = vec![images::affine(30.0, [1.0, 0.0], 1.0, [0.0; 2]); sizes(&x)[0]];
        images::warp(&x, &maps, true, 0.0).into()
    }),
    ("kernels/images::resize", |s| resized(s, Filter::Nearest)),
    ("kernels/images::resize", |s| resized(s, Filter::Bilinear)),
    ("kernels/images::resize", |s| resized(s, Filter::Antialiased)),
    ("kernels/images::adjust", |s| {
        let x = bytes(s, "n3HW");
        let each = vec![vec![Adjust::Brightness(0.5), Adjust::Contrast(2.0), Adjust::Hue(0.1)]; sizes(&x)[0]];
        images::adjust(x, &each).into()
    }),
    ("kernels/images::greyscale", |s| images::greyscale(&bytes(s, "N3HW")).into()),
    ("kernels/images::erase", |s| {
        let x = bytes(s, "ncHW");
        let parts = vec![Some(part(&x)); sizes(&x)[0]];
        images::erase(x, &parts, 0.0).into()
    }),
    ("kernels/images::exchange", |s| {
        let x = bytes(s, "NCHW");
        images::exchange(&x, part(&x)).into()
    }),
    ("kernels/images::blend", |s| images::blend(&s.array("NC"), 0.25).into()),
    ("ops/classes::labels_of", |s| {
        classes::labels_of("accuracy", &s.dims("aB"), &s.zeros("a"), None, None).map(drop).into()
    }),
    ("ops/classes::classes_of", |s| {
        classes::classes_of("accuracy", "labels", &s.zeros("a"), s.dims("B").count(), None, None).map(drop).into()
    }),
    ("ops/classes::guesses_of", |s| {
        classes::guesses_of(&s.array("ab"));
        ().into()
    }),
    ("ops/classes::right", |s| {
        let x = s.array("ab");
        classes::right(&x, &vec![Some(0); x.shape().get(0)]);
        ().into()
    }),
];
