use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 13, 4]>::zeros();
    let _ = x.fold::<Patches<dim!(2)>, shape![3, 3]>();
}
