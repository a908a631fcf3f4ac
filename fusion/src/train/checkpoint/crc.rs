//! The checksum of a file: CRC-32 of IEEE 802.3, that of gzip and of Python's `zlib.crc32`.

/// The polynomial, its bits in reverse.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// What a byte does to the checksum, with so many zero bytes behind it: eight bytes are looked up at once (Kounavis and
/// Berry, [A Systematic Approach to Building High Performance, Software-based, CRC
/// Generators](https://doi.org/10.1109/ISCC.2005.18), 2005).
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL * (crc & 1));
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

/// The checksum of what came before, of checksum `crc`, and of `bytes` behind it. That of nothing is 0.
pub(super) fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    let mut crc = !crc;
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let [a, b, c, d] = (crc ^ u32::from_le_bytes([eight[0], eight[1], eight[2], eight[3]])).to_le_bytes();
        crc = [a, b, c, d, eight[4], eight[5], eight[6], eight[7]]
            .iter()
            .zip(TABLES.iter().rev())
            .fold(0, |crc, (&byte, table)| crc ^ table[usize::from(byte)]);
    }
    for &byte in eights.remainder() {
        crc = (crc >> 8) ^ TABLES[0][usize::from(byte ^ crc as u8)];
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
}
