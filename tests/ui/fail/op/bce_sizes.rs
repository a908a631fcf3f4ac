use fusion::prelude::*;

fn main() {
    let logits = Tensor::<shape![32, 10]>::zeros();
    let target = Tensor::<shape![32, 9]>::zeros();
    let _ = logits.bce_with_logits(&target);
}
