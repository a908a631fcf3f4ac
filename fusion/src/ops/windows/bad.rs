//! Sizes at the ends: no images, no channels, images of one element, windows of more than 2^16, and what no memory holds. Each is a
//! right answer or a sentence.

use super::grid::hold;
use super::{Case, NAMES, ORDERS, Results, Window, conv_transpose2d, conv2d};
use crate::graph::Value;
use crate::kernels::testing::{dims, floats, with_each_isa};
use crate::kernels::{Array, DType};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Windows as networks have them, each with channels in and out.
const WINDOWS: [(Window, [usize; 2]); 10] = [
    (window(1, 1, 0, 1), [16, 24]),
    (window(1, 2, 0, 1), [3, 5]),
    (window(3, 1, 1, 1), [16, 16]),
    (window(3, 1, 1, 1), [64, 33]),
    (window(3, 2, 1, 1), [5, 32]),
    (window(5, 1, 2, 1), [3, 7]),
    (window(7, 2, 3, 1), [3, 64]),
    (window(11, 4, 5, 1), [3, 64]),
    (window(3, 1, 1, 24), [24, 24]),
    (window(3, 2, 1, 4), [20, 12]),
];

const fn window(kernel: usize, stride: usize, padding: usize, groups: usize) -> Window {
    Window { kernel: [kernel; 2], stride: [stride; 2], padding: [[padding; 2]; 2], dilation: [1; 2], groups }
}

/// Both types, with each set of instructions, and both convolutions.
fn each(case: &Case, test: impl Fn(Results, &str)) {
    with_each_isa(|| {
        for (dtype, transposed) in [(DType::F32, false), (DType::F32, true), (DType::F64, false), (DType::F64, true)] {
            for order in &ORDERS {
                let what = format!("{case:?} of {dtype}, transposed {transposed}, in the order {order:?}");
                test(case.results(transposed, dtype, order, Case::number), &what);
            }
        }
    });
}

#[test]
fn no_images() {
    for (window, channels) in WINDOWS {
        for image in [[9, 8], [1, 1], [5, 1000]] {
            let case = Case { window, images: 0, channels, image };
            each(&case, |Results(results), what| {
                for (result, name) in results.iter().zip(NAMES) {
                    assert!(floats(result).iter().all(|&x| x == 0.0), "{name} of {what}");
                }
                let counts = results.map(|result| result.count());
                assert!(counts[..2] == [0; 2] && counts[2] > 0 && counts[3] > 0, "{what} has {counts:?}");
            });
        }
    }
}

/// Without channels that come in a result is its bias; without any that go out there is none, and no gradient but 0.
#[test]
fn no_channels() {
    for channels in [[0, 5], [5, 0], [0, 0]] {
        let case = Case { window: window(3, 1, 1, 1), images: 2, channels, image: [4, 5] };
        each(&case, |Results([y, x, w, bias]), what| {
            assert_eq!((w.count(), y.count() * x.count()), (0, 0), "{what}");
            assert!(floats(&x).iter().all(|&x| x == 0.0), "{what}");
            for (i, y) in floats(&y).into_iter().enumerate() {
                assert_eq!(y, f64::from(Case::number(2, i / 20 % bias.count())), "{what}");
            }
        });
    }
}

#[test]
fn images_of_one_element() {
    for (window, channels) in WINDOWS {
        for images in [1, 5] {
            let case = Case { window, images, channels, image: [1, 1] };
            hold(&case, false);
            hold(&case, true);
        }
    }
}

/// Places that see nothing of the image give the bias.
#[test]
fn windows_over_padding_alone() {
    for (kernel, stride) in [(1, 1), (3, 1), (3, 2), (5, 3)] {
        for padding in [[[0, 9], [7, 0]], [[8, 8], [8, 8]]] {
            for (groups, channels) in [(1, [3, 17]), (8, [8, 8])] {
                let window = Window { padding, ..window(kernel, stride, 0, groups) };
                let case = Case { window, images: 2, channels, image: [2, 1] };
                hold(&case, false);
                hold(&case, true);
            }
        }
    }
}

/// Kernels, strides, dilations and paddings beyond what fits 16 bits, along either axis.
#[test]
fn windows_of_more_than_sixteen_bits() {
    const FAR: usize = (1 << 16) + 5;
    let one = Window::square(1);
    let along_the_width = [
        // A kernel at one place, and at several.
        (Window { kernel: [1, FAR], ..one }, [1, FAR], [1, 2]),
        (Window { kernel: [1, FAR], ..one }, [1, FAR + 2], [2, 1]),
        (Window { kernel: [1, FAR], stride: [1, 3], padding: [[0; 2], [2, 1]], ..one }, [2, FAR + 1], [1, 1]),
        // Elements under the window that lie far apart.
        (Window { kernel: [1, 2], dilation: [1, FAR], ..one }, [1, FAR + 3], [3, 2]),
        (Window { kernel: [1, 3], dilation: [1, FAR], padding: [[0; 2], [FAR; 2]], ..one }, [1, 2], [5, 9]),
        // Places that do.
        (Window { kernel: [1, 3], stride: [1, FAR], ..one }, [1, 2 * FAR], [2, 3]),
        (Window { kernel: [1, 1], stride: [1, FAR], ..one }, [1, FAR + 1], [8, 16]),
        // Zeros around one element.
        (Window { kernel: [1, 3], padding: [[0; 2], [FAR, 1]], ..one }, [1, 1], [2, 3]),
        (Window { kernel: [3, 3], padding: [[1; 2], [FAR; 2]], stride: [1, FAR], ..one }, [1, 1], [4, 4]),
        (Window { kernel: [1, 3], padding: [[0; 2], [FAR, 0]], groups: 4, ..one }, [1, 2], [4, 4]),
        // A long row, and many rows of one element.
        (Window { kernel: [1, 3], padding: [[0; 2], [1; 2]], ..one }, [1, FAR], [1, 3]),
    ];
    let turned = |pair: [usize; 2]| [pair[1], pair[0]];
    for (window, image, channels) in along_the_width {
        let Window { kernel, stride, padding, dilation, groups } = window;
        let (kernel, stride, dilation) = (turned(kernel), turned(stride), turned(dilation));
        let down = Window { kernel, stride, dilation, padding: [padding[1], padding[0]], groups };
        hold(&Case { window, images: 1, channels, image }, false);
        hold(&Case { window: down, images: 1, channels, image: turned(image) }, true);
    }
}

/// The sentence that `f` panics with.
#[track_caller]
fn said(what: &str, f: impl Fn() -> Value) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| f().array().count())) else { panic!("{what} is accepted") };
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => (*panic.downcast_ref::<&str>().expect("a sentence")).to_owned(),
    }
}

/// A value of this shape, of one element stretched.
fn stretched(dtype: DType, shape: &[usize]) -> Value {
    Array::full_float(dtype, 0.5, dims(&[])).expand(&dims(shape)).into()
}

/// Results, windows and groups of more elements than can be counted, or than there is memory for.
#[test]
fn what_no_memory_holds_is_refused() {
    const HUGE: usize = 1 << 33;
    const WORDS: [&str; 7] = [
        "the most that a tensor can have",
        "the system does not have them",
        "no image has room",
        "there is no room for",
        "the numbers of a window have at most nine digits",
        "channels",
        "window",
    ];
    let three = window(3, 1, 1, 1);
    for dtype in [DType::F32, DType::F64] {
        let images = |shape: &[usize]| stretched(dtype, shape);
        let conv = |x: &[usize], w: &[usize], window: Window| {
            let what = format!("{x:?} under {w:?} by {window:?}");
            let said = said(&what, || conv2d(images(x), &images(w), None, window));
            assert!(WORDS.iter().any(|words| said.contains(words)), "{what} says: {said}");
        };
        let transposed = |x: &[usize], w: &[usize], window: Window, more: [usize; 2]| {
            let what = format!("transposed {x:?} under {w:?} by {window:?}");
            let said = said(&what, || conv_transpose2d(images(x), &images(w), None, window, more));
            assert!(WORDS.iter().any(|words| said.contains(words)), "{what} says: {said}");
        };
        // The result alone is too large.
        conv(&[1, 1, 1 << 20, 1 << 20], &[1 << 30, 1, 3, 3], three);
        conv(&[1 << 31, 1, 1, 1], &[1 << 31, 1, 3, 3], three);
        conv(&[1, 1, 1, 1], &[1 << 40, 1, 1, 1], window(1, 1, 999_999_999, 1));
        transposed(&[1, 1, 1 << 20, 1 << 20], &[1, 1, 3, 3], window(3, 999_999_999, 0, 1), [0; 2]);
        transposed(&[1, 1, HUGE, HUGE - 1], &[1, 1, 1, 1], window(1, 999_999_999, 0, 1), [0; 2]);
        // So is what is given.
        conv(&[1, 1, 5, 5], &[1, 1, 3, 3], window(3, usize::MAX, 1, 1));
        conv(&[1, 1, 5, 5], &[1, 1, 3, 3], window(3, 1, usize::MAX, 1));
        conv(&[1, 1, 5, 5], &[1, 1, 3, 3], Window { dilation: [usize::MAX; 2], ..three });
        // As many groups as a number can say, of no outputs.
        conv(&[1, 2, 5, 5], &[0, 2, 3, 3], window(3, 1, 1, 1 << 63));
        conv(&[1, 0, 5, 5], &[0, 2, 3, 3], window(3, 1, 1, 1 << 63));
        transposed(&[1, 0, 5, 5], &[0, 2, 3, 3], window(3, 1, 1, 1 << 63), [0; 2]);
        // The most images that no elements can have.
        conv(&[0, 1, 1 << 40, 1], &[1 << 3, 1, 3, 1], Window { kernel: [3, 1], ..window(3, 1, 1, 1) });
    }
}
