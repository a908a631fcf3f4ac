//! Held against the `safetensors` crate: it reads what is written here, and all that is read here it reads too.

use super::*;
use crate::graph::Value;
use crate::kernels::{DType, Dims};
use safetensors::{Dtype, SafeTensors};
use std::cmp::Reverse;

struct Named(Vec<(&'static str, Value)>);

impl Module for Named {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.0.iter().for_each(|(name, value)| visit(&path.child(name), value));
    }
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.0.iter_mut().for_each(|(name, value)| visit(&path.child(name), value));
    }
}

fn module() -> Named {
    Named(vec![
        ("a.weight", Array::from_fn(Dims::new(&[2, 3]), |i| i as f32).permute(&[1, 0]).into()),
        ("a.\"quoted\"\n", Array::from_slice(&[1.5f64, f64::NAN], Dims::new(&[2])).into()),
        ("label", Array::full(7i64, Dims::default()).into()),
        ("image", Array::from_fn(Dims::new(&[5]), |i| i as u8).into()),
        ("mask", Array::from_slice(&[true, false, true], Dims::new(&[1, 3])).into()),
        ("none", Array::full(0.0f32, Dims::new(&[0, 2])).into()),
    ])
}

/// Do both see the same in `bytes`?
fn agree(module: &Named, bytes: &[u8]) {
    let file = SafeTensors::deserialize(bytes).expect("the crate reads it");
    assert_eq!(file.len(), module.0.len());
    for (name, value) in &module.0 {
        let tensor = file.tensor(name).expect("an entry of this name");
        let dtype = match value.dtype() {
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
            DType::I64 => Dtype::I64,
            DType::U8 => Dtype::U8,
            DType::Bool => Dtype::BOOL,
        };
        assert_eq!(tensor.dtype(), dtype);
        assert!(tensor.shape().iter().copied().eq(value.shape().iter()));
        let one = Named(vec![("x", value.clone())]).to_bytes().unwrap();
        assert_eq!(tensor.data(), &one[one.len() - tensor.data().len()..]);
    }
}

#[test]
fn the_crate_reads_what_is_written() {
    let bytes = module().to_bytes().unwrap();
    agree(&module(), &bytes);
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(metadata.metadata().as_ref().unwrap()["format"], "pt");
    let mut expect = metadata.offset_keys();
    expect.sort_by_key(|name| (Reverse(metadata.info(name).unwrap().dtype), name.clone()));
    assert_eq!(metadata.offset_keys(), expect);
}

#[test]
fn what_is_read_the_crate_reads_too() {
    let good = module().to_bytes().unwrap();
    let head = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let mut state = 1u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let (mut module, mut read) = (module(), 0);
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..=below(2) {
            let at = 8 + below(head + 8);
            bytes[at] = match below(3) {
                0 => b" \"{}[],:0123456789"[below(18)],
                1 => bytes[8 + below(head - 8)],
                _ => below(256) as u8,
            };
        }
        if module.load_bytes(&bytes).is_ok() {
            agree(&module, &bytes);
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}
