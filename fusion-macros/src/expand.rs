//! What `model!` becomes: a struct, its constants, and the traits of `fusion::nn`, as straight-line code.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Error, GenericParam, Generics, Ident, WherePredicate, parse_quote};

use crate::check::{self, Checked, Step, lost_name};
use crate::flow::{Axis, Flow, free_axis, free_tensor};
use crate::parse::{Body, HEAD, Model, Source};
use crate::report::{compile_errors, respan, within};

/// The longest network that has a type without a name: the tuples of `Chain`.
const LONGEST: usize = 12;

/// Expands `model!`.
pub fn expand(source: Source) -> TokenStream {
    match source {
        Source::Model(model) => declaration(*model),
        Source::Network(body) => network(body),
    }
}

/// In type position: `Chain<(Linear<..>, Relu, ..)>`.
fn network(mut body: Body) -> TokenStream {
    let checked = check::network(&mut body);
    let mut errors = checked.errors;
    // Names in braces are a declaration without its head. In its place only items can stand.
    let braces = Span::call_site().source_text().is_some_and(|text| text.ends_with('}'));
    if let Some(layer) = checked.steps.iter().map(|step| step.layer).find(|layer| layer.name.is_some())
        && braces
    {
        return Error::new(layer.ends.first, HEAD).to_compile_error();
    }
    for step in &checked.steps {
        if let Some(name) = &step.layer.name {
            errors.push(Error::new(
                name.span(),
                "the layers of a type have no names: declare the network, `Net: [784] -> [10] { .. }`",
            ));
        }
        if step.start.is_some() {
            let message = format!(
                "a type does not hold the probability of `{}`: write `Dropout` for 0.5, or declare the network with a name",
                step.text
            );
            errors.push(step.layer.ends.error(message));
        }
    }
    if checked.steps.len() > LONGEST {
        let message =
            format!("a type holds at most {LONGEST} layers: declare the network, `Net: [784] -> [10] {{ .. }}`");
        errors.push(checked.steps[LONGEST].layer.ends.error(message));
    }
    if !errors.is_empty() {
        let errors = compile_errors(&errors);
        return quote!(::fusion::__private::LostType<{ #errors }>);
    }
    let layers = checked.steps.iter().map(|step| &step.ty);
    quote!(::fusion::nn::Chain<(#(#layers,)*)>)
}

/// A bound of a size, which stands, as far as messages tell, at the size itself.
fn bound(size: &TokenStream, bound: TokenStream) -> WherePredicate {
    let names = size.clone().into_iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    let bound = respan(bound, names.last().map_or_else(Span::call_site, |name| name.span()));
    parse_quote!(#size: #bound)
}

/// The parts of a declared model.
pub struct Expansion<'a> {
    pub name: &'a Ident,
    generics: &'a Generics,
    pub checked: Checked<'a>,
    /// Generic layers of the user's, which are bound wherever they are used.
    layers: Vec<TokenStream>,
}

fn declaration(mut model: Model) -> TokenStream {
    let mut errors = Vec::new();
    for param in &model.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            errors.push(Error::new(lifetime.lifetime.span(), "a model has no lifetimes: it owns its tensors"));
        }
    }
    model.body.errors.append(&mut errors);
    let Model { attrs, vis, name, generics, input, output, body } = &mut model;
    let checked = check::model(name, generics, input.as_ref(), output.as_ref(), body);
    let layers = checked.steps.iter().filter(|step| step.generic).map(|step| step.ty.clone()).collect();
    let parts = Expansion { name, generics, checked, layers };
    let (structure, methods) = (parts.structure(attrs, vis), parts.methods());
    let (module, init, forward) = (parts.module(), parts.init(), parts.forward());
    let items = &parts.checked.items;
    let errors = parts.errors();
    quote! {
        #errors
        #structure
        #items
        #methods
        #module
        #init
        #forward
    }
}

impl Step<'_> {
    /// Its type with all sizes, for tables.
    fn table(&self) -> TokenStream {
        let (mut text, mut sizes) = (self.text.replace('{', "{{").replace('}', "}}"), Vec::new());
        if let Some((name, known)) = &self.sizes {
            text = format!("{name}<{}>", vec!["{}"; known.len()].join(", "));
            sizes = known.clone();
        }
        quote!(::core::format_args!(#text #(, #sizes)*))
    }
}

impl Expansion<'_> {
    pub fn failed(&self) -> bool {
        !self.checked.errors.is_empty()
    }

    /// The mistakes; the first is the value of a constant, so that types can be made of it about which rustc is silent.
    fn errors(&self) -> TokenStream {
        let Some((first, rest)) = self.checked.errors.split_first() else {
            return TokenStream::new();
        };
        let (lost, first, rest) = (lost_name(self.name), first.to_compile_error(), compile_errors(rest));
        quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            const #lost: usize = #first;
            #rest
        }
    }

    /// `<C, const N: usize>`, and the same as arguments.
    pub fn params(&self) -> (TokenStream, TokenStream) {
        let names = self.generics.params.iter().map(|param| match param {
            GenericParam::Type(p) => p.ident.to_token_stream(),
            GenericParam::Const(p) => p.ident.to_token_stream(),
            GenericParam::Lifetime(p) => p.lifetime.to_token_stream(),
        });
        let bare = self.bare_params();
        (quote!(#(#bare,)*), quote!(<#(#names),*>))
    }

    fn bare_params(&self) -> Vec<TokenStream> {
        let bare = |param: &GenericParam| match param {
            GenericParam::Type(p) => p.ident.to_token_stream(),
            GenericParam::Const(p) => {
                let (name, ty) = (&p.ident, &p.ty);
                quote!(const #name: #ty)
            }
            GenericParam::Lifetime(p) => p.lifetime.to_token_stream(),
        };
        self.generics.params.iter().map(bare).collect()
    }

    /// The bounds that the user wrote, and `Dim` for the sizes.
    pub fn bounds(&self) -> Vec<WherePredicate> {
        let mut bounds: Vec<WherePredicate> = Vec::new();
        for param in self.generics.type_params().filter(|p| !p.bounds.is_empty()) {
            let (name, of) = (&param.ident, &param.bounds);
            bounds.push(parse_quote!(#name: #of));
        }
        if let Some(clause) = &self.generics.where_clause {
            bounds.extend(clause.predicates.iter().cloned());
        }
        let said = |size: &&TokenStream| {
            let written = self.generics.type_params().find(|p| p.ident == size.to_string());
            written.is_some_and(|p| p.bounds.iter().any(crate::bounds::is_dimension))
        };
        let unsaid = self.checked.sizes.iter().filter(|size| !said(size));
        bounds.extend(unsaid.map(|size| bound(size, quote!(::fusion::dim::Dim))));
        bounds
    }

    /// What `init` asks: sizes that the compiler knows, and layers that can be made.
    pub fn init_bounds(&self) -> TokenStream {
        let (bounds, layers) = (self.bounds(), &self.layers);
        let nats = self.checked.sizes.iter().map(|size| bound(size, quote!(::fusion::dim::Nat)));
        quote! {
            #(#bounds,)*
            #(#nats,)*
            #(#layers: ::fusion::nn::Init + ::fusion::nn::Module,)*
        }
    }

    pub fn module_bounds(&self) -> TokenStream {
        let (bounds, layers) = (self.bounds(), &self.layers);
        quote!(#(#bounds,)* #(#layers: ::fusion::nn::Module,)*)
    }

    /// The head of an inherent impl. Bounds stand on its functions, where a message speaks of them; a struct with a
    /// layer of the user's in it needs them itself.
    fn inherent(&self) -> TokenStream {
        let (name, (params, args)) = (self.name, self.params());
        if self.layers.is_empty() {
            return quote!(impl<#params> #name #args);
        }
        let bounds = self.bounds();
        quote!(impl<#params> #name #args where #(#bounds),*)
    }

    fn structure(&self, attrs: &[syn::Attribute], vis: &syn::Visibility) -> TokenStream {
        let name = self.name;
        let params = self.generics.params.iter().map(|param| {
            let mut param = param.clone();
            if let GenericParam::Type(p) = &mut param {
                p.bounds.clear();
                p.colon_token = None;
            }
            param
        });
        let bounds = if self.layers.is_empty() { Vec::new() } else { self.bounds() };
        let mut used = String::new();
        let fields: Vec<_> = self.checked.steps.iter().map(|step| self.field(step, &mut used)).collect();
        let unused = self.generics.type_params().map(|p| &p.ident).collect::<Vec<_>>();
        let words: Vec<_> = used.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let unused: Vec<_> = unused.into_iter().filter(|p| !words.contains(&p.to_string().as_str())).collect();
        let marker = self
            .marker()
            .map(|marker| quote!(#[doc(hidden)] pub #marker: ::core::marker::PhantomData<fn() -> (#(#unused,)*)>,));
        let keyword = quote_spanned!(name.span()=> struct);
        quote! {
            #(#attrs)*
            #vis #keyword #name<#(#params),*> where #(#bounds),* {
                #(#fields,)*
                #marker
            }
        }
    }

    /// The name of a field for parameters that no layer has.
    pub fn marker(&self) -> Option<Ident> {
        self.generics.type_params().next().map(|_| format_ident!("__sizes", span = Span::mixed_site()))
    }

    fn field(&self, step: &Step<'_>, used: &mut String) -> TokenStream {
        let (name, ty, docs) = (&step.field, &step.ty, &step.layer.docs);
        used.push_str(&ty.to_string());
        used.push(' ');
        let gives = match &step.after {
            Flow::Axes(axes) => {
                format!(
                    "`{}`, which gives `[{}]`.",
                    step.text,
                    axes.iter().map(Axis::text).collect::<Vec<_>>().join(", ")
                )
            }
            _ => format!("`{}`.", step.text),
        };
        let own = if docs.is_empty() { quote!(#[doc = #gives]) } else { quote!(#(#docs)*) };
        let hidden = step.layer.name.is_none().then(|| quote!(#[doc(hidden)]));
        // The whole of it stands at the layer, where a derive on the struct reports.
        let at = within(step.layer.ends.first);
        quote_spanned!(at=> #own #hidden pub #name: #ty)
    }

    fn methods(&self) -> TokenStream {
        let (head, bounds) = (self.inherent(), self.init_bounds());
        let (summary, visit, forward) = (self.summary(), self.visit(), self.own_forward());
        quote! {
            #[allow(dead_code)]
            #head {
                /// A fresh network, with random numbers from `rng`.
                pub fn init(rng: &mut impl ::fusion::__private::Rng) -> Self
                where
                    #bounds
                {
                    <Self as ::fusion::nn::Init>::init_with(rng)
                }

                /// The network that was saved to this file.
                pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::fusion::Result<Self>
                where
                    #bounds
                {
                    ::fusion::__private::load_new(path)
                }

                #forward
                #summary
                #visit
            }
        }
    }

    /// Whether each layer's output is known without types that only a call of `forward` fixes.
    pub fn is_plain(&self) -> bool {
        self.unknown().is_empty()
    }

    fn summary(&self) -> TokenStream {
        let docs = quote!(#[doc = "Its layers: what each gives, holds and computes."]);
        if self.failed() {
            return quote! {
                #docs
                pub fn summary(&self) -> ::fusion::nn::Summary {
                    ::core::panic!("this model has mistakes")
                }
            };
        }
        let (name, bounds) = (self.name.to_string(), self.module_bounds());
        let (params, more, args) = self.visit_params();
        let sample = self.checked.input.iter().flatten().map(Axis::size);
        quote! {
            #docs
            pub fn summary #params (&self) -> ::fusion::nn::Summary
            where
                #bounds
                #more
            {
                let mut summary = ::fusion::nn::Summary::new(#name, &[#(#sample),*]);
                self.__layers #args (1, &mut |name, layer, output, module| {
                    summary.row(name, &layer.to_string(), output, module);
                });
                summary
            }
        }
    }

    /// Free types that a walk over all layers needs where a layer's output is known by type only.
    fn visit_params(&self) -> (TokenStream, TokenStream, TokenStream) {
        if self.is_plain() {
            return Default::default();
        }
        let (tensors, axes) = (self.unknown(), self.free_axes());
        let tensors: Vec<_> = tensors.into_iter().map(free_tensor).collect();
        let axes: Vec<_> = axes.into_iter().map(free_axis).collect();
        let bounds = self.forward_bounds(&quote!(::fusion::dim::Num<1>));
        let known = quote!(::fusion::__private::KnownTensor);
        (quote!(<#(#axes: ::fusion::dim::Dim,)* #(#tensors: #known),*>), bounds, quote!(::<#(#axes,)* #(#tensors),*>))
    }

    /// `&[batch, ..]`
    fn sizes(&self, flow: &Flow) -> TokenStream {
        let known = quote!(::fusion::__private);
        let shape = match flow {
            Flow::Axes(axes) => {
                let sizes = axes.iter().map(Axis::size);
                return quote!(&[batch #(, #sizes)*]);
            }
            Flow::Const(name) => name.to_token_stream(),
            Flow::Opaque(n) => {
                let tensor = free_tensor(*n);
                quote!(<#tensor as #known::KnownTensor>::DIMS)
            }
            Flow::Open(_) | Flow::Lost => quote!(#known::rules::Dims::SCALAR),
        };
        quote!(#known::with_batch(#shape, batch).as_slice())
    }

    /// Every layer with its name, its type, the sizes of its output and itself.
    fn visit(&self) -> Option<TokenStream> {
        if self.failed() {
            return None;
        }
        let rows = self.checked.steps.iter().map(|step| {
            let name = step.layer.name.as_ref().map_or_else(|| step.position.to_string(), Ident::to_string);
            let (text, layer) = (step.table(), self.layer(step, step.is_module.as_ref(), "of"));
            let sizes = self.sizes(&step.after);
            quote!(visit(#name, #text, #sizes, #layer);)
        });
        let (params, more, _) = self.visit_params();
        let bounds = self.module_bounds();
        Some(quote! {
            #[doc(hidden)]
            fn __layers #params (
                &self,
                batch: usize,
                visit: &mut dyn ::core::ops::FnMut(&str, ::core::fmt::Arguments<'_>, &[usize], &dyn ::fusion::nn::Module),
            )
            where
                #bounds
                #more
            {
                #(#rows)*
            }
        })
    }

    /// A reference to a layer. Where the constant that stands for a bound of its type fails, this is of an error type,
    /// and rustc reports the bound once.
    pub fn layer(&self, step: &Step<'_>, gate: Option<&TokenStream>, method: &str) -> TokenStream {
        let (field, ty, span) = (&step.field, &step.ty, step.layer.ends.first);
        let reference = if method == "of" { quote!(&) } else { quote!(&mut) };
        let method = format_ident!("{method}");
        match gate {
            Some(gate) => {
                let through = quote!(<::fusion::__private::Gate<{ #gate }> as ::fusion::__private::Through<#ty>>);
                quote_spanned!(span=> #through::#method(#reference self.#field))
            }
            None => quote!(#reference self.#field),
        }
    }
}
