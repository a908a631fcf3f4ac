//! Documents are well formed, whole and the same each time, whatever they are made of.

use super::*;
use crate::Error;
use crate::prelude::*;
use crate::train::metrics::ConfusionMatrix;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::Document;

/// The texts of a document, and how many elements of each name it has. Panics if it is not well formed.
fn read(svg: &str) -> (Vec<String>, impl Fn(&str) -> usize + use<>) {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let texts = document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    let texts = texts.filter_map(|node| node.text()).map(|text| text.trim().to_owned()).collect();
    let names: Vec<String> = document.descendants().map(|node| node.tag_name().name().to_owned()).collect();
    (texts, move |name| names.iter().filter(|other| *other == name).count())
}

fn all_kinds() -> Vec<Plot> {
    let rng = &mut StdRng::seed_from_u64(3);
    let moons = crate::data::moons(60, 0.1, rng);
    let cross = |x: Tensor<shape![Dyn, 2]>| {
        let scores: Vec<f32> = x.to_vec().chunks(2).flat_map(|p| [p[0], p[1], -p[0]]).collect();
        Tensor::<shape![Dyn, 3]>::from_vec_sized(scores, &[x.shape()[0], 3]).unwrap()
    };
    let mut matrix = ConfusionMatrix::named(["cat", "dog", "a very long name of a class indeed"]);
    matrix.update_classes(&Tensor::from([0, 1, 1, 2, 2]), &Tensor::from([0, 0, 1, 2, 1]));
    vec![
        Plot::new().line("loss", [2.0, 0.5, 0.1]).line("held out", [2.0, 0.7, 0.6]).y_log().vertical("best", 2),
        Plot::new().scatter("points", (0..50).map(|i| (i * i % 17, i))),
        Plot::new().classes(&moons.x, &moons.y, moons.target_names()).regions(cross),
        Plot::new().histogram("a", (0..100).map(|i| i % 13)).histogram("b", (0..90).map(|i| i % 7)),
        Plot::new().box_plot("a", [1.0, 2.0, 3.0, 40.0]).box_plot("b", [3.0, 4.0, 5.0]),
        Plot::new().heat_map(["r", "s"], ["x", "y", "z"], [-1.0, 0.5, 2.0, f64::NAN, 0.0, 1.0]),
        Plot::new().confusion(&matrix),
    ]
}

#[test]
fn a_line_has_its_names_and_its_ticks() {
    let plot = Plot::new().title("T").line("one", [0.0, 1.0, 2.0]).line("", [2.0, 1.0]).x_label("X").y_label("Y");
    let svg = plot.svg().unwrap();
    let (texts, count) = read(&svg);
    // Two lines, two axes, a sample in the legend; the rest is the grid.
    assert_eq!(
        texts,
        ["0", "1", "2", "0.0", "0.5", "1.0", "1.5", "2.0", "T", "X", "Y", "one"].map(|text| match text {
            "0.0" => "0",
            text => text,
        })
    );
    assert_eq!((count("polyline"), count("image"), count("title")), (5, 0, 1));
    assert!(svg.starts_with(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"420\" viewBox=\"0 0 6400 4200\">"
    ));
}

#[test]
fn gaps_are_gaps() {
    let lines = |plot: Plot| read(&plot.svg().unwrap()).1("polyline");
    let whole = lines(Plot::new().line("", [1.0, 2.0, 3.0, 4.0]));
    assert_eq!(lines(Plot::new().line("", [1.0, f64::NAN, 3.0, 4.0])), whole); // a dot and a line
    assert_eq!(read(&Plot::new().line("", [1.0, f64::NAN, 3.0, 4.0]).svg().unwrap()).1("circle"), 1);
    assert_eq!(lines(Plot::new().line("", [Some(1.0), Some(2.0), None, Some(3.0), Some(4.0)])), whole + 1);
    assert_eq!(lines(Plot::new().line("", [1.0, 2.0, f64::INFINITY, 3.0, 4.0])), whole + 1);
    assert_eq!(lines(Plot::new().line("", [1.0, 2.0, -1.0, 0.0, 3.0, 4.0]).y_log()), whole + 1);
    // Beyond the range of an axis: out and in again.
    assert_eq!(lines(Plot::new().line("", [1.0, 2.0, 9.0, 2.0, 1.0]).y_range(0.0..=3.0)), whole + 1);
}

#[test]
fn names_are_escaped() {
    let name = "<script>alert(\"1\")</script> & 'more'\u{1}\u{0}\n\u{fffe}";
    let shown = "<script>alert(\"1\")</script> & 'more'";
    let plot = Plot::new().title(name).line(name, [1.0, 2.0]).x_label(name).y_label(name).vertical(name, 0);
    let (texts, count) = read(&plot.svg().unwrap());
    assert_eq!((texts.iter().filter(|text| *text == shown).count(), count("script")), (5, 0));
    let table = Plot::new().heat_map([name], ["<b>"], [1.0]).box_plot(name, [1.0]);
    assert!(read(&table.svg().unwrap()).0.contains(&"<b>".to_owned()));
    let image = Tensor::<shape![1, 1, 40, 40], u8>::zeros();
    assert!(read(&Figure::images(&image).titles(["</text>"]).svg().unwrap()).0.contains(&"</text>".to_owned()));
}

#[test]
fn the_same_plot_gives_the_same_bytes() {
    for (plot, again) in all_kinds().into_iter().zip(all_kinds()) {
        assert_eq!(plot.svg().unwrap(), again.svg().unwrap());
        assert_eq!(plot.png().unwrap(), again.png().unwrap());
    }
}

#[test]
fn a_png_is_twice_as_large_and_shows_what_the_svg_says() {
    for (width, height) in [(640, 420), (333, 257)] {
        let png = Plot::new().title("Title").line("loss", [2.0, 1.0, 3.0]).size(width, height).png().unwrap();
        let image = Pixmap::decode_png(&png).unwrap();
        assert_eq!((image.width(), image.height()), (2 * width, 2 * height));
        let pixels = image.pixels();
        let near = |[r, g, b]: [u8; 3]| {
            let close = |a: u8, b: u8| a.abs_diff(b) < 12;
            pixels.iter().filter(|p| close(p.red(), r) && close(p.green(), g) && close(p.blue(), b)).count()
        };
        // The line; letters of the title, in the upper left; paper.
        assert!(near(colour::series(0)) > 500 && near(colour::WHITE) > pixels.len() / 2);
        let title = pixels[..(60 * 2 * width) as usize].iter().filter(|p| p.red() < 80 && p.blue() < 90);
        assert!(title.count() > 200);
    }
}

#[test]
fn images_are_their_pixels() {
    let images = Tensor::<shape![2, 3, 1, 2], u8>::from_fn(|i| [255, 0, 0, 0, 0, 255, 0, 0, 0, 255, 128, 0][i]);
    let svg = Figure::images(&images).svg().unwrap();
    assert_eq!(read(&svg).1("image"), 2);
    let image = Pixmap::decode_png(&Figure::images(&images).png().unwrap()).unwrap();
    // 6 units of white, then an image of 64 x 32, then 6 units, then the other; two pixels each.
    let at = |x: u32, y: u32| {
        let pixel = image.pixel(2 * x, 2 * y).unwrap();
        [pixel.red(), pixel.green(), pixel.blue()]
    };
    assert_eq!((image.width(), image.height()), (2 * 146, 2 * 44));
    assert_eq!([at(2, 2), at(20, 20), at(60, 20)], [[255; 3], [255, 0, 0], [0, 0, 255]]);
    assert_eq!([at(73, 20), at(90, 20), at(130, 20)], [[255; 3], [0, 0, 128], [0, 255, 0]]);
}

#[test]
fn zero_is_white_in_filters() {
    let weight = Tensor::<shape![1, 1, 1, 3]>::from([[[[-0.5, 0.0, 0.25]]]]);
    let image = Pixmap::decode_png(&Figure::filters(&weight).png().unwrap()).unwrap();
    let colours = [20, 76, 120].map(|x| image.pixel(x, 30).unwrap());
    assert!(colours[0].blue() > 100 && colours[0].red() < 60, "{colours:?}");
    assert!(colours[1].red() == 250 && colours[1].blue() == 250, "{colours:?}");
    assert!(colours[2].red() > colours[2].blue() + 60, "{colours:?}");
}

#[test]
fn regions_follow_the_scores() {
    // Class 1 is on the right of x = 1.
    let plot = Plot::new().scatter("", [(0.0, 0.0), (2.0, 2.0)]).x_range(0.0..=2.0).y_range(0.0..=2.0);
    let plot = plot.regions(|x: Tensor<shape![Dyn, 2]>| {
        let scores = x.to_vec().chunks(2).map(|p| p[0] - 1.0).collect();
        Tensor::<shape![Dyn, 1]>::from_vec_sized(scores, &[x.shape()[0], 1]).unwrap()
    });
    let image = Pixmap::decode_png(&plot.png().unwrap()).unwrap();
    let [left, right] = [300, 1000].map(|x| image.pixel(x, 400).unwrap());
    let shade = |class| colour::mix(colour::series(class), colour::WHITE, 0.72);
    assert_eq!([left.red(), left.green(), left.blue()], shade(0));
    assert_eq!([right.red(), right.green(), right.blue()], shade(1));
}

#[test]
fn a_million_points_are_a_small_file() {
    let wave = (0..1_000_000).map(|i| (f64::from(i) / 1e3).sin() + f64::from(i % 10) / 10.0);
    let svg = Plot::new().line("", wave).svg().unwrap();
    assert!(svg.len() < 100_000, "{}", svg.len());
    let cloud = (0..1_000_000_u64).map(|i| (i.wrapping_mul(2_654_435_761) % 1000, i.wrapping_mul(40_503) % 997));
    let svg = Plot::new().scatter("", cloud).size(300, 200).svg().unwrap();
    assert!(svg.len() < 6_000_000, "{}", svg.len());
}

#[test]
fn a_long_legend_says_how_much_is_missing() {
    let plot = (0..200).fold(Plot::new(), |plot, i| plot.line(format!("run {i}"), [i, i + 1]));
    let (texts, _) = read(&plot.svg().unwrap());
    let shown = texts.iter().filter(|text| text.starts_with("run")).count();
    assert!((10..60).contains(&shown) && texts.contains(&format!("… and {} more", 200 - shown)), "{texts:?}");
}

#[test]
fn mistakes_are_told() {
    let told = |plot: Plot| match plot.svg() {
        Err(error @ Error::Argument { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let nothing = "plot: there is nothing to draw: no number has a place on the axes";
    let none: [f64; 0] = [];
    assert_eq!(told(Plot::new()), nothing);
    assert_eq!(told(Plot::new().line("loss", none)), nothing);
    assert_eq!(told(Plot::new().line("loss", [f64::NAN, f64::INFINITY])), nothing);
    assert_eq!(told(Plot::new().line("loss", [-1.0, 0.0]).y_log()), nothing);
    assert_eq!(told(Plot::new().histogram("", none)), nothing);
    assert_eq!(told(Plot::new().box_plot("", none)), nothing);
    let line = || Plot::new().line("", [1.0, 2.0]);
    assert_eq!(told(line().y_range(1.0..=1.0)), "y_range: 1 to 1 is no range");
    assert_eq!(told(line().x_range(0.0..=f64::NAN)), "x_range: 0 to NaN is no range");
    assert_eq!(told(line().y_range(0.0..=1.0).y_log()), "y_range: a logarithmic axis begins above 0, not at 0");
    assert_eq!(
        told(line().size(8, 8)),
        "size: a figure of 8 × 8 units, where 16 to 8000 each way and 4000000 in all are possible"
    );
    assert!(told(line().size(u32::MAX, 100)).starts_with("size: a figure of 4294967295 × 100 units"));
    assert_eq!(told(line().size(40, 40)), "size: 40 × 40 units leave no room between titles and ticks");
    assert_eq!(told(Plot::new().heat_map(["a"], ["b"], [1.0, 2.0])), "values: 1 rows of 1 columns have 2 values");
    let (x, y) = (Tensor::<shape![2, 2]>::zeros(), Tensor::<shape![2], i64>::from([0, -1]));
    assert_eq!(told(Plot::new().classes(&x, &y, ["a"])), "labels: the label of sample 1 is -1: classes are 0 to 999");
    let one = Tensor::<shape![1], i64>::from([0]);
    assert_eq!(told(Plot::new().classes(&x, &one, ["a"])), "labels: 2 samples have 1 labels");
    assert_eq!(
        told(Plot::new().regions(|x| x)),
        "regions: a plane without data has no size: add points first, or ranges"
    );
    let few = line().regions(|_| Tensor::<shape![Dyn, 1]>::zeros_sized(&[3, 1]).unwrap());
    assert_eq!(told(few), "regions: 16800 points have 3 rows of 1 scores");
    let images = Figure::images(&Tensor::<shape![1, 2, 4, 4]>::zeros());
    assert_eq!(
        images.svg().unwrap_err().to_string(),
        "images of [1, 2, 4, 4]: there is none, or it is of neither 1 channel nor 3"
    );
    assert_eq!(Figure::new([]).svg().unwrap_err().to_string(), "plots: a figure of none");
}

#[test]
fn a_file_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let plot = Plot::new().line("", [1.0, 2.0]);
    plot.save(at("a.SVG")).unwrap();
    plot.save(at("b.png")).unwrap();
    assert_eq!(std::fs::read_to_string(at("a.SVG")).unwrap(), plot.svg().unwrap());
    assert_eq!(std::fs::read(at("b.png")).unwrap(), plot.png().unwrap());
    // What cannot be drawn leaves an older file as it was.
    assert!(Plot::new().save(at("b.png")).is_err());
    assert_eq!(std::fs::read(at("b.png")).unwrap(), plot.png().unwrap());
    let missing = plot.save(at("none/c.svg")).unwrap_err();
    assert!(matches!(&missing, Error::File { path, .. } if path.ends_with("none/c.svg")), "{missing}");
    std::fs::create_dir(at("d.svg")).unwrap();
    assert!(matches!(plot.save(at("d.svg")), Err(Error::File { .. })));
    assert!(matches!(plot.save(at("plain")), Err(Error::Argument { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

/// A number as none is asked for.
fn strange(rng: &mut StdRng) -> f64 {
    const ODD: [f64; 14] = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        0.0,
        -0.0,
        1e300,
        -1e300,
        1.0,
        1.0 + f64::EPSILON,
        -1e-300,
    ];
    match rng.random_range(0..4) {
        0 => ODD[rng.random_range(0..ODD.len())],
        1 => f64::from_bits(rng.random()),
        _ => rng.random_range(-3.0..3.0),
    }
}

fn strange_name(rng: &mut StdRng) -> String {
    let letters = ['a', '<', '&', '"', '\'', '\0', '\n', '∑', '漢', '🦀', '\u{202e}', ' ', ']', '>', '\u{fffe}', '½'];
    let length = [0, 1, 5, 40, 3000][rng.random_range(0..5)];
    (0..length).map(|_| letters[rng.random_range(0..letters.len())]).collect()
}

#[test]
fn strange_input_never_panics() {
    let rng = &mut StdRng::seed_from_u64(11);
    let mut drawn = 0;
    for case in 0..400 {
        let mut plot = Plot::new().title(strange_name(rng)).x_label(strange_name(rng)).y_label(strange_name(rng));
        for _ in 0..rng.random_range(0..4) {
            let count = rng.random_range(0..30);
            let values: Vec<f64> = (0..count).map(|_| strange(rng)).collect();
            let pairs: Vec<(f64, f64)> = values.iter().map(|&y| (strange(rng), y)).collect();
            let name = strange_name(rng);
            plot = match rng.random_range(0..8) {
                0 => plot.line(name, values),
                1 => plot.line(name, pairs),
                2 => plot.scatter(name, pairs),
                3 => plot.histogram(name, values).bins(rng.random_range(0..1000)),
                4 => plot.box_plot(name, values),
                5 => plot.vertical(name, strange(rng)),
                6 => plot.heat_map(values.iter().map(|_| strange_name(rng)), [name], values.iter()),
                _ => {
                    let score = strange(rng) as f32;
                    plot.regions(|x: Tensor<shape![Dyn, 2]>| x * score)
                }
            };
        }
        for setting in 0..4 {
            if rng.random_range(0..4) == 0 {
                plot = match setting {
                    0 => plot.x_log(),
                    1 => plot.y_log(),
                    2 => plot.x_range(strange(rng)..=strange(rng)),
                    _ => plot.y_range(strange(rng)..=strange(rng)),
                };
            }
        }
        plot = plot.size(rng.random_range(100..700), rng.random_range(100..500));
        if let Ok(svg) = plot.svg() {
            drawn += 1;
            let _ = read(&svg);
            let on_paper = |number: &str| number.parse::<f64>().is_ok_and(|number| (-100.0..9000.0).contains(&number));
            for points in svg.split("points=\"").skip(1).filter_map(|rest| rest.split_once('"')) {
                assert!(
                    points.0.split([' ', ',']).filter(|part| !part.is_empty()).all(on_paper),
                    "{case}: {}",
                    points.0
                );
            }
            if case % 20 == 0 {
                plot.png().unwrap();
            }
        }
    }
    assert!((100..400).contains(&drawn), "{drawn}");
}
