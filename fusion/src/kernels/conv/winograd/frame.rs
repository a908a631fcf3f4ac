//! Where tiles lie.

use crate::kernels::conv::sweep::Sweep;

/// Images, the places of a 3x3 window over them, and the tiles that the places are cut into: row by row, image by image.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Height and width of an image.
    pub image: [usize; 2],
    /// How many places the window takes along each.
    pub places: [usize; 2],
    /// How many zeros stand before the image; below zero where the first window starts inside.
    pub before: [isize; 2],
    /// Places of a tile along each axis.
    pub side: usize,
    /// How many tiles there are along each axis.
    pub tiles: [usize; 2],
}

impl Frame {
    /// Of a convolution, or of its transpose: that is a convolution as well, of the convolved image with turned weights.
    pub fn new(s: &Sweep, turned: bool, side: usize) -> Self {
        let before = s.window.padding.map(|[before, _]| isize::try_from(before).expect("padding below isize::MAX"));
        let (image, places, before) =
            if turned { (s.places, s.image, before.map(|p| 2 - p)) } else { (s.image, s.places, before) };
        Self { image, places, before, side, tiles: places.map(|n| n.div_ceil(side)) }
    }

    /// How many tiles an image has.
    pub fn tiles_per_image(&self) -> usize {
        self.tiles[0] * self.tiles[1]
    }

    /// The image of a tile, and its first place.
    #[inline(always)]
    pub fn first_place(&self, tile: usize) -> (usize, [usize; 2]) {
        let per_image = self.tiles_per_image();
        let (image, inside) = (tile / per_image, tile % per_image);
        (image, [inside / self.tiles[1] * self.side, inside % self.tiles[1] * self.side])
    }

    /// Where the pixels under a tile of `A` x `A` lie in `x`, `channels` to a pixel; outside of the image they are `zeros`.
    #[inline(always)]
    pub fn pixels<const A: usize>(
        &self,
        x: *const f32,
        channels: usize,
        zeros: *const f32,
        tile: usize,
        pixels: &mut [[*const f32; A]; A],
    ) {
        let (image, place) = self.first_place(tile);
        let [height, width] = self.image;
        let x = x.wrapping_add(image * height * width * channels);
        let row = place[0] as isize - self.before[0];
        let col = place[1] as isize - self.before[1];
        let inside = |from: isize, size: usize| from >= 0 && from as usize + A <= size;
        if inside(row, height) && inside(col, width) {
            let mut at = x.wrapping_add((row as usize * width + col as usize) * channels);
            for row in pixels {
                for (s, pixel) in row.iter_mut().enumerate() {
                    *pixel = at.wrapping_add(s * channels);
                }
                at = at.wrapping_add(width * channels);
            }
            return;
        }
        for (r, pixels) in pixels.iter_mut().enumerate() {
            // A negative number wraps to one beyond any image.
            let row = (row + r as isize) as usize;
            for (s, pixel) in pixels.iter_mut().enumerate() {
                let col = (col + s as isize) as usize;
                let is_inside = row < height && col < width;
                *pixel = if is_inside { x.wrapping_add((row * width + col) * channels) } else { zeros };
            }
        }
    }
}
