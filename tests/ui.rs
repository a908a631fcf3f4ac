//! What the compiler says: every shape rule and every misuse of a macro has a case with its exact message.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}

/// No message may show how numbers are done in types, and a mistake gives one error.
#[test]
fn every_message_is_one_plain_sentence() {
    let mut seen = 0;
    for entry in std::fs::read_dir("ui/fail").expect("the folder of cases") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("text");
        for inner in ["UInt", "UTerm", "typenum::"] {
            assert!(!text.contains(inner), "{} shows `{inner}`", path.display());
        }
        let source = std::fs::read_to_string(path.with_extension("rs")).expect("the case");
        // A case says how many mistakes it holds; one where it says nothing.
        let mistakes = source.lines().find_map(|line| line.strip_prefix("// mistakes: ")?.parse().ok()).unwrap_or(1);
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, mistakes, "{}: {errors} errors for {mistakes} mistakes", path.display());
    }
    assert!(seen >= 25, "only {seen} messages");
}
