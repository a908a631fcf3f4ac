//! Data sets of boxes: CSV, YOLO's texts and COCO's JSON say the same, and each mistake has its place.

use fusion::data::{DataLoader, Source, write_png};
use fusion::prelude::*;
use fusion::vision::{BBox, DetectionFolder, Labelled, Letterbox, Mosaic};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

type Set = DetectionFolder<dim!(32), dim!(32)>;

/// A folder with three images of 64 x 32 and a smaller one, and boxes in all three forms.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("images")).unwrap();
    fs::create_dir_all(folder.path().join("labels")).unwrap();
    for name in ["a", "b", "c"] {
        let image = Tensor::<shape![3, 32, 64], u8>::full(name.as_bytes()[0]);
        write_png(folder.path().join(format!("images/{name}.png")), &image).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("annotations.csv", "image,x,y,w,h,class\na.png,16,8,32,16,dog\nc.png,-8,0,16,16,cat\na.png,0,0,8,8,cat\n");
    write("images.csv", "image,split\na.png,train\nb.png,test\nc.png,train\n");
    write("labels/a.txt", "1 0.5 0.5 0.5 0.5\n\n0 0.0625 0.125 0.125 0.25\n");
    write("labels/c.txt", "0 0 0.25 0.25 0.5");
    let json = r#"{"images": [{"id": 7, "file_name": "a.png"}, {"id": 3, "file_name": "b.png"}, {"id": 9, "file_name": "c.png"}],
        "categories": [{"id": 20, "name": "dog"}, {"id": 4, "name": "cat"}],
        "annotations": [{"image_id": 7, "category_id": 20, "bbox": [16, 8, 32.0, 16]},
            {"image_id": 7, "category_id": 20, "bbox": [0, 0, 64, 32], "iscrowd": 1},
            {"image_id": 9, "category_id": 4, "bbox": [-8, 0, 16, 16], "iscrowd": 0},
            {"image_id": 7, "category_id": 4, "bbox": [0, 0, 8, 8]}]}"#;
    write("boxes.json", json);
    folder
}

fn yolo(folder: &Path) -> fusion::Result<Set> {
    Set::from_yolo(folder.join("images"), folder.join("labels"), ["cat", "dog"])
}

fn coco(folder: &Path) -> fusion::Result<Set> {
    Set::from_coco(folder.join("boxes.json"), folder.join("images"))
}

#[test]
fn three_forms_of_one_set() {
    let folder = folder();
    let path = folder.path();
    let object = |x1, y1, x2, y2, class| Labelled { bbox: BBox::new(x1, y1, x2, y2), class };
    // Half as large, with 8 rows of grey above.
    let a = vec![object(8.0, 12.0, 24.0, 20.0, 1), object(0.0, 8.0, 4.0, 12.0, 0)];
    let want = vec![a, vec![], vec![object(0.0, 8.0, 4.0, 16.0, 0)]];
    for set in [Set::from_csv(path, None).unwrap(), yolo(path).unwrap(), coco(path).unwrap()] {
        assert_eq!((set.classes(), set.num_samples(), set.num_objects()), (&["cat".into(), "dog".into()][..], 3, 3));
        let (x, objects) = set.batch(&[0, 1, 2]).unwrap();
        assert_eq!(objects, want);
        assert_eq!((x.get(&[1, 0, 0, 0]), x.get(&[1, 2, 15, 31])), (Some(128), Some(b'b')));
        let (_, turned) = set.batch(&[2, 0, 2]).unwrap();
        assert_eq!(turned, [want[2].clone(), want[0].clone(), want[2].clone()]);
        assert_eq!(set.load().unwrap().target_names(), ["cat", "dog"]);
        assert!(set.files().eq(["a", "b", "c"].map(|name| path.join(format!("images/{name}.png")))));
    }
    let train = Set::from_csv(path, Some("train")).unwrap().letterbox(Letterbox::new().stretch());
    assert_eq!((train.num_samples(), train.classes().len()), (2, 2));
    assert_eq!(train.batch(&[1]).unwrap().1[0], [object(0.0, 0.0, 4.0, 16.0, 0)]);
    assert_eq!(Set::from_csv(path, Some("test")).unwrap().num_objects(), 0);
}

#[test]
fn a_loader_serves_it() {
    let folder = folder();
    let loader = |workers| {
        let set = Set::from_csv(folder.path(), None).unwrap();
        DataLoader::new(set, 2).shuffle(5).transform(Mosaic::new(1.0, 0.5..=1.0)).workers(workers)
    };
    let all = |workers| -> Vec<(Vec<u8>, Vec<Vec<Labelled>>)> {
        loader(workers).epoch(0).map(|batch| batch.map(|(x, y)| (x.to_vec(), y)).unwrap()).collect()
    };
    let plain = all(0);
    assert_eq!(plain.iter().map(|(_, y)| y.len()).collect::<Vec<_>>(), [2, 1]);
    assert!(plain == all(2));
}

/// Writes a file anew and looks what is said about it.
fn said(name: &str, text: &str, open: impl Fn(&Path) -> fusion::Result<Set>) -> String {
    let folder = folder();
    fs::write(folder.path().join(name), text).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn mistakes_in_tables() {
    let csv = |text: &str| said("annotations.csv", text, |path| Set::from_csv(path, None));
    assert_eq!(csv("image,x,y,w\na.png,1,2,3\n"), "annotations.csv: there is no column h");
    assert_eq!(csv("image,x,y,w,h\na.png,1,2,3,x\n"), "annotations.csv: row 1: column h: \"x\" is no finite number");
    assert_eq!(
        csv("image,x,y,w,h\na.png,1,2,3,1e99\n"),
        "annotations.csv: row 1: column h: \"1e99\" is no finite number"
    );
    assert_eq!(csv("image,x,y,w,h\nd.png,1,2,3,4\n"), "annotations.csv: row 1: images.csv has no image d.png");
    let images = |text: &str, split| said("images.csv", text, move |path| Set::from_csv(path, split));
    assert_eq!(images("image\n../x.png\n", None), "images.csv: row 1: \"../x.png\" is no image in the folder");
    assert_eq!(
        images("image\na.png\na.png\n", None),
        "images.csv: row 2: image a.png stands there for the second time"
    );
    assert_eq!(images("image\na.png\n", Some("train")), "images.csv: there is no column split");
    assert!(images("image,split\na.png,x\nc.png,x\n", Some("train")).ends_with("has no image of the split train"));
}

#[test]
fn mistakes_in_texts() {
    let text = |text: &str| said("labels/a.txt", text, yolo);
    assert_eq!(text("0 0.5 0.5 0.1 0.1\n1 2 3"), "labels/a.txt: line 2: 3 words, and it has five: class, x, y, w, h");
    assert_eq!(text("x 0 0 0 0"), "labels/a.txt: line 1: \"x\" is no number of a class");
    assert_eq!(text("2 0 0 0 0"), "labels/a.txt: line 1: class 2, but there are 2 classes (0 to 1)");
    let part = "is no part of the width or the height: a number from 0 to 1";
    assert_eq!(text("1 0 0 0 416"), format!("labels/a.txt: line 1: \"416\" {part}"));
    assert_eq!(text("1 0 0 0 nan"), format!("labels/a.txt: line 1: \"nan\" {part}"));
}

#[test]
fn mistakes_in_json() {
    let json = |text: &str| said("boxes.json", text, coco);
    assert!(json("{").starts_with("boxes.json: EOF"));
    assert_eq!(json("{}"), "boxes.json: has no list `categories`");
    let with = |annotation: &str| {
        json(&format!(
            r#"{{"images": [{{"id": 1, "file_name": "a.png"}}], "categories": [{{"id": 1, "name": "x"}}], "annotations": [{annotation}]}}"#
        ))
    };
    let at = "boxes.json: entry 0 of `annotations`";
    assert_eq!(with("3"), format!("{at}: it has no `image_id` that is a whole number"));
    assert_eq!(with(r#"{"image_id": 2, "category_id": 1}"#), format!("{at}: there is no image 2"));
    assert_eq!(with(r#"{"image_id": 1, "category_id": 2}"#), format!("{at}: there is no category 2"));
    let short = r#"{"image_id": 1, "category_id": 1, "bbox": [1, 2, "3", 4]}"#;
    assert_eq!(with(short), format!("{at}: it has no `bbox` of four numbers"));
    let out = r#"{"images": [{"id": 1, "file_name": "../a.png"}], "categories": []}"#;
    assert_eq!(json(out), "boxes.json: entry 0 of `images`: its name leads out of the folder");
    assert_eq!(json(r#"{"images": [], "categories": [], "annotations": []}"#), "boxes.json: has no images");
}

#[test]
fn images_that_are_none() {
    let folder = folder();
    fs::write(folder.path().join("images/b.png"), "no image").unwrap();
    let set = Set::from_csv(folder.path(), None).unwrap();
    assert!(set.batch(&[0]).is_ok());
    assert!(set.batch(&[0, 1]).unwrap_err().to_string().contains("b.png"));
}

#[test]
fn the_faces() {
    let Some(data) = std::env::var_os("FUSION_DATA").map(PathBuf::from) else {
        return println!("skipped: FUSION_DATA does not say where the data sets lie");
    };
    let faces = |split| DetectionFolder::<dim!(80), dim!(80)>::from_csv(data.join("faces-small"), split).unwrap();
    let (all, train, test) = (faces(None), faces(Some("train")), faces(Some("test")));
    assert_eq!((all.num_samples(), train.num_samples(), test.num_samples()), (3000, 2700, 300));
    assert_eq!((all.num_objects(), train.num_objects() + test.num_objects()), (3286, 3286));
    let (x, objects) = test.batch(&[0, 299]).unwrap();
    assert_eq!(x.shape(), [2, 3, 80, 80]);
    assert!(objects.iter().all(|list| !list.is_empty()));
    let wider = DetectionFolder::<dim!(416), dim!(416)>::from_csv(data.join("faces-wider"), Some("test")).unwrap();
    assert_eq!(wider.num_samples(), 40);
}
