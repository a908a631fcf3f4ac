//! A layer of the user's with the name of one that Fusion lacks, and constants in braces.
use fusion::prelude::*;

#[expect(non_upper_case_globals)]
const hidden: usize = 16;
const WIDTH: usize = 100;

#[derive(Module)]
#[module(sequential)]
pub struct LSTM {
    fc: Linear<dim!(16), dim!(16)>,
}

model! {
    pub Net: [8] -> [33] {
        Linear<_, { hidden }>, self::LSTM, Linear<_, { WIDTH / 3 }>,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    assert_eq!(net.num_parameters(), 9 * 16 + 17 * 16 + 17 * 33);
}
