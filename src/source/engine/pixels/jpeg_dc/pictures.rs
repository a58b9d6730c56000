//! Pictures of every coding, and of known coefficients.

use fastrand::Rng;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

const SAMPLINGS: [SamplingFactor; 8] = [
    SamplingFactor::R_4_4_4,
    SamplingFactor::R_4_4_0,
    SamplingFactor::R_4_4_1,
    SamplingFactor::R_4_2_2,
    SamplingFactor::R_4_2_0,
    SamplingFactor::R_4_2_1,
    SamplingFactor::R_4_1_1,
    SamplingFactor::R_4_1_0,
];

/// How a picture is coded.
#[derive(Debug, Clone, Copy)]
pub struct Coding {
    pub color: ColorType,
    pub sampling: SamplingFactor,
    pub is_progressive: bool,
    pub own_tables: bool,
    pub restart: u16,
    pub quality: u8,
    pub width: u16,
    pub height: u16,
}

impl Coding {
    pub fn any(rng: &mut Rng, sampling: SamplingFactor, is_progressive: bool, own_tables: bool) -> Self {
        Self {
            color: if rng.u8(..8) == 0 { ColorType::Luma } else { ColorType::Rgb },
            sampling,
            is_progressive,
            own_tables,
            restart: if own_tables { 0 } else { [0, 1, 7, 64][rng.usize(..4)] },
            quality: rng.u8(40..=100),
            width: rng.u16(320..450),
            height: rng.u16(320..450),
        }
    }

    pub fn scene(&self, rng: &mut Rng) -> Vec<u8> {
        scene(rng, self.width, self.height, if self.is_grey() { 1 } else { 3 })
    }

    /// The same coefficients in other scans: of sequential scans of one component with two rows of blocks to an MCU,
    /// zune-jpeg 0.5.15 puts the blocks in wrong places.
    pub fn progressive(self) -> Self {
        Self { is_progressive: true, own_tables: true, restart: 0, ..self }
    }

    pub fn is_grey(&self) -> bool {
        self.color == ColorType::Luma
    }

    pub fn encode(&self, samples: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.quality);
        encoder.set_sampling_factor(self.sampling);
        encoder.set_progressive(self.is_progressive);
        encoder.set_optimized_huffman_tables(self.own_tables);
        encoder.set_restart_interval(self.restart);
        encoder.encode(samples, self.width, self.height, self.color).unwrap();
        file
    }
}

/// Waves and grain that keep away from black and white, where the samples of a block would be cut off. Most of them
/// are grey.
fn scene(rng: &mut Rng, width: u16, height: u16, channels: usize) -> Vec<u8> {
    let waves: Vec<[f64; 3]> =
        (0..9).map(|_| [rng.f64() * 25.0, rng.f64() * 25.0, rng.f64() * 6.0]).collect();
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let (y, x) = (f64::from(y) / f64::from(height), f64::from(x) / f64::from(width));
        let wave = |[u, v, phase]: &[f64; 3]| (u * x + v * y + phase).sin();
        let grey = 125.0 + 12.0 * waves[3..].iter().map(wave).sum::<f64>() + rng.f64() * 12.0;
        samples.extend(waves[..channels].iter().map(|tint| (grey + 12.0 * wave(tint)) as u8));
    }
    samples
}

pub fn codings(rng: &mut Rng) -> Vec<Coding> {
    let mut codings = Vec::new();
    for sampling in SAMPLINGS {
        for (is_progressive, own_tables) in [(false, false), (false, true), (true, true)] {
            codings.push(Coding::any(rng, sampling, is_progressive, own_tables));
        }
    }
    codings
}

/// 4:2:0 in one scan, with restart markers.
pub fn sequential() -> Vec<u8> {
    let mut rng = Rng::with_seed(7);
    let coding = Coding {
        color: ColorType::Rgb,
        sampling: SamplingFactor::R_4_2_0,
        is_progressive: false,
        own_tables: false,
        restart: 5,
        quality: 80,
        width: 340,
        height: 321,
    };
    coding.encode(&coding.scene(&mut rng))
}

/// A grey progressive picture of 320 x 320 pixels: its DC coefficients, with so many low bits left out, and nothing else.
pub fn of_coefficients(step: u8, low_bits: u8, coefficients: impl Fn(usize) -> i32) -> Vec<u8> {
    let mut bits = String::new();
    let mut last = 0;
    for value in (0..1600).map(coefficients) {
        let difference = (value >> low_bits) - last;
        last = value >> low_bits;
        let size = 32 - difference.unsigned_abs().leading_zeros();
        let rest = if difference < 0 { difference + (1 << size) - 1 } else { difference };
        bits += &format!("{size:04b}");
        bits += &format!("{rest:016b}")[16 - size as usize..];
    }
    bits += "1111111";
    let code =
        bits.as_bytes().chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | (bit & 1)));
    let code: Vec<u8> =
        code.flat_map(|byte: u8| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] }).collect();
    let tables = [&b"\xFF\xD8\xFF\xDB\0\x43\0"[..], &[step; 64]].concat();
    let frame = b"\xFF\xC2\0\x0B\x08\x01\x40\x01\x40\x01\x05\x11\0";
    // Twelve codes of four bits, for as many lengths of differences.
    let codes =
        b"\xFF\xC4\0\x1F\0\0\0\0\x0C\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B";
    let scan = [0xFF, 0xDA, 0, 8, 1, 5, 0, 0, 0, low_bits];
    [&tables[..], frame, codes, &scan, &code, b"\xFF\xD9"].concat()
}
