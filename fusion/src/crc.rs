//! Checksums of files.

/// What a byte does to a checksum, with so many zero bytes behind it: eight bytes are looked up at once (Kounavis and
/// Berry, [A Systematic Approach to Building High Performance, Software-based, CRC
/// Generators](https://doi.org/10.1109/ISCC.2005.18), 2005).
type Tables = [[u32; 256]; 8];

/// Those of IEEE 802.3: polynomials have their bits in reverse.
static IEEE: Tables = tables(0xEDB8_8320);

/// Those of Castagnoli's polynomial.
#[cfg(feature = "tensorboard")]
static CASTAGNOLI: Tables = tables(0x82F6_3B78);

const fn tables(polynomial: u32) -> Tables {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (polynomial * (crc & 1));
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
}

/// CRC-32 of IEEE 802.3, that of gzip and of Python's `zlib.crc32`: the checksum of what came before, of checksum `crc`, and of
/// `bytes` behind it. That of nothing is 0.
pub(crate) fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    sum(&IEEE, crc, bytes)
}

/// CRC-32C, that of iSCSI and of TensorFlow's records.
#[cfg(feature = "tensorboard")]
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    sum(&CASTAGNOLI, 0, bytes)
}

fn sum(tables: &Tables, crc: u32, bytes: &[u8]) -> u32 {
    let mut crc = !crc;
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let [a, b, c, d] = (crc ^ u32::from_le_bytes([eight[0], eight[1], eight[2], eight[3]])).to_le_bytes();
        crc = [a, b, c, d, eight[4], eight[5], eight[6], eight[7]]
            .iter()
            .zip(tables.iter().rev())
            .fold(0, |crc, (&byte, table)| crc ^ table[usize::from(byte)]);
    }
    for &byte in eights.remainder() {
        crc = (crc >> 8) ^ tables[0][usize::from(byte ^ crc as u8)];
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn known_values_and_parts() {
        // The check value of the catalogue of CRCs, and others of zlib.crc32.
        assert_eq!(crc32(0, b"123456789"), 0xCBF4_3926);
        assert_eq!((crc32(0, b""), crc32(0, b"a")), (0, 0xE8B7_BE43));
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(crc32(0, &bytes), 0x2905_8C73);
        for at in 0..bytes.len() {
            assert_eq!(crc32(crc32(0, &bytes[..at]), &bytes[at..]), 0x2905_8C73);
        }
    }

    #[cfg(feature = "tensorboard")]
    #[test]
    fn the_other_polynomial() {
        // The check value of the catalogue of CRCs, and two of RFC 3720.
        let sums = [&b"123456789"[..], &[0; 32], &[0xFF; 32]].map(super::crc32c);
        assert_eq!(sums, [0xE306_9283, 0x8A91_36AA, 0x62A8_AB43]);
    }
}
