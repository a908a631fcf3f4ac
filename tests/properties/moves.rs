//! What only moves elements, and products.

use crate::arrays::{Both, Draw, Values, equal};
use crate::{Number, Outcome, Real};
use fusion::internals::graph::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::{self, concat, embedding, index, scan, shape};
use fusion::ndarray::{self, ArrayD, Axis, Ix2, IxDyn, Slice};
use std::marker::PhantomData;

/// Up to five movements of elements of any type, one after the other.
pub fn movements<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    match draw.below(4) {
        0 => moved::<T>(draw, true),
        1 => moved::<i64>(draw, false),
        2 => moved::<u8>(draw, false),
        _ => moved::<bool>(draw, false),
    }
}

fn moved<T: Number>(draw: &mut Draw, is_float: bool) -> Outcome {
    let sizes = draw.sizes.clone();
    let Both { mut value, mut array } = draw.tensor::<T>(&sizes, Values::Special);
    let mut done = vec![format!("{sizes:?}")];
    for _ in 0..=draw.below(5) {
        let name = moved_once(draw, &mut value, &mut array, is_float);
        done.push(name.to_owned());
        equal::<T>(&done.join(", "), &value, &array.mapv(Number::as_f64), 0.0)?;
    }
    Ok(())
}

fn moved_once<T: Number>(draw: &mut Draw, value: &mut Value, array: &mut ArrayD<T>, is_float: bool) -> &'static str {
    let x = value.clone();
    let sizes = array.shape().to_vec();
    let (rank, taken) = (sizes.len(), std::mem::take(array));
    match draw.below(7) {
        0 => {
            // Some other shape: sizes that stand side by side joined, and one of 1.
            let mut to = sizes.clone();
            if rank >= 2 {
                let at = draw.below(rank - 1);
                let n = to.remove(at + 1);
                to[at] *= n;
            }
            to.insert(draw.below(to.len() + 1), 1);
            *value = shape::reshape(x, &Dims::new(&to));
            let elements: Vec<T> = taken.iter().copied().collect();
            *array = ArrayD::from_shape_vec(IxDyn(&to), elements).expect("as many");
            "reshape"
        }
        1 => {
            let turn = draw.below(rank.max(1));
            let order: Vec<usize> = (0..rank).map(|axis| (axis + turn) % rank).collect();
            *value = shape::permute(x, &order);
            *array = taken.permuted_axes(IxDyn(&order));
            "permute"
        }
        2 if rank >= 1 => {
            let axis = draw.axis(rank);
            let from = draw.below(sizes[axis] + 1);
            let to = from + draw.below(sizes[axis] - from + 1);
            *value = concat::slice(x, axis, from, to);
            *array = taken.slice_axis(Axis(axis), Slice::from(from..to)).to_owned();
            "slice"
        }
        3 if rank >= 1 && is_float => {
            let axes = draw.axes(rank);
            *value = scan::flip(&x, axes);
            *array = taken;
            (0..rank).filter(|axis| axes >> axis & 1 == 1).for_each(|axis| array.invert_axis(Axis(axis)));
            "flip"
        }
        4 if rank < 6 && taken.len() < 500 => {
            let wide: Vec<usize> = [1 + draw.below(3)].into_iter().chain(sizes).collect();
            *value = shape::expand(x, &Dims::new(&wide));
            *array = taken.broadcast(IxDyn(&wide)).expect("an axis in front").to_owned();
            "expand"
        }
        5 if rank >= 1 && sizes[0] > 0 => {
            let at = draw.below(sizes[0]);
            *value = index::select(x, 0, at);
            *array = taken.index_axis(Axis(0), at).to_owned();
            "select"
        }
        _ if rank < 6 => {
            let axis = draw.below(rank + 1);
            *value = shape::unsqueeze(x, axis);
            *array = taken.insert_axis(Axis(axis));
            "unsqueeze"
        }
        _ => {
            *array = taken;
            "nothing"
        }
    }
}

/// Parts put together along an axis, that exists or is new, and taken apart again.
pub fn joins<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let mut sizes = draw.sizes.clone();
    if sizes.is_empty() {
        sizes.push(2);
    }
    let axis = draw.axis(sizes.len());
    let parts: Vec<Both<T>> = (0..=draw.below(4))
        .map(|_| {
            let mut sizes = sizes.clone();
            sizes[axis] = draw.below(4);
            draw.tensor(&sizes, Values::Special)
        })
        .collect();
    let views: Vec<_> = parts.iter().map(|part| part.array.view()).collect();
    let values: Vec<Value> = parts.iter().map(|part| part.value.clone()).collect();
    let want = ndarray::concatenate(Axis(axis), &views).expect("sizes that fit");
    let all = concat(&values, axis);
    equal::<T>("concat", &all, &want.mapv(Number::as_f64), 0.0)?;
    let mut from = 0;
    for part in &parts {
        let to = from + part.array.shape()[axis];
        equal::<T>("slice of concat", &ops::slice(all.clone(), axis, from, to), &part.numbers(), 0.0)?;
        from = to;
    }

    let axis = draw.below(sizes.len() + 1);
    let parts: Vec<Both<T>> = (0..=draw.below(3)).map(|_| draw.tensor(&sizes, Values::Special)).collect();
    let views: Vec<_> = parts.iter().map(|part| part.array.view()).collect();
    let values: Vec<Value> = parts.iter().map(|part| part.value.clone()).collect();
    let want = ndarray::stack(Axis(axis), &views).expect("equal sizes");
    let all = ops::stack(&values, axis);
    equal::<T>("stack", &all, &want.mapv(Number::as_f64), 0.0)?;
    for (part, found) in parts.iter().zip(ops::unstack(all, axis)) {
        equal::<T>("unstack of stack", &found, &part.numbers(), 0.0)?;
    }
    Ok(())
}

/// Rows of a table by index.
pub fn rows<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes: Vec<usize> = draw.sizes.iter().copied().take(2).collect();
    let (rows, width) = (1 + draw.below(9), draw.below(20));
    let table = draw.tensor::<T>(&[rows, width], Values::Special);
    let count = sizes.iter().product();
    let indices: Vec<i64> = (0..count).map(|_| draw.random(rows) as i64).collect();
    let places: Vec<usize> = indices.iter().map(|&row| row as usize).collect();
    let shape: Vec<usize> = sizes.iter().copied().chain([width]).collect();
    let want = table.numbers().select(Axis(0), &places).into_shape_with_order(IxDyn(&shape)).expect("as many");
    let found = embedding(&table.value, &Array::from_slice(&indices, Dims::new(&sizes)));
    equal::<T>("rows", &found, &want, 0.0)
}

/// Products of vectors, matrices and stacks of matrices.
pub fn products<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let size = |draw: &mut Draw| if draw.below(5) == 4 { draw.random(40) } else { draw.below(6) };
    let [m, k, n] = [0, 1, 2].map(|_| size(draw));
    let stack: Vec<usize> = draw.sizes.iter().copied().filter(|&n| n <= 5).take(2).collect();
    let stacked = |pair: [usize; 2]| [&*stack, &pair].concat();
    let (a, b) = match draw.below(6) {
        0 => (vec![m, k], vec![k, n]),
        1 => (vec![k], vec![k]),
        2 => (vec![k], vec![k, n]),
        3 => (vec![m, k], vec![k]),
        4 => (stacked([m, k]), vec![k, n]),
        _ => (stacked([m, k]), stacked([k, n])),
    };
    let what = format!("{a:?} times {b:?}");
    let (a, b) = (draw.tensor::<T>(&a, Values::Any), draw.tensor::<T>(&b, Values::Any));
    equal::<T>(&what, &ops::matmul(a.value.clone(), b.value.clone()), &product(&a.numbers(), &b.numbers()), T::SHARE)
}

/// The product by ndarray's `dot`, matrix by matrix.
fn product(a: &ArrayD<f64>, b: &ArrayD<f64>) -> ArrayD<f64> {
    if a.ndim() > 2 {
        let parts: Vec<ArrayD<f64>> = (0..a.shape()[0])
            .map(|i| {
                product(
                    &a.index_axis(Axis(0), i).to_owned(),
                    &if b.ndim() > 2 { b.index_axis(Axis(0), i).to_owned() } else { b.clone() },
                )
            })
            .collect();
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        return ndarray::stack(Axis(0), &views).unwrap_or_else(|_| {
            let (m, n) = (a.shape()[a.ndim() - 2], b.shape()[b.ndim() - 1]);
            let sizes: Vec<usize> = a.shape()[..a.ndim() - 2].iter().copied().chain([m, n]).collect();
            ArrayD::zeros(IxDyn(&sizes))
        });
    }
    let left = if a.ndim() == 1 { a.clone().insert_axis(Axis(0)) } else { a.clone() };
    let right = if b.ndim() == 1 { b.clone().insert_axis(Axis(1)) } else { b.clone() };
    let matrix = |x: ArrayD<f64>| x.into_dimensionality::<Ix2>().expect("a matrix");
    let mut y = matrix(left).dot(&matrix(right)).into_dyn();
    if b.ndim() == 1 {
        y = y.index_axis_move(Axis(1), 0);
    }
    if a.ndim() == 1 { y.index_axis_move(Axis(0), 0) } else { y }
}
