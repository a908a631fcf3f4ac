//! A run of a plan.

use super::graph::{Graph, Op};
use super::plan::{Place, Plan, Source, Step, Work, layout};
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::kernels::arena::{convolve, part, product};
use crate::kernels::conv;
use crate::kernels::gemm::{Bias, Epilogue, Mat};
use crate::kernels::parallel::split;
use crate::kernels::{Array, Dims};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// What a run of a plan gives.
pub struct Results<'p> {
    plan: &'p Plan,
    batch: usize,
    x: Array,
    /// The outputs one after the other.
    all: Array,
}

/// So many samples of it on their way through all steps.
struct Run<'p> {
    plan: &'p Plan,
    batch: usize,
    x: Array,
    memory: Array,
}

impl<'p> Results<'p> {
    /// Those of `x`, of which no more samples than the plan says go through all steps together.
    #[track_caller]
    pub fn of(graph: &Graph, plan: &'p Plan, x: Array) -> Self {
        let batch = x.shape().get(0);
        let each: usize = plan.outputs.iter().map(Source::elements).sum();
        let parts = batch.div_ceil(plan.at_once);
        if parts <= 1 {
            let run = Run::new(graph, plan, x);
            let all = run.outputs(each);
            return Self { plan, batch, x: run.x.clone(), all };
        }
        let all = Mutex::new(Array::full(0f32, Dims::new(&[each * batch])));
        split(parts, 1, |_, parts_here| {
            for number in parts_here {
                let [from, to] = [number, number + 1].map(|n| n * batch / parts);
                let run = Run::new(graph, plan, samples(&x, from..to));
                run.store(&mut all.lock().unwrap_or_else(PoisonError::into_inner), from, batch);
            }
        });
        Self { plan, batch, x, all: all.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }

    /// One of the outputs.
    #[track_caller]
    pub fn output(&self, number: usize) -> Array {
        let source = &self.plan.outputs[number];
        if source.place == Place::Input {
            return self.x.clone();
        }
        let (shape, strides) = layout(&source.sizes, self.batch);
        let before: usize = self.plan.outputs[..number].iter().map(Source::elements).sum();
        let view = self.all.view(shape, strides, before * self.batch);
        // Each of several has memory of its own.
        if self.plan.outputs.len() > 1 { view.dense_copy() } else { view }
    }
}

/// Some of the samples.
fn samples(x: &Array, range: Range<usize>) -> Array {
    let (offset, mut shape) = (range.start * x.strides().get(0), *x.shape());
    shape.set(0, range.len());
    x.view(shape, *x.strides(), offset)
}

impl<'p> Run<'p> {
    /// Computes all steps.
    #[track_caller]
    fn new(graph: &Graph, plan: &'p Plan, x: Array) -> Self {
        let batch = x.shape().get(0);
        let room = plan.room * batch;
        let waiting = plan.memories.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let memory = waiting.filter(|memory| memory.count() >= room);
        let memory = memory.unwrap_or_else(|| Array::full(0f32, Dims::new(&[room])));
        let x = if x.shape().rank() == 4 { x.channels_last() } else { x.contiguous() };
        let mut run = Self { plan, batch, x, memory };
        plan.steps.iter().for_each(|step| run.step(graph, step));
        run
    }

    /// The outputs one after the other, of so many elements for each sample.
    fn outputs(&self, each: usize) -> Array {
        let memory = self.memory.dense::<f32>().expect("one stretch");
        if let [Source { place: Place::Memory(range), .. }] = &self.plan.outputs[..] {
            return Array::from_slice(&memory[self.range(range)], Dims::new(&[each * self.batch]));
        }
        let mut all = Array::full(0f32, Dims::new(&[each * self.batch]));
        self.store(&mut all, 0, self.batch);
        all
    }

    /// Puts the outputs, of the samples from `first` on, into those of a whole batch.
    fn store(&self, all: &mut Array, first: usize, batch: usize) {
        let memory = self.memory.dense::<f32>().expect("one stretch");
        let (all, mut start) = (all.make_mut::<f32>(), 0);
        for output in &self.plan.outputs {
            if let Place::Memory(range) = &output.place {
                let from = &memory[self.range(range)];
                all[start + first * range.len()..][..from.len()].copy_from_slice(from);
            }
            start += output.elements() * batch;
        }
    }

    /// The elements of all samples that have these for each.
    fn range(&self, range: &Range<usize>) -> Range<usize> {
        let start = range.start * self.batch;
        start..start + range.len() * self.batch
    }

    #[track_caller]
    fn step(&mut self, graph: &Graph, step: &Step) {
        let node = &graph.nodes[step.at];
        if let Work::Call(made) = &step.work {
            let call = match (made, &node.op) {
                (Some(call), _) | (None, Op::Call(call)) => call,
                _ => return,
            };
            return self.call(call, step);
        }
        let (batch, to) = (self.batch, self.range(&step.to));
        let ranges = |place: &Place| match place {
            Place::Input => None,
            Place::Memory(range) => Some(range.start * batch..range.end * batch),
        };
        let x = &self.x;
        let (y, rest) = part(self.memory.make_mut::<f32>(), to);
        let read = |source: &Source| match ranges(&source.place) {
            None => x.dense::<f32>().expect("a dense input"),
            Some(range) => rest.read(range),
        };
        let in_place = step.from.first().is_some_and(|from| from.place == Place::Memory(step.to.clone()));
        let activation = node.activation;
        match &step.work {
            Work::Convolution(filter, bias) => {
                let residual = step.residual.as_ref().map(read);
                let epilogue = conv::Epilogue { bias: bias.as_deref(), residual, activation };
                convolve(filter, read(&step.from[0]), batch, &epilogue, y);
            }
            Work::Linear(weight, bias) => {
                let (outputs, inputs) = (weight.shape().get(0), weight.shape().get(1));
                let x = read(&step.from[0]);
                let rows = y.len() / outputs;
                let w = Mat::new(weight.dense::<f32>().expect("in C order"), outputs, inputs, inputs, 1);
                // The kernel of the product knows no slope.
                let (inside, behind) = match activation {
                    Activation::LeakyRelu(_) => (Activation::Identity, activation),
                    inside => (inside, Activation::Identity),
                };
                let epilogue = Epilogue { bias: bias.as_deref().map(Bias::PerColumn), activation: inside };
                product(Mat::new(x, rows, inputs, inputs, 1), w.t(), epilogue, y);
                activate(y, behind);
            }
            Work::Affine { scale, shift } => {
                if !in_place {
                    y.copy_from_slice(read(&step.from[0]));
                }
                // Of signals, channels lie in rows of their own.
                let row = if step.sizes.len() == 2 { step.sizes[1] } else { 1 };
                for channels in y.chunks_exact_mut((scale.len() * row).max(1)) {
                    for (i, y) in channels.iter_mut().enumerate() {
                        *y = activation.of_one(*y * scale[i / row] + shift[i / row]);
                    }
                }
            }
            Work::Sum => {
                if !in_place {
                    y.copy_from_slice(read(&step.from[0]));
                }
                for source in &step.from[1..] {
                    y.iter_mut().zip(read(source)).for_each(|(y, &x)| *y += x);
                }
                activate(y, activation);
            }
            Work::Join => join(step, &read, y),
            Work::Upsample(scale) => upsample(&step.from[0].sizes, *scale, read(&step.from[0]), y),
            Work::Same => {
                if !in_place {
                    y.copy_from_slice(read(&step.from[0]));
                }
                activate(y, activation);
            }
            Work::Flatten => {
                let [channels, pixels] = [step.from[0].sizes[0], step.from[0].sizes[1] * step.from[0].sizes[2]];
                let samples = read(&step.from[0]).chunks_exact((channels * pixels).max(1));
                for (y, x) in y.chunks_exact_mut((channels * pixels).max(1)).zip(samples) {
                    for (channel, y) in y.chunks_exact_mut(pixels).enumerate() {
                        y.iter_mut().zip(x[channel..].iter().step_by(channels)).for_each(|(y, &x)| *y = x);
                    }
                }
            }
            Work::Call(_) => {}
        }
    }

    /// What a function makes of a value, put into its place.
    #[track_caller]
    fn call(&mut self, call: &(dyn Fn(Value) -> Value + Send + Sync), step: &Step) {
        let source = &step.from[0];
        let (shape, strides) = layout(&source.sizes, self.batch);
        let x = match &source.place {
            Place::Input => self.x.clone(),
            Place::Memory(range) => self.memory.view(shape, strides, self.range(range).start),
        };
        let y = call(x.into());
        let (shape, _) = layout(&step.sizes, self.batch);
        assert!(*y.shape() == shape, "a layer gives {:?}, where {shape:?} was planned", y.shape());
        let y = if shape.rank() == 4 { y.array().channels_last() } else { y.array().contiguous() };
        let to = self.range(&step.to);
        self.memory.make_mut::<f32>()[to].copy_from_slice(y.dense::<f32>().expect("dense"));
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let memory = std::mem::replace(&mut self.memory, self.x.clone());
        let mut waiting = self.plan.memories.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::thread::panicking() && waiting.len() < waiting.capacity() {
            waiting.push(memory);
        }
    }
}

fn activate(y: &mut [f32], activation: Activation) {
    if activation != Activation::Identity {
        y.iter_mut().for_each(|y| *y = activation.of_one(*y));
    }
}

/// Channels side by side: of images in each pixel, else in each sample.
fn join<'a>(step: &Step, read: &impl Fn(&Source) -> &'a [f32], y: &mut [f32]) {
    let block = |sizes: &[usize]| if sizes.len() == 3 { sizes[0] } else { sizes.iter().product() };
    let (whole, mut start) = (block(&step.sizes), 0);
    for source in &step.from {
        let width = block(&source.sizes);
        let rows = read(source).chunks_exact(width.max(1));
        for (y, x) in y.chunks_exact_mut(whole.max(1)).zip(rows) {
            y[start..start + width].copy_from_slice(x);
        }
        start += width;
    }
}

/// Each pixel of images `[channels, height, width]` repeated over a square.
fn upsample(sizes: &[usize], scale: usize, x: &[f32], y: &mut [f32]) {
    let (channels, row) = (sizes[0].max(1), (sizes[0] * sizes[2]).max(1));
    for (y, x) in y.chunks_exact_mut(row * scale * scale).zip(x.chunks_exact(row)) {
        let (first, others) = y.split_at_mut(row * scale);
        for (y, x) in first.chunks_exact_mut(channels * scale).zip(x.chunks_exact(channels)) {
            y.chunks_exact_mut(channels).for_each(|y| y.copy_from_slice(x));
        }
        others.chunks_exact_mut(row * scale).for_each(|y| y.copy_from_slice(first));
    }
}
