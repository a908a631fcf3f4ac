//! Copies of strips in the order in which the tiles read them.

use super::plan::{Block, Plan, Strip};
use super::sums::room;
use crate::kernels::memory::Buffer;
use crate::kernels::simd::{MAX_LANES, Vector};

/// Elements behind each copy: vectors and tiles may reach beyond the last one.
const SLACK: usize = 4 * MAX_LANES;

/// Room for the copies of a strip, and for the sums of few strips.
pub struct Rooms {
    memory: Buffer,
    starts: [usize; 4],
}

impl Rooms {
    pub fn new(plan: &Plan) -> Self {
        let mut starts = [0; 4];
        let mut end = 0usize;
        let [x, unfolded, dy] = plan.copies();
        for (start, count) in starts.iter_mut().zip([x, unfolded, dy, plan.panel_sums]) {
            *start = end;
            end = end.saturating_add(count).saturating_add(SLACK).next_multiple_of(MAX_LANES);
        }
        let memory = room(end);
        // What tiles read beyond their rows is not used, but it must be numbers.
        // SAFETY: the room is this long and nobody else's.
        unsafe { memory.as_ptr().cast_mut().write_bytes(0, starts[3] * size_of::<f32>()) };
        Self { memory, starts }
    }

    fn at(&self, part: usize) -> *mut f32 {
        self.memory.as_ptr().cast_mut().cast::<f32>().wrapping_add(self.starts[part])
    }

    /// The inputs of a strip: `[image, row, column, channel]`.
    pub fn x(&self) -> *mut f32 {
        self.at(0)
    }

    /// What lies under the window at each place.
    pub fn unfolded(&self) -> *mut f32 {
        self.at(1)
    }

    /// The gradients of a strip: for each width of tiles `[place, lane]`.
    pub fn dy(&self) -> *mut f32 {
        self.at(2)
    }

    /// The sums of few strips.
    pub fn few(&self) -> *mut f32 {
        self.at(3)
    }
}

/// Copies what the tiles of a block read of a strip.
///
/// # Safety
/// `x` and `dy` must be the images of the plan, the rooms its own, and the machine must have the instructions.
#[inline(always)]
pub unsafe fn pack<S: Vector<Elem = f32>>(
    plan: &Plan,
    block: &Block,
    strip: &Strip,
    x: *const f32,
    dy: *const f32,
    rooms: &Rooms,
) {
    // SAFETY: the caller's promise.
    unsafe {
        inputs::<S>(plan, block, strip, x, rooms.x());
        if plan.unfold {
            unfold::<S>(plan, block, strip, rooms.x(), rooms.unfolded());
        }
        if !plan.in_place {
            gradients::<S>(plan, block, strip, dy, rooms.dy());
        }
    }
}

/// Copies the rows of the images under a strip, with zeros outside. Rows outside are left as they are, where the tiles do
/// not go over them.
#[inline(always)]
unsafe fn inputs<S: Vector<Elem = f32>>(plan: &Plan, block: &Block, strip: &Strip, x: *const f32, to: *mut f32) {
    let ([down, across], [height, width]) = (plan.axes, plan.s.image);
    let [rows, cols] = [down.copied(strip.count[0]), across.copied(strip.count[1])];
    let channel = block.group * plan.inputs_each + block.input;
    let mut to = to;
    // SAFETY: the caller's promise: `source` and `inside` name elements of the image, and the room has `rows` x `cols` pixels
    // for each image, and slack.
    unsafe {
        for image in strip.image..strip.image + strip.images {
            for i in 0..rows {
                let Some(row) = down.source(strip.first[0], i) else {
                    if plan.unfold {
                        to.write_bytes(0, cols * block.inputs);
                    }
                    to = to.add(cols * block.inputs);
                    continue;
                };
                let from = x.add((image * height + row) * width * plan.inputs + channel);
                if let Some(inside) = across.inside(strip.first[1], cols) {
                    to.write_bytes(0, inside.start * block.inputs);
                    to = to.add(inside.start * block.inputs);
                    if !inside.is_empty() {
                        let column = across.source(strip.first[1], inside.start).unwrap_or(0);
                        let from = from.add(column * plan.inputs);
                        pixels::<S>(from, plan.inputs, inside.len(), block.inputs, to);
                        to = to.add(inside.len() * block.inputs);
                    }
                    to.write_bytes(0, (cols - inside.end) * block.inputs);
                    to = to.add((cols - inside.end) * block.inputs);
                } else {
                    for j in 0..cols {
                        match across.source(strip.first[1], j) {
                            Some(column) => pixels::<S>(from.add(column * plan.inputs), 0, 1, block.inputs, to),
                            None => to.write_bytes(0, block.inputs),
                        }
                        to = to.add(block.inputs);
                    }
                }
            }
        }
    }
}

/// Copies `count` elements of each of `pixels`, `step` apart, one behind the other; spoils up to a vector behind them.
#[inline(always)]
unsafe fn pixels<S: Vector<Elem = f32>>(
    mut from: *const f32,
    step: usize,
    pixels: usize,
    count: usize,
    mut to: *mut f32,
) {
    // SAFETY: the caller's promise. What a vector spoils the next pixel puts right.
    unsafe {
        if step == count {
            return to.copy_from_nonoverlapping(from, pixels * count);
        }
        let whole = count / S::LANES * S::LANES;
        let tail = S::tail(count - whole);
        for _ in 0..pixels {
            for i in (0..whole).step_by(S::LANES) {
                S::load(from.add(i)).store(to.add(i));
            }
            if whole < count {
                S::load_tail(from.add(whole), tail).store(to.add(whole));
            }
            from = from.wrapping_add(step);
            to = to.add(count);
        }
    }
}

/// Copies what lies under the window at each place of a strip, row by row of the window.
#[inline(always)]
unsafe fn unfold<S: Vector<Elem = f32>>(plan: &Plan, block: &Block, strip: &Strip, x: *const f32, to: *mut f32) {
    let ([down, across], [high, wide]) = (plan.axes, plan.kernel());
    let [rows, cols] = [down.copied(strip.count[0]), across.copied(strip.count[1])];
    let run = wide * block.inputs;
    let mut to = to;
    // SAFETY: the caller's promise: the copied rows hold each place's runs, and the room a run for each row of the window;
    // what a vector spoils the next run puts right.
    unsafe {
        for image in 0..strip.images {
            for row in 0..strip.count[0] {
                let from = x.add((image * rows + row * down.step()) * cols * block.inputs);
                for col in 0..strip.count[1] {
                    let from = from.add(col * across.step() * block.inputs);
                    for ky in 0..high {
                        let from = from.add(ky * cols * block.inputs);
                        for i in (0..run).step_by(S::LANES) {
                            S::load(from.add(i)).store(to.add(i));
                        }
                        to = to.add(run);
                    }
                }
            }
        }
    }
}

/// Copies the gradients of a strip, zeros in the lanes behind the last output.
#[inline(always)]
unsafe fn gradients<S: Vector<Elem = f32>>(plan: &Plan, block: &Block, strip: &Strip, dy: *const f32, to: *mut f32) {
    let [height, width] = plan.s.places;
    let channel = block.group * plan.outputs_each + block.output;
    let mut to = to;
    for tile in plan.output_tiles(block) {
        // SAFETY: the caller's promise: the strip's places are places of the images, and the room has all lanes for them.
        unsafe {
            let whole = tile.outputs / S::LANES * S::LANES;
            let tail = S::tail(tile.outputs - whole);
            for image in strip.image..strip.image + strip.images {
                for row in 0..strip.count[0] {
                    let place = (image * height + strip.first[0] + row) * width + strip.first[1];
                    let mut from = dy.add(place * plan.outputs + channel + tile.at);
                    for _ in 0..strip.count[1] {
                        for i in (0..tile.lanes).step_by(S::LANES) {
                            let x = if i < whole {
                                S::load(from.add(i))
                            } else if i < tile.outputs {
                                S::load_tail(from.add(i), tail)
                            } else {
                                S::zero()
                            };
                            x.store(to.add(i));
                        }
                        from = from.wrapping_add(plan.outputs);
                        to = to.add(tile.lanes);
                    }
                }
            }
        }
    }
}
