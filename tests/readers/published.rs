//! MNIST, CIFAR and IDX.

use super::{Folder, gzip, real};
use fusion::data::{Cifar10, Cifar100, FashionMnist, Mnist, read_idx};
use fusion::prelude::*;

/// An IDX file of bytes.
fn idx(sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// So many digits, whose pixels tell where they are.
fn pixels(count: usize) -> Vec<u8> {
    (0..count * 784).map(|i| (i % 251) as u8).collect()
}

fn mnist(folder: &Folder, images: &[u8], labels: &[u8]) -> String {
    folder.write("train-images-idx3-ubyte", images);
    folder.write("train-labels-idx1-ubyte", labels);
    folder.message(Mnist::open(folder.path()).and_then(|mnist| mnist.train()))
}

#[test]
fn digits_by_all_names() {
    let (images, labels) = (idx(&[3, 28, 28], &pixels(3)), idx(&[3], &[7, 0, 9]));
    for inner in ["", "mnist/", "MNIST/raw/"] {
        for (dash, packed) in [("-idx", false), (".idx", false), ("-idx", true), (".idx", true)] {
            let folder = Folder::new();
            let file = |name: &str, bytes: &[u8]| {
                let name = format!("{inner}{}", name.replace("-idx", dash));
                match packed {
                    true => folder.write(&format!("{name}.gz"), gzip(bytes)),
                    false => folder.write(&name, bytes),
                }
            };
            file("train-images-idx3-ubyte", &images);
            file("train-labels-idx1-ubyte", &labels);
            file("t10k-images-idx3-ubyte", &idx(&[1, 28, 28], &[5; 784]));
            file("t10k-labels-idx1-ubyte", &idx(&[1], &[4]));
            let mnist = Mnist::open(folder.path()).unwrap();
            let train: Dataset<Tensor<shape![Dyn, 1, 28, 28], u8>, Tensor<shape![Dyn], i64>> = mnist.train().unwrap();
            assert_eq!(train.x.to_vec(), pixels(3));
            assert_eq!(train.y.to_vec(), [7, 0, 9]);
            assert_eq!((train.target_names().len(), train.target_names()[7].as_str()), (10, "7"));
            assert_eq!(mnist.test().unwrap().y.to_vec(), [4]);
        }
    }
}

#[test]
fn an_unpacked_file_may_keep_its_name() {
    let folder = Folder::new();
    folder.write("fashion-mnist/t10k-images-idx3-ubyte.gz", idx(&[1, 28, 28], &[5; 784]));
    folder.write("fashion-mnist/t10k-labels-idx1-ubyte", gzip(&idx(&[1], &[9])));
    let test = FashionMnist::open(folder.path()).unwrap().test().unwrap();
    assert_eq!(test.class_counts(), [("Ankle boot".to_owned(), 1)]);
}

#[test]
fn a_missing_file_says_what_belongs_where() {
    let folder = Folder::new();
    let message = folder.message(Mnist::open(folder.path()));
    assert!(message.starts_with(
        "FOLDER: there is no `train-images-idx3-ubyte` of Mnist in this folder or in `mnist`, `MNIST/raw`"
    ));
    assert!(
        message.contains("train-images-idx3-ubyte.gz (9912422 bytes), train-labels-idx1-ubyte.gz (28881 bytes)"),
        "{message}"
    );
    assert!(message.contains("https://ossci-datasets.s3.amazonaws.com/mnist or "), "{message}");
    assert!(folder.message(Mnist::open(folder.path().join("none"))).starts_with("none: there is no `train-images"));
    let message = folder.message(Cifar10::open(folder.path()));
    assert!(
        message.contains("`data_batch_1.bin`") && message.contains("cifar-10-binary.tar.gz (170052171 bytes)"),
        "{message}"
    );
    assert!(folder.message(Cifar100::open(folder.path())).contains("cifar-100-binary.tar.gz"));
    // One of several.
    folder.write("data_batch_1.bin", vec![0; 3073]);
    assert!(folder.message(Cifar10::open(folder.path()).unwrap().train()).contains("there is no `data_batch_2.bin`"));
    folder.write("file", b"");
    assert_eq!(folder.message(Mnist::open(folder.path().join("file"))), "file: Not a directory (os error 20)");
}

#[test]
fn digits_that_are_damaged() {
    let (images, labels) = (idx(&[2, 28, 28], &pixels(2)), idx(&[2], &[1, 2]));
    let folder = Folder::new();
    let said = |images: &[u8], labels: &[u8]| mnist(&folder, images, labels);
    assert_eq!(
        said(&images[..1000], &labels),
        "train-images-idx3-ubyte: the data of the sizes [2, 28, 28] would be 1568 bytes from byte 16 on, but the file has 1000"
    );
    assert_eq!(
        said(&[], &labels),
        "train-images-idx3-ubyte: ends after byte 0, in the header of an IDX file: 4 bytes are missing"
    );
    assert_eq!(
        said(&images[..9], &labels),
        "train-images-idx3-ubyte: ends after byte 9, in the sizes of an IDX file: 3 bytes are missing"
    );
    assert_eq!(
        said(b"PK\x03\x04 and so on", &labels),
        "train-images-idx3-ubyte: begins with the bytes 50 4b 03, and is no IDX file: these begin with 00 00 and a type"
    );
    assert_eq!(
        said(&[&images[..], &[0]].concat(), &labels),
        "train-images-idx3-ubyte: goes on after byte 1584, where the data of the sizes [2, 28, 28] ends"
    );
    assert_eq!(
        said(&idx(&[u32::MAX; 3], &[]), &labels),
        "train-images-idx3-ubyte: has U8 of the sizes [4294967295, 4294967295, 4294967295], and there are labels for bytes of \
         the sizes [2, 28, 28]"
    );
    assert_eq!(
        said(&images, &idx(&[2], &[1, 10])),
        "train-labels-idx1-ubyte: label 1, at byte 9, is 10, and the classes are 0 to 9"
    );
    assert_eq!(
        said(&images, &idx(&[1, 2], &[1, 1])),
        "train-labels-idx1-ubyte: labels are a list of bytes, and not U8 of [1, 2]"
    );
    assert_eq!(
        said(&images, &idx(&[u32::MAX], &[1, 1])),
        "train-labels-idx1-ubyte: the data of the sizes [4294967295] would be 4294967295 bytes from byte 8 on, but the file has 10"
    );
}

#[test]
fn packed_digits_that_are_damaged() {
    let (images, labels) = (idx(&[2, 28, 28], &pixels(2)), idx(&[2], &[1, 2]));
    let folder = Folder::new();
    let said = |images: &[u8]| mnist(&folder, images, &labels);
    let packed = gzip(&images);
    for length in [2, 9, 50, packed.len() - 9, packed.len() - 1] {
        let message = said(&packed[..length]);
        assert!(message.contains("gzip data is damaged after byte"), "{length}: {message}");
    }
    let mut flipped = packed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(said(&flipped).contains("gzip data is damaged after byte 1584"), "the checksum");
    for place in 0..packed.len() {
        let mut flipped = packed.clone();
        flipped[place] ^= 0x10;
        folder.write("train-images-idx3-ubyte", &flipped);
        // The header has bytes that mean nothing; else it is an error, and never a panic.
        let result = Mnist::open(folder.path()).unwrap().train();
        assert!(place < 10 || result.is_err(), "byte {place}");
    }
    // A bomb: two images by the header, and a hundred times as much behind.
    let bomb = gzip(&idx(&[2, 28, 28], &pixels(20_000)));
    assert_eq!(
        mnist(&folder, &bomb, &labels),
        "train-images-idx3-ubyte: goes on after byte 1584, where the data of the sizes [2, 28, 28] ends"
    );
    // One that says what it is.
    let path = folder.write("bomb", gzip(&idx(&[1 << 16, 1 << 16], &[0; 1 << 20])));
    assert_eq!(
        folder.message(read_idx::<shape![Dyn, Dyn], u8>(&path)),
        "bomb: the data of the sizes [65536, 65536] would be 4294967296 bytes, and a packed file of this size gives at most \
         67108864"
    );
}

#[test]
fn idx_of_all_types() {
    let folder = Folder::new();
    let file = |kind: u8, size: u32, data: &[u8]| {
        folder.write("x", [&[0, 0, kind, 1][..], &size.to_be_bytes(), data].concat())
    };
    assert_eq!(read_idx::<shape![Dyn], i64>(file(9, 2, &[0xff, 3])).unwrap().to_vec(), [-1, 3]);
    assert_eq!(read_idx::<shape![2], f32>(file(11, 2, &[0xff, 0xfe, 1, 0])).unwrap().to_vec(), [-2.0, 256.0]);
    assert_eq!(read_idx::<shape![1], i64>(file(12, 1, &[0x80, 0, 0, 0])).unwrap().to_vec(), [-1 << 31]);
    assert_eq!(read_idx::<shape![1], f32>(file(13, 1, &1.5f32.to_be_bytes())).unwrap().to_vec(), [1.5]);
    assert_eq!(read_idx::<shape![1], f64>(file(14, 1, &1.1f64.to_be_bytes())).unwrap().to_vec(), [1.1]);
    assert_eq!(read_idx::<shape![], u8>(folder.write("scalar", [0, 0, 8, 0, 9])).unwrap().item(), 9);
    assert_eq!(
        folder.message(read_idx::<shape![Dyn], u8>(file(9, 2, &[1, 0xff]))),
        "x: element 1 is -1, which no u8 is"
    );
    assert_eq!(
        folder.message(read_idx::<shape![3], u8>(file(8, 2, &[1, 2]))),
        "x: expected a tensor of shape [3], found [2]"
    );
    assert!(folder.message(read_idx::<shape![Dyn], u8>(file(10, 0, &[]))).contains("begins with the bytes 00 00 0a"));
    assert!(folder.message(read_idx::<shape![Dyn], u8>(folder.write("x", [0, 0, 8, 7]))).contains("has 7 axes"));
    // Sizes whose product is none that a machine has, and whose elements are none.
    assert!(
        folder
            .message(read_idx::<shape![Dyn, Dyn, Dyn], u8>(folder.write("x", idx(&[u32::MAX; 3], &[]))))
            .contains("no memory")
    );
    let none = read_idx::<shape![Dyn, Dyn, Dyn], u8>(folder.write("x", idx(&[0, u32::MAX, u32::MAX], &[])));
    assert!(none.is_err() || none.is_ok_and(|x| x.num_elements() == 0));
    assert!(folder.message(read_idx::<shape![Dyn], u8>(folder.path())).starts_with("FOLDER: "), "a folder is no file");
}

/// Records of CIFAR, whose labels come first.
fn records(labels: &[&[u8]]) -> Vec<u8> {
    let record = |(i, label): (usize, &&[u8])| [*label, &vec![i as u8; 3072]].concat();
    labels.iter().enumerate().flat_map(record).collect()
}

#[test]
fn photographs() {
    let folder = Folder::new();
    for i in 1..=5u8 {
        folder.write(&format!("cifar-10-batches-bin/data_batch_{i}.bin"), records(&[&[i], &[9]]));
    }
    folder.write("cifar-10-batches-bin/test_batch.bin", records(&vec![&[3][..]; 200]));
    let cifar = Cifar10::open(folder.path()).unwrap();
    let (train, test) = (cifar.train().unwrap(), cifar.test().unwrap());
    assert_eq!(train.y.to_vec(), [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    assert_eq!((train.x.shape().to_vec(), train.x.get(&[9, 2, 31, 31])), (vec![10, 3, 32, 32], Some(1)));
    assert_eq!(test.class_counts(), [("cat".to_owned(), 200)]);
    assert_eq!(test.x.get(&[199, 0, 0, 0]), Some(199));

    folder.write("cifar-100-binary/train.bin", records(&[&[19, 99], &[0, 1]]));
    let cifar = Cifar100::open(folder.path()).unwrap();
    assert_eq!(cifar.train().unwrap().class_counts(), [("aquarium_fish".to_owned(), 1), ("worm".to_owned(), 1)]);
    let coarse = cifar.coarse().train().unwrap();
    assert_eq!((coarse.y.to_vec(), coarse.target_names()[19].as_str()), (vec![19, 0], "vehicles_2"));
}

#[test]
fn photographs_that_are_damaged() {
    let folder = Folder::new();
    let whole = records(&[&[1][..]; 70]);
    let said = |bytes: &[u8]| {
        folder.write("test.bin", bytes);
        folder.message(Cifar10::open(folder.path()).and_then(|cifar| cifar.test()))
    };
    assert_eq!(
        said(&whole[..3073 + 5]),
        "test.bin: has 3078 bytes, and is no file of records of 3073: its record 1 would be cut"
    );
    assert_eq!(said(&[]), "test.bin: has 0 bytes, and is no file of records of 3073: its record 0 would be cut");
    let mut wrong = whole.clone();
    wrong[66 * 3073] = 10;
    assert_eq!(said(&wrong), "test.bin: the label of record 66, at byte 202818, is 10, and the classes are 0 to 9");
}

#[cfg(unix)]
#[test]
fn folders_and_files_without_rights() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.write("mnist/train-images-idx3-ubyte", b"");
    folder.write("mnist/train-labels-idx1-ubyte", idx(&[0], &[]));
    let lock = |path: &std::path::Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    lock(&path, 0);
    if std::fs::File::open(&path).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let said = folder.message(Mnist::open(folder.path()).unwrap().train());
    assert_eq!(said, "mnist/train-images-idx3-ubyte: Permission denied (os error 13)");
    lock(&folder.path().join("mnist"), 0);
    let said = folder.message(Mnist::open(folder.path().join("mnist")));
    lock(&folder.path().join("mnist"), 0o700);
    assert_eq!(said, "mnist: Permission denied (os error 13)");
}

#[test]
fn the_real_sets() {
    let Some(folder) = real() else { return };
    let mean = |x: Tensor<_, u8>| x.cast::<f64>().mean().item() / 255.0;
    if let Ok(mnist) = Mnist::open(&folder) {
        let (train, test) = (mnist.train().unwrap(), mnist.test().unwrap());
        let counts = |data: &Dataset<_, _>| data.class_counts().into_iter().map(|(_, n)| n).collect::<Vec<_>>();
        assert_eq!(counts(&train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
        assert_eq!(counts(&test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        assert!((mean(train.x.reshape::<shape![Dyn]>()) - 0.13066).abs() < 1e-5);
    }
    if let Ok(cifar) = Cifar10::open(&folder) {
        let (train, test) = (cifar.train().unwrap(), cifar.test().unwrap());
        assert_eq!((train.len(), test.len()), (50_000, 10_000));
        assert!(train.class_counts().iter().all(|(_, count)| *count == 5000));
        let red = train.x.narrow::<dim!(1), _>(Axis::<1>, 0).reshape::<shape![Dyn]>();
        assert!((mean(red) - 0.49140).abs() < 1e-5);
    }
}
