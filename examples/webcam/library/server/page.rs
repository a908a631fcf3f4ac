//! The page's files, which are part of the program.

use fusion_web::File;

/// All that a browser loads.
pub const FILES: [File; 3] = [
    File { path: "/", text: include_str!("../../page/index.html") },
    File { path: "/webcam.js", text: include_str!("../../page/webcam.js") },
    File { path: "/webcam.css", text: include_str!("../../page/webcam.css") },
];
