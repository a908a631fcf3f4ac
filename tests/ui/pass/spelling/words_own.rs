// A program's own methods with the words that the library answers come first.
use fusion::prelude::*;

trait Extra {
    fn view(&self) -> usize;
    fn size(self) -> usize;
    fn numpy(&self) -> usize;
    fn cuda(&self) -> usize;
}

impl<S, T> Extra for Tensor<S, T> {
    fn view(&self) -> usize {
        1
    }
    fn size(self) -> usize {
        2
    }
    fn numpy(&self) -> usize {
        3
    }
    fn cuda(&self) -> usize {
        4
    }
}

#[derive(Module)]
struct Net {
    fc: Linear<dim!(2), dim!(2)>,
}

impl Net {
    fn zero_grad(&mut self) -> usize {
        5
    }
    fn state_dict(&self) -> usize {
        6
    }
    fn eval(&self) -> usize {
        7
    }
    fn train(&mut self) -> usize {
        8
    }
    fn new() -> usize {
        9
    }
}

fn through(net: &mut Net) -> [usize; 2] {
    [net.zero_grad(), net.train()]
}

#[test]
fn main() {
    let x = Tensor::<shape![2]>::ones();
    assert_eq!([x.view(), x.numpy(), x.cuda(), (&x).view(), x.size()], [1, 3, 4, 1, 2]);
    let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    assert_eq!([net.zero_grad(), net.state_dict(), net.eval(), net.train(), Net::new()], [5, 6, 7, 8, 9]);
    assert_eq!(through(&mut net), [5, 8]);
}
