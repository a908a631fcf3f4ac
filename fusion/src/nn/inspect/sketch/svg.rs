//! The drawing as a picture.
//!
//! Networks are sequences of layers and of branches that meet again, so the layout is a recursion: each piece becomes a
//! block with a line through it, its spine, and blocks are put one below another with their spines in line, or side by
//! side between a fork and a meeting point. All lengths are whole pixels.

use super::{Holder, Item, Kind, Sketch, Step, sizes_text};
use crate::nn::module::visit::LayerKind;
use std::fmt::{self, Write};

const GAP: i32 = 26;
const PAD: i32 = 12;
const HEADER: i32 = 24;
/// Of the circle where branches meet.
const RADIUS: i32 = 9;
/// Between branches, and between a branch and the lines that pass it.
const GUTTER: i32 = 22;
/// Of the corners of lines.
const TURN: i32 = 10;
/// Colours that read on white and on black, for lines and for what is written beside them.
const LINE: &str = "#7d8794";
const BESIDE: &str = "#74808e";
/// What is written in boxes, which are light.
const INK: &str = "#1b2430";
const MIDDLE: &str = "text-anchor=\"middle\"";

/// A part of the picture, in coordinates of its own. A line enters it at the top, at `spine`, and leaves it at the
/// bottom, there too.
struct Block {
    width: i32,
    height: i32,
    spine: i32,
    /// Whether the line that enters ends here, with an arrow's head.
    arrow: bool,
    /// Whether it begins with the result of an earlier layer, so that no line enters.
    begins: bool,
    /// Whether it sticks to what is above it.
    sticks: bool,
    /// The sizes of what leaves it, where they are new.
    label: String,
    body: String,
}

macro_rules! draw {
    ($body:expr, $($text:tt)*) => { write!($body, $($text)*).expect("a string takes all") };
}

/// XML's escapes; what XML cannot hold is left out.
struct Xml<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().filter(|c| !c.is_control()).try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            c => f.write_char(c),
        })
    }
}

/// The width of a text in a sans-serif font of this size, a little generous: fonts differ.
fn width(text: &str, size: i32) -> i32 {
    let each = |c| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | ' ' => 34,
        'f' | 'r' | 't' | '(' | ')' | 'I' | '-' => 42,
        'm' | 'w' | 'M' | 'W' | '×' | '→' => 88,
        'A'..='Z' => 70,
        _ => 62,
    };
    text.chars().map(each).sum::<i32>() * size / 100 + 1
}

fn bold(text: &str, size: i32) -> i32 {
    width(text, size) * 21 / 20
}

/// Fill and border of what has no colour of its own.
pub(super) const PLAIN: (&str, &str) = ("#e4e8ed", "#8a95a3");

/// Fill and border.
pub(super) fn colours(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Block => ("#f0dde2", "#ad7b8b"),
        Kind::Function => PLAIN,
        Kind::Layer(kind) => match kind {
            LayerKind::Convolution => ("#c9dcf2", "#5f87b8"),
            LayerKind::Linear | LayerKind::Embedding | LayerKind::Attention => ("#dbd4ef", "#8a77b5"),
            LayerKind::Norm => ("#e6e5da", "#a09f8c"),
            LayerKind::Activation => ("#f5dcbc", "#c68f4e"),
            LayerKind::Pooling => ("#cfe6cf", "#6d9f70"),
            _ => PLAIN,
        },
    }
}

/// Whether a layer is drawn as a narrow band: it changes numbers, not shapes.
fn is_band(step: &Step) -> bool {
    match step.kind {
        Kind::Layer(LayerKind::Norm | LayerKind::Activation | LayerKind::Dropout) => true,
        // The same numbers as one axis.
        Kind::Layer(LayerKind::Shape) => step.output.len() == 1,
        _ => false,
    }
}

fn count(step: &Step) -> String {
    step.count.map_or(String::new(), |count| format!("{count} × "))
}

/// What stands in a layer's box: its type, its name, its arguments.
fn lines(step: &Step) -> (String, &str, String) {
    let mut kind = format!("{}{}", count(step), step.head);
    let mut arguments = step.words.clone();
    if is_band(step) {
        if step.kind != Kind::Layer(LayerKind::Norm) && !arguments.is_empty() {
            kind = format!("{kind} {arguments}");
        }
        arguments.clear();
    }
    (kind, &step.name, arguments)
}

/// The size of the letters of a layer's first line.
fn letters(step: &Step) -> i32 {
    if is_band(step) { 10 } else { 12 }
}

/// The width that a box needs.
fn needs(step: &Step) -> i32 {
    let (kind, name, arguments) = lines(step);
    let size = letters(step);
    title(&kind, name, size).max(width(&arguments, 10)) + 2 * PAD
}

fn line(body: &mut String, x: i32, from: i32, to: i32, arrow: bool) {
    if from < to {
        draw!(body, "<path d=\"M{x} {from}V{to}\"/>");
    }
    if arrow {
        draw!(body, "<path d=\"M{} {}L{x} {to}L{} {}\"/>", x - 4, to - 6, x + 4, to - 6);
    }
}

fn beside(body: &mut String, x: i32, y: i32, text: &str) {
    if text.is_empty() {
        return;
    }
    draw!(
        body,
        "<text x=\"{}\" y=\"{y}\" font-size=\"10\" fill=\"{BESIDE}\" stroke=\"none\">{}</text>",
        x + 7,
        Xml(text)
    );
}

fn put(body: &mut String, x: i32, y: i32, block: &Block) {
    draw!(body, "<g transform=\"translate({x} {y})\">{}</g>", block.body);
}

/// A box with rounded corners; behind it two more, if it stands for several.
fn frame(body: &mut String, [w, h]: [i32; 2], repeated: bool, style: &str) {
    if repeated {
        for at in [2, 1] {
            let (x, y, h) = (w - 12 + 5 * at, 3 * at, h - 6 * at);
            draw!(body, "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"{h}\" rx=\"4\" {style}/>");
        }
    }
    draw!(body, "<rect width=\"{w}\" height=\"{h}\" rx=\"4\" {style}/>");
}

/// `kind` in bold that ends where `name` begins, with a space between them: measured texts would overlap otherwise.
fn heading(body: &mut String, [x, y]: [i32; 2], size: i32, kind: &str, name: &str) {
    let (end, more) = (x + bold(kind, size), Xml(name));
    let kind = Xml(kind);
    match name.is_empty() {
        true => draw!(body, "<text x=\"{}\" y=\"{y}\" {MIDDLE}", (x + end) / 2),
        false => draw!(body, "<text x=\"{end}\" y=\"{y}\" text-anchor=\"end\""),
    }
    draw!(body, " font-size=\"{size}\" font-weight=\"bold\" fill=\"{INK}\" stroke=\"none\">{kind}</text>");
    if !name.is_empty() {
        let x = end + 6;
        draw!(body, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"#51606f\" stroke=\"none\">{more}</text>");
    }
}

/// The width of a heading.
fn title(kind: &str, name: &str, size: i32) -> i32 {
    bold(kind, size) + if name.is_empty() { 0 } else { 6 + width(name, size) }
}

/// A layer as a box.
fn layer(step: &Step, column: i32) -> Block {
    let (kind, name, arguments) = lines(step);
    let (band, size) = (is_band(step), letters(step));
    let width = column.max(needs(step));
    let height = if band {
        17
    } else if arguments.is_empty() {
        28
    } else {
        38
    };
    let (fill, border) = colours(step.kind);
    let mut body = String::new();
    let path = if step.path.is_empty() { String::new() } else { format!("{}: ", step.path) };
    let tip = format!("{path}{}{}, gives {}", count(step), step.text, sizes_text(&step.output, " × "));
    draw!(body, "<g><title>{}</title>", Xml(&tip));
    let repeated = step.count.is_some();
    frame(&mut body, [width, height], repeated, &format!("fill=\"{fill}\" stroke=\"{border}\""));
    let (x, y) = (width / 2, if band { 12 } else { 18 });
    let left = x - title(&kind, name, size) / 2;
    heading(&mut body, [left, y], size, &kind, name);
    if !arguments.is_empty() {
        let text = Xml(&arguments);
        draw!(body, "<text x=\"{x}\" y=\"31\" {MIDDLE} font-size=\"10\" fill=\"{INK}\" stroke=\"none\">{text}</text>");
    }
    body.push_str("</g>");
    let sticks = band && step.input == step.output;
    let right = if repeated { 10 } else { 0 };
    Block { width: width + right, height, spine: x, arrow: true, begins: false, sticks, label: String::new(), body }
}

/// What goes in or comes out, in a rounded frame.
fn pill(name: &str, sizes: &[usize]) -> Block {
    let sizes = sizes_text(sizes, " × ");
    let text = if name.is_empty() || sizes.is_empty() { format!("{name}{sizes}") } else { format!("{name}: {sizes}") };
    let (w, h) = (width(&text, 11) + 20, 22);
    let mut body = String::new();
    draw!(body, "<rect width=\"{w}\" height=\"{h}\" rx=\"11\" fill=\"#8a95a3\" fill-opacity=\"0.18\"/>");
    let (x, text) = (w / 2, Xml(&text));
    draw!(body, "<text x=\"{x}\" y=\"15\" {MIDDLE} font-size=\"11\" fill=\"{BESIDE}\" stroke=\"none\">{text}</text>");
    Block { width: w, height: h, spine: x, arrow: true, begins: false, sticks: false, label: String::new(), body }
}

/// An output that leaves the line at its side.
fn tap(name: &str, sizes: &[usize], column: i32) -> Block {
    let (spine, pill) = (column / 2, pill(name, sizes));
    let (end, mut body) = (column + GUTTER, String::new());
    draw!(
        body,
        "<circle cx=\"{spine}\" cy=\"15\" r=\"2.5\" fill=\"{LINE}\"/><path d=\"M{spine} 0V30M{spine} 15H{end}\"/>"
    );
    draw!(body, "<path d=\"M{} 11L{end} 15L{} 19\"/>", end - 6, end - 6);
    put(&mut body, end, 4, &pill);
    Block {
        width: end + pill.width,
        height: 30,
        spine,
        arrow: false,
        begins: false,
        sticks: true,
        label: String::new(),
        body,
    }
}

/// One below another.
fn stack(blocks: Vec<Block>) -> Block {
    let spine = blocks.iter().map(|block| block.spine).max().unwrap_or(0);
    let arrow = blocks.first().is_none_or(|block| block.arrow);
    let begins = blocks.first().is_some_and(|block| block.begins);
    let (mut right, mut y, mut body, mut label) = (0, 0, String::new(), String::new());
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 && !block.sticks {
            if !block.begins {
                line(&mut body, spine, y, y + GAP, block.arrow);
            }
            beside(&mut body, spine, y + GAP / 2 + 3, &label);
            right = right.max(if label.is_empty() { 0 } else { 8 + width(&label, 10) });
            (y, label) = (y + GAP, String::new());
        }
        put(&mut body, spine - block.spine, y, block);
        y += block.height;
        right = right.max(block.width - block.spine);
        if !block.label.is_empty() {
            label.clone_from(&block.label);
        }
    }
    Block { width: spine + right, height: y, spine, arrow, begins, sticks: false, label, body }
}

fn sequence(items: &[Item], taken: &[usize]) -> Vec<Block> {
    let boxes = items.iter().filter_map(|item| match item {
        Item::Step(step) if step.inner.is_empty() => Some(needs(step)),
        _ => None,
    });
    let column = boxes.max().unwrap_or(0);
    let mut sizes = taken.to_vec();
    let last = items.len().saturating_sub(1);
    let mut blocks: Vec<Block> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let after = item.after(&sizes);
        let mut block = match item {
            Item::Step(step) if step.inner.is_empty() => layer(step, column),
            Item::Step(step) => {
                let (kind, name, arguments) = (&step.head, &step.name, step.words.clone());
                let kind = format!("{}{kind}", count(step));
                let name = [name.as_str(), &arguments].iter().filter(|s| !s.is_empty()).copied().collect::<Vec<_>>();
                cluster([&kind, &name.join("  ")], step.count.is_some(), step.kind, &step.inner, &step.input)
            }
            Item::Part(Holder::Group(name), items) => cluster([name, ""], false, Kind::Function, items, &sizes),
            Item::Part(Holder::Branch, items) => stack(sequence(items, &sizes)),
            Item::Part(holder, branches) => meet(*holder == Holder::Sum, branches, &sizes),
            Item::Output(name) if i == last => pill(name, &sizes),
            Item::Output(name) => tap(name, &sizes, column),
            Item::Keep(path) => tap(last_word(path), &sizes, column),
            Item::Tap(path, sizes) => Block { begins: true, ..pill(&format!("@{}", last_word(path)), sizes) },
        };
        block.label = if after == sizes { String::new() } else { sizes_text(&after, " × ") };
        match (item, blocks.last_mut()) {
            // An output says its sizes itself.
            (Item::Output(_) | Item::Keep(_), Some(before)) => before.label.clear(),
            // So does a result that is taken up again.
            (Item::Tap(..), _) => block.label.clear(),
            // A band sticks to a box.
            (Item::Step(_), _) => block.sticks &= i > 0 && matches!(&items[i - 1], Item::Step(s) if s.inner.is_empty()),
            _ => {}
        }
        sizes = after;
        blocks.push(block);
    }
    blocks
}

/// `up` of `neck.up`.
fn last_word(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A frame with a header around a sequence.
fn cluster([head, name]: [&str; 2], repeated: bool, kind: Kind, items: &[Item], taken: &[usize]) -> Block {
    let inner = stack(sequence(items, taken));
    let wanted = title(head, name, 11) + 2 * PAD;
    let box_width = (inner.width + 2 * PAD).max(wanted);
    let left = (box_width - inner.width) / 2;
    let (spine, top) = (left + inner.spine, HEADER + 14);
    let height = top + inner.height + 14;
    let (fill, border) = colours(kind);
    let mut body = String::new();
    frame(
        &mut body,
        [box_width, height],
        repeated,
        &format!("fill=\"#8a95a3\" fill-opacity=\"0.1\" stroke=\"{LINE}\""),
    );
    draw!(
        body,
        "<path d=\"M0 {HEADER}V4Q0 0 4 0H{}Q{box_width} 0 {box_width} 4V{HEADER}Z\" fill=\"{fill}\" \
         stroke=\"{border}\"/>",
        box_width - 4
    );
    heading(&mut body, [PAD, 16], 11, head, name);
    line(&mut body, spine, HEADER, top, inner.arrow);
    put(&mut body, left, top, &inner);
    line(&mut body, spine, top + inner.height, height, false);
    let width = box_width + if repeated { 10 } else { 0 };
    Block { width, height, spine, arrow: true, begins: false, sticks: false, label: String::new(), body }
}

/// From the fork at `x`, `y` sideways to `to`, then down to `end`.
fn fork(body: &mut String, [x, y]: [i32; 2], to: i32, end: i32) {
    let turn = TURN.min((to - x).abs());
    draw!(body, "<path d=\"M{x} {y}H{}Q{to} {y} {to} {}V{end}\"/>", to - turn * (to - x).signum(), y + turn);
}

/// From `x`, `y` down and sideways to the circle at `to`, `end`.
fn join(body: &mut String, [x, y]: [i32; 2], [to, end]: [i32; 2]) {
    let side = (to - x).signum();
    let (turn, tip) = (TURN.min((to - x).abs() - RADIUS).max(0), to - side * RADIUS);
    draw!(body, "<path d=\"M{x} {y}V{}Q{x} {end} {} {end}H{tip}\"/>", end - turn, x + side * turn);
    draw!(body, "<path d=\"M{0} {1}L{tip} {end}L{0} {2}\"/>", tip - 6 * side, end - 4, end + 4);
}

/// Branches side by side, from a fork to a circle. A branch without layers is a line that passes the others.
fn meet(sum: bool, branches: &[Item], taken: &[usize]) -> Block {
    let ways = branches.iter().filter_map(|branch| match branch {
        Item::Part(_, items) if items.is_empty() => None,
        item => Some(sequence(std::slice::from_ref(item), taken).remove(0)),
    });
    let drawn: Vec<_> = ways.collect();
    let passing = branches.len() - drawn.len();
    let (mut x, mut places) = (0, Vec::new());
    for block in &drawn {
        places.push(x + block.spine);
        let label = if block.label.is_empty() { 0 } else { block.spine + 8 + width(&block.label, 10) };
        x += block.width.max(label) + GUTTER;
    }
    // Two that pass around nothing: one is the spine.
    let (spine, passing) = match (places.first(), places.last()) {
        (Some(first), Some(last)) => ((first + last) / 2, passing),
        _ => (RADIUS, passing.saturating_sub(1)),
    };
    let tallest = drawn.iter().map(|block| block.height).max().unwrap_or(0);
    let top = if drawn.len() > 1 { GAP } else { 18 };
    let centre = top + tallest + GAP + RADIUS;
    let mut body = String::new();
    if drawn.is_empty() {
        line(&mut body, spine, 0, centre - RADIUS, true);
    }
    for (block, &at) in drawn.iter().zip(&places) {
        let start = top + (tallest - block.height) / 2;
        let end = start + block.height;
        match (at - spine).abs() <= RADIUS {
            true => {
                if !block.begins {
                    line(&mut body, at, 0, start, block.arrow);
                }
                line(&mut body, at, end, centre - RADIUS, true);
            }
            false => {
                if !block.begins {
                    fork(&mut body, [spine, 0], at, start);
                    line(&mut body, at, start, start, block.arrow);
                }
                join(&mut body, [at, end], [spine, centre]);
            }
        }
        put(&mut body, at - block.spine, start, block);
        beside(&mut body, at, end + GAP / 2 + 1, &block.label);
    }
    let mut right = (x - GUTTER).max(spine + RADIUS);
    for _ in 0..passing {
        right += 16;
        fork(&mut body, [spine, 0], right, top);
        join(&mut body, [right, top], [spine, centre]);
    }
    draw!(body, "<circle cx=\"{spine}\" cy=\"{centre}\" r=\"{RADIUS}\"/>");
    let arm = RADIUS - 4;
    draw!(body, "<path d=\"M{spine} {}V{}\" stroke-width=\"1.6\"/>", centre - arm, centre + arm);
    if sum {
        draw!(body, "<path d=\"M{} {centre}H{}\" stroke-width=\"1.6\"/>", spine - arm, spine + arm);
    }
    Block {
        width: right + 2,
        height: centre + RADIUS,
        spine,
        arrow: false,
        begins: false,
        sticks: false,
        label: String::new(),
        body,
    }
}

impl Sketch {
    /// The drawing as a picture: an SVG that stands for itself, without a background, in colours that read on white and
    /// on black. Layers follow each other from top to bottom, branches stand side by side, a branch without layers is a
    /// line past the others; normalisation and activations are bands below their layer; sizes stand where they change.
    pub fn svg(&self) -> String {
        let items = self.shown();
        let mut blocks = vec![pill("", &self.input)];
        blocks.extend(sequence(&items, &self.input));
        if !matches!(items.last(), Some(Item::Output(_))) {
            let sizes = super::after(&items, &self.input);
            if let Some(last) = blocks.last_mut() {
                last.label.clear();
            }
            blocks.push(pill("", &sizes));
        }
        let net = stack(blocks);
        let title = bold(&self.name, 14);
        let inner = net.width.max(title);
        let (w, h, left) = (inner + 2 * PAD, net.height + 2 * PAD + 30, PAD + (inner - net.width) / 2);
        let mut svg = String::new();
        draw!(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\n");
        draw!(
            svg,
            "<g font-family=\"Helvetica, Arial, sans-serif\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"1.2\">\n"
        );
        // The spine is in the middle of the title too, if there is room.
        let middle = (left + net.spine).clamp(PAD + title / 2, w - PAD - title / 2);
        draw!(
            svg,
            "<text x=\"{middle}\" y=\"{}\" {MIDDLE} font-size=\"14\" font-weight=\"bold\" fill=\"{BESIDE}\" \
             stroke=\"none\">{}</text>\n",
            PAD + 14,
            Xml(&self.name)
        );
        put(&mut svg, left, PAD + 30, &net);
        svg.push_str("\n</g>\n</svg>\n");
        svg
    }
}
