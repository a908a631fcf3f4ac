use fusion::prelude::*;

fn padded<B: Dim>(x: &Tensor<(Dyn, B)>) {
    let _ = x.pad(Axis::<1>, Ends::<1, 1>, Reflect);
}

fn main() {
    padded(&Tensor::<shape![2, 3]>::zeros().to_dynamic::<(Dyn, Num<3>)>());
}
