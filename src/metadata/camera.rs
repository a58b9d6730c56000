//! What a picture was taken with.

use super::{Exif, TagGroup};

/// A camera and its lens, in its own words without what they are padded with. `None` where nothing is stated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Camera {
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    /// The firmware, or the program that wrote the file last.
    pub software: Option<String>,
}

impl Camera {
    /// `None` where nothing is stated.
    pub fn of(exif: &Exif) -> Option<Self> {
        let of_image = |tag| exif.image.trimmed(tag).map(str::to_owned);
        let camera = Self {
            make: of_image("Make"),
            model: of_image("Model"),
            lens: lens(exif),
            software: of_image("Software"),
        };
        (camera != Self::default()).then_some(camera)
    }
}

/// Its model, or who made it and what it can do.
fn lens(exif: &Exif) -> Option<String> {
    let photo = &exif.exif;
    if let Some(model) = photo.trimmed("LensModel") {
        return Some(model.to_owned());
    }
    let stated = [photo.trimmed("LensMake").map(str::to_owned), abilities(photo)];
    let words: Vec<_> = stated.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// EXIF 2.32 section 4.6.5, LensSpecification: focal lengths in millimetres and the f-numbers at them, of which those that are
/// not known have no value.
fn abilities(photo: &TagGroup) -> Option<String> {
    let numbers = photo.numbers("LensInfo")?;
    let [shortest, longest, wide, far] = numbers[..] else { return None };
    let lengths = range(shortest, longest)?;
    let aperture = range(wide, far).map(|numbers| format!(" f/{numbers}"));
    Some(format!("{lengths} mm{}", aperture.unwrap_or_default()))
}

fn range(from: Option<f64>, to: Option<f64>) -> Option<String> {
    let from = from.filter(|from| *from > 0.0)?;
    Some(match to.filter(|to| *to > from) {
        Some(to) => format!("{from}-{to}"),
        None => from.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn camera(image: Value, photo: Value) -> Option<Camera> {
        let group = |value: Value| TagGroup(value.as_object().unwrap().clone());
        Camera::of(&Exif { image: group(image), exif: group(photo), ..Exif::default() })
    }

    fn lens(photo: Value) -> Option<String> {
        camera(json!({"Make": "a"}), photo).unwrap().lens
    }

    #[test]
    fn what_words_are_padded_with_is_left_out() {
        let image = json!({"Make": " Canon \0\0", "Model": "EOS 40D\0junk", "Software": "   "});
        let told = camera(image, json!({})).unwrap();
        assert_eq!((told.make.as_deref(), told.model.as_deref()), (Some("Canon"), Some("EOS 40D")));
        assert_eq!((told.lens, told.software), (None, None));
        assert_eq!(camera(json!({"Make": "\0", "Model": 7}), json!({})), None);
    }

    #[test]
    fn a_lens_is_its_model_or_its_maker_and_what_it_can_do() {
        let info = json!([18, 55, 3.5, 5.6]);
        assert_eq!(lens(json!({"LensModel": "EF 50", "LensMake": "Canon"})).as_deref(), Some("EF 50"));
        assert_eq!(
            lens(json!({"LensMake": "Canon", "LensInfo": info})).as_deref(),
            Some("Canon 18-55 mm f/3.5-5.6")
        );
        assert_eq!(lens(json!({"LensInfo": [50, 50, null, null]})).as_deref(), Some("50 mm"));
        assert_eq!(lens(json!({"LensInfo": [0, 0, 0, 0]})), None);
        assert_eq!(lens(json!({"LensInfo": [50]})), None);
    }
}
