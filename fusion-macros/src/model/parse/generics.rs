//! Reads a model's parameters: Rust's, where the default of a size may be a number, `K: Dim = 10`.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Attribute, GenericParam, Generics, Ident, Lifetime, LitInt, Result, Token, Type, TypeParam, parse_quote_spanned,
};

/// Reads `<K: Dim = 10>`, if that follows.
pub fn parse(input: ParseStream) -> Result<Generics> {
    let mut generics = Generics::default();
    if !input.peek(Token![<]) {
        return Ok(generics);
    }
    generics.lt_token = Some(input.parse()?);
    while !input.peek(Token![>]) {
        generics.params.push_value(param(input)?);
        if input.peek(Token![>]) {
            break;
        }
        generics.params.push_punct(input.parse()?);
    }
    generics.gt_token = Some(input.parse()?);
    Ok(generics)
}

fn param(input: ParseStream) -> Result<GenericParam> {
    let attrs = input.call(Attribute::parse_outer)?;
    if input.peek(Token![const]) || input.peek(Lifetime) || !input.peek(Ident::peek_any) {
        let mut param: GenericParam = input.parse()?;
        match &mut param {
            GenericParam::Const(param) => param.attrs = attrs,
            GenericParam::Lifetime(param) => param.attrs = attrs,
            GenericParam::Type(param) => param.attrs = attrs,
        }
        return Ok(param);
    }
    let mut param = TypeParam::from(input.parse::<Ident>()?);
    param.attrs = attrs;
    param.colon_token = input.parse()?;
    while param.colon_token.is_some() && !ends(input) {
        param.bounds.push_value(input.parse()?);
        if !input.peek(Token![+]) {
            break;
        }
        param.bounds.push_punct(input.parse()?);
    }
    if input.peek(Token![=]) {
        param.default = Some((input.parse()?, default(input)?));
    }
    Ok(GenericParam::Type(param))
}

fn ends(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![>]) || input.peek(Token![=])
}

/// Reads a number, which is a size, or a type.
fn default(input: ParseStream) -> Result<Type> {
    if !input.peek(LitInt) {
        return input.parse();
    }
    let number: LitInt = input.parse()?;
    Ok(parse_quote_spanned!(number.span()=> ::fusion::dim!(#number)))
}
