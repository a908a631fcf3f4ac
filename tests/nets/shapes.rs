//! The shape rules against PyTorch's, over the grid of `goldens/shapes.py`.

use crate::formula::{golden, list, sizes};
use fusion_rules::{DYN, Dims, Mistake, SAME, Window};
use fusion_rules::{
    adaptive_pool2d, attention, batch_norm2d, concat, conv_transpose2d, conv2d, embedding, flatten, global_pool2d,
    layer_norm, linear, pool2d, upsample,
};
use serde_json::Value as Json;

/// What our rule says of a layer with these arguments in front of `x`.
fn rule(layer: &str, args: &Json, x: Dims, other: Option<Dims>) -> Result<Dims, Mistake> {
    let arg = |name: &str, default: usize| match &args[name] {
        Json::Null => default,
        Json::String(word) if word == "same" => SAME,
        n => n.as_u64().unwrap_or_else(|| panic!("{layer}: {name} = {n}")) as usize,
    };
    let needed = |name: &str| arg(name, usize::MAX);
    let kernel = arg("kernel_size", 0);
    let stride = if layer.ends_with("Pool2d") { kernel } else { 1 };
    let stride = arg("stride", stride);
    let window = Window { kernel, stride, padding: arg("padding", 0), dilation: arg("dilation", 1) };
    match layer {
        "Linear" => linear(needed("in_features"), needed("out_features"), x),
        "Conv2d" => conv2d(needed("in_channels"), needed("out_channels"), window, arg("groups", 1), x),
        "ConvTranspose2d" => {
            let (takes, gives) = (needed("in_channels"), needed("out_channels"));
            conv_transpose2d(takes, gives, window, arg("output_padding", 0), arg("groups", 1), x)
        }
        "MaxPool2d" | "AvgPool2d" => pool2d(window, x),
        "AdaptiveAvgPool2d" | "AdaptiveMaxPool2d" => {
            let [height, width] = match &args["output_size"] {
                Json::Array(pair) => [&pair[0], &pair[1]].map(|n| n.as_u64().expect("a size") as usize),
                _ => [needed("output_size"); 2],
            };
            adaptive_pool2d(height, width, x)
        }
        "GlobalAvgPool2d" => global_pool2d(x),
        "BatchNorm2d" => batch_norm2d(needed("num_features"), x),
        "LayerNorm" => layer_norm(sizes(&args["normalized_shape"])[0], x),
        "Upsample" => upsample(needed("scale_factor"), x),
        "Embedding" => embedding(needed("embedding_dim"), x),
        "MultiheadAttention" => attention(needed("embed_dim"), needed("num_heads"), x),
        "Flatten" => flatten(x),
        "cat" => concat(x, other.expect("a second tensor"), needed("dim")),
        "ReLU" | "LeakyReLU" | "GELU" | "SiLU" | "Softmax" | "Dropout" => Ok(x),
        other => panic!("no rule for {other}"),
    }
}

/// Of known sizes our rules say what PyTorch says. Where one size or every one is known only at run time, they accept
/// what PyTorch accepts, and know no other size.
#[test]
fn rules_say_what_pytorch_says() {
    let golden = golden("shapes.json");
    let (mut accepted, mut refused, mut wrong) = (0, 0, vec![]);
    for line in list(&golden["cases"]) {
        let (layer, args) = (line["layer"].as_str().expect("a name"), &line["args"]);
        let (x, other) = (Dims::new(&sizes(&line["input"])), line.get("other").map(|other| Dims::new(&sizes(other))));
        let found = rule(layer, args, x, other);
        let want = match &line["output"] {
            Json::Null => None,
            output => Some(Dims::new(&sizes(output))),
        };
        if found.ok() != want {
            let said = found.map_or_else(|mistake| mistake.to_string(), |y| format!("{:?}", y.as_slice()));
            wrong.push(format!("{line}: {said}"));
        }
        let Some(want) = want else {
            refused += 1;
            continue;
        };
        accepted += 1;
        for unknown in 0..=x.rank {
            let all = unknown == x.rank;
            let blur = (0..x.rank).filter(|&axis| all || axis == unknown).fold(x, |x, axis| x.with(axis, DYN));
            match rule(layer, args, blur, other) {
                Ok(y)
                    if y.rank == want.rank
                        && y.as_slice().iter().zip(want.as_slice()).all(|(y, w)| *y == DYN || y == w) => {}
                Ok(y) => wrong.push(format!("{line} with {:?}: {:?}", blur.as_slice(), y.as_slice())),
                Err(mistake) => wrong.push(format!("{line} with {:?}: {mistake}", blur.as_slice())),
            }
        }
    }
    assert!(accepted > 1000 && refused > 400);
    let shown = wrong.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} answers are not PyTorch's:\n{shown}", wrong.len());
}
