//! Figures and lists as words.

/// A share in per cent: `61%`, `0.2%`, `28 times`.
pub fn share(of: f64) -> String {
    match of * 100.0 {
        _ if !of.is_finite() => "any number of times".to_owned(),
        percent if percent >= 995.0 => format!("{} times", number(of)),
        percent if percent >= 1.0 => format!("{percent:.0}%"),
        percent => format!("{}%", number(percent)),
    }
}

/// A number of two or three digits.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() || size == 0.0 => format!("{value}"),
        100_000.0.. | ..0.001 => format!("{value:.1e}"),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => {
            // Three digits behind the zeros.
            let places = (2.0 - size.log10().floor()).clamp(0.0, 9.0) as usize;
            format!("{value:.places$}").trim_end_matches('0').to_owned()
        }
    }
}

/// `1 step`, `200 steps`.
pub fn count(of: u64, what: &str) -> String {
    if of == 1 { format!("1 {what}") } else { format!("{of} {what}s") }
}

/// Names in a row: `` `fc1` and `fc2` ``; of many the first and the last, with their number.
pub fn names(all: &[String]) -> String {
    match all {
        [] => "a layer".to_owned(),
        [one] => format!("`{one}`"),
        [one, two] => format!("`{one}` and `{two}`"),
        [one, two, three] => format!("`{one}`, `{two}` and `{three}`"),
        [first, .., last] => format!("{} layers, from `{first}` to `{last}`", all.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let shares = [0.61, 1.0, 0.002, 2.8, 28.0, 3e-8, f64::INFINITY].map(share);
        assert_eq!(shares, ["61%", "100%", "0.2%", "280%", "28.0 times", "3.0e-6%", "any number of times"]);
        let numbers = [2.302, 0.05, 41.3, 1234.0, 2e7, 0.0, -0.25, 0.1234].map(number);
        assert_eq!(numbers, ["2.30", "0.05", "41.3", "1234", "2.0e7", "0", "-0.25", "0.123"]);
        assert_eq!([count(1, "step"), count(200, "step")], ["1 step", "200 steps"]);
    }

    #[test]
    fn lists() {
        let all: Vec<String> = ["a", "b", "c", "d"].map(String::from).to_vec();
        let texts = [1, 2, 3, 4].map(|count| names(&all[..count]));
        assert_eq!(texts, ["`a`", "`a` and `b`", "`a`, `b` and `c`", "4 layers, from `a` to `d`"]);
    }
}
