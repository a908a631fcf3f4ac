use fusion::prelude::*;

fn main() {
    let scores = Tensor::<shape![2, 3]>::zeros();
    let (_, _) = scores.topk::<dim!(5), _>(Axis::<1>);
}
