use fusion::prelude::*;

struct Batch;
struct Time;

fn main() {
    let a = Tensor::<shape![Dyn<Batch>, 3]>::ones_sized(&[2, 3]).unwrap();
    let b = Tensor::<shape![Dyn<Time>, 3]>::ones_sized(&[2, 3]).unwrap();
    let _ = einsum!("bi,bi->b", a, b);
}
