//! Messages of protocol buffers, as far as events need them.

/// A message as bytes. Fields are written in the order of their numbers; a number that is 0 is written too.
#[derive(Debug, Default)]
pub(super) struct Message(pub Vec<u8>);

/// How a field's bytes are bounded: a number of seven bits a byte, eight bytes, a length and as many, four bytes.
const VARINT: u64 = 0;
const EIGHT: u64 = 1;
const LENGTH: u64 = 2;
const FOUR: u64 = 5;

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn field(&mut self, number: u64, kind: u64) {
        self.varint(number << 3 | kind);
    }

    pub fn int(mut self, number: u64, value: u64) -> Self {
        self.field(number, VARINT);
        self.varint(value);
        self
    }

    pub fn double(mut self, number: u64, value: f64) -> Self {
        self.field(number, EIGHT);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn float(mut self, number: u64, value: f32) -> Self {
        self.field(number, FOUR);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn bytes(mut self, number: u64, bytes: &[u8]) -> Self {
        self.field(number, LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn text(self, number: u64, text: &str) -> Self {
        self.bytes(number, text.as_bytes())
    }

    pub fn message(self, number: u64, message: &Self) -> Self {
        self.bytes(number, &message.0)
    }

    pub fn doubles(mut self, number: u64, values: impl ExactSizeIterator<Item = f64>) -> Self {
        self.field(number, LENGTH);
        self.varint(8 * values.len() as u64);
        values.for_each(|value| self.0.extend_from_slice(&value.to_le_bytes()));
        self
    }
}
