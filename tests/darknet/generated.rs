//! What `Cfg::model` writes of each `.cfg` of this folder, compiled as it is.

/// The description, the model's name, and the file that holds its text.
pub const ALL: [(&str, &str, &str); 6] = [
    ("yolov3.cfg", "YoloV3", "yolov3.rs"),
    ("yolov3-tiny.cfg", "YoloV3Tiny", "yolov3_tiny.rs"),
    ("yoloface-500k.cfg", "YoloFace500k", "yoloface_500k.rs"),
    ("yoloface-500k-v2.cfg", "YoloFace500kV2", "yoloface_500k_v2.rs"),
    ("MobileNetV2-YOLOv3-Nano-voc.cfg", "NanoVoc", "nano_voc.rs"),
    ("MobileNetV2-YOLOv3-Nano-coco.cfg", "NanoCoco", "nano_coco.rs"),
];

#[rustfmt::skip]
#[path = "yolov3.rs"]
mod yolov3;
#[rustfmt::skip]
#[path = "yolov3_tiny.rs"]
mod yolov3_tiny;
#[rustfmt::skip]
#[path = "yoloface_500k.rs"]
mod yoloface_500k;
#[rustfmt::skip]
#[path = "yoloface_500k_v2.rs"]
mod yoloface_500k_v2;
#[rustfmt::skip]
#[path = "nano_coco.rs"]
mod nano_coco;
#[rustfmt::skip]
#[path = "nano_voc.rs"]
mod nano_voc;

pub use nano_coco::NanoCoco;
pub use nano_voc::NanoVoc;
pub use yoloface_500k::YoloFace500k;
pub use yoloface_500k_v2::YoloFace500kV2;
pub use yolov3::YoloV3;
pub use yolov3_tiny::YoloV3Tiny;
