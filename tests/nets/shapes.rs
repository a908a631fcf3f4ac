//! Shapes three times: PyTorch's over the grid of `goldens/shapes.py`, the macro's own, and the type system's.

use crate::formula::{golden, list, sizes};
use fusion::prelude::*;
use fusion_rules::model::{BUILTINS, Builtin, Default, Kind};
use fusion_rules::{Dims, Mistake, Size, agree, concat};
use serde_json::Value as Json;
use std::collections::HashSet;

/// Layers whose arguments PyTorch writes in another way: they are tested by themselves.
const OTHERWISE: [&str; 2] = ["Unflatten", "GeluTanh"];

// ---- the macro's own

/// The layer that `model!` knows, by its name in PyTorch.
fn builtin(name: &str) -> &'static Builtin {
    let ours = match name {
        "ReLU" => "Relu",
        "LeakyReLU" => "LeakyRelu",
        "GELU" => "Gelu",
        "SiLU" => "Silu",
        "MultiheadAttention" => "MultiHeadAttention",
        "ReLU6" => "Relu6",
        "ELU" => "Elu",
        "SELU" => "Selu",
        "CELU" => "Celu",
        "PReLU" => "PRelu",
        "RMSNorm" => "RmsNorm",
        other => other,
    };
    BUILTINS.iter().find(|layer| layer.name == ours).unwrap_or_else(|| panic!("`model!` does not know {name}"))
}

/// The sizes of a layer's type as the macro has them: those that are given, and the table's for those that are not; of
/// a window, one for each axis.
fn filled(layer: &Builtin, given: impl Fn(usize) -> Option<Size>) -> Vec<Size> {
    let mut args = vec![];
    for (at, param) in layer.params.iter().enumerate().filter(|(_, param)| param.kind.is_type()) {
        for axis in 0..layer.sizes_of(param) {
            args.push(match (given(at), param.default) {
                (Some(size), _) => size,
                (None, Default::Is(n)) => Size::Known(n),
                (None, Default::Like(other)) => args[layer.place(other).expect("an argument") + axis],
                (None, other) => panic!("`{}` has no {}, and {other:?} is no size", layer.name, param.name),
            });
        }
    }
    args
}

/// [`filled`] from PyTorch's arguments, each of which the table must know.
fn arguments(layer: &Builtin, given: &Json) -> Vec<Size> {
    let size = |n: &Json| Size::Known(n.as_u64().unwrap_or_else(|| panic!("`{}` with {n}", layer.name)) as usize);
    let mut named: Vec<(&str, Size)> = vec![];
    for (name, value) in given.as_object().expect("arguments") {
        match (name.as_str(), value) {
            // Our `Softmax` is always that of the last axis.
            ("dim", last) => assert_eq!(last.as_i64(), Some(-1)),
            ("output_size", Json::Array(pair)) => {
                named.extend([("height", size(&pair[0])), ("width", size(&pair[1]))]);
            }
            ("output_size", side) => named.push(("height", size(side))),
            ("padding", Json::String(word)) if word == "same" => named.push(("padding", Size::Same)),
            (name, Json::Bool(flag)) => named.push((name, Size::Known(usize::from(*flag)))),
            (name, Json::Array(only)) if only.len() == 1 => named.push((name, size(&only[0]))),
            (name, n) => named.push((name, size(n))),
        }
    }
    for (name, _) in &named {
        assert!(layer.params.iter().any(|p| p.name == *name && p.kind.is_type()), "`{}` has no {name}", layer.name);
    }
    filled(layer, |at| named.iter().find(|(name, _)| *name == layer.params[at].name).map(|(_, n)| *n))
}

/// What the macro says of a layer of PyTorch's in front of `x`; of `cat`, what its rule says.
fn rule(layer: &str, args: &Json, x: Dims, other: Option<Dims>) -> Result<Dims, Mistake> {
    if let Some(other) = other {
        return concat(x, other, args["dim"].as_u64().expect("an axis") as usize);
    }
    let known = builtin(layer);
    known.output(&arguments(known, args), x)
}

/// The same with `_` for the size of the input, where the layer has one, and with that size itself.
fn inferred(layer: &str, args: &Json, x: Dims) -> Option<[Result<Dims, Mistake>; 2]> {
    let known = builtin(layer);
    known.params.first().filter(|param| param.kind == Kind::Input)?;
    let mut args = arguments(known, args);
    Some([Size::Hole, known.inferred(x)].map(|takes| {
        args[0] = takes;
        known.output(&args, x)
    }))
}

/// Of known sizes our rules say what PyTorch says. Where one size or every one is known only at run time, they accept
/// what PyTorch accepts, and know no other size.
#[test]
fn rules_say_what_pytorch_says() {
    let golden = golden("shapes.json");
    let (mut accepted, mut refused, mut wrong, mut met) = (0, 0, vec![], HashSet::new());
    for line in list(&golden["cases"]) {
        let (layer, args) = (line["layer"].as_str().expect("a name"), &line["args"]);
        let (x, other) = (Dims::new(&sizes(&line["input"])), line.get("other").map(|other| Dims::new(&sizes(other))));
        if other.is_none() {
            met.insert(builtin(layer).name);
        }
        let found = rule(layer, args, x, other);
        let want = match &line["output"] {
            Json::Null => None,
            output => Some(Dims::new(&sizes(output))),
        };
        if found.ok() != want {
            let said = found.map_or_else(|mistake| mistake.to_string(), |y| y.to_string());
            wrong.push(format!("{line}: {said}"));
        }
        let hole = if other.is_none() { inferred(layer, args, x) } else { None };
        // What `_` stands for is the size that fits: the layer's own where PyTorch accepts that.
        if let Some([hole, size]) = hole
            && (hole != size || want.is_some_and(|want| hole != Ok(want)))
        {
            wrong.push(format!("{line} with `_`: {hole:?}"));
        }
        let Some(want) = want else {
            refused += 1;
            continue;
        };
        accepted += 1;
        for unknown in 0..=x.rank {
            let all = unknown == x.rank;
            let blur = (0..x.rank).filter(|&axis| all || axis == unknown).fold(x, |x, axis| x.with(axis, Size::Dyn));
            match rule(layer, args, blur, other) {
                Ok(y)
                    if y.rank == want.rank
                        && y.as_slice().iter().zip(want.as_slice()).all(|(y, w)| agree(*y, *w) == Some(*w)) => {}
                Ok(y) => wrong.push(format!("{line} with {blur}: {y}")),
                Err(mistake) => wrong.push(format!("{line} with {blur}: {mistake}")),
            }
        }
    }
    assert!(accepted > 1000 && refused > 400);
    let shown = wrong.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} answers are not PyTorch's:\n{shown}", wrong.len());
    let met = |name: &&str| met.contains(name) || OTHERWISE.contains(name);
    let missing: Vec<_> = BUILTINS.iter().map(|layer| layer.name).filter(|name| !met(name)).collect();
    assert!(missing.is_empty(), "not in the grid: {missing:?}");
}

// ---- the type system's

/// That `L` makes exactly `Y` of `X` is all that this says: naming it is the check.
fn same<L: Forward<X, Output = Y>, X, Y>() {}

/// A line of `goldens/types.rs`, for comparison with the two others.
struct Case {
    layer: &'static str,
    args: &'static [&'static str],
    input: &'static [Size],
    output: &'static [Size],
}

/// The type of a layer: numbers become dimensions, and `true` and `Same` are what they are.
macro_rules! layer {
    (ConvTranspose2d<$i:tt, $o:tt, $k:tt, $s:tt, $p:tt, $op:tt, $g:tt, $bias:tt, $d:tt>) => {
        ConvTranspose2d<dim!($i), dim!($o), dim!($k), dim!($s), dim!($p), dim!($op), dim!($g), $bias, dim!($d)>
    };
    ($layer:ident<$n:tt, true>) => { $layer<dim!($n), true> };
    ($layer:ident<$($arg:tt),*>) => { $layer<$(layer!(@ $arg)),*> };
    ($layer:ident) => { $layer };
    (@ Same) => { Same };
    (@ $n:tt) => { dim!($n) };
}

/// What its input's elements are.
macro_rules! element {
    (Embedding) => {
        i64
    };
    ($layer:ident) => {
        f32
    };
}

/// A size as rules have it.
macro_rules! size {
    (Dyn) => {
        Size::Dyn
    };
    ($n:tt) => {
        Size::Known($n)
    };
}

/// Asserts when it is compiled that a layer gives this of that, `layer: [what it takes] => [what it gives]`.
macro_rules! same {
    ($layer:ident $(<$($arg:tt),*>)?: [$($x:tt),*] => [$($y:tt),*]) => {{
        const _: fn() = same::<
            layer!($layer $(<$($arg),*>)?),
            Tensor<shape![$($x),*], element!($layer)>,
            Tensor<shape![$($y),*]>,
        >;
        Case {
            layer: stringify!($layer),
            args: &[$($(stringify!($arg)),*)?],
            input: &[$(size!($x)),*],
            output: &[$(size!($y)),*],
        }
    }};
}

/// The grid in types: that this compiles is the assertion.
const TYPES: &[Case] = include!("../goldens/types.rs");

/// What a combination is: the layer, all arguments of its type, and what it takes and gives.
type Combination = (&'static str, Vec<Size>, Dims, Dims);

/// Every combination that the compiler has checked is one that PyTorch has, and one of which the macro says the same,
/// also with `Dyn` for the batch. There are at least a thousand of them, and no
/// builtin layer is missing.
#[test]
fn types_say_what_the_macro_and_pytorch_say() {
    let golden = golden("shapes.json");
    let batched = |shape: Vec<usize>, by: usize| {
        let shape = Dims::new(&shape);
        if by > 1 { shape.with(0, Size::Dyn) } else { shape }
    };
    let accepted = list(&golden["cases"]).iter().filter(|line| line["layer"] != "cat" && !line["output"].is_null());
    let pytorch: HashSet<Combination> = accepted
        .map(|line| {
            let layer = builtin(line["layer"].as_str().expect("a name"));
            let (x, y) = (sizes(&line["input"]), sizes(&line["output"]));
            let rank = x.len();
            (layer.name, arguments(layer, &line["args"]), batched(x, rank), batched(y, rank))
        })
        .collect();
    let mut types: HashSet<Combination> = HashSet::new();
    for case in TYPES {
        let layer = builtin(case.layer);
        let args = filled(layer, |at| {
            Some(match *case.args.get(at)? {
                "Same" => Size::Same,
                flag @ ("true" | "false") => Size::Known(usize::from(flag == "true")),
                n => Size::Known(n.parse().expect("a size")),
            })
        });
        let (x, y) = (Dims::of(case.input), Dims::of(case.output));
        assert_eq!(layer.output(&args, x), Ok(y), "{} of {args:?} on {x}", case.layer);
        types.insert((layer.name, args, x, y));
    }
    let missing = || pytorch.symmetric_difference(&types).collect::<Vec<_>>();
    assert!(pytorch == types, "run goldens/shapes.py: in one of the two only: {:?}", missing());
    let met = |layer: &Builtin| types.iter().any(|(name, ..)| *name == layer.name) || OTHERWISE.contains(&layer.name);
    assert!(BUILTINS.iter().all(met));
    // Windows alone make a thousand.
    let slides = |layer: &Builtin| layer.place("kernel_size").is_some();
    let windows = types.iter().filter(|(name, ..)| slides(builtin(name))).count();
    assert!(windows >= 1000, "{} combinations, {windows} of windows", types.len());
}
