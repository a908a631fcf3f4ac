//! The line of a program that is built without the feature `progress`: none.

#[derive(Clone, Debug)]
pub(super) struct Line;

impl Line {
    pub fn new(_title: String) -> Self {
        Self
    }

    pub fn hidden() -> Self {
        Self
    }

    pub fn start(&self, _length: Option<u64>) {}

    pub fn step(&mut self) {}

    pub fn set(&self, _name: &str, _value: f64) {}

    pub fn end(&self) {}
}
