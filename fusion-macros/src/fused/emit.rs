//! The code: a generic function of tensors, in it the loops as formulas on vectors, and the gradients once more as steps of
//! operations, for gradients of gradients.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::functions::UNARY;
use super::graph::{Binary, Comparison, Graph, Id, Node};
use super::parse::Declared;
use super::plan::{Gradient, Plan, Saved, reached};
use crate::diagnostics::within;

/// A graph with a formula, and how its gradients are computed.
pub struct Differentiated {
    pub graph: Graph,
    pub root: Id,
    pub plan: Plan,
}

/// What the functions take and give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tensors, whose types say their shapes.
    Tensors,
    /// The library's own values.
    Values,
}

/// The function. After a mistake there is no formula; what calls the function is checked all the same.
pub fn function(declared: &Declared, formula: Option<&Differentiated>, kind: Kind, inlined: bool) -> TokenStream {
    let Declared { attrs, vis, name, params, .. } = declared;
    let count = declared.operands().count();
    let shapes: Vec<Ident> = (0..count).map(|k| if count == 1 { own("S") } else { own(&format!("S{k}")) }).collect();
    let element = own("T");
    let mut left = shapes.iter();
    let takes: TokenStream = params
        .iter()
        .map(|param| {
            let name = &param.name;
            if param.is_number {
                return quote!(#name: f64,);
            }
            let shape = left.next().expect("a shape for each tensor");
            quote_spanned!(within(name.span())=> #name: impl ::fusion::operand::Argument<#shape, #element>,)
        })
        .collect();
    let (mut joined, mut bounds, mut named) = (quote!(), quote!(), quote!());
    for (k, (shape, name)) in shapes.iter().zip(declared.operands()).enumerate() {
        if k == 0 {
            joined = quote!(#shape);
        } else {
            let other = quote!(::fusion::operand::Shaped<#shape>);
            bounds.extend(quote_spanned!(within(name.span())=> #other: ::fusion::operand::Meets<#joined>,));
            let rule = quote!(<#other as ::fusion::operand::Meets<#joined>>);
            named.extend(quote!(#rule::NAMED,));
            joined = quote!(#rule::Out);
        }
    }
    let operands = declared.operands();
    let numbers: Vec<&Ident> = declared.numbers().collect();
    let body = match formula {
        Some(formula) => {
            let fused = fused(name, formula, count, numbers.len());
            let values = operands.map(|name| quote!(::fusion::operand::Argument::into_value(#name)));
            quote! {
                #fused
                ::fusion::__private::fused::wrap(FUSED.call([#(#values),*], [#(#numbers),*], &[#named]))
            }
        }
        None => quote! {
            let _ = (#(#operands,)* #(#numbers,)*);
            ::core::unreachable!("its formula is wrong")
        },
    };
    // A formula has as many operands as it needs.
    let many = (params.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    if kind == Kind::Values {
        let fused = formula.map(|formula| fused(name, formula, count, numbers.len()));
        let takes = params.iter().map(|param| {
            let (name, ty) = (&param.name, if param.is_number { quote!(f64) } else { quote!(::fusion::Value) });
            quote!(#name: #ty)
        });
        let (operands, named) = (declared.operands(), vec![0u8; count - 1]);
        return quote! {
            #(#attrs)*
            #many
            #[track_caller]
            #vis fn #name(#(#takes),*) -> ::fusion::Value {
                #fused
                FUSED.call([#(#operands),*], [#(#numbers),*], &[#(#named),*])
            }
        };
    }
    let quiet = inlined.then(|| quote!(#[allow(dead_code)]));
    quote! {
        #(#attrs)*
        #quiet
        #many
        #[track_caller]
        #vis fn #name<#element, #(#shapes),*>(#takes) -> ::fusion::Tensor<#joined, #element>
        where
            #element: ::fusion::tensor::Float,
            #bounds
        {
            #body
        }
    }
}

/// The static that holds all of a function of `n` tensors and `s` numbers, and its formulas.
fn fused(name: &Ident, formula: &Differentiated, n: usize, s: usize) -> TokenStream {
    let Differentiated { graph, root, plan } = formula;
    let operands: Vec<Leaf> = (0..n).map(Leaf::Operand).collect();
    let forward = elementwise(&own("Forward"), graph, &operands, s, &[*root], None);
    let leaves: Vec<Leaf> =
        std::iter::once(Leaf::Incoming).chain(plan.saved.iter().map(|&saved| saved.into())).collect();
    let (backward, table) = if plan.results.is_empty() {
        (quote!(), quote!(::core::option::Option::None))
    } else {
        let (k, m) = (leaves.len(), plan.results.len());
        let table = quote!(::core::option::Option::Some(__fused::Function::new::<Backward, #k, #s, #m>()));
        (elementwise(&own("Backward"), graph, &leaves, s, &plan.results, plan.cut), table)
    };
    let saved = plan.saved.iter().map(|saved| match saved {
        Saved::Operand(k) => quote!(__fused::Saved::Operand(#k)),
        Saved::Result => quote!(__fused::Saved::Result),
    });
    let gradients = plan.gradients.iter().map(|gradient| match gradient {
        Gradient::Zero => quote!(__fused::Gradient::Zero),
        Gradient::Incoming => quote!(__fused::Gradient::Incoming),
        Gradient::Result(k) => quote!(__fused::Gradient::Result(#k)),
    });
    let (steps, results) = steps(graph, plan);
    let name = name.to_string();
    quote! {
        use ::fusion::__private::fused as __fused;
        #forward
        #backward
        #[allow(clippy::approx_constant)]
        static FUSED: __fused::Fused<#n, #s> = __fused::Fused {
            name: #name,
            forward: __fused::Function::new::<Forward, #n, #s, 1>(),
            backward: #table,
            saved: &[#(#saved),*],
            gradients: [#(#gradients),*],
            steps: &[#(#steps),*],
            results: &[#(#results),*],
        };
    }
}

/// An operand of a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Incoming,
    Operand(usize),
    Result,
}

impl From<Saved> for Leaf {
    fn from(saved: Saved) -> Self {
        match saved {
            Saved::Operand(k) => Self::Operand(k),
            Saved::Result => Self::Result,
        }
    }
}

impl Leaf {
    fn variable(self) -> Ident {
        match self {
            Self::Incoming => own("g"),
            Self::Operand(k) => own(&format!("x{k}")),
            Self::Result => own("y"),
        }
    }
}

/// A type with the formula of a loop.
fn elementwise(name: &Ident, graph: &Graph, leaves: &[Leaf], s: usize, results: &[Id], cut: Option<Id>) -> TokenStream {
    let (n, m) = (leaves.len(), results.len());
    let variables = leaves.iter().map(|leaf| leaf.variable());
    let numbers = (0..s).map(|k| own(&format!("s{k}")));
    let vectors = Vectors::new(graph, leaves[0].variable(), results, cut);
    let statements = vectors.statements();
    let results = results.iter().map(|&id| vectors.variable(id));
    quote! {
        struct #name;
        impl __fused::Elementwise<#n, #s, #m> for #name {
            #[inline(always)]
            #[allow(unused_variables, clippy::approx_constant)]
            fn map<V: __fused::Vector>([#(#variables),*]: [V; #n], [#(#numbers),*]: [V; #s]) -> [V; #m] {
                #statements
                [#(#results),*]
            }
        }
    }
}

/// Nodes as statements on vectors.
struct Vectors<'a> {
    graph: &'a Graph,
    /// A vector, of which others are made.
    like: Ident,
    cut: Option<Id>,
    order: BTreeSet<Id>,
    /// Products that are part of a sum.
    joined: BTreeSet<Id>,
}

impl<'a> Vectors<'a> {
    fn new(graph: &'a Graph, like: Ident, results: &[Id], cut: Option<Id>) -> Self {
        let order = reached(graph, results, cut);
        let mut uses = BTreeMap::<Id, usize>::new();
        for &id in order.iter().filter(|&&id| Some(id) != cut) {
            graph.node(id).inputs().for_each(|input| *uses.entry(input).or_default() += 1);
        }
        results.iter().for_each(|&id| *uses.entry(id).or_default() += 1);
        let is_product = |id: Id| {
            matches!(graph.node(id), Node::Binary(Binary::Mul, ..)) && Some(id) != cut && uses.get(&id) == Some(&1)
        };
        let joined = order
            .iter()
            .filter(|&&id| Some(id) != cut)
            .filter_map(|&id| match graph.node(id) {
                Node::Binary(Binary::Add | Binary::Sub, a, b) => [b, a].into_iter().find(|&id| is_product(id)),
                _ => None,
            })
            .collect();
        Self { graph, like, cut, order, joined }
    }

    fn variable(&self, id: Id) -> TokenStream {
        let ident = match self.graph.node(id) {
            _ if Some(id) == self.cut => Leaf::Result.variable(),
            Node::Incoming => Leaf::Incoming.variable(),
            Node::Operand(k) => Leaf::Operand(k).variable(),
            Node::Parameter(k) => own(&format!("s{k}")),
            _ => own(&format!("v{id}")),
        };
        quote!(#ident)
    }

    /// Minus this.
    fn negative(&self, id: Id) -> TokenStream {
        let (x, like) = (self.variable(id), &self.like);
        match self.graph.known(id) {
            Some(x) => {
                let opposite = number(-x);
                quote!(#like.number(#opposite))
            }
            None => quote!((-#x)),
        }
    }

    fn statements(&self) -> TokenStream {
        let mut out = quote!();
        for &id in self.order.iter().filter(|&&id| Some(id) != self.cut && !self.joined.contains(&id)) {
            if let Some(value) = self.value(id) {
                let variable = self.variable(id);
                out.extend(quote!(let #variable = #value;));
            }
        }
        out
    }

    /// What is not an argument of the loop.
    fn value(&self, id: Id) -> Option<TokenStream> {
        let like = &self.like;
        Some(match self.graph.node(id) {
            Node::Incoming | Node::Operand(_) | Node::Parameter(_) => return None,
            Node::Number(bits) => {
                let number = number(f64::from_bits(bits));
                quote!(#like.number(#number))
            }
            Node::Constant(k) => {
                let path = self.graph.constant(k);
                quote!(#like.number(#path))
            }
            Node::Neg(x) => {
                let x = self.variable(x);
                quote!(-#x)
            }
            Node::Unary(f, x) => {
                let (x, f) = (self.variable(x), own(UNARY[f].name));
                quote!(__fused::lanes::#f(#x))
            }
            Node::Binary(f, a, b) => self.binary(f, a, b),
            Node::Where(how, inputs) => {
                let [a, b, x, y] = inputs.map(|id| self.variable(id));
                let f = own(match how {
                    Comparison::Lt => "where_lt",
                    Comparison::Le => "where_le",
                    Comparison::Eq => "where_eq",
                });
                quote!(__fused::lanes::#f(#a, #b, #x, #y))
            }
        })
    }

    fn binary(&self, f: Binary, a: Id, b: Id) -> TokenStream {
        let factors = |id: Id| match self.graph.node(id) {
            Node::Binary(Binary::Mul, p, q) if self.joined.contains(&id) => Some((p, q)),
            _ => None,
        };
        let (x, y) = (self.variable(a), self.variable(b));
        match (f, factors(a), factors(b)) {
            (Binary::Add, _, Some((p, q))) => {
                let (p, q) = (self.variable(p), self.variable(q));
                quote!(#p.mul_add(#q, #x))
            }
            (Binary::Add, Some((p, q)), None) => {
                let (p, q) = (self.variable(p), self.variable(q));
                quote!(#p.mul_add(#q, #y))
            }
            (Binary::Sub, _, Some((p, q))) => {
                let (p, q) = (self.negative(p), self.variable(q));
                quote!(#p.mul_add(#q, #x))
            }
            (Binary::Sub, Some((p, q)), None) => {
                let (p, q, y) = (self.variable(p), self.variable(q), self.negative(b));
                quote!(#p.mul_add(#q, #y))
            }
            (Binary::Add, ..) => quote!(#x + #y),
            (Binary::Sub, ..) => quote!(#x - #y),
            (Binary::Mul, ..) => quote!(#x * #y),
            (Binary::Div, ..) => quote!(#x / #y),
            // A number, which is not NaN, comes first.
            (Binary::Max, ..) if self.graph.known(a).is_some() => quote!(#x.simd_max(#y)),
            (Binary::Min, ..) if self.graph.known(a).is_some() => quote!(#x.simd_min(#y)),
            (Binary::Max, ..) => quote!(__fused::lanes::max(#x, #y)),
            (Binary::Min, ..) => quote!(__fused::lanes::min(#x, #y)),
            (Binary::Pow, ..) => quote!(__fused::lanes::pow(#x, #y)),
        }
    }
}

/// The gradients as steps, and which of these are the loop's results.
fn steps(graph: &Graph, plan: &Plan) -> (Vec<TokenStream>, Vec<usize>) {
    let order = reached(graph, &plan.results, plan.cut);
    let mut places = BTreeMap::new();
    let mut steps = Vec::new();
    let saved = |saved: Saved| {
        let k = plan.saved.iter().position(|&other| other == saved).expect("what is reached is kept");
        quote!(__fused::Step::Saved(#k))
    };
    for id in order {
        let at = |input: Id| places[&input];
        let step = match graph.node(id) {
            _ if Some(id) == plan.cut => saved(Saved::Result),
            Node::Incoming => quote!(__fused::Step::Incoming),
            Node::Operand(k) => saved(Saved::Operand(k)),
            Node::Parameter(k) => quote!(__fused::Step::Parameter(#k)),
            Node::Number(bits) => {
                let number = number(f64::from_bits(bits));
                quote!(__fused::Step::Number(#number))
            }
            Node::Constant(k) => {
                let path = graph.constant(k);
                quote!(__fused::Step::Number(#path))
            }
            Node::Neg(x) => {
                let x = at(x);
                quote!(__fused::Step::Unary(__fused::ops::neg, #x))
            }
            Node::Unary(f, x) => {
                let (x, f) = (at(x), own(UNARY[f].name));
                quote!(__fused::Step::Unary(__fused::ops::#f, #x))
            }
            Node::Binary(f, a, b) => {
                let (a, b, f) = (at(a), at(b), own(&format!("{f:?}")));
                quote!(__fused::Step::Binary(__fused::Binary::#f, #a, #b))
            }
            Node::Where(how, inputs) => {
                let ([a, b, x, y], how) = (inputs.map(at), own(&format!("{how:?}")));
                quote!(__fused::Step::Where(__fused::Comparison::#how, [#a, #b, #x, #y]))
            }
        };
        places.insert(id, steps.len());
        steps.push(step);
    }
    (steps, plan.results.iter().map(|id| places[id]).collect())
}

/// The number as a literal or a constant: infinities and NaN have no literal.
fn number(x: f64) -> TokenStream {
    match x {
        _ if x.is_nan() => quote!(f64::NAN),
        f64::INFINITY => quote!(f64::INFINITY),
        f64::NEG_INFINITY => quote!(f64::NEG_INFINITY),
        _ => quote!(#x),
    }
}

/// A name of the macro's own.
fn own(name: &str) -> Ident {
    format_ident!("{name}", span = Span::mixed_site())
}
