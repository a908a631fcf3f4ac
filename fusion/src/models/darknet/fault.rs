//! What is wrong with a description.

/// A line, and what is wrong there.
pub type Fault = (usize, String);

/// A text for a message.
pub fn short(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}
