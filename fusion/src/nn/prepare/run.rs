//! A run of a plan.

use super::graph::{Graph, Op};
use super::plan::{Place, Plan, Source, Step, Work, layout};
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::kernels::arena::{convolve, part, product};
use crate::kernels::conv;
use crate::kernels::gemm::{Bias, Epilogue, Mat};
use crate::kernels::{Array, Dims};
use std::ops::Range;
use std::sync::PoisonError;

/// A run: its input as it goes in, and the memory of its intermediate results.
pub struct Run<'p> {
    plan: &'p Plan,
    batch: usize,
    x: Array,
    memory: Array,
}

impl<'p> Run<'p> {
    /// Computes all steps.
    #[track_caller]
    pub fn new(graph: &Graph, plan: &'p Plan, x: Array) -> Self {
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

    /// One of the outputs, as a tensor of its own.
    #[track_caller]
    pub fn output(&self, number: usize) -> Array {
        let source = &self.plan.outputs[number];
        let (shape, strides) = layout(&source.sizes, self.batch);
        match &source.place {
            Place::Input => self.x.clone(),
            Place::Memory(range) => {
                let all = self.memory.dense::<f32>().expect("one stretch");
                let flat = Array::from_slice(&all[self.range(range)], Dims::new(&[shape.count()]));
                flat.view(shape, strides, 0)
            }
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
