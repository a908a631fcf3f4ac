//! A type is a plain list of layers.
use fusion::prelude::*;

type Net = model!(Linear<8, 8>, _ + { Linear<8, 8> });

fn main() {
    let _: Option<Net> = None;
}
