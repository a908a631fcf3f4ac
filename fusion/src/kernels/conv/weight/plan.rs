//! How the work of a weight gradient is cut up: panels of weights, strips of places.

use super::super::sweep::Sweep;
use std::ops::Range;

/// The sums of a panel, at most, where the window allows: part of a second-level cache.
const PANEL: usize = 40 << 10;
/// Places of a strip, about: with two vectors for each, a strip of `dy` is half of a first-level cache.
const PLACES: usize = 192;
/// Inputs copied for a strip, at most, where the window allows.
const COPIES: usize = 48 << 10;
/// Inputs and outputs of a block, at most.
const INPUTS: usize = 32;
const OUTPUTS: usize = 64;

/// Rows of a tile of one vector and of two: what the registers hold.
pub const fn tile_rows(lanes: usize, vectors: usize) -> usize {
    match (lanes, vectors) {
        (16, 1) => 24,
        (16, _) | (8, 1) => 12,
        (8, _) => 6,
        _ => 4,
    }
}

/// The lanes of the narrowest tiles: the smallest vectors have none of one vector.
const fn least_lanes(lanes: usize) -> usize {
    if lanes < 8 { 2 * lanes } else { lanes }
}

/// One axis of the images, and how what lies under a row of the window is copied.
#[derive(Clone, Copy)]
pub struct Axis {
    taps: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    image: usize,
    /// Do places share no element, so that each has its own copies?
    apart: bool,
}

impl Axis {
    fn of(s: &Sweep, axis: usize) -> Self {
        let (taps, stride, dilation) = (s.window.kernel[axis], s.window.stride[axis], s.window.dilation[axis]);
        let before = s.window.padding[axis][0];
        Self { taps, stride, dilation, before, image: s.image[axis], apart: dilation > 1 || stride > taps }
    }

    /// Elements copied for so many places.
    pub fn copied(&self, places: usize) -> usize {
        if self.apart { places * self.taps } else { (places - 1) * self.stride + self.taps }
    }

    /// From the copies of a place to those of the next.
    pub fn step(&self) -> usize {
        if self.apart { self.taps } else { self.stride }
    }

    /// Of which element of the image is copy `i` of the places from `first` on?
    pub fn source(&self, first: usize, i: usize) -> Option<usize> {
        let at = if self.apart {
            (first + i / self.taps) * self.stride + i % self.taps * self.dilation
        } else {
            first * self.stride + i
        };
        at.checked_sub(self.before).filter(|&at| at < self.image)
    }

    /// Where places share elements: which of the `count` copies of the places from `first` on lie inside of the image.
    pub fn inside(&self, first: usize, count: usize) -> Option<Range<usize>> {
        let at = first * self.stride;
        let from = self.before.saturating_sub(at).min(count);
        let to = (self.image + self.before).saturating_sub(at).min(count);
        (!self.apart).then_some(from..to.max(from))
    }
}

/// Some inputs and outputs of one group.
#[derive(Clone, Copy)]
pub struct Block {
    pub group: usize,
    /// The first, counted within the group, and how many.
    pub input: usize,
    pub inputs: usize,
    pub output: usize,
    pub outputs: usize,
}

/// The outputs of the tiles of one width.
#[derive(Clone, Copy)]
pub struct OutputTile {
    /// The first output, counted within the block.
    pub at: usize,
    /// How many there are, and lanes for them.
    pub outputs: usize,
    pub lanes: usize,
    /// Rows of its tiles.
    pub rows: usize,
}

/// Some places: rows of one image or parts of one, or several images.
#[derive(Clone, Copy)]
pub struct Strip {
    pub image: usize,
    pub images: usize,
    /// The first of each axis, and how many.
    pub first: [usize; 2],
    pub count: [usize; 2],
}

/// How the work is cut up.
pub struct Plan {
    pub s: Sweep,
    pub axes: [Axis; 2],
    images: usize,
    /// Channels in all groups, and in each.
    pub inputs: usize,
    pub outputs: usize,
    pub inputs_each: usize,
    pub outputs_each: usize,
    /// The lanes of a vector.
    lanes: usize,
    /// Inputs and outputs of a block, and how many blocks they are.
    block: [usize; 2],
    parts: [usize; 2],
    /// Blocks of a panel.
    blocks: usize,
    pub panels: usize,
    /// The sums of a panel.
    pub panel_sums: usize,
    /// Images, rows and columns of places of a strip, and how many strips there are.
    strip: [usize; 3],
    pub strips: usize,
    /// Is all under the window side by side, not only what is under a row of it?
    pub unfold: bool,
    /// Is `dy` read where it lies?
    pub in_place: bool,
}

/// `count` in even parts of at most `most`: the size of a part.
fn even(count: usize, most: usize) -> usize {
    count.div_ceil(count.div_ceil(most))
}

impl Plan {
    /// Sizes must not be 0.
    pub fn new(images: usize, inputs: usize, outputs: usize, s: &Sweep, lanes: usize) -> Self {
        let groups = s.window.groups;
        let (inputs_each, outputs_each) = (inputs / groups, outputs / groups);
        let [high, wide] = s.window.kernel;
        let taps = high * wide;

        let (mut c, mut o) = (inputs_each.min(INPUTS), outputs_each.min(OUTPUTS));
        while taps.saturating_mul(c * o) > PANEL && (c > 8 || o > 2 * lanes) {
            if c >= o && c > 8 || o <= 2 * lanes { c = c.div_ceil(2) } else { o = o.div_ceil(2) }
        }
        let c = even(inputs_each, c);
        let o = even(outputs_each, o);
        let o = if o < outputs_each { o.next_multiple_of(2 * lanes).min(outputs_each) } else { o };
        let parts = [inputs_each.div_ceil(c), outputs_each.div_ceil(o)];

        let [rows, cols] = s.places;
        let axes = [Axis::of(s, 0), Axis::of(s, 1)];
        let mut strip = if rows * cols <= PLACES {
            [even(images, PLACES / (rows * cols)), rows, cols]
        } else if cols <= PLACES {
            [1, even(rows, PLACES.div_ceil(cols)), cols]
        } else {
            [1, 1, even(cols, PLACES)]
        };
        while let Some(part) = strip.iter().position(|&n| n > 1)
            && strip[0] * axes[0].copied(strip[1]) * axes[1].copied(strip[2]) * c > COPIES
        {
            strip[part] = strip[part].div_ceil(2);
        }
        let strips = images.div_ceil(strip[0]) * rows.div_ceil(strip[1]) * cols.div_ceil(strip[2]);

        let mut plan = Self {
            s: *s,
            axes,
            images,
            inputs,
            outputs,
            inputs_each,
            outputs_each,
            lanes,
            block: [c, o],
            parts,
            blocks: 1,
            panels: groups * parts[0] * parts[1],
            panel_sums: 0,
            strip,
            strips,
            unfold: false,
            in_place: [o, outputs_each].iter().all(|o| o.is_multiple_of(least_lanes(lanes))) && outputs <= OUTPUTS,
        };
        let first = plan.block_at(0);
        // Products for each place, and vectors that unfolding copies.
        let products = |plan: &Self| {
            let tiles = plan.output_tiles(&first).map(|tile| plan.tile_sums(&first, &tile)).sum::<usize>();
            tiles / lanes
        };
        let by_rows = products(&plan);
        plan.unfold = true;
        let copies = 2 * high * (wide * c).div_ceil(lanes);
        plan.unfold = high > 1 && wide * c < 64 && products(&plan) + copies < by_rows;

        let sums = plan.sums(&first);
        if parts == [1, 1] {
            // A group is a block: some of them together, so that images are read once for all.
            plan.blocks = even(groups, (PANEL / sums).max(1));
            plan.panels = groups.div_ceil(plan.blocks);
        }
        plan.panel_sums = sums * plan.blocks;
        plan
    }

    /// Height and width of the window.
    pub fn kernel(&self) -> [usize; 2] {
        self.s.window.kernel
    }

    fn block_at(&self, number: usize) -> Block {
        let [c, o] = [number / self.parts[1] % self.parts[0] * self.block[0], number % self.parts[1] * self.block[1]];
        Block {
            group: number / (self.parts[0] * self.parts[1]),
            input: c,
            inputs: self.block[0].min(self.inputs_each - c),
            output: o,
            outputs: self.block[1].min(self.outputs_each - o),
        }
    }

    /// The blocks of a panel.
    pub fn blocks(&self, panel: usize) -> impl Iterator<Item = Block> {
        let all = self.s.window.groups * self.parts[0] * self.parts[1];
        (panel * self.blocks..all.min((panel + 1) * self.blocks)).map(|number| self.block_at(number))
    }

    /// A block's outputs in pieces of the widths of tiles.
    pub fn output_tiles(&self, block: &Block) -> impl Iterator<Item = OutputTile> {
        let (outputs, lanes) = (block.outputs, self.lanes);
        (0..outputs.div_ceil(2 * lanes)).map(move |i| {
            let at = i * 2 * lanes;
            let count = outputs - at;
            let vectors = if count <= least_lanes(lanes) { least_lanes(lanes) / lanes } else { 2 };
            let rows = tile_rows(lanes, vectors);
            OutputTile { at, outputs: count.min(2 * lanes), lanes: vectors * lanes, rows }
        })
    }

    /// How many times the tiles go over a strip: for each row of the window, or once.
    pub fn heights(&self) -> usize {
        if self.unfold { 1 } else { self.kernel()[0] }
    }

    /// Elements under the window side by side.
    pub fn run(&self, block: &Block) -> usize {
        let [high, wide] = self.kernel();
        if self.unfold { high * wide * block.inputs } else { wide * block.inputs }
    }

    /// Rows of sums from one row of the window to the next.
    pub fn rows_down(&self, block: &Block, tile: &OutputTile) -> usize {
        if self.unfold { self.kernel()[1] * block.inputs } else { self.run(block).next_multiple_of(tile.rows) }
    }

    /// The sums of the tiles of a block's outputs of one width.
    pub fn tile_sums(&self, block: &Block, tile: &OutputTile) -> usize {
        self.heights() * self.run(block).next_multiple_of(tile.rows) * tile.lanes
    }

    /// The sums of a block.
    pub fn sums(&self, block: &Block) -> usize {
        self.output_tiles(block).map(|tile| self.tile_sums(block, &tile)).sum()
    }

    /// Which places strip `number` has.
    pub fn strip(&self, number: usize) -> Strip {
        let [images, rows, cols] = self.strip;
        let [high, wide] = self.s.places;
        let (down, across) = (high.div_ceil(rows), wide.div_ceil(cols));
        let image = number / (down * across) * images;
        let first = [number / across % down * rows, number % across * cols];
        let count = [rows.min(high - first[0]), cols.min(wide - first[1])];
        Strip { image, images: images.min(self.images - image), first, count }
    }

    /// Which rows of a strip's places have row `ky` of the window inside of the image, counted within the strip.
    pub fn rows_inside(&self, strip: &Strip, ky: usize) -> Range<usize> {
        let inside = self.s.inside(0, ky);
        let [first, count] = [strip.first[0], strip.count[0]];
        let start = inside.from.saturating_sub(first).min(count);
        start..inside.to.saturating_sub(first).clamp(start, count)
    }

    /// The elements that are copied for the largest strip: of `x`, of `x` unfolded, of `dy`.
    pub fn copies(&self) -> [usize; 3] {
        let [images, rows, cols] = self.strip;
        let places = images * rows * cols;
        let x = images * self.axes[0].copied(rows) * self.axes[1].copied(cols) * self.block[0];
        let unfolded = if self.unfold { places * self.run(&self.block_at(0)) } else { 0 };
        let dy = if self.in_place { 0 } else { places * self.block[1].next_multiple_of(2 * self.lanes) };
        [x, unfolded, dy]
    }
}
