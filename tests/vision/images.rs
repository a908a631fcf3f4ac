//! Images on canvases, and drawings.

use fusion::data::transforms::Resize;
use fusion::data::{Draw, Transform};
use fusion::prelude::*;
use fusion::vision::{BBox, Canvas, Letterbox, Placement, colour};

type Photo = Tensor<shape![3, Dyn, Dyn], u8>;

/// Black, but for a white box.
fn white(height: usize, width: usize, bbox: BBox) -> Photo {
    let mut canvas = Canvas::new(&Photo::zeros_sized(&[3, height, width]).unwrap());
    canvas.fill(bbox, [255; 3]);
    canvas.into_image()
}

/// The smallest box around the bright pixels of the first plane.
fn bright(x: &[u8], height: usize, width: usize) -> BBox {
    let places = || (0..height * width).filter(|&i| x[i] > 127);
    let (columns, rows) = (|| places().map(|i| i % width), || places().map(|i| i / width));
    let side = |n: Option<usize>, more: usize| (n.expect("a bright pixel") + more) as f32;
    BBox::new(side(columns().min(), 0), side(rows().min(), 0), side(columns().max(), 1), side(rows().max(), 1))
}

#[track_caller]
fn near(a: BBox, b: BBox, most: f32) {
    let off = [a.x1 - b.x1, a.y1 - b.y1, a.x2 - b.x2, a.y2 - b.y2];
    assert!(off.iter().all(|off| off.abs() <= most), "{a:?} instead of {b:?}");
}

#[test]
fn boxes_follow_a_letterbox() {
    let letterbox = Letterbox::<dim!(96), dim!(128)>::new().fill(7);
    for (height, width) in [(96, 128), (200, 100), (100, 200), (31, 77), (300, 301), (48, 64)] {
        let at = |part: f32, n: usize| (part * n as f32).round();
        let bbox = BBox::new(at(0.2, width), at(0.3, height), at(0.7, width), at(0.8, height));
        for letterbox in [letterbox, letterbox.stretch()] {
            let (x, placement) = letterbox.apply(&white(height, width, bbox));
            let pixels = x.to_vec();
            near(bright(&pixels, 96, 128), placement.to_canvas(bbox), 1.01);
            near(placement.to_image(placement.to_canvas(bbox)), bbox, 1e-3);
            let whole = placement.to_canvas(BBox::new(0.0, 0.0, width as f32, height as f32));
            let around = (0..96 * 128).filter(|i| {
                let (x, y) = ((i % 128) as f32 + 0.5, (i / 128) as f32 + 0.5);
                x < whole.x1 || x > whole.x2 || y < whole.y1 || y > whole.y2
            });
            assert!(around.clone().all(|i| pixels[i] == 7), "grey around");
            let touches = (whole.x1 == 0.0 && whole.x2 == 128.0) || (whole.y1 == 0.0 && whole.y2 == 96.0);
            assert!(touches, "one side fits: {whole:?}");
        }
    }
}

#[test]
fn pixels_are_those_of_resize() {
    let photo = Photo::from_fn_sized(&[3, 50, 40], |i| (i * i % 251) as u8).unwrap();
    let batch = photo.unsqueeze(Axis::<0>);
    let resized = Resize::<dim!(32), dim!(64)>::new().apply(batch, &mut Draw::new(0, 0, 0, &[0]));
    let (x, _) = Letterbox::<dim!(32), dim!(64)>::new().stretch().apply(&photo);
    assert_eq!(x, resized);
    // In proportion, 40 x 50 is 26 x 32, behind 19 columns of grey.
    let (x, placement) = Letterbox::<dim!(32), dim!(64)>::new().apply(&photo);
    let inner = Resize::<dim!(32), dim!(26)>::new().apply(photo.unsqueeze(Axis::<0>), &mut Draw::new(0, 0, 0, &[0]));
    assert_eq!(x.narrow::<dim!(26), _>(Axis::<3>, 19), inner);
    assert_eq!(placement, Placement::new([40, 50], [26, 32], [19, 0]));
}

#[test]
fn one_pixel_and_long_ones() {
    for (height, width) in [(1, 1), (1, 5000), (5000, 1)] {
        let (x, placement) = Letterbox::<dim!(32), dim!(32)>::new().apply(&white(height, width, BBox::default()));
        assert_eq!(x.shape(), [1, 3, 32, 32]);
        let back = placement.to_image(placement.to_canvas(BBox::new(0.0, 0.0, 1.0, 1.0)));
        near(back, BBox::new(0.0, 0.0, 1.0, 1.0), 1e-3);
    }
}

#[test]
#[should_panic(expected = "an image of 0 x 5 has no pixels")]
fn no_pixels() {
    Letterbox::<dim!(32), dim!(32)>::new().apply(&Photo::zeros_sized(&[3, 0, 5]).unwrap());
}

#[test]
fn frames_and_fills() {
    let image = white(20, 30, BBox::new(3.0, 4.0, 10.0, 12.0));
    near(bright(&image.to_vec(), 20, 30), BBox::new(3.0, 4.0, 10.0, 12.0), 0.0);
    let mut canvas = Canvas::new(&Tensor::<shape![3, 20, 30], u8>::zeros());
    canvas.rectangle(BBox::new(2.0, 3.0, 12.0, 13.0), [255, 10, 20], 2);
    let x = canvas.into_image();
    let red = x.to_vec()[..600].iter().filter(|&&x| x == 255).count();
    assert_eq!(red, 100 - 36);
    assert_eq!((x.get(&[1, 3, 2]), x.get(&[2, 12, 11]), x.get(&[0, 7, 7])), (Some(10), Some(20), Some(0)));
}

#[test]
fn outside_is_left_out() {
    let black = Tensor::<shape![3, 8, 9], u8>::zeros();
    let mut canvas = Canvas::new(&black);
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, -5.0];
    for x in odd {
        canvas.fill(BBox::new(x, x, x, x), [255; 3]);
        canvas.rectangle(BBox::new(20.0, 20.0, x, x), [255; 3], usize::MAX);
        canvas.text([x.min(-100.0), 2.0], "a", [255; 3], 1);
    }
    canvas.fill(BBox::new(9.0, 0.0, 100.0, 8.0), [255; 3]);
    assert_eq!(canvas.into_image().to_vec().iter().filter(|&&x| x > 0).count() % 3, 0);
    let mut canvas = Canvas::new(&Tensor::<shape![3, 0, 0], u8>::zeros());
    canvas.labelled(BBox::new(0.0, 0.0, 5.0, 5.0), "text", [1, 2, 3], 3);
    // The image that it was made of stays as it is.
    assert!(black.to_vec().iter().all(|&x| x == 0));
}

#[test]
fn letters() {
    let drawn = |text: &str, scale: usize| {
        let mut canvas = Canvas::new(&Tensor::<shape![3, 24, 90], u8>::zeros());
        canvas.text([1.0, 1.0], text, [255; 3], scale);
        canvas.into_image().to_vec()[..24 * 90].to_vec()
    };
    near(bright(&drawn("T", 1), 24, 90), BBox::new(1.0, 1.0, 6.0, 8.0), 0.0);
    near(bright(&drawn("TT", 2), 24, 90), BBox::new(1.0, 1.0, 1.0 + 2.0 * 11.0, 15.0), 0.0);
    let known: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(".,:;-_+=/%#()!?'*@&".chars()).collect();
    let mut pictures: Vec<Vec<u8>> = known.iter().map(|&letter| drawn(&letter.to_string(), 1)).collect();
    pictures.push(drawn("é", 1));
    let count = pictures.len();
    pictures.sort();
    pictures.dedup();
    assert_eq!(pictures.len(), count, "each letter has a picture of its own");
    assert!(drawn(" ", 1).iter().all(|&x| x == 0));
}

#[test]
fn a_sign_is_on_the_image() {
    let mut canvas = Canvas::new(&Tensor::<shape![3, 60, 90], u8>::zeros());
    canvas.labelled(BBox::new(80.0, 2.0, 89.0, 50.0), "face", [0, 255, 0], 1);
    let x = canvas.into_image().to_vec();
    let green = bright(&x[60 * 90..], 60, 90);
    assert_eq!((green.x1, green.y1, green.x2), (65.0, 2.0, 90.0));
    let colours: Vec<_> = (0..6).map(colour).collect();
    assert!(colours.iter().all(|c| *c.iter().max().unwrap() > 200 && *c.iter().min().unwrap() < 80));
}
