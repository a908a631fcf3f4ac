//! The walks over the tensors of a module.

use proc_macro2::TokenStream;
use quote::quote;

/// `walk` and `walk_mut` of an `impl Module`, with their bodies.
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
