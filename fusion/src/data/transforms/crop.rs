//! Images with more or fewer pixels at their edges.

use super::{Pixel, Transform, elements, targets_pass};
use crate::data::Draw;
use crate::dim::{Dim, Nat, Num, PadMode, Plus, Window};
use crate::kernels::Array;
use crate::kernels::images::{Edge, windows};
use crate::tensor::Tensor;
use fusion_rules::Fill;
use rand::RngExt;
use std::fmt;
use std::marker::PhantomData;

/// What a way to pad finds beyond the edges of an image.
fn edge(mode: impl PadMode<f32>) -> Edge {
    fn of<M: PadMode<f32>>(mode: M) -> Edge {
        Edge { fill: M::FILL, value: mode.value().unwrap_or(0.0) }
    }
    of(mode)
}

/// The rule of images with `padding` pixels on each side: what is beyond an edge is found in the image.
#[track_caller]
fn check_padding(name: &str, x: &Array, padding: usize, fill: Fill) {
    let [height, width] = [2, 3].map(|axis| x.shape().get(axis));
    let most = match fill {
        Fill::Constant => usize::MAX,
        Fill::Reflect => height.min(width).saturating_sub(1),
        Fill::Replicate => {
            if height.min(width) == 0 {
                0
            } else {
                usize::MAX
            }
        }
        Fill::Circular => height.min(width),
    };
    let way = format!("{fill:?}").to_lowercase();
    assert!(
        padding <= most,
        "{name}: an image of {height} x {width} has no {padding} pixels to {way} beyond its edges"
    );
}

/// `P` pixels more on each side of the images: `[B, C, H, W]` to `[B, C, H + 2P, W + 2P]`. torchvision's `Pad`.
///
/// They are what the mode says: [`Constant(0.0)`](crate::dim::Constant) in the unit of the pixels (white is 255 of `u8` and
/// 1 of `f32`), [`Reflect`](crate::dim::Reflect), [`Replicate`](crate::dim::Replicate), which is torchvision's `edge`, or
/// [`Circular`](crate::dim::Circular). It draws nothing.
///
/// # Panics
/// When it is applied to images that are too small: a reflection has fewer pixels than the image, a circular padding as many.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Pad;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 2, 3], u8>::from([[[[1, 2, 3], [4, 5, 6]]]]);
/// let y: Tensor<shape![1, 1, 4, 5], u8> = Pad::<dim!(1)>::new(Reflect).apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec()[..10], [5, 4, 5, 6, 5, 2, 1, 2, 3, 2]);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Pad<P> {
    edge: Edge,
    size: PhantomData<fn() -> P>,
}

impl<P: Nat> Pad<P> {
    /// Pads in this way.
    pub fn new(mode: impl PadMode<f32>) -> Self {
        Self { edge: edge(mode), size: PhantomData }
    }
}

impl<P: Nat> fmt::Debug for Pad<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pad({}, {:?})", P::N, self.edge.fill)
    }
}

impl<B: Dim, C: Dim, H, W, P: Nat, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for Pad<P>
where
    H: Plus<P, Out: Plus<P>>,
    W: Plus<P, Out: Plus<P>>,
{
    type Output = Tensor<(B, C, <H::Out as Plus<P>>::Out, <W::Out as Plus<P>>::Out), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, _: &mut Draw<'_>) -> Self::Output {
        Tensor::wrap(pad(&elements(x), P::N, self.edge).into())
    }
}

#[track_caller]
fn pad(x: &Array, padding: usize, edge: Edge) -> Array {
    check_padding("Pad", x, padding, edge.fill);
    let size = [2, 3].map(|axis| x.shape().get(axis) + 2 * padding);
    windows(x, size, &vec![[-padding.cast_signed(); 2]; x.shape().get(0)], edge)
}

/// A window of `H` x `W` at a random place of each image, of the image alone or with `P` pixels more on each side: `[B, C, _,
/// _]` to `[B, C, H, W]`. torchvision's `RandomCrop`.
///
/// It draws two numbers for each image: the row and the column of the window's upper left corner, each place as likely as
/// the others. No padded image is made.
///
/// A window that is larger than the image with its padding is a compile error where the sizes are known.
///
/// # Panics
/// When it is applied to images whose size the run decides and that are too small; of the padding see [`Pad`].
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::RandomCrop;
/// use fusion::prelude::*;
///
/// // He et al. 2015, for CIFAR-10.
/// let crop = RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(4)>(Constant(0.0));
/// let x = Tensor::<shape![2, 3, 32, 32], u8>::full(255);
/// let y: Tensor<shape![2, 3, 32, 32], u8> = crop.apply(x, &mut Draw::new(0, 0, 0, &[0, 1]));
/// assert!(y.to_vec().contains(&0));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct RandomCrop<H, W, P = Num<0>> {
    edge: Edge,
    size: PhantomData<fn() -> (H, W, P)>,
}

impl<H: Nat, W: Nat> RandomCrop<H, W> {
    /// Crops images as they are.
    #[allow(clippy::new_without_default, reason = "a crop without a size is none")]
    pub fn new() -> Self {
        Self { edge: Edge { fill: Fill::Constant, value: 0.0 }, size: PhantomData }
    }

    /// Crops images with `P` pixels more on each side, which are what the mode says: see [`Pad`].
    ///
    /// ```
    /// use fusion::data::transforms::RandomCrop;
    /// use fusion::prelude::*;
    ///
    /// let crop = RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(2)>(Reflect);
    /// assert_eq!(format!("{crop:?}"), "RandomCrop(32 x 32, padding 2 Reflect)");
    /// ```
    #[must_use]
    pub fn padding<P: Nat>(self, mode: impl PadMode<f32>) -> RandomCrop<H, W, P> {
        RandomCrop { edge: edge(mode), size: PhantomData }
    }
}

impl<H: Nat, W: Nat, P: Nat> fmt::Debug for RandomCrop<H, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RandomCrop({} x {}, padding {} {:?})", H::N, W::N, P::N, self.edge.fill)
    }
}

impl<B, C, Height, Width, H, W, P, T> Transform<Tensor<(B, C, Height, Width), T>> for RandomCrop<H, W, P>
where
    B: Dim,
    C: Dim,
    H: Nat,
    W: Nat,
    P: Nat,
    Height: Window<H, Num<1>, P>,
    Width: Window<W, Num<1>, P>,
    T: Pixel,
{
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, Height, Width), T>, draw: &mut Draw<'_>) -> Self::Output {
        Tensor::wrap(random_crop(&elements(x), [H::N, W::N], P::N, self.edge, draw).into())
    }
}

#[track_caller]
fn random_crop(x: &Array, size: [usize; 2], padding: usize, edge: Edge, draw: &mut Draw<'_>) -> Array {
    let room = room("RandomCrop", x, size, padding);
    check_padding("RandomCrop", x, padding, edge.fill);
    let mut place = |room: usize| draw.rng().random_range(0..=room).cast_signed() - padding.cast_signed();
    let places: Vec<[isize; 2]> = (0..x.shape().get(0)).map(|_| room.map(&mut place)).collect();
    windows(x, size, &places, edge)
}

/// The window of `H` x `W` in the middle of each image: `[B, C, _, _]` to `[B, C, H, W]`. torchvision's `CenterCrop`, which
/// also pads images that are too small.
///
/// Where an odd number of rows or columns is left, half of it, rounded to the nearest even number, stands in front. A window
/// that is larger than the image is a compile error where the sizes are known. It draws nothing.
///
/// # Panics
/// When it is applied to images whose size the run decides and that are too small.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::CenterCrop;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 3, 4], u8>::from_fn(|i| i as u8);
/// let y = CenterCrop::<dim!(1), dim!(2)>::new().apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec(), [5, 6]);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct CenterCrop<H, W> {
    size: PhantomData<fn() -> (H, W)>,
}

impl<H: Nat, W: Nat> CenterCrop<H, W> {
    /// Crops to `H` x `W`.
    #[allow(clippy::new_without_default, reason = "a crop without a size is none")]
    pub fn new() -> Self {
        Self { size: PhantomData }
    }
}

impl<H: Nat, W: Nat> fmt::Debug for CenterCrop<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CenterCrop({} x {})", H::N, W::N)
    }
}

impl<B: Dim, C: Dim, Height, Width, H: Nat, W: Nat, T: Pixel> Transform<Tensor<(B, C, Height, Width), T>>
    for CenterCrop<H, W>
where
    Height: Window<H>,
    Width: Window<W>,
{
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, Height, Width), T>, _: &mut Draw<'_>) -> Self::Output {
        Tensor::wrap(center_crop(&elements(x), [H::N, W::N]).into())
    }
}

#[track_caller]
fn center_crop(x: &Array, size: [usize; 2]) -> Array {
    let place = room("CenterCrop", x, size, 0).map(|room| (room as f64 / 2.0).round_ties_even() as isize);
    windows(x, size, &vec![place; x.shape().get(0)], Edge { fill: Fill::Constant, value: 0.0 })
}

/// How far a window can move down and across an image with so many pixels more on each side.
#[track_caller]
fn room(name: &str, x: &Array, [height, width]: [usize; 2], padding: usize) -> [usize; 2] {
    let [rows, columns] = [2, 3].map(|axis| x.shape().get(axis));
    let [down, across] = [rows, columns].map(|n| n + 2 * padding);
    let padded = if padding == 0 { String::new() } else { format!(" with {padding} more on each side") };
    assert!(
        height <= down && width <= across,
        "{name}: a window of {height} x {width} does not fit an image of {rows} x {columns}{padded}"
    );
    [down - height, across - width]
}

targets_pass! {
    [P] Pad<P>;
    [H, W] CenterCrop<H, W>;
    [H, W, P] RandomCrop<H, W, P>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Circular, Constant, Dyn, Reflect, Replicate};

    type Images = Tensor<(Dyn, Num<1>, Dyn, Dyn), u8>;

    fn images(sizes: [usize; 3]) -> Images {
        let [n, height, width] = sizes;
        Tensor::from_fn_sized(&[n, 1, height, width], |i| (i % (height * width)) as u8 + 1).unwrap()
    }

    fn draw<R>(f: impl FnOnce(&mut Draw<'_>) -> R) -> R {
        f(&mut Draw::new(3, 1, 4, &[1, 5]))
    }

    /// Each of the nine places of a 1 x 1 window on 1 x 1 images with one pixel more on each side is as likely as the others.
    #[test]
    fn each_place_is_as_likely() {
        let crop = RandomCrop::<Num<1>, Num<2>>::new();
        let mut counts = [0usize; 12];
        for batch in 0..10 {
            let x = images([600, 4, 4]);
            let y = crop.apply(x, &mut Draw::new(0, 0, batch, &[]));
            y.to_vec().chunks(2).for_each(|row| {
                assert_eq!(row[1], row[0] + 1);
                let place = usize::from(row[0]) - 1;
                counts[place / 4 * 3 + place % 4] += 1;
            });
        }
        // 6000 windows over twelve places: 500 each, with a standard deviation of 21.
        assert!(counts.iter().all(|count| (390..=610).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_draw_decides() {
        let crop = RandomCrop::<Num<8>, Num<7>>::new().padding::<Num<2>>(Reflect);
        let once = |batch| crop.apply(images([9, 8, 8]), &mut Draw::new(0, 0, batch, &[])).to_vec();
        assert_eq!(once(1), once(1));
        assert_ne!(once(1), once(2));
    }

    #[test]
    fn of_odd_sizes_single_pixels_and_nothing() {
        let one = draw(|draw| {
            RandomCrop::<Num<3>, Num<3>>::new().padding::<Num<1>>(Replicate).apply(images([2, 1, 1]), draw)
        });
        assert_eq!(one.to_vec(), [1; 18]);
        let none = draw(|draw| RandomCrop::<Num<3>, Num<2>>::new().apply(images([0, 5, 7]), draw));
        assert_eq!(none.shape(), [0, 1, 3, 2]);
        let padded = draw(|draw| Pad::<Num<2>>::new(Circular).apply(images([1, 2, 3]), draw));
        assert_eq!(padded.shape(), [1, 1, 6, 7]);
        assert_eq!(padded.to_vec()[..7], [2, 3, 1, 2, 3, 1, 2]);
        let y = draw(|draw| Pad::<Num<1>>::new(Constant(9.0)).apply((images([1, 0, 0]), "target"), draw));
        assert_eq!((y.0.to_vec(), y.1), (vec![9; 4], "target"));
    }

    #[test]
    #[should_panic(expected = "RandomCrop: a window of 9 x 3 does not fit an image of 4 x 5 with 2 more on each side")]
    fn a_window_larger_than_its_image() {
        draw(|draw| {
            RandomCrop::<Num<9>, Num<3>>::new().padding::<Num<2>>(Constant(0.0)).apply(images([1, 4, 5]), draw)
        });
    }

    #[test]
    #[should_panic(expected = "Pad: an image of 3 x 2 has no 2 pixels to reflect beyond its edges")]
    fn a_reflection_larger_than_its_image() {
        draw(|draw| Pad::<Num<2>>::new(Reflect).apply(images([1, 3, 2]), draw));
    }
}
