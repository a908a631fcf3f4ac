use fusion::prelude::*;

fn main() {
    let prediction = Tensor::<shape![32, 1]>::zeros();
    let target = Tensor::<shape![32]>::zeros();
    let _ = prediction.mse_loss(&target);
}
