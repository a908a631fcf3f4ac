//! What a declared model says of itself: its table, its drawing, its layers to a visitor.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use crate::diagnostics::tidy;
use crate::model::emit::structure::Struct;
use crate::model::emit::walk::Table;
use crate::model::ir::{Meeting, Node, Output, Step, Tap, rule_name};
use crate::model::shape::{Axis, Flow, free_axis, free_size, free_tensor};

impl<'a> Struct<'_, 'a> {
    pub fn summary(&self) -> TokenStream {
        let docs = quote!(#[doc = "Its layers: what each gives, holds and computes."]);
        // Where a size may be anything, the caller says what goes in.
        let any = !self.model.checked.any.is_empty();
        let axes = self.unit.input.axes().unwrap_or_default();
        let rank = axes.len();
        let argument = any.then(|| quote!(, input: [usize; #rank]));
        if self.model.failed {
            let argument = any.then(|| quote!(, _: [usize; #rank]));
            return quote! {
                #docs
                pub fn summary(&self #argument) -> ::fusion::nn::Summary {
                    ::core::panic!("this model has mistakes")
                }

                #[doc = "Its layers and how they are connected."]
                pub fn sketch(&self #argument) -> ::fusion::nn::Sketch {
                    ::core::panic!("this model has mistakes")
                }
            };
        }
        let (name, bounds) = (self.unit.name.to_string(), self.module_bounds());
        let (params, more, typed) = self.typed();
        let input = match any {
            true => {
                let places = 0..rank;
                quote!(&[1, #(input[#places]),*])
            }
            false => self.sizes(&self.unit.input, &quote!(1)),
        };
        quote! {
            #[doc = "Its layers and how they are connected: a drawing as Graphviz text or SVG."]
            pub fn sketch #params (&self #argument) -> ::fusion::nn::Sketch
            where
                #bounds
                #more
            {
                let input: &[usize] = #input;
                let mut sketch = ::fusion::nn::Sketch::new(#name, input.get(1..).unwrap_or_default());
                self.__layers(&::fusion::nn::Path::root(), input, input, #typed, &mut sketch);
                sketch
            }

            #docs
            pub fn summary #params (&self #argument) -> ::fusion::nn::Summary
            where
                #bounds
                #more
            {
                let input: &[usize] = #input;
                let mut summary = ::fusion::nn::Summary::new(#name, input.get(1..).unwrap_or_default());
                self.__layers(&::fusion::nn::Path::root(), input, input, #typed, &mut summary);
                summary
            }
        }
    }

    /// Free types of the tensors behind layers of the user's in a generic model, what binds them, and their shapes.
    fn typed(&self) -> (TokenStream, TokenStream, TokenStream) {
        if self.is_plain() || !self.model.checked.any.is_empty() {
            return (TokenStream::new(), TokenStream::new(), quote!(&[]));
        }
        let (tensors, axes) = (self.unknown(), self.free_axes());
        let shapes = tensors.iter().map(|&n| {
            let tensor = free_tensor(n);
            quote!((#n, <#tensor as ::fusion::__private::KnownTensor>::DIMS))
        });
        let shapes = quote!(&[#(#shapes),*]);
        let tensors: Vec<_> = tensors.into_iter().map(free_tensor).collect();
        let axes: Vec<_> = axes.into_iter().map(free_axis).collect();
        let bounds = self.forward_bounds(&quote!(::fusion::dim::Num<1>));
        let known = quote!(::fusion::__private::KnownTensor);
        (quote!(<#(#axes: ::fusion::dim::Dim,)* #(#tensors: #known),*>), bounds, shapes)
    }

    /// `[batch, ..]`, as a slice.
    fn sizes(&self, flow: &Flow, batch: &TokenStream) -> TokenStream {
        let known = quote!(::fusion::__private);
        let shape = match self.model.checked.answers.flow(flow) {
            Flow::Axes(axes) | Flow::Integers(axes) => {
                if let Some(numbers) = axes.iter().map(Axis::number).collect::<Option<Vec<_>>>() {
                    return quote!(&[#batch #(, #numbers)*]);
                }
                Flow::Axes(axes).value()
            }
            Flow::Const(name) => name.to_token_stream(),
            Flow::Opaque(n) => {
                let sizes = tensor_sizes(n);
                return quote!(&#sizes[..]);
            }
            Flow::Open(_) | Flow::Lost => quote!(#known::rules::Dims::SCALAR),
        };
        quote!(&#known::numbers(#shape, #batch)[..])
    }

    /// Every layer with its path, its type, the sizes of its output and itself; of a group its layers.
    pub fn visit(&self) -> Option<TokenStream> {
        if self.model.failed {
            return None;
        }
        let rows = self.rows(&self.unit.nodes, &self.unit.input);
        let (bounds, lets) = (self.module_bounds(), self.free_sizes());
        // Behind a layer of the user's the sizes are asked of the layer itself; if it has none to tell, they are the type's.
        let tensors: Vec<_> = self
            .unknown()
            .into_iter()
            .map(|n| {
                let taken = matches!(self.unit.input, Flow::Opaque(input) if input == n);
                let start = match taken {
                    true => quote!(taken.to_vec()),
                    false => quote!(::fusion::__private::typed_sizes(#n, typed, __batch)),
                };
                let name = tensor_sizes(n);
                quote!(let mut #name: ::std::vec::Vec<usize> = #start;)
            })
            .collect();
        let open = (!self.model.checked.any.is_empty())
            .then(|| quote!(let __input = ::fusion::__private::known_sizes(input);));
        let gives = match &self.unit.output {
            Flow::Lost => quote!([0usize; 0]),
            output => self.sizes(output, &quote!(__batch)),
        };
        Some(quote! {
            #[doc(hidden)]
            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn __layers(
                &self,
                path: &::fusion::nn::Path<'_>,
                input: &[usize],
                taken: &[usize],
                typed: &[(usize, ::fusion::__private::rules::Dims)],
                visit: &mut dyn ::fusion::nn::Visit,
            ) -> ::std::vec::Vec<usize>
            where
                #bounds
            {
                // Of an input whose sizes are not known, one sample.
                let __batch = input.first().copied().unwrap_or(1);
                #open
                #lets
                #(#tensors)*
                #(#rows)*
                (#gives).to_vec()
            }
        })
    }

    /// The variables for sizes that follow from others.
    pub fn free_sizes(&self) -> TokenStream {
        let free = self.model.checked.free_sizes.iter();
        free.map(|(n, size)| {
            let name = free_size(*n);
            quote!(#[allow(unused_variables)] let #name: ::fusion::__private::rules::Size = #size;)
        })
        .collect()
    }

    fn rows<'n>(&self, nodes: &'n [Node<'a>], mut taken: &'n Flow) -> Vec<TokenStream> {
        let (mut rows, batch) = (Vec::new(), quote!(__batch));
        let (mut table, mut sizes) = (Table::default(), Vec::new());
        for node in nodes {
            if let Node::Step(step) = node
                && let Some(takes) = self.row(step, taken)
            {
                table.push(step, self.layer(step, step.is_module(), "of"));
                sizes.push(takes);
                taken = &step.after;
                continue;
            }
            rows.extend(shown(&mut table, &mut sizes));
            match node {
                Node::Step(step) if step.is_function() => {
                    let (path, text, gives) = (step.path(), &step.short, self.sizes(&step.after, &batch));
                    rows.push(match self.called(step, taken) {
                        Some(call) => quote!(visit.called(&#path, #text, #gives, #call);),
                        None => quote!(visit.function(&#path, #text, #gives);),
                    });
                    taken = &step.after;
                }
                Node::Step(step) => {
                    let (path, field) = (step.path(), &step.field);
                    if let (Some(_), None) = (step.unit(), &step.repeat) {
                        let name = &step.short;
                        let takes = self.sizes(taken, &batch);
                        let gives = match self.model.checked.answers.flow(&step.after) {
                            Flow::Opaque(n) => tensor_sizes(n).into_token_stream(),
                            _ => quote!(_),
                        };
                        rows.push(quote! {
                            visit.enter(::fusion::nn::Part::Group(#name));
                            #gives = self.#field.__layers(&#path, input, #takes, typed, visit);
                            visit.leave();
                        });
                    } else {
                        let layer = self.layer(step, step.is_module(), "of");
                        let (takes, gives) = (self.sizes(taken, &batch), self.sizes(&step.after, &batch));
                        let answers = &self.model.checked.answers;
                        if let Flow::Opaque(n) = answers.flow(&step.after)
                            && !matches!(answers.flow(taken), Flow::Opaque(m) if m == n)
                        {
                            let found = match step.rule() {
                                Some((rule, args)) => quote!(output_sizes(&#rule, #args, #takes)),
                                None => quote!(custom_sizes(#layer, #takes)),
                            };
                            rows.push(write_sizes(n, &found));
                        }
                        rows.push(match (step.rule(), &step.repeat) {
                            (Some(_), None) => quote!(::fusion::nn::Module::visit(#layer, &#path, #takes, visit);),
                            (Some(_), Some(_)) => {
                                quote!(::fusion::__private::show_repeated(visit, &#path, #takes, #layer);)
                            }
                            (None, _) => {
                                let copy = self.copied(step, taken);
                                custom(step, &quote!(&#path), &[takes, gives], &layer, copy.as_ref())
                            }
                        });
                    }
                    rows.extend(step.name.map(|name| self.keeps(name)));
                    taken = &step.after;
                }
                Node::Meet(meeting) => {
                    let part = rule_name(meeting.meet);
                    rows.push(quote!(visit.enter(::fusion::nn::Part::#part);));
                    for way in &meeting.branches {
                        rows.push(quote!(visit.enter(::fusion::nn::Part::Branch);));
                        rows.extend(self.rows(&way.nodes, taken));
                        rows.push(quote!(visit.leave();));
                    }
                    rows.push(quote!(visit.leave();));
                    rows.extend(self.joined(meeting, taken));
                    rows.extend(meeting.name.map(|name| self.keeps(name)));
                    taken = &meeting.after;
                }
                Node::Tap(Tap { name, after, .. }) => {
                    let name = syn::ext::IdentExt::unraw(name).to_string();
                    rows.push(quote!(visit.tap(&path.child(#name));));
                    taken = after;
                }
            }
        }
        rows.extend(shown(&mut table, &mut sizes));
        rows
    }

    /// The sizes of a join behind layers of the user's, which are asked for theirs.
    fn joined(&self, meeting: &Meeting<'_>, taken: &Flow) -> Option<TokenStream> {
        let answers = &self.model.checked.answers;
        let Flow::Opaque(n) = answers.flow(&meeting.after) else { return None };
        let known = |flow: &Flow| matches!(answers.flow(flow), Flow::Opaque(m) if m == n);
        let mut from = meeting.branches.iter().map(|way| &way.after).chain([taken]);
        if from.any(known) {
            return None;
        }
        let gave = meeting.branches.iter().map(|way| self.sizes(&way.after, &quote!(__batch)));
        Some(write_sizes(n, &quote!(joined_sizes(&[#(#gave),*]))))
    }

    /// That a result is an output, and that it is taken up again.
    fn keeps(&self, name: &Ident) -> TokenStream {
        let text = syn::ext::IdentExt::unraw(name).to_string();
        let outputs = self.model.checked.outputs.as_deref().unwrap_or_default();
        let is_output = self.is_model() && outputs.iter().any(|output| output.name == *name);
        let output = is_output.then(|| quote!(visit.output(#text);));
        let keep = self.unit.is_tapped(name).then(|| quote!(visit.keep(&path.child(#text));));
        quote!(#output #keep)
    }

    /// A function that calls a function of the user's with a value. In a generic model nobody knows what it takes.
    fn called(&self, step: &Step<'_>, taken: &Flow) -> Option<TokenStream> {
        if self.model.is_generic() {
            return None;
        }
        let batch = quote!(::fusion::dim::Dyn);
        let (path, x, y) = (&step.ty, self.tensor(taken, &batch), self.tensor(&step.after, &batch));
        let function = match step.runs() {
            Some(gate) => quote!(::fusion::__private::through::<{ #gate }, _>(#path)),
            None => quote!(#path),
        };
        let span = step.call_span();
        Some(quote_spanned!(span=> |x| ::fusion::__private::call::<#x, #y>(#function, x)))
    }

    /// What copies a layer of the user's, so that the copy is called with values.
    fn copied(&self, step: &Step<'_>, taken: &Flow) -> Option<TokenStream> {
        if self.model.is_generic() {
            return None;
        }
        let x = self.tensor(taken, &quote!(::fusion::dim::Dyn));
        let layer = self.layer(step, step.runs().or(step.is_module()), "of");
        Some(quote!(.copied(&|| {
            #[allow(unused_imports)]
            use ::fusion::__private::{Copied as _, Uncopied as _};
            (&::fusion::__private::Original::<_, #x>::of(#layer)).copy()
        })))
    }

    /// The sizes that a layer of the language takes if it is no more than a row in a table of them.
    fn row(&self, step: &Step<'_>, taken: &Flow) -> Option<TokenStream> {
        let checked = &self.model.checked;
        let is_output = |outputs: &[Output]| outputs.iter().any(|output| output.name == step.field);
        if step.is_function()
            || step.row().is_none()
            || step.repeat.is_some()
            || step.name.is_some_and(|name| self.unit.is_tapped(name))
            || (self.is_model() && checked.outputs.as_deref().is_some_and(is_output))
            || matches!(checked.answers.flow(&step.after), Flow::Opaque(_))
        {
            return None;
        }
        match checked.answers.flow(taken) {
            Flow::Axes(axes) | Flow::Integers(axes) => {
                let sizes = axes.iter().map(Axis::size);
                Some(quote!(&[::fusion::__private::rules::Size::Dyn #(, #sizes)*]))
            }
            Flow::Const(name) => Some(quote!((&#name).as_slice())),
            Flow::Opaque(_) | Flow::Open(_) | Flow::Lost => None,
        }
    }
}

/// The call that shows a table of layers, which is then empty.
fn shown(table: &mut Table, sizes: &mut Vec<TokenStream>) -> Option<TokenStream> {
    let (args, sizes) = (table.take(None)?, std::mem::take(sizes));
    Some(quote!(::fusion::__private::visit_layers(#args, &[#(#sizes),*], __batch, visit);))
}

/// A layer of the user's, which is shown as it is written.
fn custom(
    step: &Step<'_>,
    path: &TokenStream,
    sizes: &[TokenStream; 2],
    layer: &TokenStream,
    copy: Option<&TokenStream>,
) -> TokenStream {
    let (name, args) = match step.call {
        Some(call) => {
            let named = call.keywords.iter().map(|(key, arg)| format!("{key} = {}", arg.text));
            (tidy(&call.path), call.args.iter().map(|arg| arg.text.clone()).chain(named).collect())
        }
        None => (step.text.clone(), Vec::new()),
    };
    let count = match &step.repeat {
        Some(count) => quote!(::core::option::Option::Some(#count)),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        visit.layer(::fusion::nn::Layer::custom(
            #path, #name, &[#(("", ::fusion::nn::Argument::Written(#args))),*], #count, [#(#sizes),*], #layer,
        )#copy);
    }
}

/// Writes what a call of ours finds to be the sizes of a free tensor, if it does.
fn write_sizes(n: usize, found: &TokenStream) -> TokenStream {
    let sizes = tensor_sizes(n);
    quote!(::fusion::__private::write_sizes(&mut #sizes, ::fusion::__private::#found);)
}

/// The variable with the sizes of a free tensor.
fn tensor_sizes(n: usize) -> Ident {
    format_ident!("__x{n}", span = Span::mixed_site())
}
