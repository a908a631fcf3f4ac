//! From a formula as it is written to a graph; what has no gradient, or is no formula, is refused where it stands.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Error, Expr, Lit, Pat, Stmt, UnOp};

use super::functions::{Builtin, names};
use super::graph::{Comparison, Graph, Id, Node};
use super::parse::Declared;
use super::refusals::{compared, first_token, no_formula, other_word};
use crate::diagnostics::{Diagnostics, Ends, nearest, tidy};

/// A function whose formula is read.
pub struct Formula<'a> {
    pub declared: &'a Declared,
    /// With the place of the result; `None` after a mistake.
    pub graph: Option<(Graph, Id)>,
    /// Whether another function is made with it.
    pub inlined: bool,
}

/// The formulas of all declarations.
pub fn formulas<'a>(declared: &'a [Declared], errors: &Diagnostics) -> Vec<Formula<'a>> {
    let mut inlined = BTreeSet::new();
    let mut broken = BTreeSet::new();
    let mut found = Vec::new();
    for (k, function) in declared.iter().enumerate() {
        if declared[..k].iter().any(|other| other.name == function.name) {
            let message = format!("`{}` is declared twice", function.name);
            errors.push(Error::new(function.name.span(), message));
            continue;
        }
        let mut graph = Graph::default();
        let program = Program { all: declared, at: k, broken: &broken };
        let mut lower = Lower { graph: &mut graph, program, errors, inlined: &mut inlined, names: Vec::new() };
        let root = lower.function(function);
        if root.is_none() {
            broken.insert(k);
        }
        found.push(Formula { declared: function, graph: root.map(|root| (graph, root)), inlined: false });
    }
    for formula in &mut found {
        let place = declared.iter().position(|other| other.name == formula.declared.name);
        formula.inlined = place.is_some_and(|k| inlined.contains(&k));
    }
    found
}

/// The value of one of the tables' formulas, with these names.
pub fn rule<const N: usize>(graph: &mut Graph, formula: &str, names: [(&str, Id); N]) -> Id {
    let body: Expr = syn::parse_str(formula).expect("a formula of the tables");
    let errors = Diagnostics::new();
    let program = Program { all: &[], at: 0, broken: &BTreeSet::new() };
    let names = names.map(|(name, id)| Name::new(name, Term::Value(id), Span::call_site())).into();
    let value = Lower { graph, program, errors: &errors, inlined: &mut BTreeSet::new(), names }.value(&body);
    assert!(errors.take().is_empty(), "a formula of the tables is wrong: {formula}");
    value.expect("no mistake")
}

/// All functions of the invocation, and which of them is read.
#[derive(Clone, Copy)]
struct Program<'a> {
    all: &'a [Declared],
    at: usize,
    broken: &'a BTreeSet<usize>,
}

/// What a name stands for.
struct Name {
    name: String,
    term: Term,
    span: Span,
    used: bool,
}

impl Name {
    fn new(name: &str, term: Term, span: Span) -> Self {
        Self { name: name.to_owned(), term, span, used: false }
    }
}

#[derive(Clone)]
enum Term {
    Value(Id),
    Condition(Condition),
}

/// What `where_` asks.
#[derive(Clone)]
enum Condition {
    Compare(Comparison, Id, Id),
    Not(Box<Self>),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
}

struct Lower<'a> {
    graph: &'a mut Graph,
    program: Program<'a>,
    errors: &'a Diagnostics,
    inlined: &'a mut BTreeSet<usize>,
    names: Vec<Name>,
}

impl<'a> Lower<'a> {
    /// The result of a declared function.
    fn function(&mut self, declared: &Declared) -> Option<Id> {
        for (k, name) in declared.operands().enumerate() {
            let operand = self.graph.add_node(Node::Operand(k));
            self.names.push(Name::new(&name.to_string(), Term::Value(operand), name.span()));
        }
        for (k, name) in declared.numbers().enumerate() {
            let number = self.graph.add_node(Node::Parameter(k));
            self.names.push(Name::new(&name.to_string(), Term::Value(number), name.span()));
        }
        let before = self.errors.len();
        let root = self.value(&declared.body);
        // What is wrong may be what was to be used.
        if self.errors.len() == before {
            self.unused(0);
        }
        root.filter(|_| self.errors.len() == before)
    }

    /// Refuses names from place `from` on that stand nowhere.
    fn unused(&mut self, from: usize) {
        for name in self.names.drain(from..).filter(|name| !name.used) {
            self.errors.push(Error::new(name.span, format!("`{}` is not used", name.name)));
        }
    }

    fn refuse<T>(&self, at: impl Into<Ends>, message: impl std::fmt::Display) -> Option<T> {
        self.errors.push(at.into().error(message));
        None
    }

    fn value(&mut self, expr: &Expr) -> Option<Id> {
        match self.term(expr)? {
            Term::Value(id) => Some(id),
            Term::Condition(_) => {
                let message = format!("a condition is no number: write `where_({}, 1, 0)`", compared(expr));
                self.refuse(Ends::of(expr), message)
            }
        }
    }

    fn condition(&mut self, expr: &Expr) -> Option<Condition> {
        match self.term(expr)? {
            Term::Condition(condition) => Some(condition),
            Term::Value(_) => {
                let message = format!("`{}` is no condition: write a comparison, `{0} > 0`", tidy(expr));
                self.refuse(Ends::of(expr), message)
            }
        }
    }

    fn term(&mut self, expr: &Expr) -> Option<Term> {
        let value = match expr {
            Expr::Paren(paren) => return self.term(&paren.expr),
            Expr::Group(group) => return self.term(&group.expr),
            Expr::Block(block) if block.label.is_none() => return self.block(&block.block),
            Expr::Path(path) => return self.path(path),
            Expr::Lit(lit) => match &lit.lit {
                Lit::Float(x) => self.graph.number(x.base10_parse().ok()?),
                Lit::Int(x) => self.graph.number(x.base10_parse().ok()?),
                _ => return self.refuse(Ends::of(lit), "a formula is made of numbers"),
            },
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => {
                    let x = self.value(&unary.expr)?;
                    self.graph.neg(x)
                }
                UnOp::Not(_) => {
                    return Some(Term::Condition(Condition::Not(Box::new(self.condition(&unary.expr)?))));
                }
                _ => return self.refuse(unary.op.span(), "an operand of a formula is no reference: leave out `*`"),
            },
            Expr::Binary(binary) => return self.binary(&binary.op, &binary.left, &binary.right),
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else {
                    return self.refuse(Ends::of(&call.func), "a function is called by its name");
                };
                let Some(name) = path.path.get_ident() else {
                    let message = format!(
                        "a formula is differentiated where it stands, and `{}` cannot be read there: declare the function \
                         in the same `fused!`",
                        tidy(path)
                    );
                    return self.refuse(Ends::of(path), message);
                };
                let args: Vec<&Expr> = call.args.iter().collect();
                return self.call(name, &args);
            }
            Expr::MethodCall(call) => {
                let args: Vec<&Expr> = std::iter::once(&*call.receiver).chain(&call.args).collect();
                return self.call(&call.method, &args);
            }
            other => return self.refuse(first_token(other), no_formula(other)),
        };
        Some(Term::Value(value))
    }

    /// A name: of an operand, of a value that `let` named, or a constant of the user's.
    fn path(&mut self, path: &syn::ExprPath) -> Option<Term> {
        let Some(name) = path.path.get_ident() else {
            return Some(Term::Value(self.graph.user_constant(path.to_token_stream())));
        };
        let text = name.to_string();
        if let Some(found) = self.names.iter_mut().rev().find(|known| known.name == text) {
            found.used = true;
            return Some(found.term.clone());
        }
        if text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase) {
            return Some(Term::Value(self.graph.user_constant(path.to_token_stream())));
        }
        let known = self.names.iter().map(|known| known.name.as_str());
        let message = match nearest(&text, known, 1 + text.len() / 4) {
            Some(meant) if text.len() > 1 => format!("there is no `{text}` here: did you mean `{meant}`?"),
            _ if Builtin::named(&text).is_some() => format!("`{text}` is a function: write `{text}(..)`"),
            _ => format!("there is no `{text}` here: it is neither an operand nor named by a `let` before"),
        };
        self.refuse(name.span(), message)
    }

    fn binary(&mut self, op: &BinOp, left: &Expr, right: &Expr) -> Option<Term> {
        use Comparison::{Eq, Le, Lt};
        let value = match op {
            BinOp::And(_) | BinOp::Or(_) => {
                let (a, b) = (self.condition(left), self.condition(right));
                let both = Box::new([a?, b?]);
                let is_and = matches!(op, BinOp::And(_));
                return Some(Term::Condition(if is_and { Condition::And(both) } else { Condition::Or(both) }));
            }
            BinOp::BitAnd(_) | BinOp::BitOr(_) => {
                let sign = op.to_token_stream().to_string();
                return self.refuse(op.span(), format!("two conditions are joined by `{sign}{sign}`"));
            }
            BinOp::BitXor(_) => {
                let message = format!("`^` is no power in Rust: write `pow({}, {})`", tidy(left), tidy(right));
                return self.refuse(op.span(), message);
            }
            BinOp::Rem(_) => return self.refuse(op.span(), "a formula has no remainder: its gradient would be 0"),
            BinOp::Shl(_) | BinOp::Shr(_) => return self.refuse(op.span(), "numbers with a fraction are not shifted"),
            _ => {
                let (a, b) = (self.value(left), self.value(right));
                let (a, b) = (a?, b?);
                let compare = |how, a, b| Condition::Compare(how, a, b);
                match op {
                    BinOp::Add(_) => self.graph.add(a, b),
                    BinOp::Sub(_) => self.graph.sub(a, b),
                    BinOp::Mul(_) => self.graph.mul(a, b),
                    BinOp::Div(_) => self.graph.div(a, b),
                    BinOp::Lt(_) => return Some(Term::Condition(compare(Lt, a, b))),
                    BinOp::Gt(_) => return Some(Term::Condition(compare(Lt, b, a))),
                    BinOp::Le(_) => return Some(Term::Condition(compare(Le, a, b))),
                    BinOp::Ge(_) => return Some(Term::Condition(compare(Le, b, a))),
                    BinOp::Eq(_) => return Some(Term::Condition(compare(Eq, a, b))),
                    BinOp::Ne(_) => return Some(Term::Condition(Condition::Not(Box::new(compare(Eq, a, b))))),
                    _ => {
                        return self
                            .refuse(op.span(), "a value of a formula does not change: name the next one with `let`");
                    }
                }
            }
        };
        Some(Term::Value(value))
    }

    fn block(&mut self, block: &Block) -> Option<Term> {
        let from = self.names.len();
        let Some((last, before)) = block.stmts.split_last() else {
            return self.refuse(Ends::of(block), "this block has no result");
        };
        let mut fine = true;
        for statement in before {
            fine &= self.named(statement).is_some();
        }
        let result = match last {
            Stmt::Expr(expr, None) => self.term(expr),
            other => self.refuse(Ends::of(other), "a block ends with its result"),
        };
        if fine && result.is_some() {
            self.unused(from);
        }
        self.names.truncate(from);
        result.filter(|_| fine)
    }

    /// A `let`; its name is known from then on, also after a mistake.
    fn named(&mut self, statement: &Stmt) -> Option<()> {
        let Stmt::Local(local) = statement else {
            return self.refuse(Ends::of(statement), "a block of a formula is made of `let`s, and its result");
        };
        let (pat, plain) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, false),
            pat => (pat, true),
        };
        let (Pat::Ident(pat), Some(init)) = (pat, &local.init) else {
            return self.refuse(Ends::of(&local.pat), "`let` names one value here: `let s = ..;`");
        };
        let plain = plain && pat.by_ref.is_none() && pat.mutability.is_none() && pat.subpat.is_none();
        let mut fine = Some(());
        if !plain || init.diverge.is_some() {
            fine = self.refuse(Ends::of(&local.pat), format!("`let` names one value here: `let {} = ..;`", pat.ident));
        }
        let term = self.term(&init.expr);
        fine = fine.filter(|()| term.is_some());
        let term = term.unwrap_or_else(|| Term::Value(self.graph.number(0.0)));
        self.names.push(Name::new(&pat.ident.to_string(), term, pat.ident.span()));
        fine
    }

    /// A function of these arguments: one that is declared before, or one of the tables.
    fn call(&mut self, name: &Ident, args: &[&Expr]) -> Option<Term> {
        let text = name.to_string();
        let Program { all, at, broken } = self.program;
        if let Some(k) = all[..at].iter().position(|function| function.name == text) {
            let function = &all[k];
            self.count(name, function.params.len(), &function.call(), args)?;
            let args = self.values(args)?;
            self.inlined.insert(k);
            if broken.contains(&k) {
                return None;
            }
            for (param, (arg, id)) in function.params.iter().zip(&args) {
                if param.is_number {
                    self.constant(arg, *id, &param.name.to_string(), &text)?;
                }
            }
            let names = function.params.iter().zip(&args);
            let names =
                names.map(|(param, (_, id))| Name::new(&param.name.to_string(), Term::Value(*id), param.name.span()));
            let names = std::mem::replace(&mut self.names, names.collect());
            // What it calls was declared before it.
            self.program.at = k;
            let result = self.term(&function.body);
            (self.names, self.program.at) = (names, at);
            return result;
        }
        let Some(builtin) = Builtin::named(&text) else { return self.unknown(name, &text) };
        let params = builtin.params();
        self.count(name, params.len(), &format!("{text}({})", params.join(", ")), args)?;
        let value = match builtin {
            Builtin::Where => {
                let (condition, a, b) = (self.condition(args[0]), self.value(args[1]), self.value(args[2]));
                self.choose(&condition?, a?, b?)
            }
            _ => {
                let args = self.values(args)?;
                match builtin {
                    Builtin::Unary(f) => self.graph.unary(f, args[0].1),
                    Builtin::Max => self.graph.max(args[0].1, args[1].1),
                    Builtin::Min => self.graph.min(args[0].1, args[1].1),
                    Builtin::Pow => self.graph.pow(args[0].1, args[1].1),
                    Builtin::Derived(f) => {
                        for (name, (arg, id)) in f.params.iter().zip(&args).skip(f.params.len() - f.numbers) {
                            self.constant(arg, *id, name, &text)?;
                        }
                        let names = f.params.iter().zip(&args);
                        let names = names.map(|(name, (_, id))| Name::new(name, Term::Value(*id), Span::call_site()));
                        let names = std::mem::replace(&mut self.names, names.collect());
                        // The tables know no function of the user's.
                        self.program.at = 0;
                        let body: Expr = syn::parse_str(f.formula).expect("a formula of the tables");
                        let value = self.value(&body);
                        (self.names, self.program.at) = (names, at);
                        value?
                    }
                    Builtin::Where => unreachable!("its first argument is a condition"),
                }
            }
        };
        Some(Term::Value(value))
    }

    /// Where the condition holds `x`, else `y`.
    fn choose(&mut self, condition: &Condition, x: Id, y: Id) -> Id {
        match condition {
            Condition::Compare(how, a, b) => self.graph.choose(*how, [*a, *b, x, y]),
            Condition::Not(inner) => self.choose(inner, y, x),
            Condition::And(both) => {
                let x = self.choose(&both[1], x, y);
                self.choose(&both[0], x, y)
            }
            Condition::Or(either) => {
                let y = self.choose(&either[1], x, y);
                self.choose(&either[0], x, y)
            }
        }
    }

    fn values<'e>(&mut self, args: &[&'e Expr]) -> Option<Vec<(&'e Expr, Id)>> {
        // All of them, so that each mistake is told.
        let values: Vec<_> = args.iter().map(|arg| Some((*arg, self.value(arg)?))).collect();
        values.into_iter().collect()
    }

    /// Refuses an argument for a number in which a tensor stands.
    fn constant(&self, arg: &Expr, id: Id, param: &str, function: &str) -> Option<()> {
        if self.graph.is_constant(id) {
            return Some(());
        }
        let message =
            format!("the `{param}` of `{function}` is a number: it has no gradient, so no tensor can stand in it");
        self.refuse(Ends::of(arg), message)
    }

    fn count(&self, name: &Ident, wants: usize, usage: &str, args: &[&Expr]) -> Option<()> {
        if args.len() == wants {
            return Some(());
        }
        let plural = if wants == 1 { "" } else { "s" };
        let message =
            format!("`{name}` takes {wants} argument{plural}, `{usage}`, and here it is given {}", args.len());
        self.refuse(name.span(), message)
    }

    fn unknown<T>(&self, name: &Ident, text: &str) -> Option<T> {
        let Program { all, at, .. } = self.program;
        let message = if all.get(at).is_some_and(|function| function.name == text) {
            format!("`{text}` calls itself: a formula has an end")
        } else if all.iter().any(|function| function.name == text) {
            format!("`{text}` is declared further down: move it above `{}`", all[at].name)
        } else if let Some(word) = other_word(text) {
            word.to_owned()
        } else {
            let mut known: Vec<String> = all[..at].iter().map(|function| function.name.to_string()).collect();
            known.extend(names().map(str::to_owned));
            match nearest(text, known.iter().map(String::as_str), 1 + text.len() / 4) {
                Some(meant) => format!("there is no function `{text}` in `fused!`: did you mean `{meant}`?"),
                None => {
                    let mut all: Vec<&str> = names().collect();
                    all.sort_unstable();
                    format!(
                        "there is no function `{text}` in `fused!`: there are {}, and those declared above in the same \
                         `fused!`",
                        all.join(", ")
                    )
                }
            }
        };
        self.refuse(name.span(), message)
    }
}
