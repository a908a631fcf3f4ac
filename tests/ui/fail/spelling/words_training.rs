// Words of other libraries around a training step.
// mistakes: 5
use fusion::prelude::*;

model! { pub Net: [784] -> [10] { Linear<_, 10> } }

fn step(net: &mut Net, opt: &mut Adam, x: Tensor<shape![32, 784]>) {
    opt.zero_grad();
    net.zero_grad();
    opt.step(net, net.forward(x.trace()).mean().backward());
    net.load_state_dict(net.state_dict());
    net.cuda();
}

fn main() {}
