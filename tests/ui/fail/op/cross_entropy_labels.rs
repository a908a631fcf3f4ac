use fusion::prelude::*;

fn main() {
    let logits = Tensor::<shape![32, 10]>::zeros();
    let labels = Tensor::<shape![31], i64>::zeros();
    let _ = logits.cross_entropy(&labels);
}
