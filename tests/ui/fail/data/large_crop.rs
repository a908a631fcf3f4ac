// mistakes: 2
use fusion::data::transforms::{CenterCrop, RandomCrop};
use fusion::data::{DataLoader, Dataset};
use fusion::prelude::*;

fn main() {
    let images = Tensor::<shape![Dyn, 3, 32, 32], u8>::zeros_sized(&[4, 3, 32, 32]).unwrap();
    let set = Dataset::new(images, Tensor::<shape![Dyn], i64>::zeros_sized(&[4]).unwrap()).unwrap();
    let crop = RandomCrop::<dim!(41), dim!(32)>::new().padding::<dim!(4)>(Constant(0.0));
    let train = DataLoader::new(set.clone(), 2).transform(crop);
    let test = DataLoader::new(set, 2).transform(CenterCrop::<dim!(32), dim!(33)>::new());
}
