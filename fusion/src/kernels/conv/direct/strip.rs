//! A copy of what some results need of their images, with zeros where that is outside: a strip.

use super::plan::Stretches;
use std::mem::MaybeUninit;

const ZERO: MaybeUninit<f32> = MaybeUninit::new(0.0);

/// What is copied, of images `[height, width, channels]`.
pub struct Strip<'a> {
    /// The images.
    pub x: &'a [f32],
    pub size: [usize; 2],
    pub channels: usize,
    /// Which of the channels are copied.
    pub from: usize,
    pub pitch: usize,
    /// Where the first result's window lies, and what is copied around it.
    pub at: [usize; 2],
    pub stretches: &'a [Stretches; 2],
}

impl Strip<'_> {
    /// How many floats the copy of an image has.
    pub fn len(&self) -> usize {
        self.stretches[0].slots * self.stretches[1].slots * self.pitch
    }

    /// Writes the copies, as many as fit `to`, and zeros behind them.
    pub fn copy(&self, images: usize, to: &mut [MaybeUninit<f32>]) {
        let row = self.stretches[1].slots * self.pitch;
        let mut rows = to.chunks_exact_mut(row);
        let [height, width] = self.size;
        for image in self.x.chunks_exact(height * width * self.channels).take(images) {
            for &(first, len) in &self.stretches[0].list {
                let first = first + self.at[0] as isize;
                for y in first..first + len as isize {
                    let to = rows.next().expect("a row for each slot");
                    match (0..height as isize).contains(&y) {
                        true => self.row(&image[y as usize * width * self.channels..][..width * self.channels], to),
                        false => to.fill(ZERO),
                    }
                }
            }
        }
    }

    fn row(&self, from: &[f32], to: &mut [MaybeUninit<f32>]) {
        let (width, mut to) = (self.size[1] as isize, to);
        for &(first, len) in &self.stretches[1].list {
            let first = first + self.at[1] as isize;
            // Of the slots, those of the image.
            let [start, end] = [0, width].map(|edge| (edge - first).clamp(0, len as isize));
            let (before, inside) = (start as usize, (end - start) as usize);
            let (stretch, rest) = to.split_at_mut(len * self.pitch);
            to = rest;
            let (zeros, stretch) = stretch.split_at_mut(before * self.pitch);
            zeros.fill(ZERO);
            let (copy, zeros) = stretch.split_at_mut(inside * self.pitch);
            zeros.fill(ZERO);
            if inside == 0 {
                continue;
            }
            let from = &from[(first + start) as usize * self.channels..][..inside * self.channels];
            if self.pitch == self.channels {
                _ = copy.write_copy_of_slice(from);
            } else {
                for (to, from) in copy.chunks_exact_mut(self.pitch).zip(from.chunks_exact(self.channels)) {
                    _ = to.write_copy_of_slice(&from[self.from..][..self.pitch]);
                }
            }
        }
    }
}
