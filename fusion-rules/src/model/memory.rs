//! What a training step keeps in memory, for each sample.

/// The bytes of one sample that are in memory in a training step of `f32`. What two layers both keep is there once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    kept: u64,
    /// When the most is there.
    most: Moment,
    /// The same where what goes in is data, which has no gradient.
    of_data: Moment,
    /// What is there when the first layer runs back, behind all others.
    last: u64,
    /// The gradients of all parameters, once for all samples.
    gradients: u64,
    /// When the most is there once for all samples.
    load: Load,
    input: End,
    output: End,
    /// Whether what comes out is what goes in.
    same: bool,
}

/// A moment of a step: the bytes of a sample, and the gradients of parameters that are there by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    bytes: u64,
    gradients: u64,
}

/// A moment of a step with what a kernel has packed for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Load {
    moment: Moment,
    packed: Packed,
}

/// The weights of a convolution in the order in which its kernel reads them: a copy, while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub bytes: u64,
    /// At how many places of a sample they are used, if Winograd's tiles may compute these; otherwise 0.
    pub places: u64,
}

/// From how many places on tiles of 2x2 are worth their weights, and tiles of 4x4: roughly, as the kernels know the machine, too.
const SOME: u64 = 48;
const MANY: u64 = 256;

/// What goes in or comes out: how large it is, and whether it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub bytes: u64,
    pub kept: bool,
}

impl Memory {
    /// No layers: what goes in, of so many bytes, comes out.
    pub const fn none(bytes: u64) -> Memory {
        let (end, never) = (End { bytes, kept: false }, Moment { bytes: 0, gradients: 0 });
        let (kept, last, gradients, load) = (0, 0, 0, Load::of(never));
        Memory { kept, most: never, of_data: never, last, gradients, load, input: end, output: end, same: true }
    }

    /// A layer that keeps its input, its output, both or neither, and `more`, with parameters of so many bytes. While it runs
    /// back, all that is there, and the gradients of both.
    pub(super) const fn layer(input: End, output: End, more: u64, gradients: u64) -> Memory {
        let kept = input.if_kept() + output.if_kept() + more;
        let last = kept + output.bytes;
        let (most, of_data) = (Moment { bytes: last + input.bytes, gradients }, Moment { bytes: last, gradients });
        Memory { kept, most, of_data, last, gradients, load: Load::of(most), input, output, same: false }
    }

    /// The same of a layer whose kernel packs its weights.
    pub(super) const fn packing(self, packed: Packed) -> Memory {
        Memory { load: Load { packed, ..self.load }, ..self }
    }

    /// The bytes that are kept from the forward pass for the backward one.
    pub const fn kept(self) -> u64 {
        self.kept
    }

    /// The most bytes that are there at once, if what goes in is data: what is kept, and the gradients of what goes into a layer
    /// and of what comes out of it.
    pub const fn peak(self) -> u64 {
        self.of_data.bytes
    }

    /// The most bytes that so many samples and the gradients of the parameters take at once.
    pub(super) const fn step(self, samples: u64) -> u64 {
        let end = Moment { bytes: self.last, gradients: self.gradients };
        let load = self.load.moment.of(samples).saturating_add(self.load.packed.of(samples));
        max(load, max(self.of_data.of(samples), end.of(samples)))
    }

    /// These and then others, `times` in a row.
    pub const fn then(self, next: Memory, times: usize) -> Memory {
        if times == 0 {
            return self;
        }
        let (times, first) = (times as u64, self.same && times == 1);
        // What is between two, if both keep it.
        let again = if next.input.kept { next.output.if_kept() } else { 0 };
        let before = next.kept.saturating_sub(again).saturating_mul(times - 1);
        let shared = if self.output.kept { next.input.if_kept() } else { 0 };
        let first_under = self.kept.saturating_sub(shared);
        let under = first_under.saturating_add(before);
        let gradients = next.gradients.saturating_mul(times);
        Memory {
            kept: under.saturating_add(next.kept),
            most: self.most.with(gradients).or(next.most.on(under)),
            of_data: self.of_data.with(gradients).or(if first { next.of_data } else { next.most.on(under) }),
            last: if self.same { next.last } else { self.last },
            gradients: self.gradients.saturating_add(gradients),
            // The first of those in a row runs back last.
            load: self
                .load
                .with(gradients)
                .or(next.load.with(gradients.saturating_sub(next.gradients)).on(first_under)),
            input: self.input.also(self.same && next.input.kept),
            output: next.output.also(next.same && self.output.kept),
            same: self.same && next.same,
        }
    }

    /// An activation that the layer before it applies, to what is never stored. Its gradient is computed in place.
    pub const fn applied(self, kept: bool) -> Memory {
        let output = End { kept, ..self.output };
        let most = Moment { bytes: output.if_kept() + output.bytes, gradients: 0 };
        let (kept, last) = (output.if_kept(), most.bytes);
        let input = End { kept: false, ..self.input };
        Memory { kept, most, of_data: most, last, gradients: 0, load: Load::of(most), input, output, same: false }
    }

    /// These, and beside them, on the same input, a branch. While that runs back, a gradient waits.
    pub const fn beside(self, branch: Memory) -> Memory {
        // What goes in is the same for both.
        let shared = if self.input.kept { branch.input.if_kept() } else { 0 };
        let under = self.kept.saturating_sub(shared);
        let waiting = under.saturating_add(branch.output.bytes);
        Memory {
            kept: under.saturating_add(branch.kept),
            most: self.most.with(branch.gradients).or(branch.most.on(waiting)),
            of_data: self.of_data.with(branch.gradients).or(branch.of_data.on(waiting)),
            last: max(self.last, branch.last.saturating_add(waiting)),
            gradients: self.gradients.saturating_add(branch.gradients),
            load: self.load.with(branch.gradients).or(branch.load.on(waiting)),
            input: self.input.also(branch.input.kept),
            ..self
        }
    }

    /// What goes in times what these make of it, a number for each of its channels, say. The product keeps both.
    pub(super) const fn gating(self) -> Memory {
        let (x, gate) = (End { kept: true, ..self.input }, self.output);
        let own = self.kept.saturating_sub(self.input.if_kept()).saturating_sub(gate.if_kept());
        Memory::layer(x, End { kept: false, ..x }, own + gate.bytes, self.gradients)
    }

    /// Branches that have met in a result of so many bytes.
    pub const fn met(self, bytes: u64) -> Memory {
        Memory { output: End { bytes, kept: false }, same: false, ..self }
    }
}

impl Moment {
    /// After later layers, whose parameters have these gradients.
    const fn with(self, gradients: u64) -> Moment {
        Moment { gradients: self.gradients.saturating_add(gradients), ..self }
    }

    /// While this is kept by earlier layers.
    const fn on(self, under: u64) -> Moment {
        Moment { bytes: self.bytes.saturating_add(under), ..self }
    }

    /// The bytes for so many samples.
    const fn of(self, samples: u64) -> u64 {
        self.gradients.saturating_add(self.bytes.saturating_mul(samples))
    }

    /// This or another, whichever has more; of two that are equal this one, which is later.
    const fn or(self, other: Moment) -> Moment {
        if other.bytes > self.bytes { other } else { self }
    }
}

impl Load {
    /// Nothing is packed.
    const fn of(moment: Moment) -> Load {
        Load { moment, packed: Packed { bytes: 0, places: 0 } }
    }

    const fn with(self, gradients: u64) -> Load {
        Load { moment: self.moment.with(gradients), ..self }
    }

    const fn on(self, under: u64) -> Load {
        Load { moment: self.moment.on(under), ..self }
    }

    /// This or another, whichever has more for many samples together; of two that are equal this one.
    const fn or(self, other: Load) -> Load {
        let (own, others) = (self.packed.of(MANY), other.packed.of(MANY));
        let more = others.saturating_add(other.moment.gradients) > own.saturating_add(self.moment.gradients);
        if more { other } else { self }
    }
}

impl Packed {
    /// The bytes for so many samples.
    const fn of(self, samples: u64) -> u64 {
        // Tiles of 2x2 have 16 numbers for nine weights, and those of 4x4 36.
        match self.places.saturating_mul(samples) {
            ..SOME => self.bytes,
            SOME..MANY => self.bytes.saturating_mul(16) / 9,
            _ => self.bytes.saturating_mul(4),
        }
    }
}

impl End {
    const fn if_kept(self) -> u64 {
        if self.kept { self.bytes } else { 0 }
    }

    const fn also(self, kept: bool) -> End {
        End { kept: self.kept || kept, ..self }
    }
}

const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer of these sizes that keeps what it takes, or what it gives.
    const fn layer(input: u64, output: u64, kept: [bool; 2]) -> Memory {
        Memory::layer(End { bytes: input, kept: kept[0] }, End { bytes: output, kept: kept[1] }, 0, 8)
    }

    #[test]
    fn what_two_keep_is_there_once() {
        let (takes, gives) = (layer(10, 20, [true, false]), layer(20, 20, [false, true]));
        let both = Memory::none(10).then(takes, 1).then(gives, 1);
        assert_eq!((both.kept(), both.peak()), (30, 70));
        // What comes out is kept as what goes in next.
        let three = both.then(layer(20, 5, [true, false]), 1);
        assert_eq!((three.kept(), three.peak()), (30, 70));
        // And so it is between those that are repeated.
        let repeated = Memory::none(20).then(layer(20, 20, [true, true]), 3);
        assert_eq!((repeated.kept(), repeated.peak()), (80, 120));
        assert_eq!(Memory::none(20).then(repeated, 0), Memory::none(20));
    }

    #[test]
    fn data_has_no_gradient() {
        let one = Memory::none(100).then(layer(100, 10, [true, false]), 1);
        assert_eq!((one.kept(), one.peak()), (100, 110));
        // Behind another layer it has one.
        let two = Memory::none(100).then(layer(100, 100, [false, false]), 1).then(one, 1);
        assert_eq!((two.kept(), two.peak()), (100, 210));
    }

    /// The weights of a small layer behind a large one: the more samples, the more numbers stand for them.
    #[test]
    fn packed_weights_are_there_for_all_samples() {
        let packed = Packed { bytes: 900, places: 4 };
        let heavy = layer(2, 2, [true, false]).packing(packed);
        let net = Memory::none(50).then(layer(50, 2, [true, false]), 1).then(heavy, 2);
        // Back through the first of the heavy ones: what is kept, what comes in and goes out, the gradients of both.
        let load = |samples: u64, packed: u64| 16 + packed + samples * (50 + 2 + 2 + 2);
        assert_eq!(net.step(1), load(1, 900));
        assert_eq!(net.step(12), load(12, 1600));
        assert_eq!(net.step(64), load(64, 3600));
    }

    #[test]
    fn gradients_come_one_after_another() {
        let (wide, narrow) = (layer(4, 100, [true, false]), layer(100, 4, [true, false]));
        let both = Memory::none(4).then(wide, 1).then(narrow, 1);
        // Back through the second layer its own gradient is there, and through the first both are.
        assert_eq!((both.peak(), both.step(1), both.step(0)), (208, 208 + 8, 16));
        assert_eq!(Memory::none(4).then(narrow, 1).then(wide, 2).step(0), 24);
    }

    #[test]
    fn branches_keep_their_input_once() {
        let (x, branch) = (Memory::none(10), Memory::none(10).then(layer(10, 10, [true, false]), 1));
        let sum = x.then(x.beside(branch).beside(branch).met(10), 1);
        assert_eq!((sum.kept(), sum.peak()), (10, 30));
        let applied = sum.then(layer(10, 10, [true, false]).applied(true), 1);
        assert_eq!((applied.kept(), applied.peak()), (20, 30));
        assert_eq!(sum.then(layer(10, 10, [true, false]).applied(false), 1).kept(), 10);
    }

    #[test]
    fn a_product_keeps_its_factors() {
        let (mean, sigmoid) = (layer(100, 2, [false, false]), layer(2, 2, [false, true]));
        for gate in [Memory::none(100).then(mean, 1), Memory::none(100).then(mean, 1).then(sigmoid, 1)] {
            assert_eq!((gate.gating().kept(), gate.gating().peak()), (102, 202));
        }
        let both = Memory::none(100).then(layer(100, 100, [true, false]), 1).then(mean, 1);
        assert_eq!((both.gating().kept(), both.gating().peak()), (102, 202));
    }
}
