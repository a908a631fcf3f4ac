//! What the compiler says: every shape rule and every misuse of a macro has a case with its exact message.
//!
//! Programs that must compile are in `accepted.rs`. Among the cases here they would make trybuild build each case by
//! itself instead of checking all of them in one run of cargo, which takes a tenth of the time.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*/*.rs");
}

/// What a message may not show: how numbers are done in types, and where the library keeps its helpers.
const INNER: [&str; 6] = ["UInt", "UTerm", "typenum::", "__private", "ndarray::", "rand::"];

/// Cases below whose message rustc lists the types that a trait has: the trait is asked of a size, a layer or an array by
/// itself, or of sizes of several tensors, and what would hide the list would hide the sentence.
const LISTED: [&str; 7] = [
    "dim/channels",
    "layer/attention_keys",
    "layer/attention_mask",
    "model/not_a_layer",
    "op/permute_incomplete",
    "op/permute_twice",
    "tensor/from_other_shape",
];

/// A path into a module of `fusion` that is not public: below `dim` and `nn` only `rule`, `init` and `loss` are.
fn private_path(text: &str) -> Option<&str> {
    for folder in ["dim::", "nn::"] {
        for (at, _) in text.match_indices(folder) {
            let path = &text[at..];
            let module = path[folder.len()..].split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
            let inside = path[folder.len() + module.len()..].starts_with("::");
            if inside && module.starts_with(|c: char| c.is_lowercase()) && !["rule", "init", "loss"].contains(&module) {
                return Some(&path[..folder.len() + module.len()]);
            }
        }
    }
    None
}

/// The files of the cases, which lie in a folder for each rule.
fn cases() -> impl Iterator<Item = std::path::PathBuf> {
    let entries = |folder: &std::path::Path| std::fs::read_dir(folder).expect("a folder of cases");
    let folders = entries("ui/fail".as_ref()).map(|entry| entry.expect("a folder").path());
    folders.flat_map(move |folder| entries(&folder)).map(|entry| entry.expect("a file").path())
}

/// No message may show the inside of the library, and a mistake gives one error.
#[test]
fn every_message_is_one_plain_sentence() {
    let mut seen = 0;
    for path in cases() {
        if path.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("text");
        // The public module ends like the crate `rand`.
        let shown = text.replace("operand::", "");
        let inner = INNER.into_iter().find(|inner| shown.contains(inner)).or_else(|| private_path(&text));
        assert_eq!(inner, None, "{} shows the inside of the library", path.display());
        let lists = text.contains("types implement trait");
        let listed = LISTED.iter().any(|case| path.ends_with(format!("{case}.stderr")));
        assert!(!lists || listed, "{} lists the types that a trait has", path.display());
        let source = std::fs::read_to_string(path.with_extension("rs")).expect("the case");
        // A case says how many mistakes it holds; one where it says nothing.
        let mistakes = source.lines().find_map(|line| line.strip_prefix("// mistakes: ")?.parse().ok()).unwrap_or(1);
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, mistakes, "{}: {errors} errors for {mistakes} mistakes", path.display());
    }
    assert!(seen >= 25, "only {seen} messages");
}
