//! Where a picture was taken, by EXIF's GPS tags (EXIF 2.32 section 4.6.6).

use super::{Exif, TagGroup};

/// Where a camera was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Location {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// Metres above sea level.
    pub altitude: Option<f64>,
    /// Where it looked: degrees from true north, clockwise, 0 to less than 360.
    pub direction: Option<f64>,
}

impl Location {
    /// `None` where latitude or longitude is not stated in full, or cannot be; and at 0, 0, which devices write that know no
    /// place.
    pub fn of(exif: &Exif) -> Option<Self> {
        let gps = &exif.gps;
        let latitude = degrees(gps, "GPSLatitude", "GPSLatitudeRef", ['N', 'S'], 90.0)?;
        let longitude = degrees(gps, "GPSLongitude", "GPSLongitudeRef", ['E', 'W'], 180.0)?;
        if (latitude, longitude) == (0.0, 0.0) {
            return None;
        }
        Some(Self { latitude, longitude, altitude: altitude(gps), direction: direction(gps) })
    }
}

/// Degrees, minutes and seconds, of which the last may be left out. Without its reference a number has no sign.
fn degrees(gps: &TagGroup, tag: &str, reference: &str, signs: [char; 2], most: f64) -> Option<f64> {
    let parts: Vec<f64> = gps.numbers(tag)?.into_iter().collect::<Option<_>>()?;
    let (whole, minutes, seconds) = match parts[..] {
        [whole] => (whole, 0.0, 0.0),
        [whole, minutes] => (whole, minutes, 0.0),
        [whole, minutes, seconds] => (whole, minutes, seconds),
        _ => return None,
    };
    let found = whole + minutes / 60.0 + seconds / 3600.0;
    let is_one = [whole, minutes, seconds].iter().all(|part| *part >= 0.0) && found <= most;
    let letter = letter(gps, reference)?;
    let place = signs.iter().position(|sign| *sign == letter).filter(|_| is_one)?;
    // A zero has no sign.
    Some(if place == 0 || found == 0.0 { found } else { -found })
}

/// Heights above the ellipsoid (references 2 and 3 of EXIF 3.0) are not above the sea.
fn altitude(gps: &TagGroup) -> Option<f64> {
    let metres = gps.number("GPSAltitude").filter(|metres| *metres >= 0.0)?;
    match gps.int("GPSAltitudeRef").unwrap_or_default() {
        0 => Some(metres),
        1 if metres == 0.0 => Some(metres),
        1 => Some(-metres),
        _ => None,
    }
}

/// Magnetic north is some degrees off, and how many nobody states.
fn direction(gps: &TagGroup) -> Option<f64> {
    let direction = gps.number("GPSImgDirection").filter(|degrees| (0.0..=360.0).contains(degrees))?;
    (letter(gps, "GPSImgDirectionRef")? == 'T').then_some(direction % 360.0)
}

fn letter(gps: &TagGroup, reference: &str) -> Option<char> {
    gps.trimmed(reference)?.chars().next().map(|letter| letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn located(gps: Value) -> Option<Location> {
        Location::of(&Exif { gps: TagGroup(gps.as_object().unwrap().clone()), ..Exif::default() })
    }

    /// With these tags beside a sound place.
    fn with(more: Value) -> Location {
        let mut gps = json!({
            "GPSLatitudeRef": "S", "GPSLatitude": [33, 51, 24.5], "GPSLongitudeRef": "E", "GPSLongitude": [151, 12.5],
        });
        gps.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        located(gps).unwrap()
    }

    fn latitude(value: Value, reference: Value) -> Option<f64> {
        let gps = json!({
            "GPSLatitudeRef": reference, "GPSLatitude": value, "GPSLongitudeRef": "W", "GPSLongitude": [7, 0, 0],
        });
        located(gps).map(|location| location.latitude)
    }

    #[test]
    fn degrees_are_signed_by_their_reference() {
        let place = with(json!({}));
        assert_eq!(
            (place.latitude, place.longitude),
            (-(33.0 + 51.0 / 60.0 + 24.5 / 3600.0), 151.0 + 12.5 / 60.0)
        );
        assert_eq!(latitude(json!([51, 30, 0]), json!("N")), Some(51.5));
        assert_eq!(latitude(json!([51, 30, 0]), json!("north\0junk")), Some(51.5));
        assert_eq!(latitude(json!(51.5), json!("s")), Some(-51.5));
        assert_eq!(latitude(json!([90, 0, 0]), json!("N")), Some(90.0));
        assert_eq!(latitude(json!([0, 0, 0]), json!("S")).map(f64::is_sign_negative), Some(false));
    }

    #[test]
    fn what_is_not_stated_in_full_is_no_place() {
        for (value, reference) in [
            (json!([51, 30, 0]), Value::Null),
            (json!([51, 30, 0]), json!("")),
            (json!([51, 30, 0]), json!("E")),
            (json!([51, null, 0]), json!("N")),
            (json!([90, 0, 0.1]), json!("N")),
            (json!([-51, 30, 0]), json!("N")),
            (json!([51, 30, 0, 0]), json!("N")),
            (json!([]), json!("N")),
            (json!(1e308), json!("N")),
            (json!("51"), json!("N")),
        ] {
            assert_eq!(latitude(value.clone(), reference), None, "{value}");
        }
        assert_eq!(located(json!({})), None);
    }

    #[test]
    fn zero_and_zero_is_what_devices_write_that_know_no_place() {
        let null_island = json!({
            "GPSLatitudeRef": "N", "GPSLatitude": [0, 0, 0], "GPSLongitudeRef": "E", "GPSLongitude": [0, 0, 0],
        });
        assert_eq!(located(null_island), None);
        assert_eq!(latitude(json!([0, 0, 0]), json!("N")), Some(0.0));
    }

    #[test]
    fn altitude_is_above_or_below_the_sea() {
        let altitude = |height: Value, reference: Value| {
            with(json!({"GPSAltitude": height, "GPSAltitudeRef": reference})).altitude
        };
        assert_eq!(altitude(json!(12.5), json!(0)), Some(12.5));
        assert_eq!(altitude(json!(12.5), Value::Null), Some(12.5));
        assert_eq!(altitude(json!(12.5), json!(1)), Some(-12.5));
        assert_eq!(altitude(json!(12.5), json!(2)), None);
        assert_eq!(altitude(Value::Null, json!(0)), None);
    }

    #[test]
    fn direction_is_from_true_north() {
        let direction = |degrees: Value, reference: Value| {
            with(json!({"GPSImgDirection": degrees, "GPSImgDirectionRef": reference})).direction
        };
        assert_eq!(direction(json!(359.5), json!("T")), Some(359.5));
        assert_eq!(direction(json!(360), json!("T")), Some(0.0));
        assert_eq!(direction(json!(360.5), json!("T")), None);
        assert_eq!(direction(json!(10), json!("M")), None);
        assert_eq!(direction(json!(10), Value::Null), None);
        assert_eq!(direction(Value::Null, json!("T")), None);
    }

    proptest! {
        #[test]
        fn what_is_told_is_on_earth(parts in prop::collection::vec(any::<f64>(), 0..5), height in any::<f64>()) {
            let gps = json!({
                "GPSLatitudeRef": "S", "GPSLatitude": parts, "GPSLongitudeRef": "W", "GPSLongitude": parts,
                "GPSAltitude": height, "GPSImgDirection": height, "GPSImgDirectionRef": "T",
            });
            if let Some(place) = located(gps) {
                prop_assert!(place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0);
                prop_assert!(place.altitude.is_none_or(f64::is_finite));
            }
        }
    }
}
