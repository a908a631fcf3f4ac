//! Methods of `Module`, as both macros write them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// `walk` and `walk_mut`, with these bodies.
pub fn walks(walk: &TokenStream, walk_mut: &TokenStream) -> TokenStream {
    quote! {
        #[allow(unused_variables)]
        fn walk(
            &self,
            path: &::fusion::nn::Path<'_>,
            visit: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &::fusion::__private::Value),
        ) {
            #walk
        }

        #[allow(unused_variables)]
        fn walk_mut(
            &mut self,
            path: &::fusion::nn::Path<'_>,
            visit: &mut dyn ::core::ops::FnMut(&::fusion::nn::Path<'_>, &mut ::fusion::__private::Value),
        ) {
            #walk_mut
        }
    }
}

/// `visit` or `visit_all`, with this body.
pub fn visits(method: &str, body: &TokenStream) -> TokenStream {
    let method = format_ident!("{method}");
    quote! {
        #[allow(unused_variables)]
        fn #method(
            &self,
            path: &::fusion::nn::Path<'_>,
            input: &[usize],
            visit: &mut dyn ::fusion::nn::Visit,
        ) -> bool {
            #body
        }
    }
}
