//! A source file as tokens, without comments, texts and tests.

use std::collections::HashMap;

/// A word, a `::`, or a single other character, with its line.
#[derive(Clone, Debug)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// `use path::{..}`, one for each name that it brings.
#[derive(Clone, Debug)]
pub struct Use {
    /// The module that has it, as names below its file's: empty outside `mod x { .. }`.
    pub inner: Vec<String>,
    pub public: bool,
    pub path: Vec<String>,
    /// The name that it brings; `*` for all.
    pub name: String,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct Source {
    /// Children, in a file of their own or between braces: the modules around each, its name, and whether it is a test.
    pub modules: Vec<(Vec<String>, String, bool)>,
    pub uses: Vec<Use>,
    /// Names of items, by the module between braces that has them.
    pub items: HashMap<Vec<String>, Vec<String>>,
    /// Names of `macro_rules!`.
    pub macros: Vec<String>,
    /// Paths in the code, with the module between braces around each; a single name is one too.
    pub paths: Vec<(Vec<String>, Vec<String>)>,
    /// The text's lines without tests, each with its number.
    pub lines: Vec<(usize, String)>,
}

/// The text's tokens.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let (start, c) = (at, chars[at]);
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        if c == '/' && next == '/' {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if c == '/' && next == '*' {
            while at < chars.len() && !(chars[at] == '*' && chars.get(at + 1) == Some(&'/')) {
                at += 1;
            }
            at += 2;
        } else if let Some(hashes) = raw(&chars[at..]) {
            at = chars[at..].iter().position(|c| *c == '"').expect("a quote") + at + 1;
            while !(chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes) {
                at += 1;
            }
            at += 1 + hashes;
        } else if c == '"' || c == 'b' && next == '"' {
            at += if c == 'b' { 2 } else { 1 };
            while chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' && (next == '\\' || chars.get(at + 2) == Some(&'\'')) {
            at += if next == '\\' { 3 } else { 2 };
            while chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if c.is_alphabetic() || c == '_' {
            while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                at += 1;
            }
            tokens.push(Token { text: chars[start..at].iter().collect(), line });
        } else if c == ':' && next == ':' {
            at += 2;
            tokens.push(Token { text: "::".into(), line });
        } else {
            at += 1;
            if !c.is_whitespace() {
                tokens.push(Token { text: c.into(), line });
            }
        }
        line += chars[start..at.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

/// The number of `#` of a raw text that begins here.
fn raw(chars: &[char]) -> Option<usize> {
    let rest = match chars {
        ['b', 'r', rest @ ..] | ['r', rest @ ..] => rest,
        _ => return None,
    };
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    (rest.get(hashes) == Some(&'"')).then_some(hashes)
}

/// The place after the item that begins at `at`: after its `;`, or after the braces that end it.
fn end_of_item(tokens: &[Token], at: usize) -> usize {
    let (mut depth, mut inside) = (0, at);
    let is_use = tokens[at..].iter().take(6).any(|token| token.text == "use");
    while inside < tokens.len() {
        match tokens[inside].text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 && !is_use {
                    return inside + 1;
                }
            }
            ";" if depth == 0 => return inside + 1,
            // A field, a variant or an argument ends with its list.
            _ => {}
        }
        if depth < 0 {
            return inside;
        }
        inside += 1;
    }
    inside
}

/// The place after an attribute, if one begins here.
fn end_of_attribute(tokens: &[Token], at: usize) -> Option<usize> {
    let open = at + if tokens.get(at + 1)?.text == "!" { 2 } else { 1 };
    if tokens[at].text != "#" || tokens.get(open)?.text != "[" {
        return None;
    }
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        depth += match token.text.as_str() {
            "[" => 1,
            "]" => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some(i + 1);
        }
    }
    None
}

/// Whether an attribute is `#[cfg(test)]` or a `cfg(all(test, ..))`.
fn is_test(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute.iter().map(|token| token.text.as_str()).collect();
    words.get(2) == Some(&"cfg") && words.contains(&"test") && !words.contains(&"not") && !words.contains(&"any")
}

impl Source {
    pub fn new(text: &str) -> Self {
        let all = tokens(text);
        let mut source = Self::default();
        let (mut kept, mut tests, mut at) = (Vec::new(), Vec::new(), 0);
        while at < all.len() {
            if let Some(end) = end_of_attribute(&all, at) {
                if is_test(&all[at..end]) {
                    let mut item = end;
                    while let Some(after) = end_of_attribute(&all, item) {
                        item = after;
                    }
                    let after = end_of_item(&all, item);
                    tests.push(all[at].line..=all[after - 1].line);
                    let words: Vec<&str> = all[item..after].iter().map(|token| token.text.as_str()).collect();
                    if let Some(place) = words.iter().position(|word| *word == "mod").filter(|place| *place < 6) {
                        source.modules.push((Vec::new(), words[place + 1].into(), true));
                    }
                    at = after;
                    continue;
                }
                // Other attributes are code: `derive` and the like name nothing here.
                at = end;
                continue;
            }
            kept.push(all[at].clone());
            at += 1;
        }
        let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.to_string()));
        source.lines = lines.filter(|(n, _)| !tests.iter().any(|test| test.contains(n))).collect();
        source.read(&kept);
        source
    }

    fn read(&mut self, tokens: &[Token]) {
        let (mut inner, mut depth, mut at) = (Vec::<(String, usize)>::new(), 0, 0);
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        while at < tokens.len() {
            let names: Vec<String> = inner.iter().map(|(name, _)| name.clone()).collect();
            match text(at) {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    inner.pop_if(|(_, outside)| *outside == depth);
                }
                "mod" if tokens.get(at + 1).is_some_and(Token::is_word) && ["{", ";"].contains(&text(at + 2)) => {
                    self.modules.push((names, text(at + 1).into(), false));
                    if text(at + 2) == "{" {
                        inner.push((text(at + 1).into(), depth));
                        depth += 1;
                    }
                    at += 3;
                    continue;
                }
                // `use<'a>` says what a type borrows.
                "use" if text(at + 1) != "<" => {
                    let public = at > 0 && (text(at - 1) == "pub" || text(at - 1) == ")");
                    let end = (at..).find(|i| text(*i) == ";" || *i >= tokens.len()).expect("an end");
                    let mut brought = Vec::new();
                    tree(&tokens[at + 1..end.min(tokens.len())], &mut 0, &[], &mut brought);
                    let uses = brought.into_iter().map(|(path, name)| Use { inner: names.clone(), public, path, name });
                    self.uses.extend(uses);
                    at = end;
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" | "macro_rules"
                    if depth == inner.last().map_or(0, |(_, outside)| outside + 1) =>
                {
                    let name = (at + 1..).find(|i| !["!", "fn", "unsafe", "mut", "extern"].contains(&text(*i)));
                    let name = name.map(text).unwrap_or_default().to_string();
                    if text(at) == "macro_rules" {
                        self.macros.push(name.clone());
                    }
                    self.items.entry(names).or_default().push(name);
                }
                word if tokens[at].is_word() && (at == 0 || text(at - 1) != "." && text(at - 1) != "::") => {
                    let mut path = vec![word.to_string()];
                    while text(at + 1) == "::" && tokens.get(at + 2).is_some_and(Token::is_word) {
                        path.push(text(at + 2).into());
                        at += 2;
                    }
                    self.paths.push((names, path));
                }
                // `::std`, which no name of ours precedes.
                _ => {}
            }
            at += 1;
        }
    }
}

/// The paths of a `use`, each with the name that it brings.
fn tree(tokens: &[Token], at: &mut usize, before: &[String], brought: &mut Vec<(Vec<String>, String)>) {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token.text.as_str() {
            "::" | "$" => {}
            "{" => {
                while *at < tokens.len() && tokens[*at].text != "}" {
                    tree(tokens, at, &path, brought);
                    if tokens.get(*at).is_some_and(|token| token.text == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "as" => {
                let name = tokens.get(*at).map(|token| token.text.clone()).unwrap_or_default();
                *at += 1;
                return brought.push((path, name));
            }
            "," | "}" => {
                *at -= 1;
                break;
            }
            "self" if !path.is_empty() => {}
            word => path.push(word.into()),
        }
    }
    let name = path.last().cloned().unwrap_or_default();
    brought.push((path, name));
}
