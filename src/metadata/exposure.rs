//! How a picture was exposed (EXIF 2.32 section 4.6.5, tags that relate to picture-taking conditions).

use super::{Exif, TagGroup};

/// How a picture was exposed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Exposure {
    /// Seconds.
    pub time: Option<f64>,
    pub f_number: Option<f64>,
    pub iso: Option<i32>,
    /// Millimetres.
    pub focal_length: Option<f64>,
    /// Millimetres of the lens with the same view on 35 mm film.
    pub focal_length_35mm: Option<f64>,
    pub program: Option<Program>,
    pub metering: Option<Metering>,
    pub flash_fired: Option<bool>,
    /// EV.
    pub compensation: Option<f64>,
}

/// Who chose aperture and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Manual,
    Normal,
    AperturePriority,
    ShutterPriority,
    Creative,
    Action,
    Portrait,
    Landscape,
}

/// Of which part of the picture the light was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metering {
    Average,
    CenterWeighted,
    Spot,
    MultiSpot,
    Pattern,
    Partial,
    Other,
}

impl Exposure {
    /// `None` where nothing is stated.
    pub fn of(exif: &Exif) -> Option<Self> {
        let photo = &exif.exif;
        let exposure = Self {
            time: time(photo),
            f_number: f_number(photo),
            iso: iso(photo),
            focal_length: positive(photo, "FocalLength"),
            // Zero is EXIF's word for unknown, here and of focal lengths.
            focal_length_35mm: positive(photo, "FocalLengthIn35mmFormat"),
            program: photo.int("ExposureProgram").and_then(Program::of),
            metering: photo.int("MeteringMode").and_then(Metering::of),
            flash_fired: photo.int("Flash").map(|bits| bits & 1 == 1),
            compensation: photo.number("ExposureCompensation"),
        };
        (exposure != Self::default()).then_some(exposure)
    }

    /// As on a dial: `1/160`, `0.4`, `2.5`. From a quarter of a second on they are seconds, as in exiftool.
    pub fn shutter(&self) -> Option<String> {
        const QUARTER: f64 = 0.250_01;
        let time = self.time?;
        if time < QUARTER {
            return Some(format!("1/{:.0}", (0.5 + 1.0 / time).floor()));
        }
        let seconds = format!("{time:.1}");
        Some(seconds.strip_suffix(".0").map_or(seconds.clone(), str::to_owned))
    }
}

/// Seconds; where the exposure time is not stated, by the APEX value.
fn time(photo: &TagGroup) -> Option<f64> {
    let by_apex = || Some((-photo.number("ShutterSpeedValue")?).exp2());
    // The longest there are take hours, the shortest millionths of a second.
    let possible = |seconds: &f64| (1e-9..1e9).contains(seconds);
    positive(photo, "ExposureTime").or_else(by_apex).filter(possible)
}

/// Where it is not stated, by the APEX value, of which lenses have no more digits.
fn f_number(photo: &TagGroup) -> Option<f64> {
    let by_apex = || Some(((photo.number("ApertureValue")? / 2.0).exp2() * 10.0).round() / 10.0);
    positive(photo, "FNumber").or_else(by_apex).filter(|number| (0.1..1e4).contains(number))
}

/// What 16 bits cannot hold stands in a tag of its own (EXIF 2.3, annex G).
fn iso(photo: &TagGroup) -> Option<i32> {
    const BEYOND: i32 = 65_535;
    let stated = |tag| photo.int(tag).filter(|iso| *iso > 0);
    let longer =
        || ["StandardOutputSensitivity", "RecommendedExposureIndex", "ISOSpeed"].into_iter().find_map(stated);
    match stated("ISO") {
        None => longer(),
        Some(BEYOND) => longer().or(Some(BEYOND)),
        iso => iso,
    }
}

fn positive(photo: &TagGroup, tag: &str) -> Option<f64> {
    photo.number(tag).filter(|number| *number > 0.0)
}

impl Program {
    /// 0 is "not defined".
    fn of(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Manual,
            2 => Self::Normal,
            3 => Self::AperturePriority,
            4 => Self::ShutterPriority,
            5 => Self::Creative,
            6 => Self::Action,
            7 => Self::Portrait,
            8 => Self::Landscape,
            _ => return None,
        })
    }
}

impl Metering {
    /// 0 is "unknown".
    fn of(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Average,
            2 => Self::CenterWeighted,
            3 => Self::Spot,
            4 => Self::MultiSpot,
            5 => Self::Pattern,
            6 => Self::Partial,
            255 => Self::Other,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn exposure(photo: Value) -> Option<Exposure> {
        Exposure::of(&Exif { exif: TagGroup(photo.as_object().unwrap().clone()), ..Exif::default() })
    }

    fn shutter(seconds: f64) -> String {
        exposure(json!({"ExposureTime": seconds})).unwrap().shutter().unwrap()
    }

    #[test]
    fn a_shutter_is_as_on_a_dial() {
        for (seconds, dial) in [
            (0.00625, "1/160"),
            (1.0 / 3.0, "0.3"),
            (0.25, "1/4"),
            (0.4, "0.4"),
            (1.0, "1"),
            (2.5, "2.5"),
            (30.0, "30"),
            (1.0 / 8000.0, "1/8000"),
            (0.016_67, "1/60"),
        ] {
            assert_eq!(shutter(seconds), dial);
        }
    }

    #[test]
    fn apex_values_stand_in_for_what_is_not_stated() {
        let by_apex = exposure(json!({"ShutterSpeedValue": 7, "ApertureValue": 6})).unwrap();
        assert_eq!((by_apex.time, by_apex.f_number), (Some(1.0 / 128.0), Some(8.0)));
        let stated = exposure(
            json!({"ExposureTime": 0.01, "FNumber": 7.1, "ShutterSpeedValue": 7, "ApertureValue": 6}),
        )
        .unwrap();
        assert_eq!((stated.time, stated.f_number), (Some(0.01), Some(7.1)));
        assert_eq!(exposure(json!({"ShutterSpeedValue": -2000, "ApertureValue": 1e300})), None);
    }

    #[test]
    fn enumerations_are_spelled_out_and_unknown_is_null() {
        let told = exposure(json!({"ExposureProgram": 3, "MeteringMode": 255, "Flash": 73})).unwrap();
        assert_eq!((told.program, told.metering), (Some(Program::AperturePriority), Some(Metering::Other)));
        assert_eq!(told.flash_fired, Some(true));
        assert_eq!(exposure(json!({"Flash": 16})).unwrap().flash_fired, Some(false));
        assert_eq!(
            exposure(json!({"ExposureProgram": 0, "MeteringMode": 0, "ISO": 0, "FNumber": null})),
            None
        );
        assert_eq!(
            exposure(json!({"ExposureProgram": 9, "MeteringMode": 7, "FocalLengthIn35mmFormat": 0})),
            None
        );
    }

    #[test]
    fn an_iso_beyond_16_bits_stands_elsewhere() {
        let iso = |photo| exposure(photo).unwrap().iso;
        assert_eq!(iso(json!({"ISO": [400, 0]})), Some(400));
        assert_eq!(iso(json!({"ISO": 65535, "RecommendedExposureIndex": 102400})), Some(102_400));
        assert_eq!(iso(json!({"ISO": 65535})), Some(65_535));
        assert_eq!(iso(json!({"ISOSpeed": 200})), Some(200));
    }

    proptest! {
        #[test]
        fn what_is_told_is_a_number(numbers in prop::array::uniform4(any::<f64>()), codes in any::<i64>()) {
            let [time, apex, aperture, length] = numbers;
            let photo = json!({
                "ExposureTime": time, "ShutterSpeedValue": apex, "ApertureValue": aperture, "FocalLength": length,
                "ISO": codes, "Flash": codes, "ExposureProgram": codes, "MeteringMode": codes,
            });
            if let Some(told) = exposure(photo) {
                prop_assert!([told.time, told.f_number].into_iter().flatten().all(f64::is_finite));
                let _ = told.shutter();
            }
        }
    }
}
