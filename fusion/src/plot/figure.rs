//! Several plots in a grid.

use super::colour::{INK, NOTHING, Picture, Scale};
use super::layer::Layer;
use super::points::{Coordinate, drawable, extent, numbers};
use super::sheet::{self, Frame};
use super::spec::Plot;
use super::{draw, png, text};
use crate::dim::{Image, Shape};
use crate::kernels::Element;
use crate::state::write_whole;
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use plotters::style::text_anchor::{HPos, VPos};
use std::path::Path;

/// Several plots in a grid, or images.
///
/// ```
/// use fusion::plot::{Figure, Plot};
///
/// let loss = Plot::new().title("loss").line("", [2.3, 0.6, 0.4]);
/// let accuracy = Plot::new().title("accuracy").line("", [0.1, 0.8, 0.9]);
/// let figure = Figure::new([loss, accuracy]).columns(2).title("Digits");
/// assert!(figure.svg()?.contains("accuracy"));
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a figure shows nothing until it is saved"]
pub struct Figure {
    title: String,
    plots: Vec<Plot>,
    columns: usize,
    /// What was wrong with the images.
    fault: Option<String>,
}

impl From<Plot> for Figure {
    fn from(plot: Plot) -> Self {
        Self::new([plot])
    }
}

/// The room between images, and around them.
const GAP: f64 = 6.0;

/// How high a figure's own title is.
const TITLE: f64 = 34.0;

/// Images are made at least so wide or high, if they are smaller.
const LEAST: usize = 64;

/// The most units each way, and in all.
const MOST: (f64, f64) = (8000.0, 4e6);

impl Figure {
    /// These plots row by row. By default the grid is as wide as it is high, or a little wider.
    pub fn new(plots: impl IntoIterator<Item = Plot>) -> Self {
        let plots: Vec<Plot> = plots.into_iter().collect();
        let columns = (plots.len() as f64).sqrt().ceil() as usize;
        Self { title: String::new(), plots, columns, fault: None }
    }

    /// Images, `[batch, channels, height, width]`, of one channel (grey) or three (red, green, blue), ten in a row. Bytes are from
    /// 0 to 255; of other numbers the least of all images is black and the greatest white. NaN is light grey.
    ///
    /// ```
    /// use fusion::plot::Figure;
    /// use fusion::prelude::*;
    ///
    /// let digits = fusion::data::digits();
    /// let images = digits.x.slice(Axis::<0>, 0..10).reshape::<shape![Dyn, 1, 8, 8]>();
    /// let labels = digits.y.to_vec();
    /// let figure = Figure::images(&images).titles(labels[..10].iter().map(|label| label.to_string()));
    /// assert_eq!(figure.svg()?.matches("<image").count(), 10);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn images<S: Shape + Image, T: Element + Coordinate>(images: &Tensor<S, T>) -> Self {
        let values = numbers(images.to_vec());
        let bytes = T::DTYPE == crate::DType::U8;
        let bounds = if bytes { (0.0, 255.0) } else { extent(values.iter().copied()).unwrap_or((0.0, 1.0)) };
        Self::pictures(&images.shape(), &values, Scale::grey(bounds), 10)
    }

    /// The filters of a first convolution, `[out, in, height, width]`: its weights, as a convolution has them. Filters on three
    /// channels are coloured images, as wide a range as the weights of all filters have; others are an image for each channel,
    /// blue below zero, white at zero, red above it.
    ///
    /// ```
    /// use fusion::plot::Figure;
    /// use fusion::prelude::*;
    ///
    /// let conv = Conv2d::<dim!(1), dim!(16), dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    /// assert_eq!(Figure::filters(&conv.weight).svg()?.matches("<image").count(), 16);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn filters<S: Shape + Image, T: Float + Coordinate>(weight: &Tensor<S, T>) -> Self {
        let (values, sizes) = (numbers(weight.to_vec()), weight.shape());
        let bounds = extent(values.iter().copied()).unwrap_or((0.0, 1.0));
        match sizes[1] {
            3 => Self::pictures(&sizes, &values, Scale::grey(bounds), 8),
            channels => {
                let each = [sizes[0] * channels, 1, sizes[2], sizes[3]];
                Self::pictures(&each, &values, Scale::signed(bounds), if channels == 1 { 8 } else { channels })
            }
        }
    }

    fn pictures(sizes: &[usize], values: &[f64], scale: Scale, columns: usize) -> Self {
        let (channels, height, width) = (sizes[1], sizes[2], sizes[3]);
        let mut figure = Self::new([]).columns(columns);
        if !matches!(channels, 1 | 3) || values.is_empty() {
            figure.fault = Some(format!("images of {sizes:?}: there is none, or it is of neither 1 channel nor 3"));
            return figure;
        }
        let plane = height * width;
        figure.columns = columns.min(sizes[0]);
        for image in values.chunks_exact(channels * plane) {
            let coloured = |pixel: usize| {
                let channels = [0, 1, 2].map(|channel| image[channel * plane + pixel]);
                let level = |x| (scale.share(x) * 255.0).round() as u8;
                if channels.iter().all(|&x| drawable(x)) { channels.map(level) } else { NOTHING }
            };
            let pixel = |pixel| if channels == 3 { coloured(pixel) } else { scale.colour(image[pixel]) };
            let picture = Picture::new(width, height, (0..plane).map(pixel));
            let times = LEAST.div_ceil(width.max(height)).max(1);
            let units = |side: usize| u32::try_from(side * times).unwrap_or(u32::MAX);
            let mut plot = Plot::new().size(units(width), units(height)).add(Layer::Image(picture));
            plot.bare = true;
            figure.plots.push(plot);
        }
        figure
    }

    /// A title for each plot or image, in their order.
    pub fn titles(mut self, titles: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        for (plot, title) in self.plots.iter_mut().zip(titles) {
            plot.title = text::clean(title.as_ref());
        }
        self
    }

    /// What stands above all of them.
    pub fn title(mut self, title: impl AsRef<str>) -> Self {
        self.title = text::clean(title.as_ref());
        self
    }

    /// How many stand in a row.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns.max(1);
        self
    }

    /// The figure as an SVG document. The same figure gives the same bytes.
    ///
    /// # Errors
    /// As [`Plot::svg`].
    pub fn svg(&self) -> Result<String> {
        self.document().map(|(svg, _)| svg)
    }

    /// The figure as a PNG image, with two pixels for each unit.
    ///
    /// # Errors
    /// As [`Plot::svg`].
    pub fn png(&self) -> Result<Vec<u8>> {
        let (svg, size) = self.document()?;
        png::image(&svg, size)
    }

    /// Writes the figure to a file whose name ends in `.svg` or `.png`: whole, or not at all.
    ///
    /// ```
    /// use fusion::plot::{Figure, Plot};
    ///
    /// let error = Figure::new([Plot::new().line("", [1.0])]).save("plot.pdf").unwrap_err();
    /// assert_eq!(error.to_string(), "path: plot.pdf ends in neither .svg nor .png");
    /// ```
    ///
    /// # Errors
    /// As [`Plot::save`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("svg") => write_whole(path, self.svg()?.as_bytes()),
            Some("png") => write_whole(path, &self.png()?),
            _ => Err(Error::argument("path", format!("path: {} ends in neither .svg nor .png", path.display()))),
        }
    }

    /// The document, and its size in units.
    fn document(&self) -> Result<(String, (u32, u32))> {
        if let Some(problem) = &self.fault {
            return Err(Error::argument("images", problem.clone()));
        }
        if self.plots.is_empty() {
            return Err(Error::argument("plots", "plots: a figure of none"));
        }
        let bare = self.plots.iter().any(|plot| plot.bare);
        let (gap, named) =
            if bare { (GAP, self.plots.iter().any(|plot| !plot.title.is_empty())) } else { (0.0, false) };
        let below = if named { draw::SMALL_TITLE } else { 0.0 };
        let side = |of: fn(&Plot) -> u32| f64::from(self.plots.iter().map(of).max().unwrap_or(0));
        let (width, height) = (side(|plot| plot.size.0) + gap, side(|plot| plot.size.1) + below + gap);
        let top = if self.title.is_empty() { gap } else { TITLE };
        let columns = self.columns.min(self.plots.len());
        let rows = self.plots.len().div_ceil(columns);
        let size = (gap + width * columns as f64, top + height * rows as f64);
        let fits = |side: f64| (16.0..=MOST.0).contains(&side);
        if !fits(size.0) || !fits(size.1) || size.0 * size.1 > MOST.1 {
            let problem = format!(
                "size: a figure of {} × {} units, where 16 to {} each way and {} in all are possible",
                size.0, size.1, MOST.0, MOST.1
            );
            return Err(Error::argument("size", problem));
        }
        let title = if self.title.is_empty() { &self.plots[0].title } else { &self.title };
        let svg = sheet::document(title, size, |sheet| {
            if !self.title.is_empty() {
                let shown = text::fitted(&self.title, 17.0, size.0 - 24.0);
                let at = (size.0 / 2.0, TITLE / 2.0 + 3.0);
                sheet.text(&shown, at, (HPos::Center, VPos::Center), 17.0, INK);
            }
            self.plots.iter().enumerate().try_for_each(|(i, plot)| {
                let (row, column) = ((i / columns) as f64, (i % columns) as f64);
                let (left, top) = (gap + column * width, top + row * height);
                let room = Frame { left, top, width: width - gap, height: height - gap };
                draw::plot(plot, sheet, room)
            })
        })?;
        Ok((svg, (size.0 as u32, size.1 as u32)))
    }
}
