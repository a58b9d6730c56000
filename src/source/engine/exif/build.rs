//! TIFF blocks for tests: big-endian, with directories at places that are easy to point at.

/// Tag, type, count, value.
pub type Entry<'a> = (u16, u16, u32, &'a [u8]);

/// Room for more entries than are read.
const SPACING: usize = 0x800;

/// Where a directory starts.
pub const fn place(directory: usize) -> u32 {
    (8 + directory * SPACING) as u32
}

/// The directories in turn. Values of more than four bytes stand behind all of them; none is followed by
/// another directory.
pub fn block(directories: &[&[Entry<'_>]]) -> Vec<u8> {
    let mut block = b"MM\0\x2A\0\0\0\x08".to_vec();
    let mut values = Vec::new();
    for (number, entries) in directories.iter().enumerate() {
        block.resize(place(number) as usize, 0);
        block.extend((entries.len() as u16).to_be_bytes());
        for (tag, kind, count, value) in *entries {
            block.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
            block.extend(count.to_be_bytes());
            match <[u8; 4]>::try_from(*value) {
                Ok(inline) => block.extend(inline),
                Err(_) => {
                    block.extend((place(directories.len()) + values.len() as u32).to_be_bytes());
                    values.extend_from_slice(value);
                }
            }
        }
        block.extend([0; 4]);
    }
    block.resize(place(directories.len()) as usize, 0);
    block.extend(values);
    block
}

/// Points the directory of `entries` entries that is at `place` to its successor.
pub fn link(block: &mut [u8], place: u32, entries: usize, next: u32) {
    let at = place as usize + 2 + 12 * entries;
    block[at..at + 4].copy_from_slice(&next.to_be_bytes());
}
