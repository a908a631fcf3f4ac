//! What is written: `"bij,bjk->bik", a, b`.

use fusion_rules::MAX_RANK;
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Lit, Result, Token};

use crate::diagnostics::Ends;

/// How many operands there are at most.
const MAX_OPERANDS: usize = 5;

/// The places of operands, as words.
pub const ORDINALS: [&str; MAX_OPERANDS] = ["first", "second", "third", "fourth", "fifth"];

const FORM: &str = "`einsum!(\"ij,jk->ik\", a, b)`";

/// A sum of products, in which nothing is wrong but perhaps the types.
pub struct Einsum {
    /// The letters of each operand.
    pub terms: Vec<String>,
    /// The letters of the result.
    pub result: String,
    pub operands: Vec<Expr>,
    /// Where the subscripts stand.
    pub span: Span,
}

impl Parse for Einsum {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Err(Error::new(Span::call_site(), format!("the subscripts are missing: {FORM}")));
        }
        let first: Expr = input.parse()?;
        let text = match &first {
            Expr::Lit(lit) if let Lit::Str(text) = &lit.lit => text.clone(),
            other => return Err(Ends::of(other).error(format!("the subscripts come first, as a string: {FORM}"))),
        };
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let operands: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(input)?.into_iter().collect();
        let (terms, result) = subscripts(&text.value()).map_err(|mistake| Error::new(text.span(), mistake))?;
        if terms.len() != operands.len() {
            let (described, given) = (terms.len(), operands.len());
            let (s, are) = if described == 1 { ("", "is") } else { ("s", "are") };
            let given = if given == 1 { "1 is".into() } else { format!("{given} are") };
            let message = format!("{described} operand{s} {are} described by these subscripts, but {given} given");
            return Err(match operands.get(described) {
                Some(more) => Ends::of(more).error(message),
                None => Error::new(text.span(), message),
            });
        }
        Ok(Self { terms, result, operands, span: text.span() })
    }
}

/// The letters of the operands and of the result, or what is wrong with them.
fn subscripts(text: &str) -> std::result::Result<(Vec<String>, String), String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.contains("...") {
        return Err("`...` would be axes without a size in the types: give each of them a letter".into());
    }
    let (operands, result) = match text.split_once("->") {
        Some((operands, result)) => (operands, Some(result)),
        None => (&text[..], None),
    };
    if let Some(result) = result.filter(|result| result.contains("->")) {
        return Err(format!("`->` stands once, and behind it the letters of the result: `->{result}` has another"));
    }
    if let Some(result) = result.filter(|result| result.contains(',')) {
        return Err(format!("the result is one tensor, but `{result}` is a list"));
    }
    let terms: Vec<String> = operands.split(',').map(str::to_owned).collect();
    if terms.len() > MAX_OPERANDS {
        return Err(format!("`einsum!` takes at most {MAX_OPERANDS} operands, and these are {}", terms.len()));
    }
    for term in terms.iter().map(String::as_str).chain(result) {
        if let Some(other) = term.chars().find(|c| !c.is_ascii_alphabetic()) {
            return Err(match other {
                '-' | '>' | '=' | '→' => format!("`{other}` is no letter: the result stands behind `->`"),
                _ => format!("`{other}` is no letter: axes are named by a to z and A to Z"),
            });
        }
        if term.len() > MAX_RANK {
            return Err(format!("`{term}` are {} axes: a tensor has at most {MAX_RANK}", term.len()));
        }
    }
    let result = match result {
        Some(result) => result.to_owned(),
        None => implied(&terms)?,
    };
    for (i, letter) in result.char_indices() {
        if result[..i].contains(letter) {
            return Err(format!(
                "`{letter}` is twice in the result `{result}`: each axis of the result has its own letter"
            ));
        }
        if !terms.iter().any(|term| term.contains(letter)) {
            return Err(format!("`{letter}` of the result is in no operand: its size would be unknown"));
        }
    }
    between(&terms, &result)?;
    Ok((terms, result))
}

/// The result of subscripts without an arrow: the letters that stand once, in the order of the alphabet, capitals first.
fn implied(terms: &[String]) -> std::result::Result<String, String> {
    let all: String = terms.concat();
    let mut once: Vec<char> = all.chars().filter(|&letter| all.matches(letter).count() == 1).collect();
    once.sort_unstable();
    if once.len() > MAX_RANK {
        let result: String = once.iter().collect();
        return Err(format!("the result would be `{result}`, of {} axes: a tensor has at most {MAX_RANK}", once.len()));
    }
    Ok(once.into_iter().collect())
}

/// Operands are multiplied from left to right: the products on the way are tensors, too.
fn between(terms: &[String], result: &str) -> std::result::Result<(), String> {
    let mut letters = String::new();
    for (i, term) in terms.iter().enumerate() {
        let rest = terms[i + 1..].concat();
        letters.push_str(term);
        let needed = |letter: &char| result.contains(*letter) || rest.contains(*letter);
        let mut kept = String::new();
        for letter in letters.chars().filter(needed) {
            if !kept.contains(letter) {
                kept.push(letter);
            }
        }
        if kept.len() > MAX_RANK {
            return Err(format!(
                "the product of the operands up to the {} would have {} axes, `{kept}`: a tensor has at most {MAX_RANK}. Operands are \
                 multiplied from left to right, so another order may need fewer",
                ORDINALS[i],
                kept.len()
            ));
        }
        letters = kept;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(text: &str, terms: &[&str], result: &str) {
        let expected = (terms.iter().map(|&term| term.to_owned()).collect(), result.to_owned());
        assert_eq!(subscripts(text), Ok(expected));
    }

    #[test]
    fn subscripts_are_read() {
        gives("bij,bjk->bik", &["bij", "bjk"], "bik");
        gives(" i j , j k -> i k ", &["ij", "jk"], "ik");
        gives("ij,jk", &["ij", "jk"], "ik");
        gives("ba", &["ba"], "ab");
        gives("ii", &["ii"], "");
        gives("aB", &["aB"], "Ba");
        gives(",i->i", &["", "i"], "i");
        gives("ij->", &["ij"], "");
        gives("", &[""], "");
    }

    #[test]
    fn mistakes_are_said() {
        for (text, sentence) in [
            ("ij,jk->ix", "`x` of the result is in no operand"),
            ("ij->iji", "`i` is twice in the result `iji`"),
            ("...ij->ij", "`...` would be axes without a size"),
            ("ij->i->j", "`->` stands once"),
            ("ij->i,j", "the result is one tensor"),
            ("ij-ji", "`-` is no letter: the result stands behind `->`"),
            ("i1", "`1` is no letter: axes are named"),
            ("a,b,c,d,e,f", "at most 5 operands, and these are 6"),
            ("abcdefg->a", "`abcdefg` are 7 axes"),
            ("abcd,efg", "the result would be `abcdefg`, of 7 axes"),
            ("abcd,efgh,abcd,efgh->a", "up to the second would have 8 axes"),
        ] {
            let said = subscripts(text).expect_err(text);
            assert!(said.contains(sentence), "{said}");
        }
    }
}
