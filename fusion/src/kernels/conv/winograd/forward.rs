//! The convolution.

use super::common::{BLOCK, OFF, WORTH, for_isa};
use super::frame::Frame;
use super::passes::{Input, InputOf, Output, OutputOf, Weights, WeightsOf};
use super::product::{Cut, Product, Strips};
use super::tile::{Tile, is_for};
use crate::kernels::conv::epilogue::Epilogue;
use crate::kernels::conv::sweep::Sweep;
use crate::kernels::memory::Buffer;
use crate::kernels::memory::with_scratch;
use crate::kernels::parallel::{Across, Apart, pieces, split};
use crate::kernels::simd::{self, Isa, MAX_LANES};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Weights for a convolution by tiles, transformed.
pub struct Winograd {
    u: Buffer,
    /// For which instructions.
    isa: Isa,
    tile: Tile,
    frame: Frame,
    inputs: usize,
    outputs: usize,
    /// A pixel outside of the image.
    zeros: Vec<f32>,
}

/// How U lies: panels of outputs, in each a plane for every point, in it a row for every channel.
#[derive(Clone, Copy)]
struct Layout {
    /// Channels, in whole vectors.
    channels: usize,
    /// Vectors of a panel.
    vectors: usize,
    /// Outputs of a panel.
    width: usize,
    panels: usize,
    /// From a plane to the next, from a panel to the next.
    plane: usize,
    panel: usize,
}

/// Elements between planes of U.
const OFF_WEIGHTS: usize = 64;
/// The fewest tiles of a block, for each of which U comes again; and for how many bytes of U, then from memory, they are
/// twice as many.
const LEAST: usize = 24;
const LARGE: usize = 6 << 20;

impl Layout {
    fn new<S: Strips>(inputs: usize, outputs: usize, tile: Tile) -> Self {
        let (channels, vectors) = (inputs.next_multiple_of(S::LANES), S::vectors(outputs));
        let width = vectors * S::LANES;
        let plane = channels * width + OFF_WEIGHTS;
        Self { channels, vectors, width, panels: outputs.div_ceil(width), plane, panel: tile.points() * plane }
    }
}

/// How many outputs are multiplied for so many: those of whole panels.
pub fn multiplied(outputs: usize) -> usize {
    for_isa!(simd::isa(), S => outputs.next_multiple_of(<S as Strips>::vectors(outputs) * <S as simd::Vector>::LANES))
}

impl Winograd {
    /// The tiles that it computes.
    pub fn tile(&self) -> Tile {
        self.tile
    }

    /// Transforms `w`, `[outputs, inputs, 3, 3]` in C order, for the convolution over `s` or, `turned`, for its transpose:
    /// that takes images of `s.places` with `outputs` channels, and gives images of `s.image` with `inputs`.
    ///
    /// # Panics
    /// If the window is not one of 3x3 that moves by 1, or `w` has another length.
    pub fn new(w: &[f32], outputs: usize, inputs: usize, turned: bool, s: &Sweep, tile: Tile) -> Self {
        let weights = outputs.checked_mul(inputs).and_then(|n| n.checked_mul(9));
        assert_eq!(Some(w.len()), weights, "weights for {inputs} channels and {outputs}");
        assert!(is_for(s), "a window of 3x3 that moves by 1, not {:?}", s.window);
        let frame = Frame::new(s, turned, tile.side());
        let isa = simd::isa();
        for_isa!(isa, S => Self::transform::<S>(w, [outputs, inputs], turned, frame, tile, isa))
    }

    /// [`Winograd::new`] with the vectors `S`.
    pub(super) fn transform<S: Strips>(
        w: &[f32],
        [outputs, inputs]: [usize; 2],
        turned: bool,
        frame: Frame,
        tile: Tile,
        isa: Isa,
    ) -> Self {
        // From an output's weights to the next output's, and for channels.
        let (mut strides, mut sizes) = ([inputs * 9, 9], [outputs, inputs]);
        if turned {
            strides.reverse();
            sizes.reverse();
        }
        let [outputs, inputs] = sizes;
        let layout = Layout::new::<S>(inputs, outputs, tile);
        let bytes = layout.panel.checked_mul(layout.panels).and_then(|n| n.checked_mul(size_of::<f32>()));
        let u = bytes.and_then(Buffer::uninit).expect("memory for transformed weights");
        let weights = Weights {
            w: w.as_ptr(),
            output: strides[0],
            channel: strides[1],
            turned,
            outputs,
            channels: inputs,
            panels: 0..0,
            vectors: layout.vectors,
            u: u.as_ptr().cast_mut().cast(),
            panel: layout.panel,
            plane: layout.plane,
        };
        // SAFETY: each range has panels of its own.
        let all = unsafe { Across::new(weights) };
        let worth = (WORTH / 16).div_ceil((tile.points() * layout.plane).max(1));
        split(layout.panels, worth, |_, panels| {
            let weights = Weights { panels, ..all.get().clone() };
            // SAFETY: `isa` tells what the machine has. `w` has nine weights for each pair, U room for all panels, and no
            // panel belongs to two ranges.
            unsafe {
                match tile {
                    Tile::Two => S::enter(WeightsOf::<1, 4>(&weights)),
                    Tile::Four => S::enter(WeightsOf::<2, 6>(&weights)),
                }
            }
        });
        Self { u, isa, tile, frame, inputs, outputs, zeros: vec![0.0; inputs.next_multiple_of(MAX_LANES)] }
    }

    /// Convolves `images` images of `x`, channels-last, into `y`, which is written in full.
    ///
    /// # Panics
    /// If the lengths of the slices do not fit.
    pub fn run(&self, x: &[f32], images: usize, epilogue: &Epilogue<'_>, y: &mut [MaybeUninit<f32>]) {
        let Frame { image, places, .. } = self.frame;
        let size = |[height, width]: [usize; 2], channels: usize| {
            [height, width, channels].iter().try_fold(images, |n, &m| n.checked_mul(m))
        };
        assert_eq!(Some(x.len()), size(image, self.inputs), "{images} images of {image:?}, {} channels", self.inputs);
        let results = size(places, self.outputs);
        assert_eq!(Some(y.len()), results, "{images} results of {places:?}, {} channels", self.outputs);
        if let Some(bias) = epilogue.bias {
            assert_eq!(bias.len(), self.outputs, "a bias for {} channels", self.outputs);
        }
        if let Some(residual) = epilogue.residual {
            assert_eq!(residual.len(), y.len(), "a residual for {} elements", y.len());
        }
        if y.is_empty() {
            return;
        }
        let work = self.work(x, images, epilogue, y);
        // SAFETY: the machine has the instructions that the weights were transformed with; the slices are as long as the
        // work takes them to be.
        for_isa!(self.isa, S => unsafe { work.run::<S>() });
    }

    /// What [`Winograd::run`] is about to do.
    pub(super) fn work<'a>(
        &'a self,
        x: &[f32],
        images: usize,
        epilogue: &Epilogue<'a>,
        y: &mut [MaybeUninit<f32>],
    ) -> Work<'a> {
        let tiles = images * self.frame.tiles_per_image();
        Work { winograd: self, x: x.as_ptr(), y: y.as_mut_ptr().cast(), tiles, epilogue: *epilogue }
    }
}

/// A convolution with everything that it needs.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    winograd: &'a Winograd,
    x: *const f32,
    y: *mut f32,
    /// Of all images.
    tiles: usize,
    epilogue: Epilogue<'a>,
}

/// V and M of a block of tiles.
#[derive(Clone, Copy)]
struct Room {
    /// Tiles that there is room for.
    rows: usize,
    /// From a point of V to the next.
    v_plane: usize,
    /// From a point of M to the next.
    m_plane: usize,
    /// Elements of V, and of the M of one panel.
    v: usize,
    m: usize,
}

impl Room {
    fn new<S: Strips>(rows: usize, layout: &Layout, points: usize) -> Self {
        let v_plane = rows * layout.channels + OFF;
        let m_plane = rows * layout.width + OFF;
        Self { rows, v_plane, m_plane, v: points * v_plane, m: points * m_plane }
    }
}

impl Work<'_> {
    /// Tiles of a block.
    fn block(&self, layout: &Layout) -> usize {
        let points = self.winograd.tile.points();
        let tile = points * (layout.channels + layout.width) * size_of::<f32>();
        let large = layout.panel * layout.panels * size_of::<f32>() > LARGE;
        (BLOCK / tile).max(if large { 2 * LEAST } else { LEAST })
    }

    /// # Safety
    /// The machine must have the instructions, and the slices the lengths.
    pub(super) unsafe fn run<S: Strips>(&self) {
        let w = self.winograd;
        let layout = Layout::new::<S>(w.inputs, w.outputs, w.tile);
        let points = w.tile.points();
        let most = S::ROWS[S::ROWS.len() - 1];
        // Multiplications for a tile.
        let each = points * layout.channels * layout.width * layout.panels;
        let by_tiles = pieces(self.tiles, (WORTH / each.max(1)).max(most));
        let by_panels = pieces(layout.panels, (WORTH / (each / layout.panels * self.tiles).max(1)).max(1));
        let block = self.block(&layout);
        // SAFETY: each range has tiles, or panels of outputs, of its own.
        let shared = unsafe { Across::new(self) };
        if by_tiles >= by_panels {
            // Each thread has tiles of its own.
            split(self.tiles, self.tiles / by_tiles, |_, tiles| {
                let blocks = tiles.len().div_ceil(block).max(1);
                let room = Room::new::<S>(tiles.len().div_ceil(blocks) + most, &layout, points);
                with_scratch(room.v + room.m, |v: *mut f32| {
                    for i in 0..blocks {
                        let part = |i: usize| tiles.start + tiles.len() * i / blocks;
                        let (tiles, m) = (part(i)..part(i + 1), v.wrapping_add(room.v));
                        let cut = Cut::new::<S>(tiles.len());
                        // SAFETY: the caller's promise, and the room.
                        unsafe {
                            shared.get().input::<S>(&tiles, 0..cut.rows, v, &room);
                            shared.get().panels::<S>(&tiles, &cut, 0..layout.panels, [v, m], &room, &layout);
                        }
                    }
                });
            });
            return;
        }
        // Few tiles of many channels: the threads share their V, and each has outputs of its own.
        let blocks = self.tiles.div_ceil(block);
        let room = Room::new::<S>(self.tiles.div_ceil(blocks) + most, &layout, points);
        with_scratch(room.v + by_panels * room.m, |v: *mut f32| {
            let scratch = Apart::new(v);
            for i in 0..blocks {
                let tiles = self.tiles * i / blocks..self.tiles * (i + 1) / blocks;
                let cut = Cut::new::<S>(tiles.len());
                split(cut.rows, (WORTH / 16).div_ceil(points * layout.channels), |_, rows| {
                    // SAFETY: the caller's promise, and the room; no tile belongs to two ranges.
                    unsafe { shared.get().input::<S>(&tiles, rows, scratch.at(0), &room) };
                });
                split(layout.panels, layout.panels / by_panels, |part, panels| {
                    let v = scratch.at(0);
                    let m = v.wrapping_add(room.v + part * room.m);
                    // SAFETY: the caller's promise, and the room; V is made, and no panel belongs to two ranges.
                    unsafe { shared.get().panels::<S>(&tiles, &cut, panels, [v, m], &room, &layout) };
                });
            }
        });
    }

    /// Makes `rows` of the V of `tiles`.
    ///
    /// # Safety
    /// As for [`Work::run`], and `v` must have the room.
    unsafe fn input<S: Strips>(&self, tiles: &Range<usize>, rows: Range<usize>, v: *mut f32, room: &Room) {
        let w = self.winograd;
        let input = Input {
            frame: w.frame,
            x: self.x,
            channels: w.inputs,
            slices: w.inputs.div_ceil(S::LANES),
            zeros: w.zeros.as_ptr(),
            tiles: tiles.start + rows.start..tiles.start + rows.end,
            last: tiles.end,
            v: v.wrapping_add(rows.start * S::LANES),
            plane: room.v_plane,
            slice: room.rows * S::LANES,
        };
        // SAFETY: the caller's promise.
        unsafe {
            match w.tile {
                Tile::Two => S::enter(InputOf::<1, 4, 4>(&input)),
                Tile::Four => S::enter(InputOf::<2, 6, 6>(&input)),
            }
        }
    }

    /// Computes the results of `panels` for `tiles`.
    ///
    /// # Safety
    /// As for [`Work::input`]; V must be made, and `m` have room for a panel.
    unsafe fn panels<S: Strips>(
        &self,
        tiles: &Range<usize>,
        cut: &Cut,
        panels: Range<usize>,
        [v, m]: [*mut f32; 2],
        room: &Room,
        layout: &Layout,
    ) {
        let w = self.winograd;
        let points = w.tile.points();
        for panel in panels {
            for point in 0..points {
                let u = w.u.as_ptr().cast::<f32>().wrapping_add(panel * layout.panel + point * layout.plane);
                let mut product = Product {
                    strips: 0,
                    slices: layout.channels / S::LANES,
                    v: v.wrapping_add(point * room.v_plane),
                    slice: room.rows * S::LANES,
                    u,
                    m: m.wrapping_add(point * room.m_plane),
                };
                for [rows, strips] in cut.strips {
                    if strips > 0 {
                        product.strips = strips;
                        // SAFETY: the caller's promise.
                        unsafe { S::product(rows, layout.vectors, &product) };
                        product.v = product.v.wrapping_add(rows * strips * S::LANES);
                        product.m = product.m.wrapping_add(rows * strips * layout.width);
                    }
                }
            }
            let output = Output {
                frame: w.frame,
                m,
                plane: room.m_plane,
                panel: room.m,
                tiles: tiles.clone(),
                panels: panel..panel + 1,
                vectors: layout.vectors,
                outputs: w.outputs,
                y: self.y,
                bias: self.epilogue.bias,
                residual: self.epilogue.residual.map_or(std::ptr::null(), <[f32]>::as_ptr),
                activation: self.epilogue.activation,
            };
            // SAFETY: the caller's promise.
            unsafe {
                match w.tile {
                    Tile::Two => S::enter(OutputOf::<1, 4, 2>(&output)),
                    Tile::Four => S::enter(OutputOf::<2, 6, 4>(&output)),
                }
            }
        }
    }
}
