//! Huffman codes (ITU T.81 annexes C and F), as tables over the next bits.

use std::iter::repeat_n;

use super::bits::Bits;
use super::{Result, Stop};

/// Bits that a table looks at. Few codes are longer.
const LOOK: u32 = 12;

/// Longest code (section C.2).
const MAX_LEN: usize = 16;

/// Most bits that follow a symbol of 8-bit samples: of a DC difference, and of an AC coefficient (tables F.1 and F.2).
const MAX_DC_BITS: u8 = 11;
const MAX_AC_BITS: u8 = 10;

/// The coefficients of a block (section A.3.6); the first is DC.
const COEFFICIENTS: u32 = 64;

/// Symbols by code: of every length the codes are consecutive, and less than any longer one that they do not begin.
#[derive(Debug, Clone)]
pub struct Codes {
    /// Behind the last code of each length, of 16 bits.
    ends: [u32; MAX_LEN],
    /// What to add to a code of each length for the place of its symbol.
    places: [i32; MAX_LEN],
    symbols: Vec<u8>,
}

impl Codes {
    pub fn new(lengths: &[u8; MAX_LEN], symbols: &[u8]) -> Result<Self> {
        let (mut code, mut place) = (0u32, 0i32);
        let mut codes = Self { ends: [0; MAX_LEN], places: [0; MAX_LEN], symbols: symbols.to_vec() };
        for (index, count) in lengths.iter().enumerate() {
            codes.places[index] = place - code as i32;
            code += u32::from(*count);
            place += i32::from(*count);
            codes.ends[index] = code << (MAX_LEN - 1 - index);
            // More codes than there is room for.
            if codes.ends[index] > 1 << MAX_LEN {
                return Err(Stop::Left);
            }
            code <<= 1;
        }
        Ok(codes)
    }

    /// The symbol whose code these 16 bits begin with, and its length.
    fn find(&self, bits: u32) -> Option<(u8, u32)> {
        let index = self.ends.iter().position(|end| bits < *end)?;
        let code = (bits >> (MAX_LEN - 1 - index)) as i32;
        let symbol = self.symbols.get(usize::try_from(code + self.places[index]).ok()?)?;
        Some((*symbol, index as u32 + 1))
    }

    /// The same for all bits that a table looks at: codes that do not begin one another lie in ranges of them.
    fn look_up(&self) -> Vec<Option<(u8, u32)>> {
        let spare = MAX_LEN as u32 - LOOK;
        let mut table = Vec::with_capacity(1 << LOOK);
        while let Some((symbol, len)) =
            self.find((table.len() as u32) << spare).filter(|(_, len)| *len <= LOOK)
        {
            table.extend(repeat_n(Some((symbol, len)), 1 << (LOOK - len)));
        }
        table.resize(1 << LOOK, None);
        table
    }

    fn next(&self, bits: &mut Bits<'_>) -> Result<u8> {
        let (symbol, len) = self.find(bits.peek(MAX_LEN as u32)).ok_or(Stop::Left)?;
        bits.skip(len);
        Ok(symbol)
    }
}

/// Reads differences of DC coefficients.
pub struct Dc<'t> {
    codes: &'t Codes,
    /// The difference and how many bits it takes, code included; 0 where that is more than are looked at.
    table: Vec<(i16, u8)>,
}

impl<'t> Dc<'t> {
    pub fn new(codes: &'t Codes) -> Self {
        let entry = |(bits, found): (usize, Option<(u8, u32)>)| match found {
            Some((size, len)) if len + u32::from(size) <= LOOK => {
                let rest = (bits as u32) << len & ((1 << LOOK) - 1);
                (extend(rest >> (LOOK - u32::from(size)), size) as i16, (len + u32::from(size)) as u8)
            }
            _ => (0, 0),
        };
        Self { codes, table: codes.look_up().into_iter().enumerate().map(entry).collect() }
    }

    #[inline(always)]
    pub fn next(&self, bits: &mut Bits<'_>) -> Result<i32> {
        bits.refill();
        let (difference, len) = self.table[bits.peek(LOOK) as usize];
        if len == 0 {
            return self.long(bits);
        }
        bits.skip(len.into());
        Ok(difference.into())
    }

    #[cold]
    fn long(&self, bits: &mut Bits<'_>) -> Result<i32> {
        let size = self.codes.next(bits)?;
        if size > MAX_DC_BITS {
            return Err(Stop::Left);
        }
        let value = bits.peek(size.into());
        bits.skip(size.into());
        Ok(extend(value, size))
    }
}

/// Figure F.12: the lower half of the numbers of so many bits stands for the negative ones.
fn extend(value: u32, size: u8) -> i32 {
    let below = size > 0 && value >> (size - 1) == 0;
    value as i32 - if below { (1 << size) - 1 } else { 0 }
}

/// Passes by the AC coefficients of a block.
pub struct Ac<'t> {
    codes: &'t Codes,
    table: Vec<Steps>,
}

/// All symbols whose codes lie within the bits that were looked at.
#[derive(Debug, Clone, Copy)]
struct Steps {
    /// With what follows each of them.
    bits: u8,
    /// Where the last of them ends the block: one more, and [`ENDS`].
    coefficients: u8,
}

/// Twice as many as any block has.
const ENDS: u32 = 128;

/// More than any block has left: the symbols are to be read one by one.
const NONE: Steps = Steps { bits: 0, coefficients: COEFFICIENTS as u8 };

impl<'t> Ac<'t> {
    pub fn new(codes: &'t Codes) -> Self {
        let symbol =
            |found: Option<(u8, u32)>| found.and_then(|(symbol, len)| Some((Symbol::read(symbol)?, len)));
        let single: Vec<_> = codes.look_up().into_iter().map(symbol).collect();
        Self { codes, table: (0..1 << LOOK).map(|bits| Steps::of(bits, &single)).collect() }
    }

    #[inline(always)]
    pub fn skip_block(&self, bits: &mut Bits<'_>) -> Result<()> {
        let mut next = 1;
        while next < COEFFICIENTS {
            bits.refill();
            let steps = self.table[bits.peek(LOOK) as usize];
            let behind = next + u32::from(steps.coefficients);
            if behind < COEFFICIENTS {
                bits.skip(steps.bits.into());
                next = behind;
            } else if behind == COEFFICIENTS || (ENDS..=ENDS + COEFFICIENTS).contains(&behind) {
                bits.skip(steps.bits.into());
                return Ok(());
            } else {
                // The symbols behind the last of a block are another's.
                next = self.single(bits, next)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn single(&self, bits: &mut Bits<'_>, next: u32) -> Result<u32> {
        let symbol = Symbol::read(self.codes.next(bits)?).ok_or(Stop::Left)?;
        bits.skip(symbol.bits);
        let behind = next + symbol.coefficients;
        match symbol.ends {
            true => Ok(COEFFICIENTS),
            false if behind <= COEFFICIENTS => Ok(behind),
            false => Err(Stop::Left),
        }
    }
}

impl Steps {
    fn of(look: usize, single: &[Option<(Symbol, u32)>]) -> Self {
        let (mut bits, mut coefficients) = (0, 0);
        while bits < LOOK && coefficients < COEFFICIENTS {
            let found = single[look << bits & ((1 << LOOK) - 1)].filter(|(_, len)| bits + len <= LOOK);
            let Some((symbol, len)) = found else { break };
            bits += len + symbol.bits;
            coefficients += symbol.coefficients + if symbol.ends { ENDS } else { 0 };
        }
        match coefficients % ENDS {
            1..COEFFICIENTS => Self { bits: bits as u8, coefficients: coefficients as u8 },
            _ => NONE,
        }
    }
}

/// Figure F.13: zeros, and the bits of the coefficient behind them.
#[derive(Debug, Clone, Copy)]
struct Symbol {
    bits: u32,
    coefficients: u32,
    ends: bool,
}

impl Symbol {
    fn read(symbol: u8) -> Option<Self> {
        let (zeros, bits) = (symbol >> 4, symbol & 15);
        match (zeros, bits) {
            (0, 0) => Some(Self { bits: 0, coefficients: 1, ends: true }),
            (15, 0) => Some(Self { bits: 0, coefficients: 16, ends: false }),
            (_, 1..=MAX_AC_BITS) => {
                Some(Self { bits: bits.into(), coefficients: u32::from(zeros) + 1, ends: false })
            }
            _ => None,
        }
    }
}
