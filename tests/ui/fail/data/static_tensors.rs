// mistakes: 2
use fusion::prelude::*;

fn main() -> fusion::Result<()> {
    let (x, y) = (Tensor::<shape![10, 4]>::zeros(), Tensor::<shape![10], i64>::zeros());
    let _ = Dataset::new(x, y)?;
    Ok(())
}
