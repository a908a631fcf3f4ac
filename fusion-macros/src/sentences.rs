//! `sentences!`: rules about known sizes, each a sentence that is written once.
//!
//! A message of rustc shows the const parameters of a trait, and a size from 1000 on is spelled by its digits. So a
//! rule about one size is three traits, and a rule about two is nine: this macro writes them, and a module of the
//! rule's name that finds the right one by the spellings (`s3`, `s6`, `s9`: up to so many digits).

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Token, Type, braced, parenthesized};

/// A rule: `Name(size, other, K: usize) as module of Kind { message: "..", label: "..", note: ".." }`.
struct Rule {
    attributes: Vec<Attribute>,
    name: Ident,
    parameters: Vec<Parameter>,
    module: Ident,
    of: Option<Type>,
    texts: Vec<(Ident, LitStr)>,
}

/// A number of a rule.
struct Parameter {
    name: Ident,
    /// The type of a number that is one parameter; a size has none, as it is spelled.
    number: Option<Type>,
}

pub struct Rules(Vec<Rule>);

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let number = if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Parameter { name, number })
    }
}

impl Parse for Rule {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        let list;
        parenthesized!(list in input);
        let parameters = Punctuated::<Parameter, Token![,]>::parse_terminated(&list)?.into_iter().collect();
        input.parse::<Token![as]>()?;
        let module = input.parse()?;
        let of = if input.peek(Ident) {
            input.parse::<Ident>()?;
            Some(input.parse()?)
        } else {
            None
        };
        let body;
        braced!(body in input);
        let mut texts = Vec::new();
        while !body.is_empty() {
            let what = body.parse()?;
            body.parse::<Token![:]>()?;
            texts.push((what, body.parse()?));
            body.parse::<Option<Token![,]>>()?;
        }
        Ok(Rule { attributes, name, parameters, module, of, texts })
    }
}

impl Parse for Rules {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut rules = Vec::new();
        while !input.is_empty() {
            rules.push(input.parse()?);
        }
        Ok(Rules(rules))
    }
}

/// How a size is spelled: with so many digits at most.
const SPELLINGS: [usize; 3] = [3, 6, 9];

pub fn expand(rules: &Rules) -> TokenStream {
    rules.0.iter().map(Rule::expand).collect()
}

impl Rule {
    fn expand(&self) -> TokenStream {
        let sizes: Vec<&Ident> = self.parameters.iter().filter(|p| p.number.is_none()).map(|p| &p.name).collect();
        let mut traits = TokenStream::new();
        let module = &self.module;
        let found = self.spellings(&sizes, &mut Vec::new(), &mut traits);
        quote! {
            #traits
            pub(super) mod #module { #found }
        }
    }

    /// The modules that find a trait by the spellings of the sizes that are left, and the traits.
    fn spellings(&self, sizes: &[&Ident], spelled: &mut Vec<usize>, traits: &mut TokenStream) -> TokenStream {
        if spelled.len() == sizes.len() {
            let name = self.trait_name(spelled);
            traits.extend(self.speak(&name, sizes, spelled));
            // The traits stand beside the module of the rule, which has one more in it for every size.
            let up = vec![quote!(super); sizes.len() + 1];
            return quote!(pub use #(#up::)*#name as Fits;);
        }
        let modules = SPELLINGS.map(|digits| {
            spelled.push(digits);
            let inner = self.spellings(sizes, spelled, traits);
            spelled.pop();
            let module = format_ident!("s{digits}");
            quote!(pub mod #module { #inner })
        });
        quote!(#(#modules)*)
    }

    /// `Name` where all sizes are short, otherwise `Name3And6`.
    fn trait_name(&self, spelled: &[usize]) -> Ident {
        if spelled.iter().all(|&digits| digits == SPELLINGS[0]) {
            return self.name.clone();
        }
        let digits: Vec<String> = spelled.iter().map(usize::to_string).collect();
        format_ident!("{}{}", self.name, digits.join("And"))
    }

    /// The trait for some spellings.
    fn speak(&self, name: &Ident, sizes: &[&Ident], spelled: &[usize]) -> TokenStream {
        let mut parameters = TokenStream::new();
        let mut placeholders = Vec::new();
        for Parameter { name, number } in &self.parameters {
            let upper = name.to_string().to_uppercase();
            let of = sizes.iter().position(|&size| size == name);
            let digits = of.map_or(SPELLINGS[0], |size| spelled[size]) - SPELLINGS[0];
            let first = format_ident!("{upper}");
            let number = number.as_ref().map_or_else(|| quote!(usize), |number| quote!(#number));
            parameters.extend(quote!(const #first: #number,));
            let mut shown = format!("{{{upper}}}");
            for digit in 1..=digits {
                let digit = format_ident!("{upper}{digit}");
                parameters.extend(quote!(const #digit: u8,));
                shown += &format!("{{{digit}}}");
            }
            placeholders.push((format!("{{{name}}}"), shown));
        }
        let of = self.of.iter();
        let texts = self.texts.iter().map(|(what, text)| {
            let text = placeholders.iter().fold(text.value(), |text, (from, to)| text.replace(from, to));
            quote!(#what = #text)
        });
        let attributes = &self.attributes;
        quote! {
            #(#attributes)*
            #[diagnostic::on_unimplemented(#(#texts),*)]
            pub trait #name<#parameters #(Of = #of)*> {
                /// `U`: what is computed of the sizes waits for the rule to hold.
                type Is<U>;
            }
        }
    }
}
