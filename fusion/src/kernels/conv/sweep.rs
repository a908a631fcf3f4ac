//! How a window goes over an image.

/// How a window goes over an image: for each number, first that of the height, then that of the width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Its size.
    pub kernel: [usize; 2],
    /// How far it moves.
    pub stride: [usize; 2],
    /// How many zeros stand before and after the image.
    pub padding: [[usize; 2]; 2],
    /// How far apart the elements under it lie.
    pub dilation: [usize; 2],
    /// How many groups the channels are split into, each convolved for itself; pooling has no use for it.
    pub groups: usize,
}

impl Window {
    /// A square window that moves by 1, without padding.
    pub fn square(kernel: usize) -> Self {
        Self { kernel: [kernel; 2], stride: [1; 2], padding: [[0; 2]; 2], dilation: [1; 2], groups: 1 }
    }

    /// Has each of so many channels a window of its own?
    pub(super) fn is_depthwise(&self, inputs: usize, outputs: usize) -> bool {
        self.groups > 1 && [inputs, outputs] == [self.groups; 2]
    }
}

/// A window, an image's height and width, and how many places the window takes there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sweep {
    /// The window.
    pub window: Window,
    /// Height and width of the image.
    pub image: [usize; 2],
    /// How many places the window takes along each.
    pub places: [usize; 2],
}

/// Along one axis: the places `from..to` at which one element of the window lies inside the image, the first of them
/// over the image's element `start`.
#[derive(Clone, Copy)]
pub struct Inside {
    pub from: usize,
    pub to: usize,
    pub start: usize,
}

impl Sweep {
    /// Panics if an element that some place of the window lies over could not be numbered.
    #[track_caller]
    pub(in crate::kernels) fn check(&self) {
        let Window { kernel, stride, padding, dilation, .. } = self.window;
        let number = |axis: usize| {
            let reach = kernel[axis].checked_mul(dilation[axis])?;
            let last = self.places[axis].checked_mul(stride[axis])?.checked_add(reach)?;
            self.image[axis].checked_add(padding[axis][0])?.checked_add(last)
        };
        let numbered =
            (0..2).all(|axis| kernel[axis].min(stride[axis]).min(dilation[axis]) > 0 && number(axis).is_some());
        assert!(numbered, "no image has room for {self:?}");
    }

    /// Of one element of the window along an axis, where it lies inside.
    pub(super) fn inside(&self, axis: usize, tap: usize) -> Inside {
        let stride = self.window.stride[axis];
        // Place p lies over the element p * stride + ahead - behind.
        let (ahead, behind) = (tap * self.window.dilation[axis], self.window.padding[axis][0]);
        let from = behind.saturating_sub(ahead).div_ceil(stride).min(self.places[axis]);
        let to = (self.image[axis] + behind).saturating_sub(ahead).div_ceil(stride).min(self.places[axis]);
        if to <= from {
            return Inside { from, to: from, start: 0 };
        }
        Inside { from, to, start: from * stride + ahead - behind }
    }

    /// Does each place show one element of the image, in their order? Then the image is its own matrix of columns.
    pub(super) fn is_identity(&self) -> bool {
        let Window { kernel, stride, padding, .. } = self.window;
        kernel == [1; 2] && stride == [1; 2] && padding.map(|p| p[0]) == [0; 2] && self.image == self.places
    }
}
