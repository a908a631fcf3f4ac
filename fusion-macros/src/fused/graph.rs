//! Formulas as a graph in which what is the same stands once. What can be said more simply is, when a node is made.
//!
//! A sum with 0 or a product with 1 is the other operand; a product with 0 stays, as it is NaN where the other is infinite
//! or NaN. The sign of a zero may change. Gradients are an exception: where none passes, it is 0, whatever it would be
//! multiplied by.

use std::collections::HashMap;

use proc_macro2::TokenStream;

use super::functions::UNARY;

/// The place of a node. What a node is made of has lower places.
pub type Id = usize;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    Pow,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    Lt,
    Le,
    Eq,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// The gradient of the result.
    Incoming,
    /// A tensor that the function takes.
    Operand(usize),
    /// A number that the function takes.
    Parameter(usize),
    /// A number by its bits.
    Number(u64),
    /// A constant of the user's.
    Constant(usize),
    Neg(Id),
    /// The function of this row.
    Unary(usize, Id),
    Binary(Binary, Id, Id),
    /// Where the first two compare so the third, else the fourth.
    Where(Comparison, [Id; 4]),
}

impl Node {
    /// What it is made of.
    pub fn inputs(self) -> impl DoubleEndedIterator<Item = Id> {
        let (n, inputs) = match self {
            Self::Neg(x) | Self::Unary(_, x) => (1, [x; 4]),
            Self::Binary(_, a, b) => (2, [a, b, 0, 0]),
            Self::Where(_, inputs) => (4, inputs),
            _ => (0, [0; 4]),
        };
        inputs.into_iter().take(n)
    }

    /// What it costs, in multiplications.
    pub fn cost(self) -> usize {
        match self {
            Self::Unary(f, _) => UNARY[f].cost,
            Self::Binary(Binary::Div, ..) => 8,
            Self::Binary(Binary::Pow, ..) => 100,
            Self::Neg(_) | Self::Binary(..) => 1,
            Self::Where(..) => 2,
            _ => 0,
        }
    }
}

#[derive(Default)]
pub struct Graph {
    nodes: Vec<Node>,
    places: HashMap<Node, Id>,
    constants: Vec<TokenStream>,
    /// Whether what is made are gradients.
    differentiating: bool,
}

/// A choice between a gradient and 0.
struct Gate {
    how: Comparison,
    of: [Id; 2],
    /// Whether the gradient passes where the comparison holds.
    holds: bool,
    gradient: Id,
}

impl Graph {
    pub fn node(&self, id: Id) -> Node {
        self.nodes[id]
    }

    /// The constant of the user's behind [`Node::Constant`].
    pub fn constant(&self, k: usize) -> &TokenStream {
        &self.constants[k]
    }

    /// The place of this node, which is made if it is new.
    pub fn add_node(&mut self, node: Node) -> Id {
        let free = self.nodes.len();
        let id = *self.places.entry(node).or_insert(free);
        if id == free {
            self.nodes.push(node);
        }
        id
    }

    pub fn number(&mut self, x: f64) -> Id {
        self.add_node(Node::Number(x.to_bits()))
    }

    pub fn user_constant(&mut self, path: TokenStream) -> Id {
        let k = self.constants.iter().position(|other| crate::tokens::same(other, &path)).unwrap_or_else(|| {
            self.constants.push(path);
            self.constants.len() - 1
        });
        self.add_node(Node::Constant(k))
    }

    /// The number that it is, if the macro knows it.
    pub fn known(&self, id: Id) -> Option<f64> {
        match self.nodes[id] {
            Node::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    pub fn is(&self, id: Id, x: f64) -> bool {
        self.known(id) == Some(x)
    }

    /// Whether no tensor is in it.
    pub fn is_constant(&self, id: Id) -> bool {
        match self.nodes[id] {
            Node::Incoming | Node::Operand(_) => false,
            node => node.inputs().all(|input| self.is_constant(input)),
        }
    }

    /// From now on what is made are gradients.
    pub fn differentiate(&mut self) {
        self.differentiating = true;
    }

    fn gate(&self, id: Id) -> Option<Gate> {
        let Node::Where(how, [a, b, x, y]) = self.nodes[id] else { return None };
        let gate = |holds, gradient| Some(Gate { how, of: [a, b], holds, gradient });
        match (self.is(x, 0.0), self.is(y, 0.0)) {
            _ if !self.differentiating => None,
            (false, true) => gate(true, x),
            (true, false) => gate(false, y),
            _ => None,
        }
    }

    /// A gate as before with another gradient.
    fn gated(&mut self, gate: &Gate, gradient: Id) -> Id {
        let (zero, [a, b]) = (self.number(0.0), gate.of);
        let (x, y) = if gate.holds { (gradient, zero) } else { (zero, gradient) };
        self.choose(gate.how, [a, b, x, y])
    }

    pub fn unary(&mut self, f: usize, x: Id) -> Id {
        self.add_node(Node::Unary(f, x))
    }

    /// The function of this name, which has a row.
    pub fn named(&mut self, name: &str, x: Id) -> Id {
        let f = UNARY.iter().position(|f| f.name == name).expect("a row of the table");
        self.unary(f, x)
    }

    pub fn neg(&mut self, x: Id) -> Id {
        if let Some(gate) = self.gate(x) {
            let gradient = self.neg(gate.gradient);
            return self.gated(&gate, gradient);
        }
        match self.nodes[x] {
            Node::Number(bits) => self.number(-f64::from_bits(bits)),
            Node::Neg(x) => x,
            Node::Binary(Binary::Sub, a, b) => self.sub(b, a),
            _ => self.add_node(Node::Neg(x)),
        }
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        if let (Some(one), Some(other)) = (self.gate(a), self.gate(b))
            && (one.how, one.of) == (other.how, other.of)
        {
            if one.holds == other.holds {
                let gradient = self.add(one.gradient, other.gradient);
                return self.gated(&one, gradient);
            }
            let (x, y) = if one.holds { (one.gradient, other.gradient) } else { (other.gradient, one.gradient) };
            return self.choose(one.how, [one.of[0], one.of[1], x, y]);
        }
        match (self.nodes[a], self.nodes[b]) {
            (Node::Number(x), Node::Number(y)) => self.number(f64::from_bits(x) + f64::from_bits(y)),
            _ if self.is(a, 0.0) => b,
            _ if self.is(b, 0.0) => a,
            _ if a == b => {
                let two = self.number(2.0);
                self.mul(two, a)
            }
            (_, Node::Neg(y)) => self.sub(a, y),
            (Node::Neg(x), _) => self.sub(b, x),
            _ => self.commutative(Binary::Add, a, b),
        }
    }

    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        match (self.nodes[a], self.nodes[b]) {
            (Node::Number(x), Node::Number(y)) => self.number(f64::from_bits(x) - f64::from_bits(y)),
            _ if self.is(b, 0.0) => a,
            _ if self.is(a, 0.0) => self.neg(b),
            (_, Node::Neg(y)) => self.add(a, y),
            _ => self.add_node(Node::Binary(Binary::Sub, a, b)),
        }
    }

    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        for (gated, factor) in [(a, b), (b, a)] {
            if let Some(gate) = self.gate(gated) {
                let gradient = self.mul(gate.gradient, factor);
                return self.gated(&gate, gradient);
            }
        }
        match (self.nodes[a], self.nodes[b]) {
            (Node::Number(x), Node::Number(y)) => self.number(f64::from_bits(x) * f64::from_bits(y)),
            _ if self.is(a, 1.0) => b,
            _ if self.is(b, 1.0) => a,
            _ if self.is(a, -1.0) => self.neg(b),
            _ if self.is(b, -1.0) => self.neg(a),
            (Node::Number(_), Node::Neg(y)) => {
                let a = self.neg(a);
                self.mul(a, y)
            }
            (Node::Neg(x), Node::Number(_)) => {
                let b = self.neg(b);
                self.mul(x, b)
            }
            (Node::Neg(x), _) => {
                let product = self.mul(x, b);
                self.neg(product)
            }
            (_, Node::Neg(y)) => {
                let product = self.mul(a, y);
                self.neg(product)
            }
            // A number comes first, and two numbers are one.
            (_, Node::Number(_)) => self.mul(b, a),
            (Node::Number(x), Node::Binary(Binary::Mul, c, y))
                if self.known(c).is_some_and(|c| (f64::from_bits(x) * c).is_normal()) =>
            {
                let number = self.number(f64::from_bits(x) * self.known(c).expect("a number"));
                self.mul(number, y)
            }
            (_, Node::Binary(Binary::Mul, c, y)) if self.known(c).is_some() && self.known(a).is_none() => {
                let product = self.mul(a, y);
                self.mul(c, product)
            }
            (Node::Binary(Binary::Mul, c, x), _) if self.known(c).is_some() && self.known(b).is_none() => {
                let product = self.mul(x, b);
                self.mul(c, product)
            }
            _ => self.commutative(Binary::Mul, a, b),
        }
    }

    pub fn div(&mut self, a: Id, b: Id) -> Id {
        if let Some(gate) = self.gate(a) {
            let gradient = self.div(gate.gradient, b);
            return self.gated(&gate, gradient);
        }
        match (self.known(a), self.known(b)) {
            (Some(x), Some(y)) => self.number(x / y),
            // A power of 2, whose reciprocal is exact.
            (_, Some(y)) if y.is_normal() && (1.0 / y).is_normal() && y.to_bits() << 12 == 0 => {
                let factor = self.number(1.0 / y);
                self.mul(factor, a)
            }
            (Some(1.0), _) => self.named("recip", b),
            _ => self.add_node(Node::Binary(Binary::Div, a, b)),
        }
    }

    pub fn max(&mut self, a: Id, b: Id) -> Id {
        self.commutative(Binary::Max, a, b)
    }

    pub fn min(&mut self, a: Id, b: Id) -> Id {
        self.commutative(Binary::Min, a, b)
    }

    /// `x` to a power, which is exact for the constants 0, 1, 2, 3, -1, 0.5 and -0.5.
    pub fn pow(&mut self, x: Id, exponent: Id) -> Id {
        match self.known(exponent) {
            Some(0.0) => self.number(1.0),
            Some(1.0) => x,
            Some(2.0) => self.named("square", x),
            Some(3.0) => {
                let square = self.named("square", x);
                self.mul(square, x)
            }
            Some(-1.0) => self.named("recip", x),
            Some(0.5) => self.named("sqrt", x),
            Some(-0.5) => self.named("rsqrt", x),
            _ => self.add_node(Node::Binary(Binary::Pow, x, exponent)),
        }
    }

    pub fn choose(&mut self, how: Comparison, [a, b, x, y]: [Id; 4]) -> Id {
        if x == y { x } else { self.add_node(Node::Where(how, [a, b, x, y])) }
    }

    /// A number first, else what was made first.
    fn commutative(&mut self, f: Binary, a: Id, b: Id) -> Id {
        let swap = match (self.known(a).is_some(), self.known(b).is_some()) {
            (true, _) => false,
            (_, true) => true,
            _ => b < a,
        };
        let (a, b) = if swap { (b, a) } else { (a, b) };
        self.add_node(Node::Binary(f, a, b))
    }
}
