//! The methods that tell a plot what to show.

use super::axis::{Axis, Wish};
use super::colour::Scale;
use super::figure::Figure;
use super::layer::{Layer, Regions, Spread, Table};
use super::points::{Coordinate, Point, extent, numbers, points};
use super::spec::Plot;
use super::{range, text};
use crate::dim::{Dim, Dyn, Num};
use crate::tensor::{Float, Tensor};
use crate::train::metrics::ConfusionMatrix;
use crate::{Error, Result};
use std::ops::RangeInclusive;
use std::path::Path;

impl Plot {
    /// Axes without anything, 640 units wide and 420 high.
    pub fn new() -> Self {
        Self {
            title: String::new(),
            x: Wish::default(),
            y: Wish::default(),
            layers: Vec::new(),
            bins: None,
            size: (640, 420),
            bare: false,
            fault: None,
            colours: 0,
        }
    }

    /// What stands above the plot.
    pub fn title(mut self, title: impl AsRef<str>) -> Self {
        self.title = text::clean(title.as_ref());
        self
    }

    /// What the horizontal axis counts.
    pub fn x_label(mut self, label: impl AsRef<str>) -> Self {
        self.x.label = text::clean(label.as_ref());
        self
    }

    /// What the vertical axis counts.
    pub fn y_label(mut self, label: impl AsRef<str>) -> Self {
        self.y.label = text::clean(label.as_ref());
        self
    }

    /// Makes the horizontal axis logarithmic.
    pub fn x_log(mut self) -> Self {
        self.x.log = true;
        self
    }

    /// Makes the vertical axis logarithmic.
    pub fn y_log(mut self) -> Self {
        self.y.log = true;
        self
    }

    /// Where the horizontal axis begins and ends, by default with the data. What lies beyond is cut off.
    pub fn x_range(mut self, range: RangeInclusive<f64>) -> Self {
        self.x.range = Some(range.into_inner());
        self
    }

    /// Where the vertical axis begins and ends, by default with the data. What lies beyond is cut off.
    pub fn y_range(mut self, range: RangeInclusive<f64>) -> Self {
        self.y.range = Some(range.into_inner());
        self
    }

    /// The size of the plot in units, which are pixels of a web page; a PNG image has two pixels for each.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// A line through points: pairs, or numbers at 0, 1, 2, ... A name that is empty is not shown; those of lines, points and
    /// histograms stand above the plot, each beside its colour.
    ///
    /// A line of very many points is thinned: its least and its greatest number in each column of the image stay.
    ///
    /// ```
    /// use fusion::plot::Plot;
    ///
    /// let plot = Plot::new().line("x", [1.0, 4.0, 9.0]).line("x²", (1..=9).map(|x| (x, x * x)));
    /// assert!(plot.svg()?.contains("x²"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn line(mut self, name: impl AsRef<str>, data: impl IntoIterator<Item = impl Point>) -> Self {
        let colour = self.next_colour();
        self.add(Layer::Line { name: text::clean(name.as_ref()), colour, points: points(data) })
    }

    /// Points, each a dot.
    pub fn scatter(mut self, name: impl AsRef<str>, data: impl IntoIterator<Item = impl Point>) -> Self {
        let colour = self.next_colour();
        self.add(Layer::Scatter { name: text::clean(name.as_ref()), colour, points: points(data) })
    }

    /// Samples of two features as dots, each in the colour of its class. Classes without a name in `names` are called by their
    /// number.
    ///
    /// ```
    /// use fusion::plot::Plot;
    /// use fusion::prelude::*;
    ///
    /// let moons = fusion::data::moons(100, 0.1, &mut StdRng::seed_from_u64(0));
    /// let svg = Plot::new().classes(&moons.x, &moons.y, moons.target_names()).svg()?;
    /// assert!(svg.contains("inner") && svg.matches("<circle").count() >= 100);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn classes<N, M, T: Float + Coordinate>(
        mut self,
        samples: &Tensor<(N, Num<2>), T>,
        labels: &Tensor<(M,), i64>,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self
    where
        (N, Num<2>): crate::dim::Shape,
        (M,): crate::dim::Shape,
    {
        let (samples, labels) = (numbers(samples.to_vec()), labels.to_vec());
        let names: Vec<String> = names.into_iter().map(|name| text::clean(name.as_ref())).collect();
        if samples.len() != 2 * labels.len() {
            return self.wrong("labels", format!("{} samples have {} labels", samples.len() / 2, labels.len()));
        }
        let mut of_class: Vec<Vec<(f64, f64)>> = vec![Vec::new(); names.len()];
        for (sample, (point, &label)) in samples.chunks_exact(2).zip(&labels).enumerate() {
            match usize::try_from(label) {
                Ok(class) if class < MOST_CLASSES => {
                    of_class.resize(of_class.len().max(class + 1), Vec::new());
                    of_class[class].push((point[0], point[1]));
                }
                _ => {
                    let problem =
                        format!("the label of sample {sample} is {label}: classes are 0 to {}", MOST_CLASSES - 1);
                    return self.wrong("labels", problem);
                }
            }
        }
        for (class, points) in of_class.into_iter().enumerate() {
            let name = names.get(class).cloned().unwrap_or_else(|| class.to_string());
            self.layers.push(Layer::Scatter { name, colour: class, points });
        }
        self
    }

    /// The plane in the colours of the classes that a network gives its points: where one decides. The network is called once,
    /// with the points of a grid, and gives scores: one column for each class, of which the highest wins, or a single one, which
    /// is class 1 above 0 and class 0 else. Between the points of the grid scores are taken as linear.
    ///
    /// The plane is as large as the data that the plot has so far, and a little more, or as the ranges of its axes.
    ///
    /// ```
    /// use fusion::plot::Plot;
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [2] -> [1] { Linear<_, 8>, Tanh, Linear<_, 1> } }
    ///
    /// let rng = &mut StdRng::seed_from_u64(0);
    /// let (moons, net) = (fusion::data::moons(100, 0.1, rng), Net::init(rng));
    /// let plot = Plot::new().classes(&moons.x, &moons.y, moons.target_names()).regions(|x| net.forward(x));
    /// assert!(plot.svg()?.contains("<image"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn regions<C: Dim>(self, scores: impl FnOnce(Tensor<(Dyn, Num<2>)>) -> Tensor<(Dyn, C)>) -> Self {
        let [x, y] = match range::axes(&self, range::AROUND) {
            Ok(axes) => axes,
            Err(Error::Argument { name: name @ ("x_range" | "y_range"), problem }) => return self.wrong(name, problem),
            Err(_) => {
                return self.wrong("regions", "a plane without data has no size: add points first, or ranges".into());
            }
        };
        // A point for each few units. One that is larger than any figure is refused later.
        let points_along = |units: u32| (units.min(4000) / UNITS_PER_POINT).max(2) as usize;
        let (columns, rows) = (points_along(self.size.0), points_along(self.size.1));
        let place = |i: usize, count: usize| i as f64 / (count - 1) as f64;
        let grid = Tensor::from_fn_sized(&[columns * rows, 2], |i| match (i / 2, i % 2) {
            (point, 0) => x.at(place(point % columns, columns)) as f32,
            (point, _) => y.at(place(point / columns, rows)) as f32,
        });
        let scores = scores(grid.expect("a list of points"));
        let [given, classes] = [scores.shape()[0], scores.shape()[1]];
        if given != columns * rows || classes == 0 {
            let problem = format!("{} points have {given} rows of {classes} scores", columns * rows);
            return self.wrong("regions", problem);
        }
        let ends = |axis: &Axis| (axis.at(0.0), axis.at(1.0));
        self.add(Layer::Regions(Regions { x: ends(&x), y: ends(&y), columns, rows, classes, scores: scores.to_vec() }))
    }

    /// How often numbers are where. Histograms in one plot have the same bins: as many as NumPy's `auto` makes of all their
    /// numbers, or [so many](Plot::bins).
    ///
    /// ```
    /// use fusion::plot::Plot;
    ///
    /// let iris = fusion::data::iris();
    /// let lengths = iris.x.to_vec().chunks(4).map(|flower| flower[2]).collect::<Vec<_>>();
    /// assert!(Plot::new().histogram("petal length", lengths).svg()?.contains("petal length"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn histogram(mut self, name: impl AsRef<str>, values: impl IntoIterator<Item = impl Coordinate>) -> Self {
        let colour = self.next_colour();
        self.add(Layer::Histogram { name: text::clean(name.as_ref()), colour, values: numbers(values) })
    }

    /// How many bins histograms have, at most 500.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins);
        self
    }

    /// A box from the first quartile to the third with a line at the median, at the next place to the right, whose tick is
    /// `name`. Whiskers reach to the farthest numbers within one and a half times the height of the box; those beyond are dots.
    ///
    /// ```
    /// use fusion::plot::Plot;
    ///
    /// let plot = Plot::new().box_plot("fc1", [0.1, 0.2, 0.4, 0.3]).box_plot("fc2", [0.5, 0.2, 9.0]);
    /// assert!(plot.svg()?.contains("fc2"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn box_plot(mut self, name: impl AsRef<str>, values: impl IntoIterator<Item = impl Coordinate>) -> Self {
        let (colour, spread) = (self.next_colour(), Spread::new(numbers(values)));
        self.add(Layer::Spread { name: text::clean(name.as_ref()), colour, spread })
    }

    /// A table of numbers as colours, with the numbers in the cells if they have room: values row by row from the top, a name for
    /// each row and column. If some are below zero and some above, zero is white.
    ///
    /// ```
    /// use fusion::plot::Plot;
    ///
    /// let names = ["age", "income"];
    /// assert!(Plot::new().heat_map(names, names, [1.0, 0.3, 0.3, 1.0]).svg()?.contains("income"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn heat_map(
        self,
        rows: impl IntoIterator<Item = impl AsRef<str>>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
        values: impl IntoIterator<Item = impl Coordinate>,
    ) -> Self {
        let values = numbers(values);
        let texts = values.iter().map(|&x| text::short(x)).collect();
        let scale = Scale::new(extent(values.iter().copied()).unwrap_or((0.0, 1.0)));
        self.table(Table { rows: clean(rows), columns: clean(columns), values, texts, scale, bar: true })
    }

    /// A confusion matrix: a row for each label and a column for each guess, with the counts; the colour of a cell is its share of
    /// the row.
    ///
    /// ```
    /// use fusion::plot::Plot;
    /// use fusion::prelude::*;
    /// use fusion::train::metrics::ConfusionMatrix;
    ///
    /// let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
    /// matrix.update(&Tensor::from([[2.0, 1.0], [0.0, 1.0], [0.0, 3.0]]), &Tensor::from([0, 0, 1]));
    /// assert!(Plot::new().confusion(&matrix).svg()?.contains("guess"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn confusion(mut self, matrix: &ConfusionMatrix) -> Self {
        let classes = matrix.classes();
        let counts: Vec<u64> =
            (0..classes).flat_map(|label| (0..classes).map(move |guess| matrix.count(label, guess))).collect();
        let share = |row: &[u64]| -> Vec<f64> {
            let all = row.iter().sum::<u64>().max(1);
            row.iter().map(|&count| count as f64 / all as f64).collect()
        };
        let values = counts.chunks_exact(classes).flat_map(share).collect();
        let texts = counts.iter().map(u64::to_string).collect();
        let (x, y) = (&mut self.x.label, &mut self.y.label);
        for (label, word) in [(x, "guess"), (y, "label")] {
            if label.is_empty() {
                word.clone_into(label);
            }
        }
        let names = clean(matrix.names());
        self.table(Table {
            rows: names.clone(),
            columns: names,
            values,
            texts,
            scale: Scale::new((0.0, 1.0)),
            bar: false,
        })
    }

    /// A line from the lower end to the upper one, in grey: the best epoch, say.
    pub fn vertical(self, name: impl AsRef<str>, x: impl Coordinate) -> Self {
        self.add(Layer::Vertical { name: text::clean(name.as_ref()), x: x.coordinate() })
    }

    /// The plot as an SVG document. The same plot gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is nothing to draw, if arguments do not fit each other, or if the size is none that figures
    /// have: 16 to 8000 units each way and 4 million in all.
    pub fn svg(&self) -> Result<String> {
        Figure::from(self.clone()).svg()
    }

    /// The plot as a PNG image, with two pixels for each unit. It is what a browser makes of [`Plot::svg`] where the font Inter is
    /// installed, whose Latin, Greek and Cyrillic letters come with Fusion; other letters are left out.
    ///
    /// # Errors
    /// As [`Plot::svg`].
    pub fn png(&self) -> Result<Vec<u8>> {
        Figure::from(self.clone()).png()
    }

    /// Writes the plot to a file whose name ends in `.svg` or `.png`: whole, or not at all.
    ///
    /// # Errors
    /// [`Error::Argument`] for another ending, as [`Plot::svg`], or [`Error::File`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        Figure::from(self.clone()).save(path)
    }

    pub(super) fn add(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    pub(super) fn wrong(mut self, name: &'static str, problem: String) -> Self {
        self.fault.get_or_insert((name, problem));
        self
    }

    fn next_colour(&mut self) -> usize {
        self.colours += 1;
        self.colours - 1
    }

    fn table(self, table: Table) -> Self {
        let (rows, columns, cells) = (table.rows.len(), table.columns.len(), table.values.len());
        if rows.checked_mul(columns) != Some(cells) || cells == 0 {
            return self.wrong("values", format!("{rows} rows of {columns} columns have {cells} values"));
        }
        self.add(Layer::Table(table))
    }
}

/// The most classes that a plot tells apart.
const MOST_CLASSES: usize = 1000;

/// How far the points at which regions ask a network are apart.
const UNITS_PER_POINT: u32 = 4;

fn clean(names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    names.into_iter().map(|name| text::clean(name.as_ref())).collect()
}
