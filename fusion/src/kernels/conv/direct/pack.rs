//! Weights in the order in which tiles read them.

use crate::kernels::simd::{Kernel, Vector};

/// One panel: for each tap, a row of `width` lanes for each of `channels` channels.
///
/// The weight of channel `c`, lane `l` and element `e` of the window is `src[c * channel + l * lane + e]`. Lanes from `lanes`
/// on hold any numbers.
pub struct Pack<'a> {
    pub src: *const f32,
    pub channel: usize,
    pub lane: usize,
    /// Elements of the window.
    pub window: usize,
    /// Which of them the taps are.
    pub taps: &'a [usize],
    pub channels: usize,
    pub lanes: usize,
    pub width: usize,
    pub dst: *mut f32,
    /// [`Pack::room`] floats, initialised.
    pub room: *mut f32,
}

/// How many numbers of each lane are turned round at a time, if the window has no more elements.
const CHUNK: usize = 256;

/// How many channels are turned round at a time.
fn chunk(window: usize) -> usize {
    (CHUNK / window).max(1)
}

impl Pack<'_> {
    /// How much room panels up to a width take.
    pub fn room(window: usize, width: usize) -> usize {
        chunk(window) * window * width
    }
}

impl Kernel<f32> for Pack<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = f32>>(self) {
        let Self { window, width, room, .. } = self;
        // SAFETY: whoever fills in a `Pack` promises the elements of `src` and the room; `width` is a number of whole vectors,
        // which blocks divide.
        unsafe {
            let chunk = chunk(window);
            for first in (0..self.channels).step_by(chunk) {
                let channels = chunk.min(self.channels - first);
                for l in (0..self.lanes).step_by(V::BLOCK) {
                    let lanes = V::BLOCK.min(self.lanes - l);
                    let src = self.src.add(first * self.channel + l * self.lane);
                    if self.channel == window {
                        V::transpose(src, self.lane, lanes, channels * window, room.add(l), width);
                    } else {
                        for c in 0..channels {
                            let to = room.add(c * window * width + l);
                            V::transpose(src.add(c * self.channel), self.lane, lanes, window, to, width);
                        }
                    }
                }
                for (t, &tap) in self.taps.iter().enumerate() {
                    for c in 0..channels {
                        let from = room.add((c * window + tap) * width);
                        let to = self.dst.add((t * self.channels + first + c) * width);
                        for at in (0..width).step_by(V::LANES) {
                            V::load(from.add(at)).store(to.add(at));
                        }
                    }
                }
            }
        }
    }
}
