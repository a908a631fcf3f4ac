//! What stands between `<` and `>`, and between `[` and `]`: sizes, and what layers take besides.

use fusion_rules::{MAX_SIZE, Mistake, difference, product, quotient, remainder, size, sum};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{
    Block, Error, GenericArgument, Ident, Lit, LitBool, LitFloat, LitInt, LitStr, Path, PathArguments, Result, Token,
    Type, parenthesized, token,
};

use crate::diagnostics::{Diagnostics, Ends, MISPLACED, is_doc, tidy};
use crate::size;

/// An argument as written.
pub struct Argument {
    pub value: Value,
    pub text: String,
    pub ends: Ends,
}

/// What an argument is, as far as one can see.
pub enum Value {
    /// `_`
    Hole,
    /// A number, or an expression of numbers; of at most nine digits.
    Number(usize),
    /// A number with a point.
    Real(f64),
    /// `true` or `false`.
    Bool(bool),
    /// Words in quotes.
    Words(String),
    /// A name: a generic parameter, a constant or a type.
    Path(Path),
    /// An expression with names in it.
    Expr { tokens: TokenStream, names: Vec<Ident> },
    /// `{ .. }`
    Block(Block),
    /// A type.
    Type(Type),
    /// Sizes in parentheses, one for each axis of a window.
    Sizes(Vec<Argument>),
    /// `-1`, `*` or `?` in front of other sizes: the batch, as other libraries write it.
    Batch,
    /// Something whose mistake is reported already.
    Lost,
}

/// Parses one argument; it ends at a `,`, at the closing bracket or at the end.
pub fn parse(input: ParseStream, errors: &Diagnostics) -> Result<Argument> {
    if input.peek(Token![_]) {
        let hole: Token![_] = input.parse()?;
        return Ok(Argument { value: Value::Hole, text: "_".into(), ends: hole.span().into() });
    }
    if input.peek(Token![-]) {
        let minus: Token![-] = input.parse()?;
        let number: Lit = input.parse()?;
        let ends = Ends { first: minus.span, last: number.span() };
        if let Lit::Float(real) = &number {
            return Ok(Argument { value: Value::Real(-real.base10_parse::<f64>()?), text: format!("-{real}"), ends });
        }
        errors.push(ends.error("a size cannot be negative"));
        return Ok(Argument { value: Value::Lost, text: format!("-{}", number.to_token_stream()), ends });
    }
    if input.peek(LitFloat) {
        let real: LitFloat = input.parse()?;
        return Ok(Argument {
            value: Value::Real(real.base10_parse()?),
            text: real.to_string(),
            ends: real.span().into(),
        });
    }
    if input.peek(LitBool) {
        let truth: LitBool = input.parse()?;
        return Ok(Argument {
            value: Value::Bool(truth.value),
            text: truth.value.to_string(),
            ends: truth.span().into(),
        });
    }
    if input.peek(LitStr) {
        let words: LitStr = input.parse()?;
        let text = words.to_token_stream().to_string();
        return Ok(Argument { value: Value::Words(words.value()), text, ends: words.span().into() });
    }
    if input.peek(token::Brace) {
        let block: Block = input.parse()?;
        return Ok(Argument { text: tidy(&block), ends: Ends::of(&block), value: Value::Block(block) });
    }
    let ahead = input.fork();
    if Term::sum(&ahead).is_ok() && ends_here(&ahead) {
        let term = Term::sum(input)?;
        let (text, ends) = (tidy(&term.tokens), Ends::of(&term.tokens));
        return Ok(Argument { value: term.value(ends, errors), text, ends });
    }
    if input.peek(token::Paren) && is_list(&input.fork()) {
        let list;
        let ends = parenthesized!(list in input).span;
        let mut sizes = Vec::new();
        while !list.is_empty() {
            sizes.push(parse(&list, errors)?);
            if !list.is_empty() {
                list.parse::<Token![,]>()?;
            }
        }
        let texts: Vec<_> = sizes.iter().map(|size| size.text.as_str()).collect();
        let text = format!("({})", texts.join(", "));
        return Ok(Argument { value: Value::Sizes(sizes), text, ends: ends.join().into() });
    }
    let ahead = input.fork();
    if ahead.parse::<Type>().is_ok() && ends_here(&ahead) {
        let ty: Type = input.parse()?;
        return Ok(Argument { text: tidy(&ty), ends: Ends::of(&ty), value: Value::Type(ty) });
    }
    if is_doc(input) {
        return Err(input.error(MISPLACED));
    }
    let ahead = input.fork();
    let message = match Term::sum(&ahead) {
        Ok(term) if !ahead.is_empty() => {
            return Err(ahead.error(format!("a `,` is missing between `{}` and this", tidy(&term.tokens))));
        }
        Ok(_) => "this list is never closed",
        Err(_) => "expected a size: a number, a constant, a generic parameter or `_`",
    };
    Err(input.error(message))
}

/// Parses how often something is repeated: a number, a constant or an expression in braces.
pub fn count(input: ParseStream, errors: &Diagnostics) -> Result<Argument> {
    if input.peek(token::Brace) {
        return parse(input, errors);
    }
    let term = Term::atom(input)?;
    let (text, ends) = (tidy(&term.tokens), Ends::of(&term.tokens));
    Ok(Argument { value: term.value(ends, errors), text, ends })
}

/// Whether the parentheses hold several things.
fn is_list(input: ParseStream) -> bool {
    let group: Result<proc_macro2::Group> = input.parse();
    let comma = |token: proc_macro2::TokenTree| matches!(token, proc_macro2::TokenTree::Punct(p) if p.as_char() == ',');
    group.is_ok_and(|group| group.stream().into_iter().any(comma))
}

fn ends_here(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![>])
}

/// A part of an arithmetic expression.
struct Term {
    tokens: TokenStream,
    /// The number, where there are no names; or why there is none.
    number: std::result::Result<Option<usize>, Mistake>,
    names: Vec<Ident>,
    /// The path, if that is all there is.
    path: Option<Path>,
}

impl Term {
    fn sum(input: ParseStream) -> Result<Self> {
        let mut left = Self::product(input)?;
        while input.peek(Token![+]) || input.peek(Token![-]) {
            let (op, rule): (_, Rule) = if input.peek(Token![+]) {
                (input.parse::<Token![+]>()?.into_token_stream(), sum)
            } else {
                (input.parse::<Token![-]>()?.into_token_stream(), difference)
            };
            left = left.with(op, rule, Self::product(input)?);
        }
        Ok(left)
    }

    fn product(input: ParseStream) -> Result<Self> {
        let mut left = Self::atom(input)?;
        loop {
            let (op, rule): (_, Rule) = if input.peek(Token![*]) {
                (input.parse::<Token![*]>()?.into_token_stream(), product)
            } else if input.peek(Token![/]) {
                (input.parse::<Token![/]>()?.into_token_stream(), quotient)
            } else if input.peek(Token![%]) {
                (input.parse::<Token![%]>()?.into_token_stream(), remainder)
            } else {
                return Ok(left);
            };
            left = left.with(op, rule, Self::atom(input)?);
        }
    }

    fn atom(input: ParseStream) -> Result<Self> {
        if input.peek(LitInt) {
            let literal: LitInt = input.parse()?;
            if !matches!(literal.suffix(), "" | "usize") {
                return Err(Error::new(literal.span(), "a size is written without a type: it is a `usize`"));
            }
            return Ok(Self {
                number: literal.base10_parse().map(Some).map_err(|_| Mistake::TooManyDigits),
                tokens: literal.into_token_stream(),
                names: Vec::new(),
                path: None,
            });
        }
        if input.peek(token::Paren) {
            let inner;
            let paren = parenthesized!(inner in input);
            let term = Self::sum(&inner)?;
            if !inner.is_empty() {
                return Err(inner.error("expected one size in these parentheses"));
            }
            let mut tokens = TokenStream::new();
            paren.surround(&mut tokens, |t| term.tokens.to_tokens(t));
            return Ok(Self { tokens, path: None, ..term });
        }
        let path = Path::parse_mod_style(input)?;
        Ok(Self {
            tokens: path.to_token_stream(),
            number: Ok(None),
            names: path.get_ident().cloned().into_iter().collect(),
            path: Some(path),
        })
    }

    fn with(self, op: TokenStream, rule: Rule, right: Self) -> Self {
        let (a, b) = (&self.tokens, &right.tokens);
        Self {
            tokens: quote!(#a #op #b),
            number: match (self.number, right.number) {
                (Ok(Some(a)), Ok(Some(b))) => rule(a, b).map(Some),
                (Err(mistake), _) | (_, Err(mistake)) => Err(mistake),
                _ => Ok(None),
            },
            names: [self.names, right.names].concat(),
            path: None,
        }
    }

    fn value(self, ends: Ends, errors: &Diagnostics) -> Value {
        let number = match self.number {
            Ok(Some(n)) => size(n).map(Some),
            other => other,
        };
        match (number, self.path) {
            (Ok(Some(n)), _) => Value::Number(n),
            (Ok(None), Some(path)) => Value::Path(path),
            (Ok(None), None) => Value::Expr { tokens: self.tokens, names: self.names },
            (Err(mistake), _) => {
                errors.push(ends.error(mistake.text()));
                Value::Lost
            }
        }
    }
}

type Rule = fn(usize, usize) -> std::result::Result<usize, Mistake>;

/// The dimension type of a number.
pub fn dimension(n: usize) -> TokenStream {
    size::dim(n.into_token_stream())
}

/// Turns the numbers among a type's arguments into dimensions: `Wrap<Gate<32>>` to `Wrap<Gate<Num<32>>>`. What stands
/// in braces stays a constant.
pub fn with_dimensions(ty: &mut Type) {
    match ty {
        Type::Path(ty) => {
            for segment in &mut ty.path.segments {
                let PathArguments::AngleBracketed(args) = &mut segment.arguments else {
                    continue;
                };
                for arg in &mut args.args {
                    match arg {
                        GenericArgument::Type(ty) => with_dimensions(ty),
                        GenericArgument::Const(syn::Expr::Lit(lit)) => {
                            if let Lit::Int(n) = &lit.lit
                                && let Ok(n @ 0..=MAX_SIZE) = n.base10_parse::<usize>()
                            {
                                *arg = GenericArgument::Type(Type::Verbatim(dimension(n)));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(with_dimensions),
        Type::Array(array) => with_dimensions(&mut array.elem),
        Type::Paren(paren) => with_dimensions(&mut paren.elem),
        _ => {}
    }
}

/// Whether a path is written like a constant: in capitals.
pub fn is_constant(path: &Path) -> bool {
    path.segments.last().is_some_and(|s| !s.ident.to_string().chars().any(char::is_lowercase))
}
