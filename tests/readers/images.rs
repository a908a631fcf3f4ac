//! Images, and folders of them.

use super::{Folder, real};
use fusion::data::{ImageFolder, Source, decode_image, read_image, write_png};
use fusion::prelude::*;
use serde_json::Value;

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().as_bytes();
    text.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../goldens/images.json")).unwrap()
}

#[test]
fn equal_to_pil() {
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let image = decode_image(&hex(&case["file"])).unwrap_or_else(|error| panic!("{name}: {error}"));
        let sizes = [&case["height"], &case["width"]].map(|size| size.as_u64().unwrap() as usize);
        assert_eq!(image.shape(), [3, sizes[0], sizes[1]], "{name}");
        let far = image.to_vec().into_iter().zip(hex(&case["planes"])).map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(u64::from(far) <= case["tolerance"].as_u64().unwrap(), "{name}: {far}");
    }
}

#[test]
fn fitted_as_torchvision_does() {
    fn check<N: Nat>(case: &Value) {
        let Some(want) = case["fitted"].get(N::N.to_string()) else { return };
        let folder = Folder::new();
        folder.write("class/image.png", hex(&case["file"]));
        let (x, _) = ImageFolder::<N, N>::open(folder.path()).unwrap().batch(&[0]).unwrap();
        assert_eq!(x.to_vec(), hex(want), "{} to {}", case["name"], N::N);
    }
    let mut fitted = 0;
    for case in cases() {
        fitted += case["fitted"].as_object().unwrap().len();
        check::<dim!(1)>(&case);
        check::<dim!(2)>(&case);
        check::<dim!(3)>(&case);
        check::<dim!(4)>(&case);
        check::<dim!(5)>(&case);
        check::<dim!(8)>(&case);
        check::<dim!(9)>(&case);
        check::<dim!(16)>(&case);
        check::<dim!(20)>(&case);
        check::<dim!(23)>(&case);
    }
    assert_eq!(fitted, 10);
}

/// A grey image whose shade says which it is.
fn png(folder: &Folder, name: &str, shade: u8) {
    let path = folder.write(name, []);
    write_png(path, &Tensor::<shape![1, 4, 6], u8>::full(shade)).unwrap();
}

#[test]
fn classes_by_folder() {
    let folder = Folder::new();
    png(&folder, "b dogs/2.png", 20);
    png(&folder, "b dogs/10.PNG", 10);
    png(&folder, "a cats/old/deep/1.jpeg", 30); // the content decides, not the name
    png(&folder, "a cats/0.png", 40);
    folder.write("a cats/notes.txt", b"no image");
    folder.write("readme.png", b"outside of any class");
    let images = ImageFolder::<dim!(4), dim!(4)>::open(folder.path()).unwrap();
    assert_eq!(
        (images.classes(), images.labels()),
        (&["a cats".to_owned(), "b dogs".to_owned()][..], &[0, 0, 1, 1][..])
    );
    assert!(images.files()[1].ends_with("a cats/old/deep/1.jpeg"));
    assert_eq!(images.num_samples(), 4);
    let all = images.load().unwrap();
    let shades: Vec<u8> = (0..4).map(|i| all.x.get(&[i, 1, 2, 3]).unwrap()).collect();
    assert_eq!(shades, [40, 30, 10, 20]);
    assert_eq!(all.class_counts(), [("a cats".to_owned(), 2), ("b dogs".to_owned(), 2)]);
    let (x, y) = images.batch(&[3, 3, 0]).unwrap();
    assert_eq!((x.shape().to_vec(), y.to_vec()), (vec![3, 3, 4, 4], vec![1, 1, 0]));
    assert_eq!(images.batch(&[]).unwrap().1.num_elements(), 0);
}

#[test]
#[should_panic(expected = "there is no image 1 among 1")]
fn an_image_that_is_not_there() {
    let folder = Folder::new();
    png(&folder, "a/0.png", 1);
    let _ = ImageFolder::<dim!(4), dim!(4)>::open(folder.path()).unwrap().batch(&[1]);
}

#[test]
fn folders_that_are_none() {
    type Images = ImageFolder<dim!(4), dim!(4)>;
    let folder = Folder::new();
    assert_eq!(folder.message(Images::open(folder.path())), "FOLDER: has no folder in it: each class of images is one");
    folder.write("class/text.txt", b"");
    assert_eq!(
        folder.message(Images::open(folder.path())),
        "class: a folder is a class, and this one has no image: no .png, .jpg or .jpeg"
    );
    assert_eq!(
        folder.message(Images::open(folder.path().join("none"))),
        "none: No such file or directory (os error 2)"
    );
    folder.write("class/text.png", b"I am a text");
    let said = folder.message(Images::open(folder.path()).unwrap().load());
    assert_eq!(said, "class/text.png: begins with the bytes 49 20 61 6d, and is neither a PNG nor a JPEG file");
    folder.write("class/text.png", b"");
    assert_eq!(folder.message(Images::open(folder.path()).unwrap().load()), "class/text.png: is empty, and no image");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), folder.path().join("class/loop")).unwrap();
        let said = folder.message(Images::open(folder.path()));
        assert!(said.contains("a link leads back") || said.contains("Too many levels"), "{said}");
    }
}

#[test]
fn damaged_images() {
    for case in cases() {
        let (name, file) = (case["name"].as_str().unwrap(), hex(&case["file"]));
        // All but the end of a JPEG file, after which nothing follows.
        for length in (0..file.len() - 2).step_by(7).chain([file.len() - 3]) {
            let error = decode_image(&file[..length]).map(drop);
            assert!(error.is_err(), "{name} is read from {length} of its {} bytes", file.len());
        }
        for place in 0..file.len() {
            let mut file = file.clone();
            file[place] ^= 0x11;
            // JPEG files have no checksum; of PNG files only what is no part of the image may be damaged.
            match decode_image(&file) {
                Ok(image) if name.ends_with("png") => {
                    assert_eq!(image.to_vec(), hex(&case["planes"]), "{name}, byte {place}")
                }
                _ => {}
            }
        }
    }
}

/// A PNG file of these sizes: its header is whole, and its data a few zeros.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png_of(&mut file);
    encoder.0 = (width, height);
    encoder.write();
    file
}

/// Chunks by hand, as no encoder writes such files.
struct Png<'a>((u32, u32), &'a mut Vec<u8>);

fn png_of(file: &mut Vec<u8>) -> Png<'_> {
    Png((0, 0), file)
}

impl Png<'_> {
    fn chunk(&mut self, kind: &[u8; 4], data: &[u8]) {
        self.1.extend((data.len() as u32).to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        self.1.extend([kind, data].concat());
        self.1.extend(crc.sum().to_be_bytes());
    }

    fn write(&mut self) {
        self.1.extend(b"\x89PNG\r\n\x1a\n");
        let (width, height) = self.0;
        self.chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat());
        let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut data, &[0; 1 << 16]).unwrap();
        self.chunk(b"IDAT", &data.finish().unwrap());
        self.chunk(b"IEND", &[]);
    }
}

#[test]
fn images_that_claim_too_much() {
    let said = |file: &[u8]| decode_image(file).map(drop).unwrap_err().to_string();
    assert_eq!(said(&bomb(20_000, 20_000)), "image: has 20000 x 20000 pixels, and may have 67108864 at most");
    assert_eq!(
        said(&bomb(u32::MAX >> 1, u32::MAX >> 1)),
        "image: has 2147483647 x 2147483647 pixels, and may have 67108864 at most"
    );
    let file = bomb(8000, 8000);
    assert_eq!(said(&file), format!("image: claims 8000 x 8000 pixels in {} bytes", file.len()));
    assert!(said(&bomb(200, 200)).contains("is no PNG file that can be read"));
    assert!(said(&bomb(0, 5)).contains("image: "));
    // A JPEG file, whose size stands in its frame header.
    let case = cases().into_iter().find(|case| case["name"] == "sharp.jpg").unwrap();
    let mut file = hex(&case["file"]);
    let frame = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    let mut sized = |height: u16, width: u16| {
        file[frame + 5..][..2].copy_from_slice(&height.to_be_bytes());
        file[frame + 7..][..2].copy_from_slice(&width.to_be_bytes());
        said(&file)
    };
    assert_eq!(sized(20_000, 20_000), "image: has 20000 x 20000 pixels, and may have 67108864 at most");
    assert!(sized(8000, 8000).starts_with("image: claims 8000 x 8000 pixels in"));
    assert!(sized(0, 20).starts_with("image: "));
}

#[test]
fn writing_images() {
    let folder = Folder::new();
    let path = folder.path().join("x.png");
    let image = Tensor::<shape![3, 2, 5], u8>::from_fn(|i| (i * 9) as u8);
    write_png(&path, &image).unwrap();
    assert_eq!(read_image(&path).unwrap().to_vec(), image.to_vec());
    // A view in another order.
    let turned = image.permute((Axis::<0>, Axis::<2>, Axis::<1>));
    write_png(&path, &turned).unwrap();
    assert_eq!(read_image(&path).unwrap().to_vec(), turned.to_vec());
    let two = Tensor::<shape![2, 2, 2], u8>::zeros();
    assert_eq!(write_png(&path, &two).unwrap_err().to_string(), "a PNG file has 1 or 3 planes, and the image has 2");
    assert!(
        write_png(&path, &Tensor::<shape![1, 0, 2], u8>::zeros())
            .unwrap_err()
            .to_string()
            .starts_with("no PNG file has 2 x 0 pixels")
    );
    assert!(write_png(folder.path().join("none/x.png"), &image).is_err());
}

/// Photographs as people take them can all be read.
#[test]
fn real_photographs() {
    let Some(data) = real() else { return };
    let mut read = 0;
    for folder in ["faces-small/images", "faces-wider/images", "faces-test/images"] {
        for entry in std::fs::read_dir(data.join(folder)).into_iter().flatten().step_by(7) {
            let path = entry.unwrap().path();
            if let Err(error) = read_image(&path) {
                panic!("{error}");
            }
            read += 1;
        }
    }
    println!("{read} photographs");
}
