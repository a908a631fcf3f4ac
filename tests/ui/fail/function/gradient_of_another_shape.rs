use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 3]>::ones().watch();
    let y = x.detach().sum_over(Axis::<1>);
    fusion::record("sum", &x, y, |g: Tensor<shape![2]>, _, _| g);
}
