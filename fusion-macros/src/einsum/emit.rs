//! The code of a sum of products: a function whose bounds compare the sizes of each letter, and its call.
//!
//! A letter that stands in several places has a trait of its own for each place after the first, with the letter in its
//! message: `j` is a size in one operand and another in the next.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, ExprReference, Token};

use crate::diagnostics::{Ends, within};
use crate::einsum::parse::{Einsum, ORDINALS};

/// The expression that `einsum!` stands for.
pub fn call(sum: &Einsum, fallible: bool) -> TokenStream {
    let span = within(sum.span);
    let count = sum.operands.len();
    let shapes: Vec<Ident> = (0..count).map(|i| format_ident!("S{i}", span = span)).collect();
    let elements: Vec<Ident> = (0..count).map(|i| format_ident!("T{i}", span = span)).collect();
    let params: Vec<Ident> = (0..count).map(|i| format_ident!("x{i}", span = span)).collect();
    let (first, others) = (&elements[0], &elements[1..]);
    let sizes: Vec<Vec<Ident>> = sum
        .terms
        .iter()
        .enumerate()
        .map(|(i, term)| (0..term.len()).map(|axis| size(i, axis, span)).collect())
        .collect();
    let letters = letters(sum, &sizes, span);
    let (traits, bounds) = (letters.traits, letters.bounds);
    let result =
        sum.result.chars().map(|letter| letters.sizes.iter().find(|(l, _)| *l == letter).map(|(_, size)| size));
    let result = quote!(::fusion::Tensor<(#(#result,)*), #first>);
    let lettered = shapes.iter().zip(&sizes).map(|(shape, sizes)| {
        let (n, axes) = (sizes.len(), (0..sizes.len()).map(|axis| format_ident!("D{axis}")));
        quote!(#shape: ::fusion::__private::Lettered<#n, #(#axes = #sizes),*>,)
    });
    let all = sizes.concat();
    let (terms, output) = (&sum.terms, &sum.result);
    let module = quote!(::fusion::__private::einsum);
    let operands = quote!(&[#((#module::operand(#params), #terms)),*], #output);
    let (gives, body) = if fallible {
        (quote!(::fusion::Result<#result>), quote!(#module::try_einsum(#operands).map(#module::typed)))
    } else {
        (result, quote!(#module::typed(#module::einsum(#operands))))
    };
    let function = quote! {
        #traits
        #[track_caller]
        fn einsum<#(#shapes,)* #(#all: ::fusion::dim::Dim,)* #(#elements),*>(
            #(#params: &::fusion::Tensor<#shapes, #elements>),*
        ) -> #gives
        where
            #first: ::fusion::operand::Multiplied,
            #(#others: ::fusion::operand::ElementOf<#first>,)*
            #(#lettered)*
            #bounds
        {
            #body
        }
    };
    // What the user wrote stands outside of the block, where the names of the function do not hide theirs.
    let (borrowed, names) = (sum.operands.iter().map(borrowed), sum.operands.iter().enumerate().map(name));
    let names: Vec<Ident> = names.collect();
    quote_spanned! {span=>
        match (#(#borrowed,)*) {
            (#(#names,)*) => {
                #function
                einsum(#(#names),*)
            }
        }
    }
}

/// The size of an axis of an operand, as a type parameter.
fn size(operand: usize, axis: usize, span: Span) -> Ident {
    format_ident!("D{operand}{axis}", span = span)
}

/// What holds an operand, which is underlined where its type is wrong.
fn name((i, operand): (usize, &Expr)) -> Ident {
    format_ident!("operand{i}", span = within(Ends::of(operand).first))
}

fn borrowed(operand: &Expr) -> Expr {
    let and = Token![&](within(Ends::of(operand).first));
    Expr::Reference(ExprReference {
        attrs: Vec::new(),
        and_token: and,
        mutability: None,
        expr: Box::new(operand.clone()),
    })
}

/// What the letters ask of the sizes.
#[derive(Default)]
struct Letters {
    /// A trait for each place of a letter after its first.
    traits: TokenStream,
    bounds: TokenStream,
    /// Each letter with its size.
    sizes: Vec<(char, TokenStream)>,
}

fn letters(sum: &Einsum, sizes: &[Vec<Ident>], span: Span) -> Letters {
    let mut letters = Letters::default();
    let places = |letter| {
        let all = sum.terms.iter().zip(sizes).enumerate();
        all.flat_map(move |(i, (term, sizes))| {
            term.chars().zip(sizes).filter(move |(l, _)| *l == letter).map(move |(_, size)| (i, size))
        })
    };
    for letter in sum.terms.iter().flat_map(|term| term.chars()) {
        if letters.sizes.iter().any(|(known, _)| *known == letter) {
            continue;
        }
        let mut all = places(letter);
        let Some((mut place, first)) = all.next() else { continue };
        let mut size = quote!(#first);
        for (count, (next, other)) in all.enumerate() {
            // The number tells the traits of one letter apart.
            let name = if count == 0 { letter.to_string() } else { format!("{letter}{}", count + 1) };
            let name = format_ident!("{name}", span = span);
            let message = if place == next {
                format!("`{letter}` is {{Self}} and {{Other}} in the {} operand", ORDINALS[next])
            } else {
                format!(
                    "`{letter}` is {{Self}} in the {} operand and {{Other}} in the {}",
                    ORDINALS[place], ORDINALS[next]
                )
            };
            letters.traits.extend(quote! {
                #[allow(non_camel_case_types, reason = "named as the letter")]
                #[diagnostic::on_unimplemented(
                    message = #message,
                    label = "a letter stands for one size",
                    note = "a size of 1 does not stretch here; a `Dyn` goes with every size, and is compared when the program runs"
                )]
                trait #name<Other> {
                    type Both: ::fusion::dim::Dim;
                }

                #[diagnostic::do_not_recommend]
                impl<This, Other> #name<Other> for This
                where
                    This: ::fusion::dim::SameSize<Other>,
                    <This as ::fusion::dim::SameSize<Other>>::Both: ::fusion::dim::Dim,
                {
                    type Both = <This as ::fusion::dim::SameSize<Other>>::Both;
                }
            });
            letters.bounds.extend(quote!(#size: #name<#other>,));
            size = quote!(<#size as #name<#other>>::Both);
            place = next;
        }
        letters.sizes.push((letter, size));
    }
    letters
}
