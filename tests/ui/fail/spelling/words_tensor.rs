// Words of other libraries for what a tensor does.
// mistakes: 22
use fusion::prelude::*;

fn words(mut x: Tensor<shape![32, 784]>, w: &Tensor<shape![784, 10]>) {
    let _ = x.view(32, -1).relu();
    let _ = x.numpy();
    let _ = x.tolist();
    let _ = x.to_data();
    let _ = x.sum().to_scalar();
    let _ = x.size(0);
    let _ = x.dim();
    let _ = x.numel();
    let _ = x.log();
    let _ = x.float();
    let _ = x.double();
    let _ = x.long();
    let _ = x.to("cuda");
    let _ = x.cuda();
    let _ = x.mm(w);
    let _ = x.bmm(w);
    let _ = x.sum_dim(1);
    let _ = x.mean_dim(1);
    let _ = x.swapaxes(0, 1);
    let _ = x.requires_grad_();
    let _ = x.retain_grad();
    let _ = x.grad();
}

fn main() {}
