//! Which box of an output answers for which object.

use crate::vision::{BBox, Labelled, YoloHead};
use std::collections::BTreeMap;

/// The sizes of an output.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub images: usize,
    pub classes: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Sizes {
    pub fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The places in the output of the numbers of a box, which has this number among all boxes: an image's after that
    /// of the one before it, anchor by anchor, row by row.
    pub fn numbers(&self, slot: usize) -> impl Iterator<Item = usize> + use<> {
        let (cells, numbers) = (self.cells(), 5 + self.classes);
        let (planes, cell) = (slot / cells * numbers, slot % cells);
        (0..numbers).map(move |number| (planes + number) * cells + cell)
    }
}

/// Above which IoU a box that answers for no object is left out, and beside the best an anchor answers; and the shorter side of
/// the smallest object that is learned.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub ignore: f32,
    pub also: f32,
    pub smallest: f32,
}

impl Rules {
    /// Above this IoU a box that is near an object too small to be learned is left out.
    const NEAR: f32 = 0.1;

    fn learns(&self, bbox: BBox) -> bool {
        bbox.width().min(bbox.height()) >= self.smallest
    }

    fn leaves_out(&self, bbox: &BBox, object: &Labelled) -> bool {
        object.bbox.iou(bbox) > if self.learns(object.bbox) { self.ignore } else { Self::NEAR }
    }
}

/// What a box should be.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub object: Labelled,
    pub anchor: usize,
    /// Its cell's column and row.
    pub cell: [usize; 2],
}

/// The boxes of head `head` that answer for objects, by their numbers.
///
/// Of all anchors of all heads, the one whose width and height cover an object's best answers for it, in the cell of
/// its centre, and so do those whose IoU with its shape is above `rules.also`. Of two objects that would have the same box, one
/// whose best it is has it before others, and the later one before the earlier.
pub fn targets(
    heads: &[YoloHead],
    head: usize,
    objects: &[Vec<Labelled>],
    sizes: Sizes,
    rules: Rules,
) -> BTreeMap<usize, Target> {
    let (mut found, mut bests) = (BTreeMap::new(), BTreeMap::new());
    let here = &heads[head];
    for (image, objects) in objects.iter().enumerate() {
        for &object in objects.iter().filter(|object| object.bbox.is_valid() && rules.learns(object.bbox)) {
            let best = best_anchor(heads, object.bbox);
            let last = [sizes.columns, sizes.rows].map(|n| n.saturating_sub(1));
            let center = object.bbox.center();
            let cell = [0, 1].map(|axis| ((center[axis] / here.stride as f32).max(0.0) as usize).min(last[axis]));
            for anchor in 0..here.anchors.len() {
                let slot = (image * 3 + anchor) * sizes.cells() + cell[1] * sizes.columns + cell[0];
                if best == (head, anchor) {
                    bests.insert(slot, Target { object, anchor, cell });
                } else if shape_iou(object.bbox, here.anchors[anchor]) > rules.also {
                    found.insert(slot, Target { object, anchor, cell });
                }
            }
        }
    }
    found.append(&mut bests);
    found
}

/// The IoU of a box and an anchor with one centre.
fn shape_iou(bbox: BBox, (width, height): (f32, f32)) -> f32 {
    BBox::new(0.0, 0.0, bbox.width(), bbox.height()).iou(&BBox::new(0.0, 0.0, width, height))
}

/// The head and the anchor whose shape is the most like that of a box; of equal ones the first.
fn best_anchor(heads: &[YoloHead], bbox: BBox) -> (usize, usize) {
    let (mut best, mut most) = ((0, 0), -1.0);
    for (head, anchors) in heads.iter().map(|head| head.anchors).enumerate() {
        for (anchor, size) in anchors.into_iter().enumerate() {
            let iou = shape_iou(bbox, size);
            if iou > most {
                (best, most) = ((head, anchor), iou);
            }
        }
    }
    best
}

/// For each box of an output, given in the order of memory: is it left out unless it answers for an object?
pub fn covers(head: &YoloHead, output: &[f32], objects: &[Vec<Labelled>], sizes: Sizes, rules: Rules) -> Vec<bool> {
    let (cells, numbers) = (sizes.cells(), 5 + sizes.classes);
    let mut covers = vec![false; sizes.images * 3 * cells];
    if cells == 0 {
        return covers;
    }
    let boxes = output.chunks_exact(numbers * cells).zip(covers.chunks_exact_mut(cells)).enumerate();
    for (plane, (numbers, covers)) in boxes {
        let objects = &objects[plane / 3];
        if objects.is_empty() {
            continue;
        }
        for (cell, covers) in covers.iter_mut().enumerate() {
            let at = [cell % sizes.columns, cell / sizes.columns];
            let bbox = head.bbox([0, 1, 2, 3].map(|number| numbers[number * cells + cell]), plane % 3, at);
            *covers = objects.iter().any(|object| rules.leaves_out(&bbox, object));
        }
    }
    covers
}
