//! Samples of less than a byte, some in each.

/// Those of a row, of 1, 2, 4 or 8 bits, as many as there are. The first of a byte's samples is in its highest bits.
pub fn unpacked(row: &[u8], bits: u8, columns: usize) -> impl Iterator<Item = u8> {
    (0..columns).map_while(move |column| {
        let bit = column * usize::from(bits);
        row.get(bit / 8).map(|byte| byte << (bit % 8) >> (8 - bits))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn samples_of_few_bits_are_unpacked() {
        let unpacked = |row: &[u8], bits, columns| super::unpacked(row, bits, columns).collect::<Vec<_>>();
        assert_eq!(unpacked(&[0x12, 0x30], 4, 3), [1, 2, 3]);
        assert_eq!(unpacked(&[0b1110_0100], 2, 4), [3, 2, 1, 0]);
        assert_eq!(unpacked(&[0b1010_0000], 1, 3), [1, 0, 1]);
        assert_eq!(unpacked(&[7, 8], 8, 2), [7, 8]);
        assert_eq!(unpacked(&[0x12], 4, 3), [1, 2]);
    }
}
