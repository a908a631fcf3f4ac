//! Branches that are added or joined.

use fusion_rules::parts::{Branch as Arm, Meet};
use fusion_rules::{Dims, Size};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use crate::diagnostics::Ends;
use crate::model::ast::{Layer, Part};
use crate::model::check::Checker;
use crate::model::check::list::Scope;
use crate::model::ir::{Bound, Meeting, Meets, Node, Way, rule_name};
use crate::model::shape::{Axis, Flow, Origin};

impl<'a> Checker<'a> {
    /// Branches that meet.
    pub fn meet(&mut self, part: &'a Part, ends: Ends, words: String, flow: Flow, scope: &mut Scope) -> Meeting<'a> {
        let (meet, parts) = part.meet().unwrap_or((Meet::Sum, &[]));
        let mut branches: Vec<Way<'a>> = Vec::new();
        let origin = self.origin.clone();
        for branch in parts {
            self.origin = origin.clone();
            let seen = scope.kept.len();
            let way = match &branch.part {
                Part::Tap(name) => {
                    let tap = self.tap(name, branch.ends, scope);
                    Way { after: tap.after.clone(), name: name.to_string(), nodes: vec![Node::Tap(tap)] }
                }
                Part::Identity => Way { nodes: Vec::new(), after: flow.clone(), name: String::new() },
                Part::Group(layers) => {
                    let (nodes, after) = self.nodes(layers, flow.clone(), scope);
                    let name = layers.last().map_or_else(String::new, Layer::short_text);
                    Way { nodes, after, name }
                }
                Part::Sum(_) | Part::Join(_) => {
                    let name = branch.part.text();
                    let meeting = self.meet(&branch.part, branch.ends, name.clone(), flow.clone(), scope);
                    let after = meeting.after.clone();
                    Way { nodes: vec![Node::Meet(meeting)], after, name }
                }
                part => {
                    let step = self.step(None, part, branch.ends, flow.clone(), scope);
                    Way { after: step.after.clone(), name: part.text(), nodes: vec![Node::Step(step)] }
                }
            };
            // What a branch has computed is its own.
            scope.kept.truncate(seen);
            branches.push(way);
        }
        self.origin = Origin { text: words, before: None };
        let mut meeting = Meeting {
            meet,
            name: None,
            branches,
            after: Flow::Lost,
            by_types: None,
            restated: false,
            summed: None,
            ends,
        };
        self.merge(&mut meeting);
        meeting
    }

    /// What branches give together.
    fn merge(&mut self, meeting: &mut Meeting<'a>) {
        let (meet, branches) = (meeting.meet, &meeting.branches);
        if branches.iter().any(|way| matches!(way.after, Flow::Lost | Flow::Open(_) | Flow::Integers(_))) {
            if meet == Meet::Sum
                && let Some(way) = branches.iter().find(|way| matches!(way.after, Flow::Axes(_) | Flow::Const(_)))
            {
                meeting.after = way.after.clone();
            }
            return;
        }
        let known =
            branches.iter().all(|way| way.after.axes().is_some_and(|axes| axes.iter().all(|a| self.is_known(a))));
        if known {
            let arms: Vec<(String, Vec<Axis>)> =
                branches.iter().map(|way| (way.name.clone(), way.after.axes().unwrap_or_default().to_vec())).collect();
            let dims: Vec<Dims> = arms.iter().map(|(_, axes)| self.dims(axes)).collect();
            let arms: Vec<_> = arms.iter().zip(&dims).map(|((name, _), &gives)| Arm { name, gives }).collect();
            // Only numbers can be added up here: a name is left to the compiler.
            let named = meet == Meet::Join
                && branches.iter().any(|way| {
                    !way.after.axes().is_some_and(|axes| matches!(axes.first(), None | Some(Axis::Number(_))))
                });
            if !named {
                let message = meet.mistake(&arms, &self.names()).map(|text| text.to_string());
                if let Some(message) = message {
                    self.mistake(meeting.ends, message);
                }
                let names: Vec<Axis> =
                    branches.iter().flat_map(|way| way.after.axes().unwrap_or_default().to_vec()).collect();
                meeting.after = self.with_names(meet.recovered(&arms), &names);
                return;
            }
        }
        if self.is_generic() {
            return match self.always_mismatches(meeting) {
                Some(message) => {
                    self.mistake(meeting.ends, message);
                    meeting.after = meeting.branches[0].after.clone();
                }
                None => self.by_type(meeting),
            };
        }
        let arms: Vec<_> = branches
            .iter()
            .map(|way| {
                let (name, gives) = (&way.name, way.after.value());
                quote!(::fusion::__private::rules::parts::Branch { name: #name, gives: #gives })
            })
            .collect();
        let rule = rule_name(meet);
        let rule = quote!(::fusion::__private::rules::parts::Meet::#rule);
        self.check(meeting.ends, quote!(check_meet), quote!(#rule, &[#(#arms),*]));
        meeting.after = Flow::Const(self.declare(meeting.ends, quote!(#rule.recovered(&[#(#arms),*]))));
    }

    /// In a generic model, what is wrong with branches whatever their sizes turn out to be.
    fn always_mismatches(&mut self, meeting: &Meeting<'a>) -> Option<String> {
        let axes: Vec<&[Axis]> = meeting.branches.iter().map(|way| way.after.axes()).collect::<Option<_>>()?;
        let mut all: Vec<Dims> = axes.iter().map(|axes| self.dims(axes)).collect();
        for at in 1..all[0].rank {
            let first = all[0].d[at];
            let join = meeting.meet == Meet::Join && at == 1;
            // Only sizes that are made of one name, or of none, can be told apart here.
            let told = |size: Size| match (size, first) {
                _ if join => false,
                (Size::Named { name, .. }, Size::Named { name: other, .. }) => name == other,
                (Size::Known(_), Size::Known(_)) => true,
                _ => false,
            };
            if !all.iter().all(|x| at < x.rank && told(x.d[at])) {
                all.iter_mut().filter(|x| at < x.rank).for_each(|x| x.d[at] = Size::Dyn);
            }
        }
        let arms: Vec<_> =
            meeting.branches.iter().zip(&all).map(|(way, &gives)| Arm { name: &way.name, gives }).collect();
        meeting.meet.mistake(&arms, &self.names()).map(|text| text.to_string())
    }

    /// In a generic model, branches meet by types: a bound for each after the first.
    fn by_type(&mut self, meeting: &mut Meeting<'a>) {
        let rule = rule_name(meeting.meet);
        let (mut all, mut name) = (meeting.branches[0].after.clone(), meeting.branches[0].name.clone());
        let mut by_types = Vec::new();
        for way in &meeting.branches[1..] {
            let tags = [self.tag(&name, meeting.ends.first), self.tag(&way.name, meeting.ends.first)];
            // The branch whose shape is known stays on the left: its type is the result's.
            let swapped = meeting.meet == Meet::Sum && all.axes().is_none() && way.after.axes().is_some();
            let (left, right) = if swapped { (way.after.clone(), all) } else { (all, way.after.clone()) };
            let [a, b] = if swapped { [&tags[1], &tags[0]] } else { [&tags[0], &tags[1]] };
            let tags = quote!((#a, #b));
            let to = match (meeting.meet, &left) {
                (Meet::Sum, _) => None,
                (Meet::Join, Flow::Axes(axes)) if !axes.is_empty() => {
                    let mut axes = axes.clone();
                    let sizes: Vec<_> = [&left, &right].iter().map(|flow| flow.value()).collect();
                    let (a, b) = (&sizes[0], &sizes[1]);
                    let rule = quote!(::fusion::__private::rules::parts::Meet::Join);
                    let arm = quote!(::fusion::__private::rules::parts::Branch);
                    let size =
                        quote!(#rule.recovered(&[#arm { name: "", gives: #a }, #arm { name: "", gives: #b }]).d[1]);
                    axes[0] = self.free(size, Size::Dyn);
                    Some(Flow::Axes(axes))
                }
                (Meet::Join, _) => Some(Flow::Opaque(self.next())),
            };
            let span = meeting.ends.first;
            let (l, r) = (left.clone(), right.clone());
            self.bound(Bound::Meet { tags: tags.clone(), rule: rule.clone(), left: l, right: r, to: to.clone(), span });
            all = to.unwrap_or_else(|| left.clone());
            if swapped {
                name = way.name.clone();
            }
            by_types.push(Meets { tags, swapped, left, right });
        }
        meeting.after = all;
        meeting.by_types = Some(by_types);
    }

    /// A type that stands for a branch in a message.
    fn tag(&mut self, name: &str, span: Span) -> TokenStream {
        let word = name.split(|c: char| !c.is_alphanumeric() && c != '_').find(|word| !word.is_empty());
        let tag = Ident::new(word.filter(|w| !w.starts_with(|c: char| c.is_numeric())).unwrap_or("identity"), span);
        let number = self.next();
        let module = format_ident!("__{}_branch_{number}", self.name);
        self.items.extend(quote! {
            #[doc(hidden)]
            #[allow(non_snake_case, non_camel_case_types)]
            pub mod #module {
                pub struct #tag;
            }
        });
        quote!(#module::#tag)
    }
}
