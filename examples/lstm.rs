//! PyTorch's `word_language_model` example: an LSTM (Hochreiter and Schmidhuber 1997) written by hand learns which word
//! comes next.
//!
//! `cargo run --release --example lstm` reads Fusion's README, or the file `--text FILE`. It prints the perplexity after
//! each epoch, the number of words among which the network still hesitates, and in the end some words of its own.

use clap::Parser;
use fusion::prelude::*;
use std::collections::BTreeSet;

/// Words that the network tells apart, the first in the alphabet; all others count as one of them.
type Words = dim!(1000);
type Hidden = dim!(64);

/// The cell's outcome and its memory.
type State<B> = (Tensor<(B, Hidden)>, Tensor<(B, Hidden)>);

#[derive(Module)]
struct Language {
    table: Embedding<Words, Hidden>,
    input: Linear<Hidden, dim!(256)>,
    hidden: Linear<Hidden, dim!(256)>,
    /// The scores of the words; their weights are those of the table.
    #[init(zeros)]
    bias: Tensor<(Words,)>,
}

impl Language {
    fn cell<B: Dim>(&self, x: Tensor<(B, Hidden)>, (h, c): State<B>) -> State<B> {
        let [i, f, g, o] = (self.input.forward(x) + self.hidden.forward(h)).chunk(Axis::<1>);
        let c = f.sigmoid() * c + i.sigmoid() * g.tanh();
        (o.sigmoid() * c.tanh(), c)
    }

    /// Scores for the word behind each word of `[B, time]`, and the last state.
    fn forward<B: Dim>(&self, words: Tensor<(B, Dyn), i64>, state: State<B>) -> (Tensor<(B, Dyn, Words)>, State<B>) {
        let x = self.table.forward(words);
        let mut state = (state.0.trace_as(&x), state.1.trace_as(&x));
        let mut outcomes = Vec::new();
        for x in x.unstack(Axis::<1>) {
            state = self.cell(x, state);
            outcomes.push(state.0.clone());
        }
        (Tensor::stack(outcomes, Axis::<1>).matmul(&self.table.weight.t()) + &self.bias, state)
    }
}

#[derive(Parser)]
struct Args {
    /// What to read.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"))]
    text: std::path::PathBuf,
    /// How often to read it.
    #[arg(long, default_value_t = 12)]
    epochs: usize,
}

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let text = std::fs::read_to_string(&args.text).map_err(|source| fusion::Error::File { path: args.text, source })?;
    let text: Vec<&str> = text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).collect();
    let words: Vec<&str> = text.iter().copied().collect::<BTreeSet<_>>().into_iter().take(1000).collect();
    let text: Vec<i64> = text.iter().map(|word| words.binary_search(word).unwrap_or(0) as i64).collect();
    let length = text.len() / 10;
    let text = Tensor::<shape![10, Dyn], i64>::from_slice_sized(&text[..10 * length], &[10, length])?;

    let mut rng = StdRng::seed_from_u64(0);
    let mut net = Language::init(&mut rng);
    net.table.weight = Tensor::uniform(-0.1, 0.1, &mut rng).parameter();
    let mut opt = Adam::new(1e-2);
    let mut perplexity = f32::INFINITY;
    for epoch in 1..=args.epochs {
        let mut state: State<dim!(10)> = (Tensor::zeros(), Tensor::zeros());
        let (mut sum, mut steps) = (0.0, 0.0);
        for at in (1..length).step_by(17) {
            let end = (at + 17).min(length);
            let (scores, last) = net.forward(text.slice(Axis::<1>, at - 1..end - 1).trace(), state);
            state = (last.0.detach(), last.1.detach());
            let next = text.slice(Axis::<1>, at..end).reshape::<shape![Dyn]>();
            let loss = scores.reshape::<shape![Dyn, 1000]>().cross_entropy(&next);
            (sum, steps) = (sum + loss.item(), steps + 1.0);
            let mut gradients = loss.backward();
            gradients.clip_norm(0.25);
            opt.step(&mut net, gradients);
        }
        perplexity = (sum / steps).exp();
        println!("epoch {epoch:2}  perplexity {perplexity:.1}");
    }

    let (mut word, mut state) = (text.get(&[0, 0]).unwrap_or(0), (Tensor::zeros(), Tensor::zeros()));
    for _ in 0..30 {
        print!("{} ", words[word as usize]);
        let (scores, next) = net.forward(Tensor::<shape![1, Dyn], i64>::full_sized(word, &[1, 1])?, state);
        (word, state) = (scores.reshape::<shape![1, 1000]>().argmax().to_vec()[0], next);
    }
    println!();
    assert!(perplexity < 60.0, "the network has not learned what follows");
    Ok(())
}
