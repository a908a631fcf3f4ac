//! `#[module(layer)]`: a layer of the library, which is a row of the table. Its parameters of type are the row's sizes, in
//! order, and the row says what is asked of them; so the impls ask no more, and the layer tells of itself as data.

use fusion_rules::model::{BUILTINS, Builtin, Default, Divides, Kind, Param};
use proc_macro2::{Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Expr, GenericParam, Ident, Member, Type};

use crate::derive::bounds::{held, last_name};
use crate::methods::{visits, walks};

/// Whether a type says that it is a layer of the library.
pub fn is_layer(attrs: &[Attribute]) -> bool {
    let word = |attr: &Attribute| attr.parse_args::<Ident>().is_ok_and(|word| word == "layer");
    attrs.iter().any(|attr| attr.path().is_ident("module") && word(attr))
}

/// A field, and how it starts: `#[init(..)]` holds an expression.
struct Field<'a> {
    member: Member,
    ty: &'a Type,
    start: Option<Expr>,
}

/// A layer of the library with its row.
struct Layer<'a> {
    input: &'a DeriveInput,
    row: &'static Builtin,
    fields: Vec<Field<'a>>,
    /// What the sizes of the row are called in the type, each with its row.
    sizes: Vec<(&'static Param, &'a Ident)>,
    /// The parameter for the elements.
    element: Option<&'a Ident>,
}

/// `Module`, `Init`, `Clone`, `Debug` and `init`.
pub fn expand(input: &DeriveInput) -> TokenStream {
    let mut errors = Vec::new();
    let Some(row) = BUILTINS.iter().find(|row| input.ident == row.name) else {
        return Error::new_spanned(&input.ident, "the table of layers has no row of this name").to_compile_error();
    };
    let mut fields = Vec::new();
    if let Data::Struct(data) = &input.data {
        for (member, field) in data.fields.members().zip(&data.fields) {
            let init = field.attrs.iter().find(|attr| attr.path().is_ident("init"));
            let start = init.map(Attribute::parse_args).transpose().unwrap_or_else(|error| {
                errors.push(error);
                None
            });
            fields.push(Field { member, ty: &field.ty, start });
        }
    }
    let mut names = input.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    let params = row.params.iter().filter(|param| param.kind.is_type());
    let sizes: Vec<_> = params.map_while(|param| Some((param, names.next()?))).collect();
    let layer = Layer { input, row, fields, sizes, element: names.next() };
    let (module, clone, debug, init) = (layer.module(), layer.clone(), layer.debug(), layer.init());
    let errors = errors.iter().map(Error::to_compile_error);
    quote!(#(#errors)* #module #clone #debug #init)
}

impl Layer<'_> {
    /// What every impl asks of the sizes; `known` if the sizes must be there.
    fn bounds(&self, known: bool) -> Vec<TokenStream> {
        let dim = if known { quote!(::fusion::dim::Nat) } else { quote!(::fusion::dim::Dim) };
        let padding = if known { quote!(::fusion::dim::Padding) } else { quote!(::fusion::dim::AnyPadding) };
        let bound = |(param, name): &(&Param, &Ident)| match param.kind {
            Kind::Flag => None,
            kind if self.row.sizes_of(param) == 2 => {
                let each = if kind == Kind::Padding { &padding } else { &dim };
                Some(quote!(#name: ::fusion::dim::Sides<Height: #each, Width: #each>))
            }
            Kind::Padding => Some(quote!(#name: #padding)),
            Kind::Divisor if self.row.divides == Divides::Channels => Some(quote!(#name: ::fusion::dim::Groups + #dim)),
            _ => Some(quote!(#name: #dim)),
        };
        self.sizes.iter().filter_map(bound).collect()
    }

    /// What making one asks besides: elements that are trained, and sizes that divide others.
    fn bounds_of_init(&self) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let mut bounds = self.bounds(true);
        bounds.extend(self.element.map(|element| quote!(#element: ::fusion::tensor::Float)));
        let divisor = self.sizes.iter().find(|(param, _)| param.kind == Kind::Divisor).map(|(_, name)| name);
        let divided = match (self.row.divides, divisor) {
            (Divides::Channels, Some(groups)) => {
                let divided = if self.row.is_between() { &self.sizes[..2] } else { &self.sizes[..1] };
                divided.iter().map(|(_, name)| quote!(#name: ::fusion::dim::DividedBy<#groups>)).collect()
            }
            (Divides::Features, Some(heads)) => {
                self.sizes[..1].iter().map(|(_, name)| quote!(#name: ::fusion::dim::Heads<#heads>)).collect()
            }
            _ => Vec::new(),
        };
        (bounds, divided)
    }

    /// The row, the sizes of the type and the numbers among the fields.
    fn told(&self) -> TokenStream {
        let name = format_ident!("{}", self.row.name);
        let sizes = self.sizes.iter().map(|(param, name)| match param.kind {
            Kind::Flag => quote!(::fusion::__private::rules::Size::Known(#name as usize)),
            _ => {
                let size = |name: TokenStream| match param.kind {
                    Kind::Padding => quote!(<#name as ::fusion::dim::AnyPadding>::SIZE),
                    _ => quote!(::fusion::__private::size::<#name>()),
                };
                let side = |side: TokenStream| size(quote!(<#name as ::fusion::dim::Sides>::#side));
                match self.row.sizes_of(param) {
                    2 => {
                        let (height, width) = (side(quote!(Height)), side(quote!(Width)));
                        quote!(#height, #width)
                    }
                    _ => size(name.to_token_stream()),
                }
            }
        });
        let numbers = self.numbers().map(|param| format_ident!("{}", param.name));
        quote!((&::fusion::__private::rules::model::#name, &[#(#sizes),*], &[#(self.#numbers),*]))
    }

    /// The numbers that are fields.
    fn numbers(&self) -> impl Iterator<Item = &'static Param> {
        self.row.params.iter().filter(|param| !param.kind.is_type())
    }

    fn number(&self, field: &Field<'_>) -> Option<&'static Param> {
        match &field.member {
            Member::Named(name) => self.numbers().find(|param| name == param.name),
            Member::Unnamed(_) => None,
        }
    }

    /// The fields with tensors in them.
    fn tensors(&self) -> impl Iterator<Item = &Field<'_>> {
        self.fields.iter().filter(|field| {
            let data = ["PhantomData", "Stream", "Padding"];
            let data = last_name(field.ty).is_some_and(|name| data.contains(&name.as_str()));
            !data && self.number(field).is_none()
        })
    }

    fn module(&self) -> TokenStream {
        let (name, told, bounds) = (&self.input.ident, self.told(), self.bounds(false));
        let (params, args, _) = self.input.generics.split_for_impl();
        let walk = |method: &str, of: &TokenStream| -> TokenStream {
            let method = format_ident!("{method}");
            let calls = self.tensors().map(|field| {
                let (member, name) = (&field.member, field.member.to_token_stream().to_string());
                match is_parameter(field.ty) {
                    true => quote!(::fusion::__private::Held::#method(#of self.#member, &path.child(#name).parameter(), visit);),
                    false => quote!(::fusion::nn::Module::#method(#of self.#member, &path.child(#name), visit);),
                }
            });
            quote!(#(#calls)*)
        };
        let streams = self.fields.iter().filter(|field| is_stream(field)).map(|field| {
            let (member, name) = (&field.member, field.member.to_token_stream().to_string());
            quote!(path.child(#name).generator(&self.#member);)
        });
        let (walk, walk_mut) = (walk("walk", &quote!(&)), walk("walk_mut", &quote!(&mut)));
        let walks = walks(&quote!(#walk #(#streams)*), &walk_mut);
        let shows = visits("visit_all", &quote!(::fusion::__private::show_layer(visit, path, input, #told, self)));
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Module for #name #args where #(#bounds,)* {
                #walks
                #shows
            }
        }
    }

    /// A layer with the same values, and with parameters of its own.
    fn clone(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let fields = self.fields.iter().map(|field| {
            let member = &field.member;
            match is_parameter(field.ty) {
                true => quote!(#member: ::fusion::__private::Held::copy(&self.#member),),
                false => quote!(#member: ::core::clone::Clone::clone(&self.#member),),
            }
        });
        quote! {
            /// A layer with the same values, and with parameters of its own.
            #[automatically_derived]
            impl #params ::core::clone::Clone for #name #args {
                fn clone(&self) -> Self {
                    let _copy = ::fusion::__private::OneCopy::begin();
                    Self { #(#fields)* }
                }
            }
        }
    }

    /// The layer as it is written.
    fn debug(&self) -> TokenStream {
        let (name, told, bounds) = (&self.input.ident, self.told(), self.bounds(false));
        let (params, args, _) = self.input.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #params ::core::fmt::Debug for #name #args where #(#bounds,)* {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::fusion::__private::write_layer(f, #told)
                }
            }
        }
    }

    /// How it starts. A layer without tensors has a `new` of its own.
    fn init(&self) -> TokenStream {
        let name = &self.input.ident;
        let (params, args, _) = self.input.generics.split_for_impl();
        let (bounds, divided) = self.bounds_of_init();
        if self.tensors().next().is_none() {
            let make = quote!(<Self as ::core::default::Default>::default());
            let make = match self.fields.iter().find(|field| is_stream(field)) {
                Some(_) => quote!(#make.seed(::fusion::__private::Rng::next_u64(rng))),
                None => make,
            };
            return quote! {
                #[automatically_derived]
                impl #params ::fusion::nn::Init for #name #args {
                    #[allow(unused_variables)]
                    fn init_with(rng: &mut dyn ::fusion::__private::Rng) -> Self {
                        #make
                    }
                }
            };
        }
        let fields = self.fields.iter().map(|field| {
            let member = &field.member;
            let value = match (&field.start, self.number(field)) {
                (Some(start), _) if is_parameter(field.ty) => {
                    quote!(::fusion::__private::Held::into_parameter(#start))
                }
                (Some(start), _) => start.to_token_stream(),
                (_, Some(Param { default: Default::Number(number), .. })) => {
                    Literal::f64_unsuffixed(*number).into_token_stream()
                }
                _ => quote!(::core::marker::PhantomData),
            };
            quote!(#member: #value,)
        });
        // A message about a size that is none points at the layer, not at this macro.
        let method = moved(
            quote! {
                impl #params #name #args {
                    /// A layer with PyTorch's starting values.
                    pub fn init(rng: &mut impl ::fusion::__private::Rng) -> Self
                    where
                        #(#bounds,)*
                        #(#divided,)*
                    {
                        <Self as ::fusion::nn::Init>::init_with(rng)
                    }
                }
            },
            name.span(),
        );
        quote! {
            #[automatically_derived]
            impl #params ::fusion::nn::Init for #name #args where #(#bounds,)* {
                #[allow(unused_variables)]
                fn init_with(rng: &mut dyn ::fusion::__private::Rng) -> Self {
                    Self { #(#fields)* }
                }
            }

            #method
        }
    }
}

/// Whether a field is a generator.
fn is_stream(field: &Field<'_>) -> bool {
    last_name(field.ty).as_deref() == Some("Stream")
}

/// Whether a field holds a parameter.
fn is_parameter(ty: &Type) -> bool {
    let name = last_name(held(ty));
    name.as_deref() == Some("Tensor")
}

/// The tokens at another place, those in brackets too.
fn moved(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |token: TokenTree| {
        let mut token = match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), moved(group.stream(), span)).into(),
            token => token,
        };
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}
