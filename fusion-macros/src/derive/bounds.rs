//! What a derived impl asks of the parameters of its type: what nobody should have to write.
//!
//! A parameter is asked for what its places in the fields make of it: a dimension in `Linear<C, C>`, a layer in `Vec<A>`.
//! What is computed from parameters (`D::Size`, `Num<N>`), and a type of the user's of which nothing is known, is asked
//! itself.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    DeriveInput, GenericArgument, Ident, Path, PathArguments, Type, TypeParamBound, TypePath, WherePredicate,
    parse_quote,
};

use fusion_rules::model::{BUILTINS, Builtin};

use crate::diagnostics::respan;
use crate::size;
use crate::tokens::same;

/// The parameters of a type.
pub struct Params {
    own: Ident,
    types: Vec<Param>,
    consts: Vec<Ident>,
}

struct Param {
    name: Ident,
    /// What a bound of its own says that it is.
    said: Option<Use>,
}

/// What fields ask of parameters, and of what is made with them.
pub struct Asks<'a> {
    params: &'a Params,
    list: Vec<(Type, Use)>,
}

/// What a type is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Dimension,
    Shape,
    /// An element of a tensor.
    Element,
    /// An element that is trained.
    Float,
    Layer,
    /// A value of which only `Default` is asked.
    Value,
}

/// The trait whose impl the bounds are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Module,
    Init,
}

impl Params {
    pub fn of(input: &DeriveInput) -> Self {
        let generics = &input.generics;
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let types = generics.type_params().map(|param| {
            let name = param.ident.clone();
            let more = clauses.clone().filter_map(|clause| match clause {
                WherePredicate::Type(ty) if tokens_are(&ty.bounded_ty, &name) => Some(&ty.bounds),
                _ => None,
            });
            let said = param.bounds.iter().chain(more.flatten()).find_map(said);
            Param { name, said }
        });
        Self {
            own: input.ident.clone(),
            types: types.collect(),
            consts: generics.const_params().map(|param| param.ident.clone()).collect(),
        }
    }

    /// Whether a parameter stands in this type, or the type itself as `Self`.
    pub fn mentions(&self, ty: &Type) -> bool {
        names(ty).any(|name| self.param(&name).is_some() || self.consts.contains(&name) || name == "Self")
    }

    fn param(&self, name: &Ident) -> Option<&Param> {
        self.types.iter().find(|param| param.name == *name)
    }

    /// Whether the type has a parameter in it of which neither a bound nor its place says what it is.
    pub fn is_open(&self, ty: &Type) -> bool {
        names(ty).any(|name| match self.param(&name) {
            Some(param) => param.said.is_none(),
            None => self.consts.contains(&name),
        })
    }

    /// Whether the type is recursive: a bound on it in its own where-clause would be a cycle.
    pub fn is_recursive(&self, ty: &Type) -> bool {
        names(ty).any(|name| name == self.own || name == "Self")
    }

    /// `D::Size`, `<D as Sizes>::Size`
    fn is_projection(&self, path: &TypePath) -> bool {
        path.qself.is_some() || path.path.segments.len() > 1 && self.param(&path.path.segments[0].ident).is_some()
    }
}

impl<'a> Asks<'a> {
    pub fn new(params: &'a Params) -> Self {
        Self { params, list: Vec::new() }
    }

    /// A field of this type is walked, or starts by itself.
    pub fn layer(&mut self, ty: &Type) {
        match ty {
            Type::Array(array) => self.layer(&array.elem),
            Type::Paren(paren) => self.layer(&paren.elem),
            Type::Group(group) => self.layer(&group.elem),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| self.layer(ty)),
            Type::Path(path) if self.params.is_projection(path) => self.ask(ty, Use::Layer),
            Type::Path(path) => self.layer_path(ty, &path.path),
            _ => self.ask(ty, Use::Layer),
        }
    }

    fn layer_path(&mut self, ty: &Type, path: &Path) {
        let Some(last) = path.segments.last() else {
            return;
        };
        let (name, args) = (last.ident.to_string(), arguments(path));
        let own = path.segments.len() == 1 && (last.ident == self.params.own || name == "Self");
        match name.as_str() {
            _ if own => {}
            _ if path.get_ident().is_some_and(|name| self.params.param(name).is_some()) => self.ask(ty, Use::Layer),
            "PhantomData" => {}
            "Option" | "Vec" | "Box" => types(&args).for_each(|ty| self.layer(ty)),
            "Tensor" | "Buffer" => self.tensor(ty, Use::Element),
            name => match BUILTINS.iter().find(|layer| layer.name == name) {
                Some(layer) if self.is_plain(layer, &args) => {
                    let sizes = layer.params.iter().filter(|param| param.kind.is_type()).count();
                    for (at, arg) in args.iter().enumerate() {
                        if let GenericArgument::Type(ty) = arg {
                            self.ask(ty, if at < sizes { Use::Dimension } else { Use::Float });
                        }
                    }
                }
                _ => {
                    // What is said of a parameter is also asked.
                    for param in names(ty).filter(|name| self.params.param(name).is_some_and(|p| p.said.is_some())) {
                        self.ask(&parse_quote!(#param), Use::Value);
                    }
                    if self.params.is_open(ty) && !self.params.is_recursive(ty) {
                        self.push(ty.clone(), Use::Layer);
                    }
                }
            },
        }
    }

    /// Whether a layer asks of the parameters among its arguments no more than to be sizes.
    fn is_plain(&self, layer: &Builtin, args: &[GenericArgument]) -> bool {
        layer.params.iter().zip(args).all(|(param, arg)| match arg {
            GenericArgument::Type(ty) => !param.kind.is_more_than_a_size() || !self.params.mentions(ty),
            _ => true,
        })
    }

    /// A tensor, whose elements are used like this.
    pub fn tensor(&mut self, ty: &Type, element: Use) {
        let Type::Path(path) = ty else {
            return self.ask(ty, Use::Layer);
        };
        let args = arguments(&path.path);
        let mut types = types(&args);
        match types.next() {
            Some(Type::Tuple(shape)) => shape.elems.iter().for_each(|ty| self.ask(ty, Use::Dimension)),
            Some(shape @ Type::Macro(_)) => {
                // `shape![C, 3]`: a name by itself is a dimension, and of what is computed the shape is asked.
                let Type::Macro(list) = shape else { return };
                let parts = split(list.mac.tokens.clone());
                let mut odd = false;
                for part in parts {
                    match syn::parse2::<Ident>(part.clone()) {
                        Ok(name) => self.ask(&parse_quote!(#name), Use::Dimension),
                        Err(_) => odd |= self.params.mentions(&Type::Verbatim(part)),
                    }
                }
                if odd {
                    self.push(shape.clone(), Use::Shape);
                }
            }
            Some(shape) => self.ask(shape, Use::Shape),
            None => {}
        }
        if let Some(ty) = types.next() {
            self.ask(ty, element);
        }
    }

    /// Only `Default` is asked.
    pub fn value(&mut self, ty: &Type) {
        if self.params.mentions(ty) && !self.params.is_recursive(ty) {
            self.push(ty.clone(), Use::Value);
        }
    }

    fn ask(&mut self, ty: &Type, how: Use) {
        if !self.params.mentions(ty) || self.params.is_recursive(ty) {
            return;
        }
        let said = match ty {
            Type::Path(path) => path.path.get_ident().and_then(|name| self.params.param(name)?.said),
            _ => None,
        };
        // A bound that is written says best what a parameter is; but an element may have to be more.
        let how = match said {
            Some(Use::Element | Use::Float) if how == Use::Float => Use::Float,
            Some(said) => said,
            None => how,
        };
        self.push(ty.clone(), how);
    }

    fn push(&mut self, ty: Type, how: Use) {
        let tokens = ty.to_token_stream();
        if !self.list.iter().any(|(other, how2)| *how2 == how && same(&other.to_token_stream(), &tokens)) {
            self.list.push((ty, how));
        }
    }

    /// Without the bounds of layers: with a value that is given, `default = ..`, no layer needs to be `Init`.
    pub fn without_layers(mut self) -> Self {
        self.list.retain(|(_, how)| *how != Use::Layer);
        self
    }

    /// These and others.
    pub fn extend(&mut self, others: Self) {
        others.list.into_iter().for_each(|(ty, how)| self.push(ty, how));
    }

    /// All of it as bounds.
    pub fn bounds(&self, of: For) -> Vec<WherePredicate> {
        let init = of == For::Init;
        let bound = |(ty, how): &(Type, Use)| -> WherePredicate {
            let bound = match how {
                Use::Dimension if init => quote!(::fusion::dim::Nat),
                Use::Dimension => quote!(::fusion::dim::Dim),
                Use::Shape if init => quote!(::fusion::dim::StaticShape),
                Use::Shape => quote!(::fusion::dim::Shape),
                Use::Element => quote!(::fusion::Element),
                Use::Float => quote!(::fusion::tensor::Float),
                Use::Layer if init => quote!(::fusion::__private::Starts),
                Use::Layer => quote!(::fusion::__private::IsModule),
                Use::Value => quote!(::fusion::__private::HasDefault),
            };
            let name = if let Type::Path(path) = ty { path.path.get_ident() } else { None };
            match name.and_then(|name| self.params.param(name)) {
                // It stands, as far as messages tell, at the parameter itself.
                Some(param) => {
                    let (name, bound) = (&param.name, respan(bound, param.name.span()));
                    parse_quote!(#name: #bound)
                }
                None => parse_quote!(#ty: #bound),
            }
        };
        self.list.iter().map(bound).collect()
    }
}

/// All names in a type.
fn names(ty: &Type) -> impl Iterator<Item = Ident> {
    fn collect(tokens: TokenStream, all: &mut Vec<Ident>) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => all.push(name),
                TokenTree::Group(group) => collect(group.stream(), all),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    collect(ty.to_token_stream(), &mut all);
    all.into_iter()
}

/// The types and constants in the angle brackets of a path.
fn arguments(path: &Path) -> Vec<GenericArgument> {
    let given = |arg: &&GenericArgument| matches!(arg, GenericArgument::Type(_) | GenericArgument::Const(_));
    match path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(args)) => args.args.iter().filter(given).cloned().collect(),
        _ => Vec::new(),
    }
}

fn types(args: &[GenericArgument]) -> impl Iterator<Item = &Type> {
    args.iter().filter_map(|arg| if let GenericArgument::Type(ty) = arg { Some(ty) } else { None })
}

/// The parts between the commas of a macro.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(last)) => last.extend([token]),
            (_, None) => {}
        }
    }
    parts
}

fn said(bound: &TypeParamBound) -> Option<Use> {
    if size::is_bound(bound) {
        return Some(Use::Dimension);
    }
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    match bound.path.segments.last()?.ident.to_string().as_str() {
        "Shape" | "StaticShape" => Some(Use::Shape),
        "Element" => Some(Use::Element),
        "Float" => Some(Use::Float),
        _ => None,
    }
}

fn tokens_are(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

/// The last name of a path: `Tensor` of `fusion::Tensor<(C,)>`.
pub fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        Type::Paren(paren) => last_name(&paren.elem),
        Type::Group(group) => last_name(&group.elem),
        _ => None,
    }
}

/// What is in a type that holds one of something: the tensor of `Option<Tensor<..>>`, `Box<..>` and `[..; N]`.
pub fn held(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => held(&paren.elem),
        Type::Group(group) => held(&group.elem),
        Type::Array(array) => held(&array.elem),
        Type::Path(path) => match path.path.segments.last().map(|last| (last.ident.to_string(), &last.arguments)) {
            Some((name, PathArguments::AngleBracketed(args))) if name == "Option" || name == "Box" => {
                match args.args.first() {
                    Some(GenericArgument::Type(inner)) => held(inner),
                    _ => ty,
                }
            }
            _ => ty,
        },
        _ => ty,
    }
}

/// The element of a tensor, if it is written.
pub fn element(tensor: &Type) -> Option<Type> {
    let Type::Path(path) = tensor else { return None };
    types(&arguments(&path.path)).nth(1).cloned()
}
