//! Fields as bytes: numbers in little-endian order, texts and lists behind their length.

/// What a record is made of.
pub(super) trait Field: Sized {
    /// The fewest bytes that one takes. A list that claims more elements than there are bytes for is no list, so that reading
    /// takes no more memory than a few times the bytes that are there.
    const LEAST: usize;

    fn write(&self, to: &mut Vec<u8>);

    /// Takes one from the front of `from`; none if that does not begin with one.
    fn read(from: &mut &[u8]) -> Option<Self>;

    fn write_all(list: &[Self], to: &mut Vec<u8>) {
        list.iter().for_each(|field| field.write(to));
    }

    fn read_all(count: usize, from: &mut &[u8]) -> Option<Vec<Self>> {
        (0..count).map(|_| Self::read(from)).collect()
    }
}

fn take<'a>(count: usize, from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(taken)
}

macro_rules! numbers {
    ($($Type:ty),*) => { $(
        impl Field for $Type {
            const LEAST: usize = size_of::<Self>();

            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn read(from: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(Self::from_le_bytes(*bytes))
            }
        }
    )* };
}
numbers!(u32, u64, f32, f64);

impl Field for u8 {
    const LEAST: usize = 1;

    fn write(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        take(1, from).map(|bytes| bytes[0])
    }

    fn write_all(list: &[Self], to: &mut Vec<u8>) {
        to.extend_from_slice(list);
    }

    fn read_all(count: usize, from: &mut &[u8]) -> Option<Vec<Self>> {
        take(count, from).map(<[u8]>::to_vec)
    }
}

impl Field for bool {
    const LEAST: usize = 1;

    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match u8::read(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Field for usize {
    const LEAST: usize = 8;

    fn write(&self, to: &mut Vec<u8>) {
        (*self as u64).write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

/// The length of a list. A longer one is longer than any record: it is written all the same, and the record refused.
fn write_length(length: usize, to: &mut Vec<u8>) {
    u32::try_from(length).unwrap_or(u32::MAX).write(to);
}

impl Field for String {
    const LEAST: usize = 4;

    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        to.extend_from_slice(self.as_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let length = u32::read(from)? as usize;
        str::from_utf8(take(length, from)?).ok().map(str::to_owned)
    }
}

impl<T: Field> Field for Vec<T> {
    const LEAST: usize = 4;

    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        T::write_all(self, to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let count = u32::read(from)? as usize;
        if count > from.len() / T::LEAST { None } else { T::read_all(count, from) }
    }
}

impl<T: Field> Field for Option<T> {
    const LEAST: usize = 1;

    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        self.iter().for_each(|field| field.write(to));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Some(None) }
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    const LEAST: usize = A::LEAST + B::LEAST;

    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

/// A struct as its fields, one behind the other; it is none of its kind unless what stands behind `if` holds.
macro_rules! fields {
    ($Type:ty { $($field:ident: $Field:ty),* } $(if |$it:ident| $holds:expr)?) => {
        impl $crate::log::codec::Field for $Type {
            const LEAST: usize = 0 $(+ <$Field as $crate::log::codec::Field>::LEAST)*;

            fn write(&self, to: &mut Vec<u8>) {
                $($crate::log::codec::Field::write(&self.$field, to);)*
            }

            fn read(from: &mut &[u8]) -> Option<Self> {
                $(let $field = <$Field as $crate::log::codec::Field>::read(from)?;)*
                let all = Self { $($field),* };
                $(
                    let $it = &all;
                    if !$holds {
                        return None;
                    }
                )?
                Some(all)
            }
        }
    };
}
pub(super) use fields;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        type All = Vec<((u8, (String, bool)), (Option<f64>, (Vec<f32>, (Vec<u8>, usize))))>;
        let all: All = vec![
            ((7, ("Ü\0\"".into(), true)), (None, (vec![], (vec![1, 2], usize::MAX)))),
            ((0, (String::new(), false)), (Some(-0.0), (vec![f32::INFINITY, 1e-45], (vec![], 0)))),
        ];
        let mut bytes = Vec::new();
        all.write(&mut bytes);
        let mut rest = &bytes[..];
        assert_eq!((All::read(&mut rest).unwrap(), rest.len()), (all, 0));
        for end in 0..bytes.len() {
            assert!(All::read(&mut &bytes[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn lists_without_bytes_for_them_are_none() {
        let claims = [0xFF; 12];
        assert!(Vec::<u8>::read(&mut &claims[..]).is_none() && Vec::<String>::read(&mut &claims[..]).is_none());
        assert!(Vec::<Vec<u64>>::read(&mut &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..]).is_none());
        assert!(bool::read(&mut &[2][..]).is_none() && String::read(&mut &[1, 0, 0, 0, 0xFF][..]).is_none());
    }
}
