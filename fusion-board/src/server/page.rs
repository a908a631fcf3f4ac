//! The page's files, which are part of the program.

use fusion_web::File;

macro_rules! files {
    ($($name:literal)*) => {
        &[
            File { path: "/", text: include_str!("../../page/index.html") },
            $(File { path: concat!("/", $name), text: include_str!(concat!("../../page/", $name)) },)*
        ]
    };
}

/// All that a browser loads.
pub const FILES: &[File] = files! {
    "app.js"
    "board.css"
    "data.js"
    "data/cloud.js"
    "data/distributions.js"
    "data/matrix.js"
    "data/overview.js"
    "data/pictures.js"
    "data/projection.js"
    "data/relations.js"
    "dom.js"
    "network.js"
    "network/detail.js"
    "network/drawing.js"
    "network/figures.js"
    "network/findings.js"
    "network/graph.js"
    "network/layout.js"
    "network.css"
    "one.js"
    "plot.js"
    "plot/bars.js"
    "plot/figure.js"
    "plot/heat.js"
    "plot/images.js"
    "plot/line.js"
    "plot/part.js"
    "plot/save.js"
    "plot/scale.js"
    "plot/scatter.js"
    "predictions.js"
    "predictions/classes.js"
    "predictions/matrix.js"
    "predictions/wrong.js"
    "runs.js"
    "runs/curves.js"
    "runs/media.js"
    "runs/tables.js"
    "theme.js"
};
