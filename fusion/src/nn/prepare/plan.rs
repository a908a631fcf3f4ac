//! The operations of a network for one size of input: weights packed for their kernels, and a place in memory for each
//! intermediate result.

use super::graph::{At, Convolution, Gives, Graph, Node, Op};
use crate::error::or_panic;
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::kernels::conv::{Filter, Sweep};
use crate::kernels::{Array, Dims};
use crate::nn::module::visit::Call;
use crate::ops;
use fusion_rules::{Dims as Sizes, Size};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What a network computes of samples of one size.
pub struct Plan {
    /// The sizes of a sample that goes in.
    pub input: Vec<usize>,
    pub steps: Vec<Step>,
    /// How many elements the memory has for each sample.
    pub room: usize,
    /// How many samples go through all steps together, at most.
    pub at_once: usize,
    /// For how many samples the ways of computing are chosen.
    pub images: usize,
    /// In the order of the graph's outputs.
    pub outputs: Vec<Source>,
    /// Memories that no run uses.
    pub memories: Mutex<Vec<Array>>,
}

/// An operation and where it reads and writes.
pub struct Step {
    pub work: Work,
    /// The node with the data of the operation.
    pub at: At,
    pub from: Vec<Source>,
    pub residual: Option<Source>,
    pub to: Range<usize>,
    /// The sizes of a sample of the result.
    pub sizes: Vec<usize>,
}

/// What is computed, with what is made for the sizes of this plan.
pub enum Work {
    Convolution(Arc<Filter>, Option<Vec<f32>>),
    /// With weights `[outputs, inputs]`.
    Linear(Array, Option<Vec<f32>>),
    Affine {
        scale: Vec<f32>,
        shift: Vec<f32>,
    },
    Sum,
    Join,
    /// Each pixel repeated over a square with so long sides.
    Upsample(usize),
    Same,
    /// Channels-last pixels to C order.
    Flatten,
    /// The call of the node, or one that this plan has made.
    Call(Option<Call>),
}

/// An intermediate result.
#[derive(Clone)]
pub struct Source {
    pub place: Place,
    /// The sizes of a sample.
    pub sizes: Vec<usize>,
}

/// Where it lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// It is the input.
    Input,
    /// These elements of the memory, for each sample; so many samples have so many times the range.
    Memory(Range<usize>),
}

/// An intermediate result while its place is looked for.
#[derive(Clone, Copy)]
struct Slot {
    /// The first and the last step that need it.
    from: usize,
    to: usize,
    elements: usize,
    offset: usize,
}

/// How many elements fit the second cache with room for more.
const CACHED: usize = 1 << 16;

/// Places are multiples of a cache line.
const LINE: usize = 16;

/// How samples lie in memory, for so many of them: images channels-last.
pub fn layout(sizes: &[usize], batch: usize) -> (Dims, Dims) {
    let mut shape = Dims::new(&[batch]);
    sizes.iter().for_each(|&n| shape.push(n));
    let strides = if sizes.len() == 3 { shape.channels_last() } else { shape.row_major() };
    (shape, strides)
}

fn count(sizes: &[usize]) -> usize {
    sizes.iter().product()
}

impl Plan {
    /// For so many samples of the sizes `input`. What is packed in `others`, for samples of these sizes, is not packed again.
    ///
    /// # Panics
    /// If a layer does not take them, with the rule's sentence.
    #[track_caller]
    pub fn new(graph: &Graph, input: &[usize], batch: usize, others: &[Arc<Self>]) -> Self {
        Planner::new(graph, input).plan(batch, others)
    }

    /// Is it for so many samples of the sizes `input`?
    pub fn is_for(&self, input: &[usize], batch: usize) -> bool {
        self.input == input && self.images == images(batch.min(self.at_once))
    }
}

/// For how many samples ways are chosen that so many go: of few sizes, so that a network is not packed for each anew.
fn images(samples: usize) -> usize {
    match samples {
        0 | 1 => 1,
        2..8 => 4,
        _ => 16,
    }
}

impl Source {
    /// The elements of a sample.
    pub fn elements(&self) -> usize {
        count(&self.sizes)
    }
}

struct Planner<'g> {
    graph: &'g Graph,
    /// The sizes of a sample of each result.
    sizes: Vec<Vec<usize>>,
    /// The node in whose place each result lies.
    home: Vec<At>,
    /// The last that reads each place, by its home.
    last: Vec<At>,
}

impl<'g> Planner<'g> {
    #[track_caller]
    fn new(graph: &'g Graph, input: &[usize]) -> Self {
        let mut sizes: Vec<Vec<usize>> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let own = match node.op {
                Op::Input => input.to_vec(),
                Op::Gone => Vec::new(),
                _ => node.sizes(&sizes),
            };
            sizes.push(own);
        }
        let mut planner = Self { graph, sizes, home: (0..graph.nodes.len()).collect(), last: Vec::new() };
        planner.find_homes();
        planner
    }

    /// Lets results that are the same elements share a place.
    fn find_homes(&mut self) {
        let nodes = &self.graph.nodes;
        for (at, node) in nodes.iter().enumerate() {
            if self.is_view(at) {
                self.home[at] = self.home[node.from[0]];
            }
        }
        self.last = (0..nodes.len()).collect();
        for (at, node) in nodes.iter().enumerate() {
            node.reads().for_each(|read| self.last[self.home[read]] = at);
        }
        for (_, output) in &self.graph.outputs {
            self.last[self.home[*output]] = At::MAX;
        }
        // What nobody needs any more may be written over, one element after the other.
        for (at, node) in nodes.iter().enumerate() {
            let (Op::Same | Op::Affine(_) | Op::Sum, false) = (&node.op, self.is_view(at)) else { continue };
            let home = self.home[node.from[0]];
            let others = node.from[1..].iter().all(|&other| self.home[other] != home);
            let fits = count(&self.sizes[at]) == count(&self.sizes[home]);
            if home != 0 && self.last[home] == at && others && fits {
                self.last[home] = self.last[at];
                (0..nodes.len())
                    .filter(|&other| self.home[other] == at)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|other| self.home[other] = home);
            }
        }
    }

    /// Whether a result is its operand, seen in another way.
    fn is_view(&self, at: At) -> bool {
        let node = &self.graph.nodes[at];
        match node.op {
            Op::Same => node.activation == Default::default(),
            Op::Flatten => !self.reorders(at) || self.is_unordered(at),
            _ => false,
        }
    }

    /// Whether the elements of what is flattened lie in another order.
    fn reorders(&self, at: At) -> bool {
        let image = &self.sizes[self.graph.nodes[at].from[0]];
        image.len() == 3 && image[0] > 1 && image[1] * image[2] > 1
    }

    /// Whether a flattened image may stay as it lies, as only layers read it whose weights can be put into that order.
    fn is_unordered(&self, at: At) -> bool {
        let mut readers = self.graph.nodes.iter().filter(|node| node.reads().any(|read| read == at)).peekable();
        let output = self.graph.outputs.iter().any(|(_, output)| *output == at);
        readers.peek().is_some() && readers.all(|node| matches!(node.op, Op::Linear(_))) && !output
    }

    fn plan(mut self, batch: usize, others: &[Arc<Plan>]) -> Plan {
        let slots = self.slots();
        let room = slots.iter().map(|slot| slot.offset + slot.elements).max().unwrap_or(0);
        let at_once = self.at_once(room);
        let images = images(batch.min(at_once));
        let place = |at: At| match self.home[at] {
            0 => Place::Input,
            home => Place::Memory(slots[home].offset..slots[home].offset + count(&self.sizes[at])),
        };
        let source = |at: At| Source { place: place(at), sizes: self.sizes[at].clone() };
        let mut steps = Vec::new();
        for (at, node) in self.graph.nodes.iter().enumerate() {
            if matches!(node.op, Op::Input | Op::Gone) || self.is_view(at) {
                continue;
            }
            let Place::Memory(to) = place(at) else { continue };
            steps.push(Step {
                work: packed(at, images, others).unwrap_or_else(|| self.work(at, images)),
                at,
                from: node.from.iter().map(|&from| source(from)).collect(),
                residual: node.residual.map(source),
                to,
                sizes: self.sizes[at].clone(),
            });
        }
        let outputs = self.graph.outputs.iter().map(|(_, at)| source(*at)).collect();
        let input = std::mem::take(&mut self.sizes[0]);
        Plan { input, steps, room, at_once, images, outputs, memories: Mutex::new(Vec::with_capacity(64)) }
    }

    /// How many samples go through all steps together: as many as have as much memory as the weights, so that neither is read
    /// from afar more than need be, but no less than fit the second cache.
    fn at_once(&self, room: usize) -> usize {
        if self.graph.mixes_samples {
            return usize::MAX;
        }
        let weights = self.graph.nodes.iter().map(|node| match &node.op {
            Op::Convolution(Convolution { weights, .. }) | Op::Linear(weights) => weights.array.count(),
            _ => 0,
        });
        (weights.sum::<usize>().max(CACHED) / room.max(1)).max(1)
    }

    /// A place for each result, by its home: the largest first, each where nothing lies that is needed at the same time.
    fn slots(&self) -> Vec<Slot> {
        let nodes = self.graph.nodes.len();
        let mut slots = vec![Slot { from: 0, to: 0, elements: 0, offset: 0 }; nodes];
        let mut order: Vec<At> = Vec::new();
        for (at, slot) in slots.iter_mut().enumerate().skip(1) {
            if self.home[at] == at && !matches!(self.graph.nodes[at].op, Op::Gone) {
                let elements = count(&self.sizes[at]).next_multiple_of(LINE);
                *slot = Slot { from: at, to: self.last[at], elements, offset: 0 };
                order.push(at);
            }
        }
        order.sort_by_key(|&at| std::cmp::Reverse(slots[at].elements));
        let mut placed: Vec<At> = Vec::new();
        for &at in &order {
            let slot = slots[at];
            let mut taken: Vec<Range<usize>> = placed
                .iter()
                .map(|&other| slots[other])
                .filter(|other| slot.from <= other.to && other.from <= slot.to)
                .map(|other| other.offset..other.offset + other.elements)
                .collect();
            taken.sort_by_key(|range| range.start);
            slots[at].offset = best_gap(&taken, slot.elements);
            placed.push(at);
        }
        slots
    }

    fn work(&self, at: At, images: usize) -> Work {
        let node = &self.graph.nodes[at];
        let of = |from: usize| &self.sizes[node.from[from]];
        match &node.op {
            Op::Convolution(convolution) => {
                let filter = filter(convolution, of(0), &self.sizes[at], images);
                Work::Convolution(Arc::new(filter), convolution.weights.bias())
            }
            Op::Linear(weights) => {
                let inputs = weights.array.shape().get(1).max(1);
                let (weight, bias, from) = (weights.scaled(|i| i / inputs), weights.bias(), node.from[0]);
                match self.graph.nodes[from].op {
                    // The last axis of images is not the one that lies last.
                    _ if of(0).len() == 3 => Work::Call(Some(linear(weight, bias, node.activation))),
                    Op::Flatten if self.reorders(from) && self.is_unordered(from) => {
                        Work::Linear(channels_last(&weight, &self.sizes[self.graph.nodes[from].from[0]]), bias)
                    }
                    _ => Work::Linear(weight, bias),
                }
            }
            Op::Affine(affine) => Work::Affine {
                scale: affine.scale.iter().map(|&x| x as f32).collect(),
                shift: affine.shift.iter().map(|&x| x as f32).collect(),
            },
            Op::Sum => Work::Sum,
            Op::Join => Work::Join,
            Op::Upsample(scale) => Work::Upsample(*scale),
            Op::Flatten => Work::Flatten,
            Op::Call(_) => Work::Call(None),
            Op::Same | Op::Input | Op::Gone => Work::Same,
        }
    }
}

impl Node {
    /// The sizes of a sample of the result.
    #[track_caller]
    fn sizes(&self, all: &[Vec<usize>]) -> Vec<usize> {
        let first = &all[self.from[0]];
        match &self.gives {
            Gives::Same if matches!(self.op, Op::Join) => {
                let mut sizes = first.clone();
                sizes[0] = self.from.iter().map(|&from| all[from][0]).sum();
                sizes
            }
            Gives::Same => first.clone(),
            Gives::Channels(channels) => {
                let mut sizes = first.clone();
                sizes[0] = *channels;
                sizes
            }
            Gives::Sizes(sizes) => sizes.clone(),
            Gives::Row(row, args) => {
                let mut x = Sizes::of(&[Size::Known(1)]);
                first.iter().for_each(|&n| x = x.push(Size::Known(n)));
                let y = or_panic(row.output(args, x).map_err(|mistake| mistake.text()));
                y.as_slice()[1..].iter().map(|size| size.or(0)).collect()
            }
            Gives::Called => match &self.op {
                // It tells by what it makes of a sample of zeros.
                Op::Call(call) => {
                    let (shape, strides) = layout(first, 1);
                    let x = Array::full(0f32, Dims::new(&[shape.count()])).view(shape, strides, 0);
                    call(x.into()).shape().iter().skip(1).collect()
                }
                _ => first.clone(),
            },
        }
    }
}

/// The start of the smallest gap between `taken` ranges in order that has so many elements; behind all, if none has.
fn best_gap(taken: &[Range<usize>], elements: usize) -> usize {
    let (mut end, mut best) = (0, None::<Range<usize>>);
    for range in taken {
        let gap = end..range.start.max(end);
        if gap.len() >= elements && best.as_ref().is_none_or(|best| gap.len() < best.len()) {
            best = Some(gap);
        }
        end = end.max(range.end);
    }
    best.map_or(end, |gap| gap.start)
}

/// What one of these plans has packed for an operation, in the way that is chosen for so many images.
fn packed(at: At, images: usize, others: &[Arc<Plan>]) -> Option<Work> {
    let works = others.iter().flat_map(|plan| &plan.steps).filter(|step| step.at == at).map(|step| &step.work);
    works
        .filter_map(|work| match work {
            Work::Convolution(filter, bias) if filter.is_for(images) => {
                Some(Work::Convolution(filter.clone(), bias.clone()))
            }
            Work::Linear(weight, bias) => Some(Work::Linear(weight.clone(), bias.clone())),
            _ => None,
        })
        .next()
}

/// The weights of a convolution packed for images of these sizes.
fn filter(of: &Convolution, takes: &[usize], gives: &[usize], images: usize) -> Filter {
    let w = of.scaled();
    let w = w.dense::<f32>().expect("in C order");
    let size = |sizes: &[usize]| [sizes[1], sizes[2]];
    match of.transposed {
        false => {
            let s = Sweep { window: of.window, image: size(takes), places: size(gives) };
            Filter::new(w, gives[0], takes[0], &s, images)
        }
        true => {
            let s = Sweep { window: of.window, image: size(gives), places: size(takes) };
            Filter::transposed(w, takes[0], gives[0], &s, images)
        }
    }
}

/// The weights of a layer that takes flattened images, for images that lie channels-last.
fn channels_last(weight: &Array, image: &[usize]) -> Array {
    let outputs = weight.shape().get(0);
    let as_images = weight.reshape(&Dims::new(&[outputs, image[0], image[1], image[2]]));
    as_images.permute(&[0, 2, 3, 1]).contiguous().reshape(weight.shape())
}

/// A linear layer as a function of a value.
fn linear(weight: Array, bias: Option<Vec<f32>>, activation: Activation) -> Call {
    let vector = |list: Vec<f32>| Value::from(Array::from_slice(&list, Dims::new(&[list.len()])));
    let (weight, bias) = (Value::from(weight), bias.map(vector));
    Box::new(move |x| ops::matmul::linear(x, &weight, bias.as_ref(), activation))
}
