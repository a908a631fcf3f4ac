//! Generators of random numbers that can be saved.

use rand::Rng;
use rand::rngs::{ChaCha8Rng, ChaCha12Rng, ChaCha20Rng};

/// A generator whose place in its stream can be saved, so that a run that is resumed draws the numbers that it would have
/// drawn: rand's ChaCha generators.
///
/// rand gives no way to the state of its `StdRng`, so it is none of these. Today's `StdRng` is a [`ChaCha12Rng`] inside and
/// draws the same numbers from the same seed, so one word changes and the run stays the same:
///
/// ```
/// use fusion::prelude::*;
///
/// let [mut one, mut two] = [StdRng::seed_from_u64(7).random::<u64>(), ChaCha12Rng::seed_from_u64(7).random()];
/// assert_eq!(one, two);
/// ```
///
/// Where numbers follow from a seed and from where in the run they are drawn, as those of a [`Draw`](crate::data::Draw),
/// nothing needs to be saved.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be saved",
    label = "not a generator whose state can be saved",
    note = "`ChaCha12Rng` draws the same numbers as `StdRng`, and can be saved"
)]
pub trait SavedRng: Rng + Sized {
    /// All that the next numbers depend on, as a text.
    fn to_state(&self) -> String;

    /// The generator that [`to_state`](SavedRng::to_state) was called for; none if the text is not of such a one.
    fn from_state(state: &str) -> Option<Self>;
}

macro_rules! chacha {
    ($($Rng:ident),*) => { $(
        #[diagnostic::do_not_recommend]
        impl SavedRng for $Rng {
            fn to_state(&self) -> String {
                let hex = self.serialize_state().map(|byte| format!("{byte:02x}")).concat();
                format!("{} {hex}", stringify!($Rng))
            }

            fn from_state(state: &str) -> Option<Self> {
                let hex = state.strip_prefix(stringify!($Rng))?.strip_prefix(' ')?.as_bytes();
                let mut bytes = [0; 49];
                if hex.len() != 2 * bytes.len() {
                    return None;
                }
                for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
                    let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                    *byte = 16 * digit(0)? + digit(1)?;
                }
                Some(Self::deserialize_state(&bytes))
            }
        }
    )* };
}
chacha!(ChaCha8Rng, ChaCha12Rng, ChaCha20Rng);

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    /// At any place in the stream, in the middle of what is buffered too, the copy goes on as the original.
    #[test]
    fn it_goes_on_where_it_was() {
        for drawn in (0..70).chain([200, 1000]) {
            let mut rng = ChaCha12Rng::seed_from_u64(drawn);
            let mut std = StdRng::seed_from_u64(drawn);
            for _ in 0..drawn {
                assert_eq!(rng.random::<u32>(), std.random::<u32>());
            }
            let mut copy = ChaCha12Rng::from_state(&rng.to_state()).unwrap();
            assert_eq!(copy, rng);
            for _ in 0..100 {
                let next = [rng.random::<u64>(), copy.random(), std.random()];
                assert_eq!((next[0], next[0]), (next[1], next[2]), "{drawn}");
                assert_eq!(rng.random::<u32>(), copy.random::<u32>());
                let _ = std.random::<u32>();
            }
        }
    }

    #[test]
    fn what_is_no_state() {
        let state = ChaCha12Rng::seed_from_u64(0).to_state();
        assert!(ChaCha12Rng::from_state(&state).is_some());
        assert!(ChaCha8Rng::from_state(&state).is_none());
        assert!(ChaCha12Rng::from_state(&state[..state.len() - 1]).is_none());
        assert!(ChaCha12Rng::from_state(&state.replace('0', "g")).is_none());
        assert!(ChaCha12Rng::from_state(&state.replace("00", "é")).is_none());
        assert!(ChaCha12Rng::from_state("").is_none());
    }
}
