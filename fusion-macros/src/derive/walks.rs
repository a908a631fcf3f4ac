//! The two walks through a module, as every derived impl has them.

use proc_macro2::TokenStream;
use quote::quote;

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
