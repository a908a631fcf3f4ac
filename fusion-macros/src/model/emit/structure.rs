//! The struct that a declared model is, the structs of its groups, and what their parameters are bound by.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, GenericParam, Ident, Meta, Path, Token, WherePredicate, parse_quote};

use crate::diagnostics::{compile_errors, respan, within};
use crate::model::ast::param_name;
use crate::model::ir::{Bound, Declared, Output, Place, Step, Unit, docs, lost_name};
use crate::model::shape::{Axis, Flow};
use crate::size;
use crate::tokens::{mention, replaced, same};

/// A bound of a size, which stands, as far as messages tell, at the size itself.
fn bound(size: &TokenStream, bound: TokenStream) -> WherePredicate {
    let names = size.clone().into_iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    let bound = respan(bound, names.last().map_or_else(Span::call_site, |name| name.span()));
    parse_quote!(#size: #bound)
}

/// One struct of it: the model itself, or a group of layers with a name.
pub struct Struct<'e, 'a> {
    pub model: &'e Declared<'a>,
    pub unit: &'e Unit<'a>,
    /// Generic layers of the user's, which are bound wherever they are used.
    pub layers: Vec<TokenStream>,
}

impl Step<'_> {
    /// The type of its field.
    pub fn field_type(&self) -> TokenStream {
        let ty = &self.ty;
        match &self.repeat {
            Some(count) => quote!([#ty; #count]),
            None => ty.clone(),
        }
    }

    /// Its path in a module with the path `path`.
    pub fn path(&self) -> TokenStream {
        match &self.place {
            Place::Name(name) => quote!(path.child(#name)),
            Place::At(at, more) => quote!(path.index(#at #(+ #more)*)),
        }
    }

    /// Whether its elements stand in its own place, and not in one below.
    pub fn is_spread(&self) -> bool {
        self.repeat.is_some() && matches!(self.place, Place::At(..))
    }
}

impl<'a> Declared<'a> {
    /// Whether it has parameters, or sizes that may be anything.
    pub fn is_generic(&self) -> bool {
        !self.generics.params.is_empty() || !self.checked.any.is_empty()
    }

    /// The mistakes; the first is the value of a constant, so that types can be made of it about which rustc is silent.
    pub fn errors(&self, errors: &[Error]) -> TokenStream {
        let Some((first, rest)) = errors.split_first() else {
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
        let names = self.generics.params.iter().map(param_name);
        let bare = self.bare_params();
        (quote!(#(#bare,)*), quote!(<#(#names),*>))
    }

    fn bare_params(&self) -> Vec<TokenStream> {
        let bare = |param: &GenericParam| match param {
            GenericParam::Const(p) => {
                let (name, ty) = (&p.ident, &p.ty);
                quote!(const #name: #ty)
            }
            param => param_name(param).to_token_stream(),
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
            let written = self.generics.type_params().find(|p| same(size, &p.ident.to_token_stream()));
            written.is_some_and(|p| p.bounds.iter().any(size::is_bound))
        };
        let unsaid = self.checked.sizes.iter().filter(|size| !said(size));
        bounds.extend(unsaid.map(|size| bound(size, quote!(::fusion::dim::Dim))));
        bounds.extend(self.checked.groups.iter().map(|groups| bound(groups, quote!(::fusion::dim::Groups))));
        bounds
    }

    /// The type of the outputs, if there are several, with this type as the batch.
    pub fn outputs_type(&self, batch: &TokenStream) -> Option<TokenStream> {
        let outputs = self.checked.outputs.as_ref()?;
        let (name, args) = (format_ident!("{}Output", self.name), self.output_params(outputs));
        let args = args.into_iter().map(param_name);
        let parts = Struct { model: self, unit: &self.checked.unit, layers: Vec::new() };
        // After a mistake nothing is said of types that only bounds would know.
        let gives = |output: &Output| if self.failed { Flow::Lost } else { output.gives.clone() };
        let open = outputs.iter().filter(|output| !output.spelled).map(|output| parts.tensor(&gives(output), batch));
        let batch = has_batch(outputs).then(|| quote!(#batch,));
        Some(quote!(#name<#batch #(#args,)* #(#open),*>))
    }

    /// The model's parameters that stand in the sizes of its outputs.
    fn output_params(&self, outputs: &[Output]) -> Vec<&'a GenericParam> {
        let types: Vec<_> = outputs.iter().filter_map(Output::axes).flatten().map(Axis::ty).collect();
        let stands = |param: &&GenericParam| {
            let is = |name: &Ident| name == param_name(param);
            types.iter().any(|ty| mention(ty.clone(), &is))
        };
        self.generics.params.iter().filter(stands).collect()
    }

    pub fn outputs(&self) -> Option<TokenStream> {
        let outputs = self.checked.outputs.as_ref()?;
        let batch = quote!(__B);
        let (name, vis) = (format_ident!("{}Output", self.name, span = self.name.span()), self.vis);
        let params = self.output_params(outputs).into_iter().map(|param| match param {
            GenericParam::Type(p) => p.ident.to_token_stream(),
            param => {
                let mut param = param.clone();
                if let GenericParam::Const(p) = &mut param {
                    p.default = None;
                }
                param.to_token_stream()
            }
        });
        let fields = outputs.iter().map(|output| {
            let name = &output.name;
            let Some(axes) = output.axes() else {
                let (open, text) = (output.open(), format!("What the layer `{name}` gives."));
                return quote!(#[doc = #text] pub #name: #open);
            };
            let (types, texts): (Vec<_>, Vec<_>) = axes.iter().map(|axis| (axis.ty(), axis.text())).unzip();
            let text = format!("`[{}]` for each of the batch.", texts.join(", "));
            quote!(#[doc = #text] pub #name: ::fusion::Tensor<(#batch, #(#types,)*)>)
        });
        let open: Vec<_> = outputs.iter().filter(|output| !output.spelled).map(Output::open).collect();
        let text = format!("What [`{}`] gives.", self.name);
        let all = self.output_params(outputs);
        let bare = all.iter().map(|param| match param {
            GenericParam::Const(p) => {
                let (name, ty) = (&p.ident, &p.ty);
                quote!(const #name: #ty)
            }
            param => param_name(param).to_token_stream(),
        });
        let args = all.iter().map(|param| param_name(param));
        // In the order in which they are computed.
        let nodes = &self.checked.unit.nodes;
        let mut computed: Vec<_> = outputs.iter().map(|output| &output.name).collect();
        computed.sort_by_key(|output| nodes.iter().position(|node| node.name() == Some(output)));
        let own = has_batch(outputs).then(|| quote!(#batch,));
        let several = (!outputs.is_empty()).then(|| {
            quote! {
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl<#own #(#bare,)* #(#open: ::fusion::__private::Tensors),*> ::fusion::__private::Tensors
                    for #name<#own #(#args,)* #(#open),*>
                {
                    fn each(&self, visit: &mut dyn ::core::ops::FnMut(&::fusion::Value)) {
                        #(::fusion::__private::Tensors::each(&self.#computed, visit);)*
                    }

                    fn made_of(next: &mut dyn ::core::ops::FnMut() -> ::fusion::Value) -> Self {
                        Self { #(#computed: ::fusion::__private::Tensors::made_of(next),)* }
                    }
                }
            }
        });
        // After a mistake there may be none.
        let none = outputs.is_empty().then(|| quote!(#[doc(hidden)] pub __batch: ::core::marker::PhantomData<#batch>,));
        Some(quote! {
            #[doc = #text]
            #[derive(Clone)]
            #vis struct #name<#own #(#params,)* #(#open),*> {
                #(#fields,)*
                #none
            }

            #several
        })
    }
}

/// Whether the batch stands in a type that is spelled; after a mistake there may be none.
fn has_batch(outputs: &[Output]) -> bool {
    outputs.is_empty() || outputs.iter().any(|output| output.spelled)
}

impl Output {
    /// Its sizes, where its type is spelled with them.
    fn axes(&self) -> Option<&[Axis]> {
        self.gives.axes().filter(|_| self.spelled)
    }

    /// The parameter that stands for its type: `Large` for `large`.
    fn open(&self) -> Ident {
        let words = syn::ext::IdentExt::unraw(&self.name).to_string();
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let name: String = words.split('_').filter(|word| !word.is_empty()).map(capital).collect();
        format_ident!("{name}", span = self.name.span())
    }
}

impl<'a> Struct<'_, 'a> {
    pub fn is_model(&self) -> bool {
        self.unit.name == *self.model.name
    }

    /// Whether the struct itself asks nothing of its parameters.
    pub fn is_unbound(&self) -> bool {
        self.layers.is_empty() && self.model.checked.groups.is_empty() && !self.model.checked.windows
    }

    /// What `init` asks: sizes that the compiler knows, and layers that can be made.
    pub fn init_bounds(&self) -> TokenStream {
        let (bounds, layers) = (self.model.bounds(), &self.layers);
        let nats = self.model.checked.sizes.iter().map(|size| bound(size, quote!(::fusion::dim::Nat)));
        quote! {
            #(#bounds,)*
            #(#nats,)*
            #(#layers: ::fusion::nn::Init + ::fusion::nn::Module,)*
        }
    }

    pub fn module_bounds(&self) -> TokenStream {
        let (bounds, layers) = (self.model.bounds(), &self.layers);
        quote!(#(#bounds,)* #(#layers: ::fusion::nn::Module,)*)
    }

    /// The head of an inherent impl. Bounds stand on its functions, where a message speaks of them; a struct with a
    /// layer of the user's in it needs them itself.
    fn inherent(&self) -> TokenStream {
        let (name, (params, args)) = (&self.unit.name, self.model.params());
        if self.is_unbound() {
            return quote!(impl<#params> #name #args);
        }
        let bounds = self.model.bounds();
        quote!(impl<#params> #name #args where #(#bounds),*)
    }

    pub fn structure(&self, attrs: &[Attribute]) -> TokenStream {
        let (name, generics, vis) = (&self.unit.name, self.model.generics, self.model.vis);
        let params = generics.params.iter().map(|param| {
            let mut param = param.clone();
            if let GenericParam::Type(p) = &mut param {
                p.bounds.clear();
                p.colon_token = None;
            }
            param
        });
        let bounds = if self.is_unbound() { Vec::new() } else { self.model.bounds() };
        let steps = self.unit.fields();
        let fields = steps.iter().map(|step| self.field(step));
        let used = |param: &Ident| steps.iter().any(|step| mention(step.field_type(), &|name| name == param));
        let unused: Vec<_> = generics.type_params().map(|p| &p.ident).filter(|param| !used(param)).collect();
        let marker = self
            .marker()
            .map(|marker| quote!(#[doc(hidden)] pub #marker: ::core::marker::PhantomData<fn() -> (#(#unused,)*)>,));
        let keyword = quote_spanned!(name.span()=> struct);
        let inner = (!self.is_model()).then(|| quote!(#[allow(non_camel_case_types)]));
        quote! {
            #(#attrs)*
            #inner
            #vis #keyword #name<#(#params),*> where #(#bounds),* {
                #(#fields,)*
                #marker
            }
        }
    }

    /// The name of a field for parameters that no layer has.
    pub fn marker(&self) -> Option<Ident> {
        self.model.generics.type_params().next().map(|_| format_ident!("__sizes", span = Span::mixed_site()))
    }

    fn field(&self, step: &Step<'_>) -> TokenStream {
        let (name, ty, docs) = (&step.field, step.field_type(), docs(step.attrs));
        let gives = match self.model.checked.answers.flow(&step.after) {
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
        let hidden = step.name.is_none().then(|| quote!(#[doc(hidden)]));
        // The whole of it stands at the layer, where a derive on the struct reports.
        let at = within(step.ends.first);
        quote_spanned!(at=> #own #hidden pub #name: #ty)
    }

    pub fn methods(&self) -> TokenStream {
        let (head, visit, forward) = (self.inherent(), self.visit(), self.own_forward());
        let summary = self.is_model().then(|| self.summary());
        let (made, started) = match self.is_model() {
            true if self.has_defaults() => (self.started(), None),
            true => (TokenStream::new(), Some(self.starts(self.init_bounds()))),
            false => Default::default(),
        };
        quote! {
            #made

            #[allow(dead_code)]
            #head {
                #started
                #summary
                #forward
                #visit
            }
        }
    }

    /// How one comes by a network.
    fn starts(&self, bounds: TokenStream) -> TokenStream {
        quote! {
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
        }
    }

    fn has_defaults(&self) -> bool {
        self.model.generics.params.iter().any(|param| default_of(param).is_some())
    }

    /// `Net::init(..)` and `Net::load(..)` of a model whose parameters have defaults. Rust takes no defaults in expressions; these
    /// stand for them alone, so that they follow from the name. With other parameters the functions of the traits are called.
    fn started(&self) -> TokenStream {
        let name = &self.unit.name;
        let (mut open, mut defaults) = (Vec::new(), Vec::<(&Ident, TokenStream)>::new());
        for (param, bare) in self.model.generics.params.iter().zip(self.model.bare_params()) {
            match default_of(param) {
                Some(default) => {
                    let default = with_defaults(default, &defaults);
                    defaults.push((param_name(param), default));
                }
                None => open.push(bare),
            }
        }
        let names = self.model.generics.params.iter().map(|param| param_name(param).to_token_stream());
        let args = with_defaults(quote!(#(#names),*), &defaults);
        let bounds = with_defaults(self.init_bounds(), &defaults);
        let starts = self.starts(TokenStream::new());
        quote! {
            #[allow(dead_code)]
            impl<#(#open),*> #name<#args> where #bounds {
                #starts
            }
        }
    }

    /// Whether each layer's output is known without types that only a call of `forward` fixes.
    pub fn is_plain(&self) -> bool {
        self.unknown().is_empty()
    }

    /// The bounds of this struct's `forward`.
    pub fn own_bounds(&self) -> impl Iterator<Item = &Bound> {
        self.unit.bounds.iter().map(|&at| &self.model.checked.bounds[at])
    }

    /// A reference to a layer. Where the constant that stands for a bound of its type fails, this is of an error type,
    /// and rustc reports the bound once.
    pub fn layer(&self, step: &Step<'_>, gate: Option<&TokenStream>, method: &str) -> TokenStream {
        let (field, ty, span) = (&step.field, step.field_type(), step.ends.first);
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

/// What stands behind the `=` of a parameter.
fn default_of(param: &GenericParam) -> Option<TokenStream> {
    match param {
        GenericParam::Type(param) => param.default.as_ref().map(|(_, ty)| ty.to_token_stream()),
        GenericParam::Const(param) => param.default.as_ref().map(|(_, value)| quote!({ #value })),
        GenericParam::Lifetime(_) => None,
    }
}

/// The tokens, with the defaults of parameters in place of their names.
fn with_defaults(tokens: TokenStream, defaults: &[(&Ident, TokenStream)]) -> TokenStream {
    replaced(tokens, &|name| defaults.iter().find(|(param, _)| *param == name).map(|(_, default)| default.clone()))
}

/// What the macro writes itself, and takes out of a `#[derive(..)]` above a model.
const WRITTEN: [&str; 2] = ["Clone", "Debug"];

/// The attributes of the struct, without what is written for it.
pub fn without_written(attrs: &[Attribute]) -> Vec<Attribute> {
    let keep = |attr: &Attribute| {
        let Meta::List(list) = &attr.meta else { return Some(attr.clone()) };
        if !attr.path().is_ident("derive") {
            return Some(attr.clone());
        }
        let Ok(all) = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else {
            return Some(attr.clone());
        };
        let written =
            |path: &Path| path.segments.last().is_some_and(|last| WRITTEN.iter().any(|name| last.ident == name));
        let others: Vec<_> = all.iter().filter(|path| !written(path)).collect();
        match others.len() {
            0 => None,
            n if n == all.len() => Some(attr.clone()),
            _ => Some(parse_quote!(#[derive(#(#others),*)])),
        }
    };
    attrs.iter().filter_map(keep).collect()
}
