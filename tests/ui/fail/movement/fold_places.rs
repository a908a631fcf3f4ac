use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![1, 12, 9]>::zeros();
    let _ = x.fold::<Patches<dim!(2)>, shape![3, 3]>();
}
