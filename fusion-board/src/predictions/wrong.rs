//! Samples that are taken for something else.

use super::scores::scores;
use crate::runs::Number;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fusion::log::{Picture, Predictions};
use serde::Serialize;
use std::collections::HashMap;

/// Samples that are told of at once.
const MOST: usize = 32;
/// The largest scores of a sample that are told.
const SCORES: usize = 5;
/// The most pixels of an image.
const PIXELS: usize = 1 << 20;

/// Some of the samples that are taken for something else.
#[derive(Clone, Debug, Serialize)]
pub struct Wrong {
    /// How many there are.
    pub count: usize,
    /// Those from the one that was asked for on: first those with an image, then those of which the classifier is surest.
    pub samples: Vec<Sample>,
}

/// A sample.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Its number.
    pub sample: usize,
    /// What it is.
    pub label: String,
    /// What it is taken for.
    pub guess: String,
    /// The largest scores, with their classes.
    pub scores: Vec<(String, Number)>,
    /// The score of what it is.
    pub own: Number,
    /// Its image, if it was logged.
    pub pixels: Option<Pixels>,
}

/// An image.
#[derive(Clone, Debug, Serialize)]
pub struct Pixels {
    channels: u8,
    height: u32,
    width: u32,
    /// Its planes, in base 64.
    data: String,
}

fn pixels(picture: &Picture) -> Option<Pixels> {
    let Picture { channels, height, width, pixels, .. } = picture;
    let fits = !pixels.is_empty() && pixels.len() <= PIXELS;
    fits.then(|| Pixels { channels: *channels, height: *height, width: *width, data: BASE64_STANDARD.encode(pixels) })
}

/// The samples of a class, if it is given, that are taken for another, if that is given; from one of them on.
///
/// # Errors
/// If the scores do not go with the labels.
pub fn wrong(of: &Predictions, label: Option<usize>, guess: Option<usize>, from: usize) -> fusion::Result<Wrong> {
    let classes = of.classes.len();
    if classes == 0 {
        return Ok(Wrong { count: 0, samples: Vec::new() });
    }
    let guesses = scores(of)?.argmax().to_vec();
    let images: HashMap<usize, &Picture> =
        of.images.iter().map(|(sample, picture)| (*sample as usize, picture)).collect();
    let is_wanted = |&(sample, guessed): &(usize, usize)| {
        let own = of.labels[sample] as usize;
        own != guessed && label.is_none_or(|label| label == own) && guess.is_none_or(|guess| guess == guessed)
    };
    let all = guesses.into_iter().map(|guess| usize::try_from(guess).unwrap_or_default()).enumerate();
    let mut all: Vec<(usize, usize)> = all.filter(is_wanted).collect();
    let row = |sample: usize| &of.scores[sample * classes..][..classes];
    let lead = |&(sample, guess): &(usize, usize)| row(sample)[guess] - row(sample)[of.labels[sample] as usize];
    all.sort_by(|a, b| {
        let has_image = |one: &(usize, usize)| images.contains_key(&one.0);
        has_image(b).cmp(&has_image(a)).then(lead(b).total_cmp(&lead(a)))
    });
    let sample = |&(sample, guess): &(usize, usize)| {
        let mut order: Vec<usize> = (0..classes).collect();
        order.sort_by(|a, b| row(sample)[*b].total_cmp(&row(sample)[*a]));
        let score = |class: usize| Number(f64::from(row(sample)[class]));
        let own = of.labels[sample] as usize;
        Sample {
            sample,
            label: of.classes[own].clone(),
            guess: of.classes[guess].clone(),
            scores: order.into_iter().take(SCORES).map(|class| (of.classes[class].clone(), score(class))).collect(),
            own: score(own),
            pixels: images.get(&sample).and_then(|picture| pixels(picture)),
        }
    };
    Ok(Wrong { count: all.len(), samples: all.iter().skip(from).take(MOST).map(sample).collect() })
}
