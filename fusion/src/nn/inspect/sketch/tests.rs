//! Drawings are well formed and complete.

use super::*;
use crate::nn::Path;
use crate::prelude::*;

model! {
    Inner<C: Dim>: [C, H, W] -> [C, H, W] {
        _ + { conv1: Conv2d<_, C, 3, padding = 1>, bn1: BatchNorm2d<_>, Relu, conv2: Conv2d<_, C, 3, padding = 1> },
        Relu,
    }
}
model! {
    Net: [3, 8, 8] -> [10] {
        stem: Conv2d<_, 4, 3, padding = 1, bias = false>, Relu,
        first: Inner<4>,
        wide: { _ | { side: Conv2d<_, 2, 1> } | MaxPool2d<3, stride = 1, padding = 1> },
        squeeze: Conv2d<_, 6, 1>,
        more: 3 * Inner<6>,
        Flatten,
        Dropout<0.5>,
        fc: Linear<_, 10>,
    }
}
model! { Small: [4] -> [2] { fc1: Linear<_, 3>, Relu, _ + Linear<3, 3>, fc2: Linear<_, 2> } }
model! { Taps: [8] -> { small: [4], last: [2] } { Linear<_, 4>, small: Relu, last: Linear<_, 2> } }

fn net() -> Sketch {
    Net::init(&mut StdRng::seed_from_u64(0)).sketch()
}

/// The parts in quotes of a Graphviz text, and the text with each replaced by `@`. Panics where a quote stays open.
fn quotes(text: &str) -> (Vec<String>, String) {
    let (mut parts, mut rest, mut open, mut chars) = (Vec::new(), String::new(), None::<String>, text.chars());
    while let Some(c) = chars.next() {
        match (&mut open, c) {
            (None, '"') => open = Some(String::new()),
            (None, c) => rest.push(c),
            (Some(part), '"') => {
                parts.push(std::mem::take(part));
                rest.push('@');
                open = None;
            }
            (Some(part), '\\') => {
                let next = chars.next().expect("something is escaped");
                assert!("n\"\\".contains(next), "\\{next}");
                part.extend(['\\', next]);
            }
            (Some(part), c) => {
                assert!(c != '\n', "a quote is not closed: {part}");
                part.push(c);
            }
        }
    }
    assert!(open.is_none());
    (parts, rest)
}

/// Checks that every tag is closed in order and every `&` begins an escape; the texts outside of tags.
fn xml(text: &str) -> Vec<String> {
    let (mut open, mut texts, mut rest) = (Vec::new(), Vec::new(), text);
    while let Some((before, after)) = rest.split_once('<') {
        for (i, _) in before.match_indices('&') {
            assert!(["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|e| before[i..].starts_with(e)), "{before}");
        }
        assert!(!before.contains(['>', '"']), "{before}");
        if !before.trim().is_empty() {
            texts.push(before.to_owned());
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{before}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or(tag));
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    texts
}

#[test]
fn a_small_network_as_text() {
    let text = Small::init(&mut StdRng::seed_from_u64(0)).sketch().dot();
    let body: Vec<_> = text.lines().skip(3).collect();
    assert_eq!(
        body,
        [
            r#"  "n0" [label="input\n4", shape=plaintext, style=solid];"#,
            r##"  "n1" [label="fc1\nLinear<4, 3>\n3", fillcolor="#dbd4ef"];"##,
            r##"  "n2" [label="Relu\n3", fillcolor="#f5dcbc"];"##,
            r##"  "n3" [label="Linear<3, 3>\n3", fillcolor="#dbd4ef"];"##,
            r#"  "n4" [label="+", shape=circle, style=solid, width=0.25, fixedsize=true];"#,
            r##"  "n5" [label="fc2\nLinear<3, 2>\n2", fillcolor="#dbd4ef"];"##,
            r#"  "n6" [label="output\n2", shape=plaintext, style=solid];"#,
            r#"  "n0" -> "n1";"#,
            r#"  "n1" -> "n2" [label=" 3 "];"#,
            r#"  "n2" -> "n3";"#,
            r#"  "n2" -> "n4";"#,
            r#"  "n3" -> "n4";"#,
            r#"  "n4" -> "n5";"#,
            r#"  "n5" -> "n6" [label=" 2 "];"#,
            "}",
        ]
    );
}

#[test]
fn every_layer_is_a_node_once_and_edges_join_nodes() {
    let text = net().depth(9).dot();
    let (quoted, rest) = quotes(&text);
    assert_eq!(rest.matches('{').count(), rest.matches('}').count());
    for label in ["stem\\n", "side\\n", "squeeze\\n", "fc\\n"] {
        assert_eq!(quoted.iter().filter(|part| part.starts_with(label)).count(), 1, "{label} in {text}");
    }
    assert_eq!(quoted.iter().filter(|part| part.starts_with("conv1\\n")).count(), 2, "one for each block");
    assert!(quoted.contains(&"more\\n3 x Inner<6>".into()) && quoted.contains(&"first\\nInner<4>".into()));
    assert!(
        quoted.contains(&"10 x 8 x 8".into()) || quoted.contains(&" 10 x 8 x 8 ".into()),
        "the join's sizes: {text}"
    );
    let mut nodes = HashSet::new();
    for line in text.lines().filter(|line| line.trim_start().starts_with("\"n") && !line.contains("->")) {
        assert!(nodes.insert(quotes(line).0[0].clone()), "{line}");
    }
    let (mut from, mut to) = (HashSet::new(), HashSet::new());
    for line in text.lines().filter(|line| line.contains(" -> ")) {
        let ends = quotes(line).0;
        from.insert(ends[0].clone());
        to.insert(ends[1].clone());
    }
    // All but the output are left, all but the input are reached.
    assert_eq!((from.len(), to.len()), (nodes.len() - 1, nodes.len() - 1));
    assert!(from.is_subset(&nodes) && to.is_subset(&nodes));
}

#[test]
fn blocks_are_open_the_first_time_or_to_a_depth() {
    let count = |sketch: Sketch| sketch.dot().matches("\"conv1\\n").count();
    assert_eq!([count(net()), count(net().depth(0)), count(net().depth(1))], [1, 0, 2]);
    let picture = |sketch: Sketch| sketch.svg().matches(">conv1<").count();
    assert_eq!([picture(net()), picture(net().depth(0)), picture(net().depth(1))], [1, 0, 2]);
}

#[test]
fn the_picture_is_xml_with_every_layer() {
    let texts = xml(&net().svg());
    let count = |text: &str| texts.iter().filter(|t| *t == text).count();
    assert_eq!((count("Net"), count("3 × 8 × 8"), count("stem"), count("fc")), (1, 1, 1, 1));
    assert_eq!(count("3 → 4, 3 × 3, padding 1"), 1);
    assert_eq!((count("3 × Inner"), count("BatchNorm2d"), count("Dropout 0.5")), (1, 1, 1));
    assert_eq!((count("384"), count("10")), (1, 1));
    assert!(net().svg().contains("<title>first.conv1: Conv2d&lt;4, 4, 3, padding = 1&gt;, gives 4 × 8 × 8</title>"));
}

#[test]
fn named_outputs_are_drawn() {
    let sketch = Taps::init(&mut StdRng::seed_from_u64(0)).sketch();
    let texts = xml(&sketch.svg());
    assert!(texts.contains(&"small: 4".into()) && texts.contains(&"last: 2".into()), "{texts:?}");
    let text = sketch.dot();
    assert!(text.contains("label=\"small\\n4\"") && text.contains("label=\"last\\n2\""), "{text}");
    assert!(!text.contains("output"), "{text}");
}

#[test]
fn any_text_and_unknown_sizes_can_be_drawn() {
    let mut sketch = Sketch::new("a \"net\" <&> \\", &[7, 2]);
    let path = Path::root();
    let (path, none) = (path.child("odd\"name\\"), [0; 0]);
    let arguments = [("", Argument::Written("\"a & b\"")), ("", Argument::Written("'\n\u{1}'"))];
    sketch.layer(Layer::custom(&path, "my::Layer", &arguments, None, [&none, &none], &()));
    sketch.enter(Part::Join);
    for _ in 0..2 {
        sketch.enter(Part::Branch);
        sketch.leave();
    }
    sketch.leave();
    sketch.function(&Path::root(), "f::<g>", &[1, 2, 2]);
    sketch.output("<out>");
    let text = sketch.dot();
    let (quoted, _) = quotes(&text);
    assert!(quoted[0] == "a \\\"net\\\" <&> \\\\" && quoted.contains(&"input\\n7 x 2".into()), "{text}");
    let texts = xml(&sketch.svg());
    assert!(texts.contains(&"a &quot;net&quot; &lt;&amp;&gt; \\".into()), "{texts:?}");
    assert!(texts.contains(&"&lt;out&gt;: 2 × 2".into()), "{texts:?}");
    // Nothing at all is a drawing too.
    let empty = Sketch::new("", &[]);
    quotes(&empty.dot());
    xml(&empty.svg());
}

#[test]
fn the_sizes_behind_branches_are_worked_out() {
    let branch = |output: &[usize]| {
        let step = Step::function("A", output);
        Item::Part(Holder::Branch, vec![Item::Step(step)])
    };
    let identity = || Item::Part(Holder::Branch, Vec::new());
    let join = Item::Part(Holder::Join, vec![identity(), branch(&[1, 5, 9, 9])]);
    assert_eq!(join.after(&[4, 9, 9]), [9, 9, 9]);
    assert_eq!(join.after(&[5, 9, 9]), [10, 9, 9]);
    assert!(join.after(&[]).is_empty(), "unknown with one that is not known");
    let sum = Item::Part(Holder::Sum, vec![branch(&[]), branch(&[1, 7])]);
    assert_eq!(sum.after(&[7]), [7]);
}
