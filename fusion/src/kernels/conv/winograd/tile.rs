//! What is tiled, and into which tiles.

use crate::kernels::conv::sweep::Sweep;

/// Is `s` a window of 3x3 that moves by 1, over all channels, with its elements side by side?
pub fn is_for(s: &Sweep) -> bool {
    let w = s.window;
    w.kernel == [3; 2] && w.stride == [1; 2] && w.dilation == [1; 2] && w.groups == 1
}

/// The places of a tile.
///
/// The largest error of a result, in units of the root mean square of all, with 16 to 512 channels, was 4.4e-6 for 2x2
/// and 2.2e-5 for 4x4 (direct sums: 1.1e-5) with normal inputs, 2.1e-5 and 6.8e-5 (direct sums: 3.7e-5) with heavy-tailed
/// ones: of seven shapes, each with one draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tile {
    /// 2x2 places from 4x4 products.
    Two,
    /// 4x4 places from 6x6 products.
    Four,
}

impl Tile {
    /// Places along a side.
    pub fn side(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// How many products a tile has, for each pair of channels.
    pub fn points(self) -> usize {
        (self.side() + 2) * (self.side() + 2)
    }
}
