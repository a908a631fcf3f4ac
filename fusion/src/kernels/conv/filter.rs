//! Weights packed for the way in which a convolution is computed.

use super::choose::{Way, way};
use super::depthwise::Depthwise;
use super::direct::Direct;
use super::epilogue::Epilogue;
use super::plain;
use super::sweep::Sweep;
use super::winograd::Winograd;
use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use std::mem::MaybeUninit;

/// Images as a filter takes or gives them: channels, height and width.
#[derive(Clone, Copy, Debug)]
struct Images {
    channels: usize,
    size: [usize; 2],
}

impl Images {
    /// The elements of `count` of them; `None` if there is no such number.
    fn elements(&self, count: usize) -> Option<usize> {
        count.checked_mul(self.channels)?.checked_mul(self.size[0])?.checked_mul(self.size[1])
    }
}

/// Weights packed for one window, one size of image and one way of computing: made once, used often, by any number of
/// threads.
pub struct Filter {
    sweep: Sweep,
    transposed: bool,
    takes: Images,
    gives: Images,
    packed: Packed,
}

/// The ways, with the weights that each of them takes.
enum Packed {
    /// There are no weights, or no pixels.
    Nothing,
    /// The sum itself, of any window.
    Direct(Box<Direct>, Array),
    /// By transformed tiles.
    Winograd(Box<Winograd>),
    /// A window for each channel.
    Depthwise(Depthwise),
    /// By products that are added to where they belong: the weights as they were given.
    Folded(Array),
}

impl Filter {
    /// For the convolution of images `[inputs, s.image]` to images `[outputs, s.places]`. `w` is
    /// `[outputs, inputs / groups, KH, KW]` in C order; `images` is for how many of them the way is chosen.
    ///
    /// # Panics
    /// If there are not as many weights, the channels do not split into the groups, or no image has room for the window.
    #[track_caller]
    pub fn new(w: &[f32], outputs: usize, inputs: usize, s: &Sweep, images: usize) -> Self {
        Self::of(w, [outputs, inputs], s, images, false)
    }

    /// For the adjoint of that convolution: from images `[outputs, s.places]` to images `[inputs, s.image]`. That is the
    /// gradient by its image, and the transposed convolution.
    ///
    /// # Panics
    /// As [`Filter::new`].
    #[track_caller]
    pub fn transposed(w: &[f32], outputs: usize, inputs: usize, s: &Sweep, images: usize) -> Self {
        Self::of(w, [outputs, inputs], s, images, true)
    }

    #[track_caller]
    fn of(w: &[f32], [outputs, inputs]: [usize; 2], s: &Sweep, count: usize, transposed: bool) -> Self {
        s.check();
        let groups = s.window.groups;
        let whole = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
        assert!(whole, "{groups} groups of {inputs} and {outputs} channels");
        let images = Images { channels: inputs / groups, size: s.window.kernel };
        assert_eq!(Some(w.len()), images.elements(outputs), "the weights of {outputs} x {inputs} channels under {s:?}");
        let (image, convolved) =
            (Images { channels: inputs, size: s.image }, Images { channels: outputs, size: s.places });
        let (takes, gives) = if transposed { (convolved, image) } else { (image, convolved) };
        let packed = match way(s, takes.channels, gives.channels, count, transposed) {
            _ if w.is_empty() || [takes, gives].iter().any(|images| images.elements(1) == Some(0)) => Packed::Nothing,
            Way::Winograd(tile) => Packed::Winograd(Box::new(Winograd::new(w, outputs, inputs, transposed, s, tile))),
            Way::Depthwise => Packed::Depthwise(Depthwise::new(w, outputs, s, transposed)),
            Way::Folded => {
                let [high, wide] = s.window.kernel;
                Packed::Folded(Array::from_slice(w, Dims::new(&[outputs, inputs / groups, high, wide])))
            }
            Way::Direct => {
                let direct = Box::new(Direct::new([outputs, inputs], s, transposed));
                // SAFETY: every weight is packed, with the numbers of lanes that have none.
                let w = unsafe { Array::build::<f32>(Dims::new(&[direct.packed()]), |to| direct.pack(w, to)) };
                Packed::Direct(direct, w)
            }
        };
        Self { sweep: *s, transposed, takes, gives, packed }
    }

    /// Would the same way be chosen for so many images?
    pub fn is_for(&self, images: usize) -> bool {
        let way = way(&self.sweep, self.takes.channels, self.gives.channels, images, self.transposed);
        match &self.packed {
            Packed::Nothing => true,
            Packed::Direct(..) => way == Way::Direct,
            Packed::Depthwise(_) | Packed::Folded(_) => true,
            Packed::Winograd(weights) => way == Way::Winograd(weights.tile()),
        }
    }

    /// Writes to `y` what it makes of `images` images `x`, both channels-last.
    ///
    /// # Panics
    /// If `x`, `y` or what the epilogue adds have not as many elements as that takes.
    #[track_caller]
    pub fn run(&self, x: &[f32], images: usize, epilogue: &Epilogue<'_>, y: &mut [MaybeUninit<f32>]) {
        let (takes, gives) = (self.takes, self.gives);
        assert_eq!(Some(x.len()), takes.elements(images), "{images} images of {takes:?}");
        assert_eq!(Some(y.len()), gives.elements(images), "{images} images of {gives:?}");
        if let Some(bias) = epilogue.bias {
            assert_eq!(bias.len(), gives.channels, "the bias of {} channels", gives.channels);
        }
        if let Some(residual) = epilogue.residual {
            assert_eq!(residual.len(), y.len(), "the residual of {images} images of {gives:?}");
        }
        match &self.packed {
            Packed::Nothing if y.is_empty() => {}
            Packed::Nothing => epilogue.of(gives.channels, |_| 0.0, y),
            Packed::Direct(direct, w) => direct.run(w.dense().expect("dense"), x, images, epilogue, y),
            Packed::Winograd(winograd) => winograd.run(x, images, epilogue, y),
            Packed::Depthwise(depthwise) => depthwise.run(x, images, epilogue, y),
            Packed::Folded(w) => self.fold(w, x, images, epilogue, y),
        }
    }

    /// [`Filter::run`] of [`Packed::Folded`]; there are few places, so that a copy of them is nothing.
    fn fold(&self, w: &Array, x: &[f32], images: usize, epilogue: &Epilogue<'_>, y: &mut [MaybeUninit<f32>]) {
        let shape = Dims::new(&[images, self.takes.channels, self.takes.size[0], self.takes.size[1]]);
        let flat = Array::from_slice(x, Dims::new(&[x.len()]));
        let x = flat.view(shape, shape.channels_last(), 0);
        let sums = plain::conv_transpose2d(&x, w, None, &self.sweep).channels_last();
        let sums: &[f32] = sums.dense().expect("dense");
        epilogue.of(self.gives.channels, |place| sums[place], y);
    }
}
