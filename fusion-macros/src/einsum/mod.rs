//! `einsum!`: [`parse`] reads the subscripts and refuses what is wrong with them, [`emit`] writes a function whose bounds
//! compare the sizes of each letter, and a call of it.

mod emit;
mod parse;

use proc_macro2::TokenStream;

/// Expands `einsum!`, or `try_einsum!`, whose sizes that only the run knows give an error where they differ.
pub fn expand(tokens: TokenStream, fallible: bool) -> TokenStream {
    match syn::parse2(tokens) {
        Ok(sum) => emit::call(&sum, fallible),
        Err(error) => error.to_compile_error(),
    }
}
