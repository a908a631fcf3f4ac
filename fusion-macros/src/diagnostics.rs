//! Where things are written, and how mistakes there are said.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::ParseStream;
use syn::{Error, Token};

/// The first and the last place of something that is written.
#[derive(Clone, Copy)]
pub struct Ends {
    pub first: Span,
    pub last: Span,
}

impl Ends {
    /// Where these tokens stand.
    pub fn of(tokens: impl ToTokens) -> Self {
        let mut spans = tokens.into_token_stream().into_iter().map(|t| t.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        Self { first, last: spans.last().unwrap_or(first) }
    }

    /// An error that underlines all of it.
    pub fn error(self, message: impl Display) -> Error {
        let (first, last) = (self.first, self.last);
        let mut tokens = quote_spanned!(first=> _);
        tokens.extend(quote_spanned!(last=> _));
        Error::new_spanned(tokens, message)
    }
}

impl From<Span> for Ends {
    fn from(span: Span) -> Self {
        Self { first: span, last: span }
    }
}

/// The mistakes found so far. Who makes one of these takes what was found at the end: it is a fault of the macro to
/// lose a mistake.
pub struct Diagnostics {
    found: RefCell<Option<Vec<Error>>>,
}

impl Diagnostics {
    pub fn new() -> Self {
        Self { found: RefCell::new(Some(Vec::new())) }
    }

    pub fn push(&self, mistake: Error) {
        self.found.borrow_mut().as_mut().expect("mistakes are taken when there will be no more").push(mistake);
    }

    pub fn len(&self) -> usize {
        self.found.borrow().as_ref().map_or(0, Vec::len)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this was said already.
    pub fn says(&self, message: &str) -> bool {
        self.found.borrow().iter().flatten().any(|mistake| mistake.to_string() == message)
    }

    /// All that were found, once, when there will be no more.
    pub fn take(&self) -> Vec<Error> {
        self.found.take().unwrap_or_default()
    }

    /// For a look ahead, whose mistakes are said when it is read in earnest, or not at all.
    pub fn discard(&self) {
        self.found.take();
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        if self.found.get_mut().is_some() && !std::thread::panicking() {
            panic!("mistakes were collected and never taken");
        }
    }
}

/// The `compile_error!`s for these mistakes, one each.
pub fn compile_errors(errors: &[Error]) -> TokenStream {
    errors.iter().map(Error::to_compile_error).collect()
}

/// Tokens as a person would write them: `my::Gate<32>`, not `my :: Gate < 32 >`.
pub fn tidy(tokens: impl ToTokens) -> String {
    let text = tokens.into_token_stream().to_string();
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let glued = matches!(word, "::" | "<" | ">" | "," | ">>" | "(" | ")" | "!" | "[" | "]")
            || word.starts_with([',', ')', ']']);
        let open = out.ends_with("::") || out.ends_with(['<', '(', '[', '!']) || out.is_empty();
        if !glued && !open {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The tokens at another place.
pub fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}

/// A place of the user's, for tokens that are the macro's own: lints leave them alone.
pub fn within(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The name among `known` that `name` was probably meant to be: at most `slips` letters wrong, missing, too many or
/// swapped with a neighbour, capitals aside.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, slips: usize) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (distance(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(d, _)| *d <= slips)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Damerau's distance between two words, for neighbours that are swapped once (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let wrong = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + wrong);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// What is said of a doc comment where none belongs.
pub const MISPLACED: &str =
    "a doc comment stands above the model, or above a layer: elsewhere a comment starts with `//`";

/// Whether a doc comment or another attribute follows.
pub fn is_doc(input: ParseStream<'_>) -> bool {
    input.peek(Token![#])
}

/// Whether `name` could be an identifier only as `r#name`.
pub fn is_keyword(name: &Ident) -> bool {
    syn::parse_str::<Ident>(&name.to_string()).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn tokens_read_as_written() {
        assert_eq!(tidy(quote!(my::Gate<32>)), "my::Gate<32>");
        assert_eq!(tidy(quote!(Wrap<Linear<64, 64>>)), "Wrap<Linear<64, 64>>");
        assert_eq!(tidy(quote!(4 * (A + 1))), "4 * (A + 1)");
        assert_eq!(tidy(quote!([1, 28])), "[1, 28]");
        assert_eq!(tidy(quote!(dim!(9216))), "dim!(9216)");
    }

    #[test]
    fn mistakes_are_taken_in_their_order() {
        let errors = Diagnostics::new();
        ["first", "second"].into_iter().for_each(|text| errors.push(Error::new(Span::call_site(), text)));
        assert!(errors.says("second") && errors.len() == 2);
        assert_eq!(errors.take()[0].to_string(), "first");
    }

    #[test]
    #[should_panic(expected = "never taken")]
    fn mistakes_are_not_lost() {
        drop(Diagnostics::new());
    }

    #[test]
    fn slips_of_the_hand() {
        let known = ["Linear", "Relu", "Dropout"];
        assert_eq!(nearest("Linaer", known, 1), Some("Linear"));
        assert_eq!(nearest("Dropuot", known, 1), Some("Dropout"));
        assert_eq!(nearest("ReLU", known, 0), Some("Relu"));
        assert_eq!(nearest("Gate", known, 1), None);
        assert_eq!((distance("", "ab"), distance("kitten", "sitting")), (2, 3));
    }
}
