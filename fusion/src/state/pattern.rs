//! Patterns of paths.

/// Is `path` what `pattern` says, with `*` for any letters?
pub(crate) fn fits(pattern: &str, path: &str) -> bool {
    let Some((front, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut path) = path.strip_prefix(front) else {
        return false;
    };
    let Some((middle, back)) = rest.rsplit_once('*') else {
        return path.ends_with(rest);
    };
    for part in middle.split('*') {
        let Some(at) = path.find(part) else {
            return false;
        };
        path = &path[at + part.len()..];
    }
    path.ends_with(back)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        for (pattern, path, fit) in [
            ("fc1.weight", "fc1.weight", true),
            ("fc1", "fc1.weight", false),
            ("*", "", true),
            ("*.bias", "layer.0.bias", true),
            ("*.bias", "bias", false),
            ("layer.*", "layer.0.bias", true),
            ("layer.*.bias", "layer.0.bias", true),
            ("layer.*.bias", "layer.bias", false),
            ("*norm*", "layer.norm.weight", true),
            ("*norm*weight", "layer.norm.bias", false),
            ("a*b*b", "ab", false),
            ("a*b*b", "abb", true),
            ("a*b*c*", "axbxc", true),
            ("a*ba", "aba", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}
