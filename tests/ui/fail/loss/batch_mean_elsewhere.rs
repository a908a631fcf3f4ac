use fusion::prelude::*;

fn main() {
    let _ = CrossEntropyLoss::new().reduction(BatchMean);
}
