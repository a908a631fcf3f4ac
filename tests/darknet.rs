//! Networks of Darknet: `fusion::models` and the models that are written of `.cfg` files, held against PyTorch's reading of those
//! files, with weights by a formula (`goldens/darknet.json`, made by `goldens/darknet.py`) and with trained weights.

mod darknet {
    pub mod generated;
    pub mod golden;
}

use darknet::generated;
use darknet::golden::{Golden, names_and_outputs, outputs_of, reference};
use fusion::models::darknet::{Cfg, load, load_bytes};
use fusion::models::{YoloFace500k, YoloFace500kV2, YoloV3, YoloV3Nano, YoloV3Tiny};
use fusion::prelude::*;
use std::path::Path;

fn made<M: Init>() -> M {
    M::init(&mut StdRng::seed_from_u64(0))
}

/// Each network with weights by the formula, by itself and made ready to run.
macro_rules! equal {
    ($($test:ident: $Net:ty, $golden:literal, [$($size:literal),*] -> $($output:ident)*;)*) => { $(
        #[test]
        fn $test() {
            let (golden, mut net) = (Golden::of($golden), made::<$Net>());
            load_bytes(&mut net, &golden.weights()).expect("the numbers are those of the network");
            let x: Tensor<shape![$($size),*]> = golden.image();
            let y = net.forward(x.clone());
            golden.check(&names_and_outputs!(y: $($output)*), "as it is");
            let y = net.prepare().forward(x);
            golden.check(&names_and_outputs!(y: $($output)*), "made ready");
        }
    )* };
}

equal! {
    yolo_v3: YoloV3, "yolov3", [1, 3, 64, 96] -> large medium small;
    yolo_v3_of_one_class: YoloV3<dim!(1)>, "yolov3_one_class", [1, 3, 32, 32] -> large medium small;
    yolo_v3_tiny: YoloV3Tiny, "yolov3_tiny", [2, 3, 96, 64] -> large medium;
    yolo_face: YoloFace500k, "yoloface_500k", [2, 3, 96, 64] -> large medium small;
    yolo_face_v2: YoloFace500kV2, "yoloface_500k_v2", [2, 3, 96, 64] -> large medium small;
    nano_of_voc: YoloV3Nano<dim!(20)>, "nano_voc", [1, 3, 64, 96] -> large medium;
    nano_of_coco: YoloV3Nano, "nano_coco", [1, 3, 64, 96] -> large medium;
}

/// Each model that is written of a `.cfg` is the committed one, which is compiled here, and computes what the library's does.
#[test]
fn written_models_are_those_that_are_compiled() {
    for (cfg, name, file) in generated::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("darknet");
        let text = Cfg::open(folder.join(cfg)).expect("a description").model(name);
        let path = folder.join(file);
        if std::env::var_os("FUSION_MODELS").is_some_and(|how| how == "write") {
            std::fs::write(&path, &text).expect("the folder can be written");
        }
        let there = std::fs::read_to_string(&path).expect("a committed model");
        assert_eq!(text, there, "{file}: FUSION_MODELS=write writes it anew");
    }
}

/// A model that is written of a `.cfg` and the library's, with the same weights and an image of the size of the `.cfg`: the same
/// number of parameters, and the same outputs up to rounding.
macro_rules! same {
    ($($test:ident: $Written:ty, $Net:ty, $golden:literal, [$($size:literal),*], $($output:ident)* = $($other:ident)*;)*) => { $(
        #[test]
        fn $test() {
            let weights = Golden::of($golden).weights();
            let (mut written, mut net) = (made::<$Written>(), made::<$Net>());
            load_bytes(&mut written, &weights).expect("the numbers are those of the written model");
            load_bytes(&mut net, &weights).expect("the numbers are those of the library's");
            assert_eq!(written.num_parameters(), net.num_parameters());
            let x = Tensor::<shape![$($size),*]>::from_fn(|i| (i % 251) as f32 / 250.0);
            let (y, z) = (written.prepare().forward(x.clone()), net.prepare().forward(x));
            $({
                let (y, z) = (y.$output.to_vec(), z.$other.to_vec());
                let far = y.iter().zip(&z).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                let size = z.iter().map(|z| z.abs()).fold(0.0, f32::max);
                assert!(y.len() == z.len() && far <= 1e-5 * size, "{far} of {size}");
            })*
        }
    )* };
}

same! {
    written_face: generated::YoloFace500k, YoloFace500k, "yoloface_500k", [1, 3, 256, 320],
        conv64 conv72 conv80 = large medium small;
    written_face_v2: generated::YoloFace500kV2, YoloFace500kV2, "yoloface_500k_v2", [1, 3, 288, 352],
        conv70 conv82 conv94 = large medium small;
    written_nano_of_voc: generated::NanoVoc, YoloV3Nano<dim!(20)>, "nano_voc", [1, 3, 320, 320],
        conv68 conv78 = large medium;
    written_nano_of_coco: generated::NanoCoco, YoloV3Nano, "nano_coco", [1, 3, 320, 320], conv68 conv78 = large medium;
    written_tiny: generated::YoloV3Tiny, YoloV3Tiny, "yolov3_tiny", [1, 3, 416, 416], conv15 conv22 = large medium;
    written_yolo_v3: generated::YoloV3, YoloV3, "yolov3", [1, 3, 416, 416], conv81 conv93 conv105 = large medium small;
}

/// The trained networks on the image of a formula, within 1e-4 of the reference.
macro_rules! trained {
    ($net:expr, $name:literal, [$($size:literal),*], $path:expr) => {{
        let mut net = $net;
        let header = load(&mut net, $path).expect("the weights are those of the network");
        assert_eq!(header.version, [0, 2, 5]);
        let x = Tensor::<shape![1, 3, $($size),*]>::from_fn(|i| (i % 251) as f32 / 250.0);
        reference($name, &outputs_of(net.forward(x.clone())), "as it is");
        reference($name, &outputs_of(net.prepare().forward(x)), "made ready");
    }};
}

#[test]
fn trained_faces() {
    let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/webcam/weights");
    trained!(made::<YoloFace500k>(), "yoloface-500k", [256, 320], weights.join("yoloface-500k.weights"));
    trained!(made::<YoloFace500kV2>(), "yoloface-500k-v2", [288, 352], weights.join("yoloface-500k-v2.weights"));
}

#[test]
fn trained_nanos() {
    let Some(folder) = std::env::var_os("FUSION_DATA") else {
        return println!("skipped: FUSION_DATA does not say where the files are");
    };
    let folder = Path::new(&folder).join("darknet-weights");
    let of = |name: &str| folder.join(format!("MobileNetV2-YOLOv3-Nano-{name}.weights"));
    trained!(made::<YoloV3Nano<dim!(20)>>(), "MobileNetV2-YOLOv3-Nano-voc", [320, 320], of("voc"));
    trained!(made::<YoloV3Nano>(), "MobileNetV2-YOLOv3-Nano-coco", [320, 320], of("coco"));
}

/// The boxes of each network are those of its `.cfg`.
#[test]
fn anchors() {
    let text =
        |cfg: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("darknet").join(cfg)).unwrap();
    let setting = |text: &str, key: &str| -> Vec<Vec<f32>> {
        let all = text.lines().filter_map(|line| line.split_once('=').filter(|(name, _)| name.trim() == key));
        all.map(|(_, list)| list.split(',').map(|number| number.trim().parse().unwrap()).collect()).collect()
    };
    let check = |cfg: &str, anchors: &[[(f32, f32); 3]], size: [usize; 2], strides: &[usize], scale: &[f32]| {
        let text = text(cfg);
        let outputs = Cfg::parse(&text).unwrap().outputs();
        let told: Vec<_> = outputs.iter().map(|[_, h, w]| [size[0] / h, size[1] / w]).collect();
        assert_eq!(told, strides.iter().map(|&stride| [stride; 2]).collect::<Vec<_>>(), "{cfg}");
        let all = &setting(&text, "anchors")[0];
        let masks = setting(&text, "mask");
        assert_eq!(masks.len(), anchors.len(), "{cfg}");
        for (mask, anchors) in masks.iter().zip(anchors) {
            let told: Vec<_> = mask.iter().map(|&n| (all[2 * n as usize], all[2 * n as usize + 1])).collect();
            assert_eq!(told, anchors, "{cfg}");
        }
        let told = [setting(&text, "height")[0][0] as usize, setting(&text, "width")[0][0] as usize];
        assert_eq!(told, size, "{cfg}");
        let scales: Vec<f32> = setting(&text, "scale_x_y").concat();
        assert_eq!(if scales.is_empty() { vec![1.0; anchors.len()] } else { scales }, scale, "{cfg}");
    };
    check("yolov3.cfg", &YoloV3::ANCHORS, YoloV3::SIZE, &YoloV3::STRIDES, &YoloV3::SCALE_X_Y);
    check("yolov3-tiny.cfg", &YoloV3Tiny::ANCHORS, YoloV3Tiny::SIZE, &YoloV3Tiny::STRIDES, &YoloV3Tiny::SCALE_X_Y);
    check(
        "yoloface-500k.cfg",
        &YoloFace500k::ANCHORS,
        YoloFace500k::SIZE,
        &YoloFace500k::STRIDES,
        &YoloFace500k::SCALE_X_Y,
    );
    check(
        "yoloface-500k-v2.cfg",
        &YoloFace500kV2::ANCHORS,
        YoloFace500kV2::SIZE,
        &YoloFace500kV2::STRIDES,
        &YoloFace500kV2::SCALE_X_Y,
    );
    let nano = (YoloV3Nano::SIZE, &YoloV3Nano::STRIDES, &YoloV3Nano::SCALE_X_Y);
    check("MobileNetV2-YOLOv3-Nano-coco.cfg", &YoloV3Nano::ANCHORS, nano.0, nano.1, nano.2);
    check("MobileNetV2-YOLOv3-Nano-voc.cfg", &YoloV3Nano::ANCHORS_VOC, nano.0, nano.1, nano.2);
}

/// What is wrong with a file is said with the tensor's path, and the network stays as it was.
#[test]
fn damaged_weights() {
    let mut net = made::<YoloFace500k>();
    let before = net.to_bytes().unwrap();
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/webcam/weights/yoloface-500k.weights"));
    let bytes = bytes.expect("the weights are in the repository");
    let mut says = |bytes: &[u8], wanted: &str| {
        let error = load_bytes(&mut net, bytes).unwrap_err().to_string();
        assert_eq!(error, format!("(bytes): {wanted}"));
        assert!(net.to_bytes().unwrap() == before, "{wanted}");
    };
    says(&[], "a file of Darknet begins with 16 bytes or 20, but this has 0");
    says(&bytes[..18], "the head of version 0.2 has 20 bytes, but the file 18");
    says(&bytes[..20], "the file has 0 of 130140 numbers: 8 of 8 are missing of `stem.bn.bias`, and all behind it");
    says(
        &bytes[..bytes.len() - 6],
        "the file has 130138 of 130140 numbers and 2 bytes of another: 2 of 432 are missing of `small.conv.weight`",
    );
    says(
        &[&bytes[..], &[0; 9]].concat(),
        "2 numbers and 1 bytes of another are left behind `small.conv.weight`, the last of the 130140 of this network",
    );
    let mut other = bytes.clone();
    other[0..4].copy_from_slice(&1000u32.to_le_bytes());
    says(&other, "the file begins with version 1000.2, which no Darknet has written");
    let mut other = bytes.clone();
    other[20 + 3 * 32..][..4].copy_from_slice(&(-1.5f32).to_le_bytes());
    says(&other, "number 0 of `stem.bn.running_var` is -1.5, which is no variance");
}

/// Before version 0.2 the number of images has four bytes.
#[test]
fn an_old_header() {
    model! { Net: [1, 4, 4] -> [1, 4, 4] { Conv2d<_, 1, 1, bias = false>, BatchNorm2d<_, eps = 1e-3> } }
    let mut net = made::<Net>();
    let head = [0, 1, 0, 77].map(u32::to_le_bytes).concat();
    let numbers = [0.5f32, 2.0, 0.25, 4.0, 3.0].map(f32::to_le_bytes).concat();
    let header = load_bytes(&mut net, &[head, numbers].concat()).unwrap();
    assert_eq!((header.version, header.seen), ([0, 1, 0], 77));
    // (3 x - 0.25) / (√4 + 1e-6) · 2 + 0.5, with x = 1
    let y = net.forward(Tensor::<shape![1, 1, 4, 4]>::ones()).to_vec()[0];
    assert!((y - 3.249_998_6).abs() < 1e-6, "{y}");
}

#[test]
fn networks_that_darknet_has_not() {
    model! { Plain: [1, 4, 4] -> [2, 4, 4] { first: Conv2d<_, 2, 1, bias = false>, Relu } }
    model! { Flat: [4] -> [2] { fc: Linear<_, 2> } }
    let error = load_bytes(&mut made::<Plain>(), &[0; 20]).unwrap_err().to_string();
    assert!(error.ends_with("behind `first`, a convolution without a bias, stands no batch norm"), "{error}");
    let error = load_bytes(&mut made::<Flat>(), &[0; 20]).unwrap_err().to_string();
    assert!(error.ends_with("`fc.weight` is not the weight of a convolution"), "{error}");
}

/// What is wrong with a description is said with its line.
#[test]
fn descriptions_with_mistakes() {
    const NET: &str = "[net]\nwidth=32\nheight=32\nchannels=3\n";
    let cases = [
        ("", "line 1: there is no section here: a description begins with `[net]`"),
        ("width=3", "line 1: `width=3` stands in front of the first section, `[net]`"),
        ("[yolo]", "line 1: the first section is `[net]`, not `[yolo]`"),
        ("[net]\nwidth=32\nheight=32", "line 1: `[net]` does not say its `channels`"),
        ("[net]\nwidth=32\nwidth=32", "line 3: `width` is set twice in this section"),
        ("[network]\nbatch=8\nwidth=32\nwidth=32", "line 4: `width` is set twice in this section"),
        ("[net]\nwidth=-1\nheight=1\nchannels=1", "line 2: `width` is a whole number from 1 to 65536, not `-1`"),
        ("@", "line 5: expected `[section]` or `key=value`, not `@`"),
        (
            "[lstm]",
            "line 5: there is no layer `[lstm]` here: there are convolutional, maxpool, avgpool, upsample, shortcut, route, \
                    scale_channels, dropout, yolo",
        ),
        ("[convolutional\n", "line 5: a section is written `[convolutional]`: a `]` is missing"),
        ("[upsample]\nscale=2", "line 6: `scale` is no setting of `[upsample]`: there are stride"),
        (
            "[convolutional]\nactivation=maxout",
            "line 6: there is no activation `maxout` here: there are linear, leaky, relu, relu6, \
                    logistic, mish, swish, tanh",
        ),
        ("[convolutional]\nsize=40", "line 5: of [3, 32, 32] this would make [1, 0, 0], which is no size"),
        ("[convolutional]\nfilters=4\ngroups=2", "line 5: 3 channels cannot become 4 in 2 equal groups"),
        ("[route]\nlayers=-1", "line 5: -1 is no layer before this, which is layer 0"),
        (
            "[route]\nlayers=9223372036854775808",
            "line 6: `layers` is a list of whole numbers, not `9223372036854775808`",
        ),
        (
            "[convolutional]\n[shortcut]\nfrom=-9223372036854775808",
            "line 6: -9223372036854775808 is no layer before this, which is \
                    layer 1",
        ),
        (
            "[convolutional]\nfilters=8\n[convolutional]\n[shortcut]\nfrom=-2",
            "line 8: layer 0 gives [8, 32, 32], which cannot be \
                    added to [1, 32, 32]",
        ),
        (
            "[convolutional]\n[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1",
            "line 9: layer 0 gives 32 x 32 pixels, layer 1 16 x 16",
        ),
        ("[convolutional]\n[convolutional]\n[route]\nlayers=0", "line 6: nothing uses what this layer gives"),
        (
            "[convolutional]\n[scale_channels]\nfrom=-1",
            "line 6: channels are scaled by `[avgpool]` and two `[convolutional]` of size 1 \
                    right behind the layer they come from, the first with `relu`, the second with `logistic`",
        ),
        (
            "[convolutional]\nfilters=20\n[yolo]\nclasses=1\nanchors=1,2,3,4,5,6\nmask=0,1,2",
            "line 7: 3 boxes of 1 classes are 18 \
                    channels, but 20 flow in",
        ),
        ("[yolo]\nclasses=1\nanchors=1,2\nmask=1", "line 8: `mask` names anchor 1, but there are 1"),
    ];
    for (text, wanted) in cases {
        let whole = if text.starts_with("[net") || wanted.starts_with("line 1:") {
            text.to_owned()
        } else {
            format!("{NET}{text}")
        };
        let error = Cfg::parse(&whole).unwrap_err().to_string();
        assert_eq!(error, format!("(text): {wanted}"));
    }
    let error =
        Cfg::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/webcam/weights/yoloface-500k.weights"));
    assert!(error.unwrap_err().to_string().ends_with("line 1: this is no text"));
}
