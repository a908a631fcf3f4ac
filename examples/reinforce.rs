//! PyTorch's `reinforcement_learning` example: REINFORCE (Williams 1992) learns to balance a pole on a cart.
//!
//! `cargo run --release --example reinforce` needs no data: the physics are in this file. It prints how long the pole
//! stood, averaged over the last episodes, until that is above 195 steps of at most 500.

use clap::Parser;
use fusion::prelude::*;

model! {
    /// What the cart sees, and how much is to be said for a push to the left and to the right.
    pub Policy: [4] -> [2] { fc1: Linear<_, 128>, Dropout<0.6>, Relu, fc2: Linear<_, 2> }
}

/// A push on the cart for 0.02 s (Barto, Sutton and Anderson 1983, with the numbers of Gym's `CartPole-v1`): place, speed,
/// angle and its speed afterwards.
fn push([x, dx, a, da]: [f32; 4], right: bool) -> [f32; 4] {
    let (sin, cos) = a.sin_cos();
    let force = (if right { 10.0 } else { -10.0 } + 0.05 * da * da * sin) / 1.1;
    let dda = (9.8 * sin - cos * force) / (0.5 * (4.0 / 3.0 - 0.1 * cos * cos / 1.1));
    let ddx = force - 0.05 * dda * cos / 1.1;
    [x + 0.02 * dx, dx + 0.02 * ddx, a + 0.02 * da, da + 0.02 * dda]
}

#[derive(Parser)]
struct Args {
    /// The seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn main() {
    let mut rng = StdRng::seed_from_u64(Args::parse().seed);
    let mut policy = Policy::init(&mut rng);
    let mut opt = Adam::new(1e-2);
    let mut running = 10.0;
    for episode in 1..=1000 {
        let mut state: [f32; 4] = std::array::from_fn(|_| rng.random_range(-0.05..0.05));
        let mut chosen = Vec::new();
        while state[0].abs() < 2.4 && state[2].abs() < 0.2094 && chosen.len() < 500 {
            let log_p = policy.forward(Tensor::from([state]).trace()).log_softmax(Axis::<1>);
            let right = rng.random_range(0.0..1.0) < log_p.exp().get(&[0, 1]).unwrap();
            chosen.push(log_p.at(ix![.., right as usize]));
            state = push(state, right);
        }
        // What each push led to: the steps that followed, the later the less.
        let later = |n: usize| (1.0 - 0.99f32.powi(n as i32)) / 0.01;
        let returns = Tensor::from((1..=chosen.len()).rev().map(later).collect::<Vec<_>>());
        let returns = &returns - returns.mean();
        let returns = &returns / (returns.square().mean().sqrt() + 1e-6);
        let loss = -(Tensor::concat_all(&chosen, Axis::<0>) * returns).sum();
        opt.step(&mut policy, loss.backward());

        running = 0.95 * running + 0.05 * chosen.len() as f64;
        if episode % 10 == 0 {
            println!("episode {episode:3}  last {:3} steps  average {running:.1}", chosen.len());
        }
        if running > 195.0 {
            println!("solved in episode {episode}");
            return;
        }
    }
    panic!("the policy has not learned to balance the pole");
}
