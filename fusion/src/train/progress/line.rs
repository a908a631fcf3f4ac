//! The line as indicatif draws it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A line, which clones share.
#[derive(Clone, Debug)]
pub(super) struct Line {
    bar: ProgressBar,
    shown: Arc<Mutex<Shown>>,
    /// Whether an item was handed out that is not counted yet.
    begun: bool,
}

/// What the loop says of itself.
#[derive(Debug, Default)]
struct Shown {
    numbers: Vec<(String, f64)>,
    /// When the line was last told.
    told: Option<Instant>,
}

/// How often the line is told anew, which costs more than to note a number.
const EVERY: Duration = Duration::from_millis(50);

impl Line {
    pub fn new(title: String) -> Self {
        // A line that is not started is not drawn, and what is no terminal never has one.
        Self::on(ProgressDrawTarget::stderr(), title)
    }

    pub fn hidden() -> Self {
        Self::on(ProgressDrawTarget::hidden(), String::new())
    }

    fn on(target: ProgressDrawTarget, title: String) -> Self {
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(title);
        Self { bar, shown: Arc::default(), begun: false }
    }

    pub fn start(&self, length: Option<u64>) {
        let template = match length {
            Some(_) => "{prefix} [{bar:24}] {pos}/{len}  {msg}{rate}  {eta} left",
            None => "{prefix} {pos}  {msg}{rate}",
        };
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let rate = state.per_sec();
            // What cannot be written is not shown.
            _ = if rate > 0.0 && rate < 1.0 {
                write!(out, "{:.1} s each", 1.0 / rate)
            } else {
                write!(out, "{rate:.1}/s")
            };
        };
        let style = ProgressStyle::with_template(template).expect("a template of ours").progress_chars("=> ");
        self.bar.reset();
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        self.bar.set_style(style.with_key("rate", rate));
    }

    pub fn step(&mut self) {
        if self.begun {
            self.bar.inc(1);
        }
        self.begun = true;
    }

    pub fn set(&self, name: &str, value: f64) {
        if self.bar.is_hidden() {
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match shown.numbers.iter_mut().find(|(other, _)| other == name) {
            Some(number) => number.1 = value,
            None => shown.numbers.push((name.to_owned(), value)),
        }
        if shown.told.is_none_or(|told| told.elapsed() >= EVERY) {
            shown.told = Some(Instant::now());
            let mut text = String::new();
            for (name, value) in &shown.numbers {
                // Four digits that mean something.
                let small = *value != 0.0 && value.abs() < 1e-3;
                _ = if small { write!(text, "{name} {value:.3e}  ") } else { write!(text, "{name} {value:.4}  ") };
            }
            drop(shown);
            self.bar.set_message(text);
        }
    }

    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Progress, ProgressExt};
    use super::*;
    use indicatif::TermLike;
    use std::io;
    use std::io::IsTerminal;

    /// A terminal that keeps what is written.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl Paper {
        fn text(&self) -> String {
            self.0.lock().unwrap().clone()
        }

        fn write(&self, text: &str) -> io::Result<()> {
            *self.0.lock().unwrap() += text;
            Ok(())
        }
    }

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            100
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, s: &str) -> io::Result<()> {
            self.write(&format!("{s}\n"))
        }
        fn write_str(&self, s: &str) -> io::Result<()> {
            self.write(s)
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write("\n<cleared>\n")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawn(of: impl FnOnce(&Progress)) -> String {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
        of(&Progress { line: Line::on(target, "epoch 1".to_owned()) });
        paper.text()
    }

    #[test]
    fn a_loop_with_its_loss() {
        let text = drawn(|bar| {
            for i in (0..10).progress(bar) {
                bar.set("loss", 0.25 * f64::from(i));
                bar.set("rate", 1e-4);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        assert!(text.contains("epoch 1 ["), "{text}");
        assert!(text.contains("/10  loss ") && text.contains("rate 1.000e-4"), "{text}");
        assert!(text.contains("/s") && text.contains("s left"), "{text}");
        assert!(text.trim_end().ends_with("<cleared>"), "{text}");
    }

    #[test]
    fn a_loop_of_unknown_length_that_is_left() {
        let text = drawn(|bar| {
            for i in (0..).filter(|i| i % 3 == 0).progress(bar) {
                std::thread::sleep(Duration::from_millis(10));
                if i == 30 {
                    break;
                }
            }
        });
        assert!(text.contains("epoch 1 5  ") && !text.contains("left"), "{text}");
        assert!(text.trim_end().ends_with("<cleared>"), "{text}");
    }

    #[test]
    fn what_is_no_terminal_has_no_line() {
        assert_eq!(Line::new("epoch 1".to_owned()).bar.is_hidden(), !io::stderr().is_terminal());
    }
}
