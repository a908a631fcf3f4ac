//! What a derived impl asks of the struct's parameters: what nobody should have to write.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    DeriveInput, GenericArgument, Ident, Path, PathArguments, Type, TypeParamBound, WherePredicate, parse_quote,
};

use fusion_rules::model::BUILTINS;

use crate::report::respan;

/// How the fields use the type parameters.
pub struct Uses {
    name: Ident,
    params: Vec<Param>,
    consts: Vec<Ident>,
    /// Types of the user's with a parameter in them of which nothing is known.
    others: Vec<Type>,
}

struct Param {
    name: Ident,
    /// It has a bound that says it is a dimension or an element.
    said: Option<Use>,
    found: Vec<Use>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Dimension,
    Element,
    Layer,
}

impl Uses {
    /// How fields of these types use the parameters of a struct.
    pub fn of<'a>(input: &DeriveInput, types: impl Iterator<Item = &'a Type>) -> Self {
        let generics = &input.generics;
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let params = generics.type_params().map(|param| {
            let name = param.ident.clone();
            let more = clauses.clone().filter_map(|clause| match clause {
                WherePredicate::Type(ty) if tokens_are(&ty.bounded_ty, &name) => Some(&ty.bounds),
                _ => None,
            });
            let said = param.bounds.iter().chain(more.flatten()).find_map(said);
            Param { name, said, found: Vec::new() }
        });
        let mut uses = Self {
            name: input.ident.clone(),
            params: params.collect(),
            consts: generics.const_params().map(|param| param.ident.clone()).collect(),
            others: Vec::new(),
        };
        types.for_each(|ty| uses.find(ty));
        uses
    }

    /// Whether a parameter stands in this type.
    pub fn mentions(&self, ty: &Type) -> bool {
        self.within(ty.to_token_stream())
    }

    fn within(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => self.params.iter().any(|param| param.name == name) || self.consts.contains(&name),
            TokenTree::Group(group) => self.within(group.stream()),
            _ => false,
        })
    }

    fn find(&mut self, ty: &Type) {
        match ty {
            Type::Array(array) => self.find(&array.elem),
            Type::Paren(paren) => self.find(&paren.elem),
            Type::Group(group) => self.find(&group.elem),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| self.find(ty)),
            Type::Path(path) => self.find_path(ty, &path.path),
            _ => {}
        }
    }

    fn find_path(&mut self, ty: &Type, path: &Path) {
        if let Some(name) = path.get_ident()
            && self.is_param(name)
        {
            return self.found(name.to_token_stream(), Use::Layer);
        }
        let Some(last) = path.segments.last() else {
            return;
        };
        let args: Vec<&Type> = match &last.arguments {
            PathArguments::AngleBracketed(args) => args
                .args
                .iter()
                .filter_map(|arg| if let GenericArgument::Type(ty) = arg { Some(ty) } else { None })
                .collect(),
            _ => Vec::new(),
        };
        let name = last.ident.to_string();
        let sizes = match name.as_str() {
            "PhantomData" => return,
            "Option" | "Vec" | "Box" => return args.into_iter().for_each(|ty| self.find(ty)),
            "Tensor" => 1,
            known => match BUILTINS.iter().find(|layer| layer.name == known) {
                Some(layer) => layer.params.len(),
                None => {
                    if last.ident != self.name && self.has_open_param(ty) {
                        self.others.push(ty.clone());
                    }
                    return;
                }
            },
        };
        for (at, arg) in args.into_iter().enumerate() {
            let how = if at < sizes { Use::Dimension } else { Use::Element };
            self.found(arg.to_token_stream(), how);
        }
    }

    fn is_param(&self, name: &Ident) -> bool {
        self.params.iter().any(|param| param.name == *name)
    }

    /// Every parameter in these tokens is used like this.
    fn found(&mut self, tokens: TokenStream, how: Use) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if let Some(param) = self.params.iter_mut().find(|param| param.name == name)
                        && !param.found.contains(&how)
                    {
                        param.found.push(how);
                    }
                }
                TokenTree::Group(group) => self.found(group.stream(), how),
                _ => {}
            }
        }
    }

    /// Whether a parameter stands in this type of which neither a bound nor a use says what it is.
    fn has_open_param(&self, ty: &Type) -> bool {
        let open = |name: &Ident| self.params.iter().any(|param| param.name == *name && param.said.is_none());
        fn any(tokens: TokenStream, open: &dyn Fn(&Ident) -> bool) -> bool {
            tokens.into_iter().any(|token| match token {
                TokenTree::Ident(name) => open(&name),
                TokenTree::Group(group) => any(group.stream(), open),
                _ => false,
            })
        }
        any(ty.to_token_stream(), &open)
    }

    /// What `Module` asks.
    pub fn module_bounds(&self) -> Vec<WherePredicate> {
        self.ask(&quote!(::fusion::dim::Dim), &quote!(::fusion::nn::Module))
    }

    /// What `Init` asks.
    pub fn init_bounds(&self) -> Vec<WherePredicate> {
        self.ask(&quote!(::fusion::dim::Nat), &quote!(::fusion::nn::Init))
    }

    fn ask(&self, dimension: &TokenStream, layer: &TokenStream) -> Vec<WherePredicate> {
        let mut bounds = Vec::new();
        for param in &self.params {
            let name = &param.name;
            for how in &param.found {
                // A bound that is written says best what a parameter is.
                let bound = match param.said.unwrap_or(*how) {
                    Use::Dimension => dimension,
                    Use::Element => &quote!(::fusion::tensor::Float),
                    Use::Layer => layer,
                };
                bounds.push(bounded(name, bound));
            }
            if param.found.is_empty() && param.said == Some(Use::Dimension) {
                bounds.push(bounded(name, dimension));
            }
        }
        bounds.extend(self.others.iter().map(|ty| -> WherePredicate { parse_quote!(#ty: #layer) }));
        bounds
    }

    /// A tensor's shape, where more than parameters and plain types stand in it: what follows for it must be asked.
    pub fn odd_shape(&self, ty: &Type) -> Option<Type> {
        let Type::Path(path) = ty else { return None };
        let PathArguments::AngleBracketed(args) = &path.path.segments.last()?.arguments else {
            return None;
        };
        let Some(GenericArgument::Type(shape)) = args.args.first() else {
            return None;
        };
        let plain = |ty: &Type| match ty {
            Type::Path(path) => path.qself.is_none() && path.path.get_ident().is_some(),
            _ => false,
        };
        let odd = match shape {
            Type::Tuple(tuple) => tuple.elems.iter().any(|ty| self.mentions(ty) && !plain(ty)),
            ty => self.mentions(ty),
        };
        odd.then(|| shape.clone())
    }
}

/// `C: Nat`, which stands, as far as messages tell, at the parameter itself.
fn bounded(name: &Ident, bound: &TokenStream) -> WherePredicate {
    let bound = respan(bound.clone(), name.span());
    parse_quote!(#name: #bound)
}

fn said(bound: &TypeParamBound) -> Option<Use> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    match bound.path.segments.last()?.ident.to_string().as_str() {
        "Dim" | "Nat" => Some(Use::Dimension),
        "Float" | "Element" => Some(Use::Element),
        _ => None,
    }
}

/// Whether a bound says that a parameter is a dimension.
pub fn is_dimension(bound: &TypeParamBound) -> bool {
    said(bound) == Some(Use::Dimension)
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
