//! What a training step keeps in memory, for each sample.

/// The bytes of one sample that are in memory in a training step of `f32`. What two layers both keep is there once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What is kept for the backward pass.
    kept: u64,
    /// The most that is there at once.
    peak: u64,
    /// Whether what goes in is kept, and how large it is.
    input: (bool, u64),
    /// Whether what comes out is kept, and how large it is.
    output: (bool, u64),
    /// Whether what comes out is what goes in.
    same: bool,
}

impl Memory {
    /// No layers: what goes in, of so many bytes, comes out.
    pub const fn none(bytes: u64) -> Memory {
        Memory { kept: 0, peak: 0, input: (false, bytes), output: (false, bytes), same: true }
    }

    /// A layer that keeps its input, its output, both or neither, and `more`; and while it runs back, that and both gradients.
    pub(super) const fn layer(input: (bool, u64), output: (bool, u64), more: u64) -> Memory {
        let kept = of(input) + of(output) + more;
        Memory { kept, peak: kept + input.1 + output.1, input, output, same: false }
    }

    /// The bytes that are kept from the forward pass for the backward one.
    pub const fn kept(self) -> u64 {
        self.kept
    }

    /// The most bytes that are there at once: what is kept, and the gradients of what goes into a layer and comes out of it.
    pub const fn peak(self) -> u64 {
        self.peak
    }

    /// These and then others, `times` in a row.
    pub const fn then(self, next: Memory, times: usize) -> Memory {
        if times == 0 {
            return self;
        }
        // What is between two, if both keep it.
        let again = if next.output.0 && next.input.0 { next.output.1 } else { 0 };
        let before = (next.kept.saturating_sub(again)).saturating_mul(times as u64 - 1);
        let repeated =
            Memory { kept: before.saturating_add(next.kept), peak: before.saturating_add(next.peak), ..next };
        let shared = if self.output.0 && repeated.input.0 { repeated.input.1 } else { 0 };
        let under = self.kept.saturating_sub(shared);
        Memory {
            kept: under.saturating_add(repeated.kept),
            peak: max(self.peak, under.saturating_add(repeated.peak)),
            input: (self.input.0 || (self.same && repeated.input.0), self.input.1),
            output: (repeated.output.0 || (repeated.same && self.output.0), repeated.output.1),
            same: self.same && repeated.same,
        }
    }

    /// An activation that the layer before it applies: its gradient is that of the result, and what it takes is never stored.
    pub const fn applied(self) -> Memory {
        let (input, output) = ((false, self.input.1), (true, self.output.1));
        // Its gradient is computed in place.
        Memory { kept: output.1, peak: output.1 + output.1, input, output, same: false }
    }

    /// These, and beside them, on the same input, a branch. While one runs back, the gradient of the other is there.
    pub const fn beside(self, branch: Memory) -> Memory {
        // What goes in is the same for both.
        let shared = if self.input.0 && branch.input.0 { self.input.1 } else { 0 };
        let under = self.kept.saturating_sub(shared);
        let waiting = branch.output.1;
        Memory {
            kept: under.saturating_add(branch.kept),
            peak: max(self.peak, under.saturating_add(branch.peak).saturating_add(waiting)),
            input: (self.input.0 || branch.input.0, self.input.1),
            output: (false, self.output.1),
            same: false,
        }
    }

    /// Branches that have met in a result of so many bytes.
    pub const fn met(self, bytes: u64) -> Memory {
        Memory { output: (false, bytes), same: false, ..self }
    }
}

const fn of((kept, bytes): (bool, u64)) -> u64 {
    if kept { bytes } else { 0 }
}

const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}
