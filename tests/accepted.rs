//! Programs that the compiler takes as they are written, without a warning, and that then run: what `ui/pass` holds, as
//! modules of one program: one for each would have the library linked to it some fifty times.

#![allow(clippy::all, reason = "programs as users write them")]
// A program may write a path in full.
#![allow(unused_qualifications)]

#[path = "ui/pass"]
mod pass {
    mod conv {
        mod after_custom;
        mod arguments;
        mod lenet;
        mod pools;
        mod transpose;
    }
    mod derive {
        mod attributes;
        mod clone;
        mod containers;
        mod enums;
        mod forward;
        mod layers;
        mod names;
        mod parameters;
        mod sequential;
        mod structs;
    }
    mod dim {
        mod generic;
    }
    mod generic {
        mod batch;
    }
    mod index {
        mod forms;
    }
    mod layer {
        mod more_layers;
        mod norm_layers;
    }
    mod loss {
        mod settings;
    }
    mod model {
        mod any_size;
        mod batches;
        mod cfg;
        mod clone;
        mod cost;
        mod custom;
        mod defaults;
        mod depthwise;
        mod detector;
        mod doubling;
        mod functions;
        mod fused;
        mod generic_groups;
        mod generic_join;
        mod generics;
        mod groups;
        mod init_whole;
        mod joins;
        mod long;
        mod outputs;
        mod own_names;
        mod places;
        mod resnet_blocks;
        mod same_names;
        mod saved;
        mod sequence;
        mod sizes;
        mod starts;
        mod stated_outputs;
        mod sums;
        mod taps;
        mod transformer;
        mod two_inputs;
        mod type_images;
        mod type_position;
        mod unflatten;
    }
    mod movement {
        mod shapes;
    }
    mod op {
        mod einsum;
        mod parts;
        mod scalars;
    }
    mod spelling {
        mod words_own;
    }
}

/// A program that no line above names would never be compiled.
#[test]
fn every_program_is_named_above() {
    let (list, mut seen) = (include_str!("accepted.rs"), 0);
    let entries = |folder: &std::path::Path| std::fs::read_dir(folder).expect("a folder of programs");
    for folder in entries("ui/pass".as_ref()).map(|entry| entry.expect("a folder").path()) {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name");
        let (_, rest) =
            list.split_once(&format!("    mod {name} {{")).unwrap_or_else(|| panic!("no line names {name}"));
        let (named, _) = rest.split_once('}').expect("the end of the folder's list");
        for program in entries(&folder).map(|entry| entry.expect("a file").path()) {
            let name = program.file_stem().and_then(|name| name.to_str()).expect("a name");
            assert!(named.contains(&format!(" mod {name};")), "no line names {}", program.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} programs");
}
