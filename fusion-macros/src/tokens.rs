//! What can be asked of tokens without printing them.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;

/// Whether these are the same tokens, wherever they stand.
pub fn same(a: &TokenStream, b: &TokenStream) -> bool {
    let (mut a, mut b) = (a.clone().into_iter(), b.clone().into_iter());
    loop {
        let alike = match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(TokenTree::Ident(a)), Some(TokenTree::Ident(b))) => a == b,
            (Some(TokenTree::Punct(a)), Some(TokenTree::Punct(b))) => a.as_char() == b.as_char(),
            (Some(TokenTree::Literal(a)), Some(TokenTree::Literal(b))) => a.to_string() == b.to_string(),
            (Some(TokenTree::Group(a)), Some(TokenTree::Group(b))) => {
                a.delimiter() == b.delimiter() && same(&a.stream(), &b.stream())
            }
            _ => false,
        };
        if !alike {
            return false;
        }
    }
}

/// Whether a name of which `is` holds stands among the tokens.
pub fn mention(tokens: TokenStream, is: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => is(&name),
        TokenTree::Group(group) => mention(group.stream(), is),
        _ => false,
    })
}

/// The tokens, with what `with` says in place of names.
pub fn replaced(tokens: TokenStream, with: &dyn Fn(&Ident) -> Option<TokenStream>) -> TokenStream {
    let of = |token| match token {
        TokenTree::Ident(name) => with(&name).unwrap_or_else(|| name.into_token_stream()),
        TokenTree::Group(group) => {
            let mut other = Group::new(group.delimiter(), replaced(group.stream(), with));
            other.set_span(group.span());
            other.into_token_stream()
        }
        token => token.into_token_stream(),
    };
    tokens.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn tokens_are_compared_by_what_they_are() {
        assert!(same(&quote!(Num<{ N }>), &quote!(Num<{ N }>)));
        assert!(!same(&quote!(Num<N>), &quote!(Num<N, M>)));
        assert!(!same(&quote!((N)), &quote!([N])));
    }

    #[test]
    fn names_are_found_in_groups_and_not_in_other_names() {
        let mentions = |tokens| mention(tokens, &|name| name == "C");
        assert!(mentions(quote!(Tensor<(Dyn, C)>)));
        assert!(!mentions(quote!(Tensor<(Dyn, Count)>)));
    }
    #[test]
    fn names_are_replaced_in_groups_too() {
        let with = |name: &Ident| (name == "K").then(|| quote!(Num<10>));
        assert!(same(&replaced(quote!(Net<C, (K, [T; K])>), &with), &quote!(Net<C, (Num<10>, [T; Num<10>])>)));
    }
}
