use fusion::prelude::*;

fn main() {
    let _ = MseLoss::new().reduction("mean");
}
