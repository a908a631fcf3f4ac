//! Modules: what is saved and loaded, and what is refused.

use crate::{Net, file, header, net};
use fusion::Value;
use fusion::nn::Path;
use fusion::prelude::*;
use fusion::{Error, state};
use std::fs;

/// A tensor of every element type, in unusual orders and sizes.
struct Everything {
    transposed: Tensor<shape![3, 2]>,
    double: Tensor<shape![2], f64>,
    scalar: Tensor<shape![]>,
    empty: Tensor<shape![0, 3]>,
    labels: Tensor<shape![2, 2], i64>,
    image: Tensor<shape![3], u8>,
    mask: Tensor<shape![1, 3], bool>,
    sized: Tensor<shape![Dyn, 2]>,
}

impl Everything {
    fn new(rows: usize) -> Self {
        let x = Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        Self {
            transposed: x.t().parameter(),
            double: Tensor::from([f64::NAN, -0.0]).parameter(),
            scalar: Tensor::from(f32::MIN_POSITIVE / 2.0),
            empty: Tensor::zeros(),
            labels: Tensor::from([[i64::MIN, i64::MAX], [0, -1]]),
            image: Tensor::from([0, 128, 255]),
            mask: Tensor::from([[true, false, true]]),
            sized: Tensor::from_vec_sized(vec![7.0; 2 * rows], &[rows, 2]).unwrap(),
        }
    }
}

impl Module for Everything {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        visit(&path.child("transposed"), self.transposed.value());
        visit(&path.child("double"), self.double.value());
        visit(&path.child("scalar"), self.scalar.value());
        visit(&path.child("empty"), self.empty.value());
        visit(&path.child("labels"), self.labels.value());
        visit(&path.child("image"), self.image.value());
        visit(&path.child("mask"), self.mask.value());
        visit(&path.child("sized"), self.sized.value());
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        visit(&path.child("transposed"), self.transposed.value_mut());
        visit(&path.child("double"), self.double.value_mut());
        visit(&path.child("scalar"), self.scalar.value_mut());
        visit(&path.child("empty"), self.empty.value_mut());
        visit(&path.child("labels"), self.labels.value_mut());
        visit(&path.child("image"), self.image.value_mut());
        visit(&path.child("mask"), self.mask.value_mut());
        visit(&path.child("sized"), self.sized.value_mut());
    }
}

#[test]
fn every_element_type_comes_back_bit_for_bit() {
    let one = Everything::new(5);
    let bytes = one.to_bytes().unwrap();
    assert!(header(&bytes).contains(r#""transposed":{"dtype":"F32","shape":[3,2]"#));
    let mut two = Everything {
        transposed: Tensor::zeros().parameter(),
        double: Tensor::zeros(),
        scalar: Tensor::zeros(),
        empty: Tensor::zeros(),
        labels: Tensor::zeros(),
        image: Tensor::zeros(),
        mask: Tensor::from([[false; 3]]),
        sized: Tensor::from_vec_sized(vec![0.0; 10], &[5, 2]).unwrap(),
    };
    two.load_bytes(&bytes).unwrap();
    assert_eq!(two.to_bytes().unwrap(), bytes);
    assert_eq!(two.transposed.to_vec(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert!(two.transposed.is_parameter() && !two.double.is_parameter());
    let bits = |x: &Everything| x.double.to_vec().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&two), bits(&one));
    assert_eq!(two.labels.to_vec(), [i64::MIN, i64::MAX, 0, -1]);
    assert_eq!(two.image.to_vec(), [0, 128, 255]);
    assert_eq!(two.mask.to_vec(), [true, false, true]);
    assert_eq!(two.scalar.item(), f32::MIN_POSITIVE / 2.0);
}

/// Elements keep the order in which the module's tensor has them in memory.
#[test]
fn a_transposed_parameter_stays_transposed() {
    let (mut one, two) = (Everything::new(1), Everything::new(1));
    let strides = *one.transposed.value().array().strides();
    assert!(!one.transposed.value().array().is_contiguous());
    one.load_bytes(&two.to_bytes().unwrap()).unwrap();
    assert_eq!(*one.transposed.value().array().strides(), strides);
    assert_eq!(one.transposed.to_vec(), two.transposed.to_vec());
}

#[test]
fn a_size_known_at_run_time_is_checked() {
    let bytes = Everything::new(5).to_bytes().unwrap();
    let error = Everything::new(6).load_bytes(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "(bytes) does not fit this module:\n`sized` should be f32 [6, 2], but is f32 [5, 2]");
}

/// A file that PyTorch wrote loads, and saved again it is the same but for the metadata.
#[test]
fn a_file_of_pytorchs_comes_back() {
    model! { Mlp: [64] -> [10] { fc1: Linear<_, 64>, Relu, fc2: Linear<_, 32>, Relu, fc3: Linear<_, 10> } }
    let theirs = include_bytes!("../goldens/mlp.safetensors");
    let mut net = Mlp::init(&mut StdRng::seed_from_u64(0));
    net.load_bytes(theirs).unwrap();
    let ours = net.to_bytes().unwrap();
    let entries = header(&ours).replace(r#""__metadata__":{"format":"pt"},"#, "");
    assert_eq!(entries.trim_end(), header(theirs).trim_end());
    let data = |bytes: &[u8]| bytes[8 + header(bytes).len()..].to_vec();
    assert_eq!(data(&ours), data(theirs));
}

#[test]
fn names_and_bytes_are_as_pytorch_writes_them() {
    let net = net(0);
    assert_eq!(net.names(), ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    let bytes = net.to_bytes().unwrap();
    // What `safetensors.torch.save(net.state_dict(), {"format": "pt"})` puts before the data.
    let expect = concat!(
        r#"{"__metadata__":{"format":"pt"},"#,
        r#""fc1.bias":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"#,
        r#""fc1.weight":{"dtype":"F32","shape":[4,3],"data_offsets":[16,64]},"#,
        r#""fc2.bias":{"dtype":"F32","shape":[2],"data_offsets":[64,72]},"#,
        r#""fc2.weight":{"dtype":"F32","shape":[2,4],"data_offsets":[72,104]}}"#,
    );
    assert_eq!(header(&bytes).trim_end_matches(' '), expect);
    assert_eq!((bytes.len() - 104) % 8, 0, "the data is aligned");
    let weight: Vec<u8> = net.fc1.weight.to_vec().iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(bytes[bytes.len() - 104 + 16..][..48], weight);
    assert_eq!(net.to_bytes().unwrap(), bytes, "the same state gives the same bytes");
}

#[test]
fn a_file_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let one = net(0);
    one.save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), one.to_bytes().unwrap());
    let mut two = net(1);
    two.load_state(&path).unwrap();
    assert_eq!(two.to_bytes().unwrap(), one.to_bytes().unwrap());
    assert_eq!(Net::load(&path).unwrap().to_bytes().unwrap(), one.to_bytes().unwrap());
    assert_eq!(state::load::<Net>(&path).unwrap().to_bytes().unwrap(), one.to_bytes().unwrap());
    // An older file is replaced.
    net(2).save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), net(2).to_bytes().unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_file_of_any_order_loads() {
    let mut net = net(0);
    let mut bytes = file(
        concat!(
            r#"{"fc2.weight" : {"shape":[2,4], "data_offsets":[0,32], "dtype":"F32"},"#,
            r#" "fc1.bias":{"dtype":"F32","shape":[4],"data_offsets":[80,96]}, "#,
            r#""__metadata__":{"format":"pt","note":"by hand"},"#,
            r#""\u0066c2.bias":{"dtype":"F32","shape":[2],"data_offsets":[96,104]},"#,
            r#""fc1.weight":{"dtype":"F32","shape":[4,3],"data_offsets":[32,80]}}"#,
        ),
        104,
    );
    let at = bytes.len() - 8;
    bytes[at..].copy_from_slice(&[0, 0, 128, 63, 0, 0, 192, 127]);
    net.load_bytes(&bytes).unwrap();
    let bias = net.fc2.bias.as_ref().unwrap().to_vec();
    assert!(bias[0] == 1.0 && bias[1].is_nan());
    assert_eq!(net.fc1.weight.to_vec(), [0.0; 12]);
}

#[test]
fn everything_that_does_not_fit_is_listed() {
    let mut net = net(0);
    let before = net.to_bytes().unwrap();
    let bytes = file(
        concat!(
            r#"{"fc1.weight":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]},"#,
            r#""fc1.bias":{"dtype":"F64","shape":[4],"data_offsets":[48,80]},"#,
            r#""module.fc2.weight":{"dtype":"F32","shape":[2,4],"data_offsets":[80,112]},"#,
            r#""fc2.bias":{"dtype":"BF16","shape":[2],"data_offsets":[112,116]},"#,
            r#""running_mean":{"dtype":"I64","shape":[],"data_offsets":[116,124]}}"#,
        ),
        124,
    );
    let error = net.load_bytes(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "(bytes) does not fit this module:\n\
         `fc1.weight` should be f32 [4, 3], but is f32 [3, 4]\n\
         `fc1.bias` should be f32 [4], but is f64 [4]\n\
         `fc2.weight` is missing; expected f32 [2, 4]\n\
         `fc2.bias` should be f32 [2], but is `BF16` [2]\n\
         `module.fc2.weight` is unexpected; found f32 [2, 4] (is it `fc2.weight`?)\n\
         `running_mean` is unexpected; found i64 []"
    );
    assert!(matches!(error, Error::State { problems, .. } if problems.len() == 6));
    assert_eq!(net.to_bytes().unwrap(), before, "nothing has changed");
}

/// Two fields may show one parameter, but two tensors cannot have one name in a file.
#[test]
fn a_name_that_stands_for_two_tensors_is_refused() {
    struct Twice(Tensor<shape![2]>, Tensor<shape![2]>);
    impl Module for Twice {
        fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
            visit(&path.child("w"), self.0.value());
            visit(&path.child("w"), self.1.value());
        }
        fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
            visit(&path.child("w"), self.0.value_mut());
            visit(&path.child("w"), self.1.value_mut());
        }
    }
    let mut twice = Twice(Tensor::zeros(), Tensor::ones());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    net(0).save(&path).unwrap();
    assert!(twice.save(&path).unwrap_err().to_string().ends_with("two tensors are called `w`"));
    assert_eq!(fs::read(&path).unwrap(), net(0).to_bytes().unwrap(), "the older file is whole");
    let one = file(r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 8);
    let error = twice.load_bytes(&one).unwrap_err().to_string();
    assert!(error.contains("two of the module's tensors are called `w`"), "{error}");
}

#[test]
fn what_is_no_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut net = net(0);
    for path in [folder.path().to_owned(), folder.path().join("none"), "".into(), "/dev/zero".into()] {
        assert!(matches!(net.load_state(&path), Err(Error::File { .. })), "{}", path.display());
    }
    for path in [folder.path().to_owned(), folder.path().join("none/such"), "".into()] {
        assert!(matches!(net.save(&path), Err(Error::File { .. })), "{}", path.display());
    }
    let path = folder.path().join("short.safetensors");
    fs::write(&path, &net.to_bytes().unwrap()[..100]).unwrap();
    let error = net.load_state(&path).unwrap_err();
    assert!(matches!(error, Error::Format { .. }));
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
}

/// A layer that is one of several.
#[expect(clippy::large_enum_variant, reason = "layers are")]
#[derive(Module)]
enum Choice {
    #[module(default)]
    Small(Linear<dim!(3), dim!(2)>),
    Wide {
        up: Linear<dim!(3), dim!(4)>,
        #[module(skip)]
        name: String,
        down: Linear<dim!(4), dim!(2)>,
    },
}

#[test]
fn an_enum_is_saved_as_the_variant_that_it_is() {
    let (folder, rng) = (tempfile::tempdir().unwrap(), &mut StdRng::seed_from_u64(5));
    let path = folder.path().join("choice.safetensors");
    let wide = |rng: &mut StdRng| Choice::Wide { up: Linear::init(rng), name: "wide".into(), down: Linear::init(rng) };

    let saved = wide(rng);
    saved.save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(header(&bytes).contains("\"up.weight\"") && !header(&bytes).contains("Wide"));
    let mut other = wide(rng);
    other.load_state(&path).unwrap();
    let (Choice::Wide { up, .. }, Choice::Wide { up: loaded, name, .. }) = (&saved, &other) else { unreachable!() };
    assert_eq!((up.weight.to_vec(), name.as_str()), (loaded.weight.to_vec(), "wide"));

    // `load` makes the variant that it starts as, which these tensors do not fit.
    let error = Choice::load(&path).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("`0.weight`") && error.contains("`up.weight`"), "{error}");
    let small = Choice::init(rng);
    small.save(&path).unwrap();
    let Choice::Small(layer) = &small else { unreachable!() };
    let Choice::Small(loaded) = Choice::load(&path).unwrap() else { unreachable!() };
    assert_eq!(layer.weight.to_vec(), loaded.weight.to_vec());
}
