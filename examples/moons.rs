//! Micrograd's demo: two half moons told apart by a 2-16-16-1 network.
//!
//! `cargo run --release --example moons` draws the decision boundary in the terminal and writes the graph of a small
//! loss as `moons.dot`, for Graphviz's `dot -Tsvg moons.dot`.

use fusion::data;
use fusion::prelude::*;

model! {
    /// 337 parameters, as in micrograd.
    pub Moons: [2] -> [1] {
        fc1: Linear<_, 16>, Relu,
        fc2: Linear<_, 16>, Relu,
        fc3: Linear<_, 1>,
    }
}

/// The share of samples on the right side of the boundary.
fn accuracy(net: &Moons, x: &Tensor<shape![Dyn, 2]>, labels: &[i64]) -> f64 {
    let scores = net.forward(x.clone()).to_vec();
    let right = scores.iter().zip(labels).filter(|&(&score, &label)| (score > 0.0) == (label == 1)).count();
    right as f64 / labels.len() as f64
}

/// The plane from -1.75 to 2.75 and -1.25 to 1.75: `.` and `:` are the two sides, `o` and `#` the samples.
fn draw(net: &Moons, x: &Tensor<shape![Dyn, 2]>, labels: &[i64]) {
    const COLUMNS: usize = 72;
    const ROWS: usize = 24;
    let (width, height, left, top) = (4.5, 3.0, -1.75, 1.75);
    let grid = Tensor::<shape![1728, 2]>::from_fn(|i| {
        let (row, column) = (i / 2 / COLUMNS, i / 2 % COLUMNS);
        if i % 2 == 0 {
            left + width * (column as f32 + 0.5) / COLUMNS as f32
        } else {
            top - height * (row as f32 + 0.5) / ROWS as f32
        }
    });
    let mut picture: Vec<char> =
        net.forward(grid).to_vec().iter().map(|&score| if score > 0.0 { ':' } else { '.' }).collect();
    for (point, label) in x.to_vec().chunks(2).zip(labels) {
        let column = ((point[0] - left) / width * COLUMNS as f32).clamp(0.0, (COLUMNS - 1) as f32) as usize;
        let row = ((top - point[1]) / height * ROWS as f32).clamp(0.0, (ROWS - 1) as f32) as usize;
        picture[row * COLUMNS + column] = if *label == 1 { '#' } else { 'o' };
    }
    for row in picture.chunks(COLUMNS) {
        println!("{}", row.iter().collect::<String>());
    }
}

fn main() -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(1337);
    let moons = data::moons(100, 0.1, &mut rng);
    let labels = moons.y.to_vec();
    let targets = Tensor::<shape![Dyn, 1]>::from_vec_sized(labels.iter().map(|&l| l as f32).collect(), &[100, 1])?;
    let mut net = Moons::init(&mut rng);
    println!("{}", net.summary());

    let mut opt = Sgd::new(0.5).momentum(0.9);
    for step in 0..=200 {
        let loss = net.forward(moons.x.trace()).bce_with_logits(&targets);
        if step % 40 == 0 {
            println!("step {step:3}  loss {:.4}  accuracy {:.2}", loss.item(), accuracy(&net, &moons.x, &labels));
        }
        opt.step(&mut net, loss.backward());
    }
    draw(&net, &moons.x, &labels);

    // The graph of one sample's loss, with values and gradients in the nodes as in micrograd's pictures.
    let (x, y) = (moons.x.to_vec(), &targets.to_vec()[..1]);
    let x = Tensor::<shape![1, 2]>::from([[x[0], x[1]]]).trace_with(Trace::training().keep_values());
    let loss = net.forward(x).bce_with_logits(&Tensor::<shape![1, 1]>::from([[y[0]]]));
    let graph = loss.dot().names_of(&net).gradients().to_string();
    std::fs::write("moons.dot", graph).map_err(|source| fusion::Error::File { path: "moons.dot".into(), source })?;
    println!("wrote moons.dot");
    Ok(())
}
