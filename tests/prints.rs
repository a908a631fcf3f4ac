//! Tensors print as NumPy prints arrays: `goldens/prints.py` made the texts.

use fusion::Element;
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use serde_json::Value as Json;

fn array<T: Element>(case: &Json, element: impl Fn(&Json) -> T) -> Value {
    let list = |name: &str| case[name].as_array().expect("a list").clone();
    let shape: Vec<usize> = list("shape").iter().map(|n| n.as_u64().expect("a size") as usize).collect();
    let values: Vec<T> = list("values").iter().map(element).collect();
    Array::from_fn(Dims::new(&shape), |i| values[i % values.len()]).into()
}

fn number(x: &Json) -> f64 {
    x.as_str().expect("a text").parse().expect("a number, inf, -inf or nan")
}

#[test]
fn tensors_print_as_numpy_prints_arrays() {
    let text = include_str!("goldens/prints.json");
    let golden: Json = serde_json::from_str(text).expect("valid JSON");
    let cases = golden["cases"].as_array().expect("cases");
    let mut wrong = Vec::new();
    for case in cases {
        let value = match case["dtype"].as_str().expect("a type") {
            "f32" => array(case, |x| number(x) as f32),
            "f64" => array(case, number),
            "i64" => array(case, |x| x.as_i64().expect("a whole number")),
            "u8" => array(case, |x| x.as_u64().expect("a whole number") as u8),
            "bool" => array(case, |x| x.as_bool().expect("a truth value")),
            other => panic!("{other}"),
        };
        let printed = match case["precision"].as_u64() {
            Some(precision) => format!("{value:.precision$}", precision = precision as usize),
            None => value.to_string(),
        };
        let (printed, shape) = printed.rsplit_once('\n').expect("two parts");
        assert_eq!(shape, format!("shape {:?}, {}", value.shape(), value.dtype()));
        let want = case["text"].as_str().expect("a text");
        if printed != want {
            wrong.push(format!(
                "{} {}, precision {}\n{printed}\nNumPy:\n{want}",
                case["dtype"], case["shape"], case["precision"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
    assert!(cases.len() > 400);
}
