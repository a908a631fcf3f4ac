//! NPY and NPZ.

use super::Folder;
use fusion::data::{Npz, read_npy, write_npy};
use fusion::prelude::*;
use std::path::Path;

/// Files that NumPy wrote, beside the sources.
fn numpy(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name)
}

#[test]
fn arrays_of_numpy() {
    for name in ["f4", "f8", "i8", "i2", "u1", "f2", "u8", "fortran", "version2"] {
        let x: Tensor<shape![Dyn, 3], f64> =
            read_npy(numpy("npy").join(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(x.to_vec(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "{name}");
        let x: Tensor<shape![2, 3], u8> = read_npy(numpy("npy").join(name)).unwrap();
        assert_eq!(x.to_vec(), [0, 1, 2, 3, 4, 5], "{name}");
    }
    let truth: Tensor<shape![2, 3], bool> = read_npy(numpy("npy/b1")).unwrap();
    assert_eq!(truth.to_vec(), [false, true, true, true, true, true]);
    for name in ["stored", "packed"] {
        let file = Npz::open(numpy("npz").join(name)).unwrap();
        assert_eq!(file.names(), ["x", "y"]);
        assert_eq!(file.get::<shape![2, Dyn], f32>("x").unwrap().to_vec(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }
}

#[test]
fn written_and_read() {
    fn check<S: Shape, T: Element>(folder: &Folder, x: Tensor<S, T>) {
        let path = folder.path().join("x.npy");
        write_npy(&path, &x).unwrap();
        assert_eq!(read_npy::<S, T>(&path).unwrap().to_vec(), x.to_vec());
        let start = std::fs::read(&path).unwrap();
        assert_eq!((&start[..8], (10 + usize::from(start[8])) % 64), (&b"\x93NUMPY\x01\x00"[..], 0));
    }
    let folder = Folder::new();
    check(&folder, Tensor::<shape![2, 3]>::from([[1.5, -2.0, f32::MAX], [0.0, 1e-40, -0.0]]));
    check(&folder, Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).t());
    check(&folder, Tensor::<shape![], f64>::from(1.1));
    check(&folder, Tensor::<shape![3], i64>::from([i64::MIN, 0, i64::MAX]));
    check(&folder, Tensor::<shape![2], u8>::from([0, 255]));
    check(&folder, Tensor::<shape![2], bool>::from([true, false]));
    check(&folder, Tensor::<shape![0, 3]>::zeros());
    let file =
        Npz::new().with("weights", &Tensor::<shape![2]>::ones()).with("ä b", &Tensor::<shape![1], u8>::from([7]));
    file.save(folder.path().join("x.npz")).unwrap();
    let file = Npz::from_bytes(&std::fs::read(folder.path().join("x.npz")).unwrap()).unwrap();
    assert_eq!(
        (file.names(), file.get::<shape![Dyn], i64>("ä b").unwrap().to_vec()),
        (vec!["weights", "ä b"], vec![7])
    );
    assert_eq!(
        file.get::<shape![2], f32>("x").unwrap_err().to_string(),
        "npz has no array `x`; it has `weights`, `ä b`"
    );
    assert_eq!(
        file.get::<shape![3], f32>("weights").unwrap_err().to_string(),
        "npz/weights.npy: expected a tensor of shape [3], found [2]"
    );
}

/// An NPY file with this header.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    [&b"\x93NUMPY\x01\x00"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn arrays_that_are_damaged() {
    let folder = Folder::new();
    let said = |bytes: &[u8]| folder.message(read_npy::<shape![Dyn], f32>(folder.write("x.npy", bytes)));
    let whole = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", &[0; 8]);
    assert!(read_npy::<shape![Dyn], f32>(folder.write("x.npy", &whole)).is_ok());
    for length in 0..whole.len() {
        assert!(said(&whole[..length]).starts_with("x.npy: "), "{length}");
    }
    assert_eq!(said(b"PK\x03\x04 no array"), "x.npy: does not begin as an NPY file does, with \\x93NUMPY");
    assert_eq!(said(&whole[..70]), "x.npy: the array would be 8 bytes from byte 68 on, but the file has 70");
    assert_eq!(said(&[&whole[..], b"1"].concat()), "x.npy: goes on after byte 76, where the array ends");
    assert_eq!(said(b"\x93NUMPY\x04\x00\x00\x00"), "x.npy: is an NPY file of version 4, and 1 to 3 are known");
    assert_eq!(
        said(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"),
        "x.npy: has a header of 4294967295 bytes, and 10000 are the most"
    );
    assert_eq!(
        said(&npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", &[])),
        "x.npy: its header `{'descr': '|O', 'fortran_order': False, 'shape': (2,), }` describes elements of type `|O`, which are no \
         numbers that a tensor has"
    );
    let shaped = |shape: &str| npy(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"), &[]);
    assert!(
        said(&shaped("(4294967296, 4294967296)"))
            .contains("no memory holds an array of shape [4294967296, 4294967296]")
    );
    assert!(said(&shaped("(1000000000000,)")).contains("would be 4000000000000 bytes"));
    assert!(said(&shaped("(0, 4294967296)")).starts_with("x.npy: "));
    assert_eq!(
        said(&npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}", &[0; 4])),
        "x.npy: expected a tensor of shape [Dyn], found [1, 1]"
    );
}

#[test]
fn archives_that_are_damaged() {
    let folder = Folder::new();
    let whole = std::fs::read(numpy("npz/packed")).unwrap();
    let read = |bytes: &[u8]| {
        let file = Npz::open(folder.write("x.npz", bytes))?;
        Ok(file.get::<shape![2, 3], f64>("x")?.to_vec())
    };
    let array = read(&whole).unwrap();
    for length in 0..whole.len() {
        let said = folder.message(read(&whole[..length]));
        assert_eq!(said, "x.npz: is no NPZ file: it has no list of files at its end", "{length}");
    }
    let mut errors = 0;
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x21;
        match read(&bytes) {
            // Dates, versions and the other array are not looked at.
            Ok(read) => assert_eq!(read, array, "byte {place}"),
            Err(_) => errors += 1,
        }
    }
    assert!(errors > 100, "{errors}");
    assert_eq!(
        folder.message(Npz::open(folder.path().join("none.npz"))),
        "none.npz: No such file or directory (os error 2)"
    );
}
