//! What a convolution and its adjoint have in common: along each axis, results are sums over taps of an input.
//!
//! The adjoint of a window that moves by `s` is `s` convolutions along each axis whose windows move by 1, of which each makes
//! every `s`th result.

use crate::kernels::conv::sweep::Sweep;
use std::collections::BTreeMap;

/// Floats of a strip, if that is more than one result: part of the second-level cache.
pub const STRIP: usize = 32 << 10;

/// One element of the window along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Tap {
    /// Its number in the weights.
    pub element: usize,
    /// Result `q` of a line takes what lies at `q * stride + offset` of the input, if that is inside.
    pub offset: isize,
}

/// Results `from`, `from + step` and so on, `count` of them, which have the same taps.
#[derive(Clone, Debug)]
pub struct Line {
    /// In the order of their offsets.
    pub taps: Vec<Tap>,
    pub from: usize,
    pub step: usize,
    pub count: usize,
}

impl Line {
    /// Do its taps lie side by side?
    pub fn is_dense(&self) -> bool {
        self.taps.windows(2).all(|pair| pair[1].offset == pair[0].offset + 1)
    }
}

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    pub lines: Vec<Line>,
    pub stride: usize,
    /// The size of the input, and of the result.
    pub sizes: [usize; 2],
    /// The results of the longest line.
    pub count: usize,
    /// All offsets, in their order.
    offsets: Vec<isize>,
}

/// The stretches of the input that are copied for some results of each line.
#[derive(Clone, Debug)]
pub struct Stretches {
    /// Where each begins, for the first result, and how long it is.
    pub list: Vec<(isize, usize)>,
    /// How long all are together.
    pub slots: usize,
}

impl Stretches {
    /// Where what a tap of this offset takes for the first result lies in the copy.
    pub fn slot(&self, offset: isize) -> usize {
        let mut start = 0;
        for &(first, len) in &self.list {
            let behind = offset.wrapping_sub(first);
            if (0..len as isize).contains(&behind) {
                return start + behind as usize;
            }
            start += len;
        }
        unreachable!("no stretch has a tap at {offset}")
    }
}

impl Axis {
    /// Of the convolution, or of its adjoint.
    ///
    /// # Panics
    /// If a window reaches further than addresses do.
    pub fn new(s: &Sweep, axis: usize, transposed: bool) -> Self {
        let (kernel, stride) = (s.window.kernel[axis], s.window.stride[axis]);
        let (dilation, before) = (s.window.dilation[axis], s.window.padding[axis][0]);
        let far = |n: usize| isize::try_from(n).unwrap_or_else(|_| panic!("no image has room for {s:?}"));
        let (ahead, behind) = (far(dilation), far(before));
        _ = (far(kernel.saturating_mul(dilation)), far(stride));
        let offset = |element: usize| element as isize * ahead - behind;
        let (stride, sizes, mut lines);
        if transposed {
            let by = s.window.stride[axis];
            (stride, sizes) = (1, [s.places[axis], s.image[axis]]);
            // What element `e` adds lies at place * by + offset(e).
            let mut phases = BTreeMap::<usize, Vec<Tap>>::new();
            for element in 0..kernel {
                let phase = offset(element).rem_euclid(by as isize);
                let offset = (phase - offset(element)) / by as isize;
                phases.entry(phase as usize).or_default().push(Tap { element, offset });
            }
            let line = |(from, taps)| Line { taps, from, step: by, count: (sizes[1] - from).div_ceil(by) };
            lines = phases.into_iter().filter(|(from, _)| *from < sizes[1]).map(line).collect::<Vec<_>>();
        } else {
            (stride, sizes) = (s.window.stride[axis], [s.image[axis], s.places[axis]]);
            let taps = (0..kernel).map(|element| Tap { element, offset: offset(element) }).collect();
            lines = vec![Line { taps, from: 0, step: 1, count: sizes[1] }];
        }
        lines.iter_mut().for_each(|line| line.taps.sort_by_key(|tap| tap.offset));
        let mut offsets: Vec<isize> = lines.iter().flat_map(|line| &line.taps).map(|tap| tap.offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let count = lines.iter().map(|line| line.count).max().unwrap_or(0);
        Self { lines, stride, sizes, count, offsets }
    }

    /// Is every result on a line?
    pub fn is_covered(&self) -> bool {
        self.lines.iter().map(|line| line.count).sum::<usize>() == self.sizes[1]
    }

    /// Does each element of the input count for one result of a line at most, and does no tap lie outside?
    pub fn is_split(&self) -> bool {
        let last =
            |line: &Line| line.taps.last().map_or(0, |tap| tap.offset) + ((line.count - 1) * self.stride) as isize;
        let split = |line: &Line| {
            line.taps.len() <= self.stride
                && line.taps.iter().all(|tap| tap.offset >= 0)
                && last(line) < self.sizes[0] as isize
        };
        self.lines.iter().all(split)
    }

    /// What is copied for `results` results of each line.
    pub fn stretches(&self, results: usize) -> Stretches {
        let reach = (results.max(1) - 1) * self.stride + 1;
        let mut list: Vec<(isize, usize)> = vec![];
        for &offset in &self.offsets {
            match list.last_mut() {
                Some((first, len)) if offset - *first <= *len as isize => *len = (offset - *first) as usize + reach,
                _ => list.push((offset, reach)),
            }
        }
        let slots = list.iter().map(|(_, len)| len).sum();
        Stretches { list, slots }
    }
}

/// How many results along each axis a strip of `channels` has: as many rows as fit, else as many columns.
pub fn block(axes: &[Axis; 2], channels: usize) -> [usize; 2] {
    let mut block = [0, 1].map(|axis| axes[axis].count.max(1));
    for axis in 0..2 {
        let other = axes[1 - axis].stretches(block[1 - axis]).slots * channels;
        let (mut fits, mut most) = (1, block[axis]);
        while fits < most {
            let middle = (fits + most).div_ceil(2);
            match axes[axis].stretches(middle).slots * other <= STRIP {
                true => fits = middle,
                false => most = middle - 1,
            }
        }
        // Evenly.
        block[axis] = block[axis].div_ceil(block[axis].div_ceil(fits));
    }
    block
}
