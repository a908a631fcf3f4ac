use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![5]>::ones();
    let _ = x.multinomial::<Dyn>(true, &mut StdRng::seed_from_u64(0));
}
