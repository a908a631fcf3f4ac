//! One box, and what is known of what it holds.

/// A box in an image by two corners, in pixels: x to the right, y downwards, from the image's upper left corner. Pixel (0, 0)
/// reaches from 0 to 1.
///
/// ```
/// use fusion::vision::BBox;
///
/// let face = BBox::from_xywh(10.0, 20.0, 30.0, 40.0);
/// assert_eq!(face, BBox::new(10.0, 20.0, 40.0, 60.0));
/// assert_eq!((face.width(), face.area(), face.center()), (30.0, 1200.0, [25.0, 40.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BBox {
    /// The left edge.
    pub x1: f32,
    /// The upper edge.
    pub y1: f32,
    /// The right edge.
    pub x2: f32,
    /// The lower edge.
    pub y2: f32,
}

impl BBox {
    /// From the upper left corner to the lower right one.
    pub const fn new(x1: f32, y1: f32, x2: f32, y2: f32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// From the upper left corner, the width and the height: COCO's form.
    pub const fn from_xywh(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::new(x, y, x + width, y + height)
    }

    /// From the centre, the width and the height: YOLO's form.
    pub const fn from_cxcywh(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::new(x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0)
    }

    /// How wide it is; below 0 if the corners are in the wrong order.
    pub const fn width(&self) -> f32 {
        self.x2 - self.x1
    }

    /// How high it is; below 0 if the corners are in the wrong order.
    pub const fn height(&self) -> f32 {
        self.y2 - self.y1
    }

    /// Width times height; 0 if one of them is below 0.
    pub const fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Its middle, x and y.
    pub const fn center(&self) -> [f32; 2] {
        [(self.x1 + self.x2) / 2.0, (self.y1 + self.y2) / 2.0]
    }

    /// Does it have an area, and are all its numbers finite?
    pub const fn is_valid(&self) -> bool {
        self.width() > 0.0 && self.height() > 0.0 && self.width().is_finite() && self.height().is_finite()
    }

    /// What both hold, which has an area of 0 if they do not meet.
    #[must_use]
    pub const fn intersection(&self, other: &Self) -> Self {
        let (x1, y1) = (self.x1.max(other.x1), self.y1.max(other.y1));
        Self::new(x1, y1, self.x2.min(other.x2).max(x1), self.y2.min(other.y2).max(y1))
    }

    /// The area of the intersection over that of the union, from 0 to 1: Jaccard's index. 0 if both areas are 0.
    ///
    /// ```
    /// use fusion::vision::BBox;
    ///
    /// let (a, b) = (BBox::new(0.0, 0.0, 2.0, 2.0), BBox::new(1.0, 0.0, 3.0, 2.0));
    /// assert_eq!(a.iou(&b), 1.0 / 3.0);
    /// assert_eq!(BBox::default().iou(&BBox::default()), 0.0);
    /// ```
    #[doc(alias = "jaccard")]
    pub const fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other).area();
        let joined = self.area() + other.area() - shared;
        if joined > 0.0 { shared / joined } else { 0.0 }
    }

    /// The part of it inside of an image of this width and height. torchvision's `clip_boxes_to_image`.
    #[must_use]
    pub const fn clip(&self, width: f32, height: f32) -> Self {
        let (x1, y1) = (self.x1.clamp(0.0, width), self.y1.clamp(0.0, height));
        Self::new(x1, y1, self.x2.clamp(x1, width), self.y2.clamp(y1, height))
    }
}

/// A box that a network found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Detection {
    /// Where.
    pub bbox: BBox,
    /// How sure the network is, from 0 to 1.
    pub score: f32,
    /// The number of the class of what it holds.
    pub class: usize,
}

/// A box that is known to hold something.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Labelled {
    /// Where.
    pub bbox: BBox,
    /// The number of the class of what it holds.
    pub class: usize,
}
