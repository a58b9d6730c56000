//! XMP: ISO 16684-1, of which the properties are read that words stand in, in each of the forms of RDF/XML that it allows.

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, Result};
use crate::metadata::PictureText;
use crate::metadata::text::{clean, keywords, link};

mod ns {
    pub const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    pub const DC: &str = "http://purl.org/dc/elements/1.1/";
    pub const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
    pub const IPTC: &str = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/";
    pub const RIGHTS: &str = "http://ns.adobe.com/xap/1.0/rights/";
    pub const CC: &str = "http://creativecommons.org/ns#";
    pub const PLUS: &str = "http://ns.useplus.org/ldf/xmp/1.0/";
}

/// Some hundred thousand bytes of a picture's history have some thousand.
const MAX_NODES: u32 = 1 << 16;
/// The parser compares each attribute with all before it in its tag. Raw converters write some three hundred in one, which
/// are fifty thousand comparisons.
const MAX_COMPARISONS: usize = 2 << 20;
/// The parser copies those that are in force with each that is declared, and looks through them for each prefix.
const MAX_NAMESPACES: usize = 128;

/// What a packet says; nothing where it is not XML.
pub fn read(packet: &[u8]) -> Result<PictureText> {
    let text = String::from_utf8_lossy(packet);
    // Some writers fill up their room with NULs.
    let xml = text.trim_matches(|sign: char| sign == '\0' || sign.is_whitespace());
    check(xml)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    match Document::parse_with_options(xml, options) {
        Ok(document) => Ok(Packet::new(&document).text()),
        Err(roxmltree::Error::NodesLimitReached) => Err(too_many("nodes of XMP", MAX_NODES as usize)),
        Err(_) => Ok(PictureText::default()),
    }
}

fn too_many(what: &'static str, limit: usize) -> Error {
    Error::TooLarge { what, limit: limit as u64 }
}

/// That the parser will not take the square of the packet's length.
fn check(xml: &str) -> Result<()> {
    if xml.matches("xmlns").nth(MAX_NAMESPACES).is_some() {
        return Err(too_many("namespaces of XMP", MAX_NAMESPACES));
    }
    let (mut rest, mut comparisons) = (xml, 0_usize);
    while let Some(tag) = rest.find('<').map(|start| &rest[start..]) {
        let (attributes, end) = match () {
            () if tag.starts_with("<!--") => (0, end_of(tag, "-->")),
            () if tag.starts_with("<![CDATA[") => (0, end_of(tag, "]]>")),
            () if tag.starts_with("<?") => (0, end_of(tag, "?>")),
            () => attributes(tag),
        };
        comparisons = comparisons.saturating_add(attributes.saturating_mul(attributes) / 2);
        if comparisons > MAX_COMPARISONS {
            return Err(too_many("comparisons of attributes of XMP", MAX_COMPARISONS));
        }
        rest = tag.get(end..).unwrap_or_default();
    }
    Ok(())
}

fn end_of(tag: &str, end: &str) -> usize {
    tag.find(end).map_or(tag.len(), |place| place + end.len())
}

/// How many there are in the tag at the start, and where it ends. In quotes any sign is an attribute's.
fn attributes(tag: &str) -> (usize, usize) {
    let (mut count, mut quote) = (0, None);
    for (place, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return (count, place + 1),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                count += 1;
            }
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    (count, tag.len())
}

/// The descriptions of the picture.
struct Packet<'a>(Vec<Node<'a, 'a>>);

impl<'a> Packet<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        let rdf = document.descendants().find(|node| node.has_tag_name((ns::RDF, "RDF")));
        let parts = rdf.into_iter().flat_map(|rdf| rdf.children());
        Self(parts.filter(|node| node.has_tag_name((ns::RDF, "Description"))).collect())
    }

    fn text(&self) -> PictureText {
        let words = self.all(ns::DC, "subject");
        PictureText {
            title: self.first(ns::DC, "title").or_else(|| self.first(ns::PHOTOSHOP, "Headline")),
            alt: self.first(ns::IPTC, "AltTextAccessibility"),
            caption: self.first(ns::DC, "description"),
            credit: self.first(ns::PHOTOSHOP, "Credit"),
            creator: self.joined(ns::DC, "creator"),
            copyright: self.first(ns::DC, "rights"),
            license: self.license(),
            keywords: keywords(words.into_iter()),
        }
    }

    /// Where the rights are told on the web, else the licence itself, else where one is to be had.
    fn license(&self) -> Option<String> {
        let links = |namespace, name| self.all(namespace, name).into_iter().find_map(link);
        links(ns::RIGHTS, "WebStatement").or_else(|| links(ns::CC, "license")).or_else(|| self.licensor())
    }

    /// PLUS keeps a list of those who grant licences, with their addresses.
    fn licensor(&self) -> Option<String> {
        let name = (ns::PLUS, "LicensorURL");
        let below = self.0.iter().flat_map(|part| part.descendants());
        below
            .filter_map(|node| if node.has_tag_name(name) { node.text() } else { node.attribute(name) })
            .find_map(link)
    }

    fn first(&self, namespace: &str, name: &str) -> Option<String> {
        self.all(namespace, name).into_iter().find_map(clean)
    }

    fn joined(&self, namespace: &str, name: &str) -> Option<String> {
        let texts: Vec<_> = self.all(namespace, name).into_iter().filter_map(clean).collect();
        clean(&texts.join("; "))
    }

    /// The values of a property, of alternatives that in the default language first.
    fn all(&self, namespace: &str, name: &str) -> Vec<&'a str> {
        let mut values = Vec::new();
        for part in &self.0 {
            values.extend(part.attribute((namespace, name)));
            let elements = part.children().filter(|node| node.has_tag_name((namespace, name)));
            elements.for_each(|element| values.extend(values_of(element)));
        }
        values
    }
}

/// Section 7: a text, a reference, or items of an array.
fn values_of<'a>(property: Node<'a, 'a>) -> Vec<&'a str> {
    let is_array =
        |node: &Node<'_, '_>| ["Alt", "Bag", "Seq"].iter().any(|kind| node.has_tag_name((ns::RDF, *kind)));
    let Some(array) = property.children().find(is_array) else {
        return value_of(property).into_iter().collect();
    };
    let mut items: Vec<_> = array.children().filter(|node| node.has_tag_name((ns::RDF, "li"))).collect();
    if array.has_tag_name((ns::RDF, "Alt")) {
        items.sort_by_key(|item| item.attribute((ns::XML, "lang")) != Some("x-default"));
    }
    items.into_iter().filter_map(value_of).collect()
}

fn value_of<'a>(node: Node<'a, 'a>) -> Option<&'a str> {
    node.attribute((ns::RDF, "resource")).or_else(|| node.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::text::{MAX_KEYWORDS, MAX_TEXT};

    fn packet(attributes: &str, elements: &str) -> String {
        format!(
            "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>\
            <rdf:RDF xmlns:rdf='{}'><rdf:Description rdf:about='' xmlns:dc='{}' xmlns:ps='{}' xmlns:core='{}' \
            xmlns:rights='{}' xmlns:cc='{}' xmlns:plus='{}' {attributes}>{elements}</rdf:Description></rdf:RDF>\
            </x:xmpmeta>\n  <?xpacket end='w'?>",
            ns::RDF,
            ns::DC,
            ns::PHOTOSHOP,
            ns::IPTC,
            ns::RIGHTS,
            ns::CC,
            ns::PLUS
        )
    }

    fn text(attributes: &str, elements: &str) -> PictureText {
        read(packet(attributes, elements).as_bytes()).unwrap()
    }

    #[test]
    fn a_property_is_an_attribute_or_an_element_or_an_array() {
        assert_eq!(text("ps:Credit=' Agency '", "").credit.as_deref(), Some("Agency"));
        assert_eq!(
            text("", "<ps:Credit>A &amp; <![CDATA[<B>]]></ps:Credit>").credit.as_deref(),
            Some("A & <B>")
        );
        let list = "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>";
        assert_eq!(text("", list).creator.as_deref(), Some("Ann; Bob"));
        let words =
            "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li/><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>";
        assert_eq!(text("", words).keywords, ["sea"]);
        assert_eq!(text("ps:Headline='News'", "").title.as_deref(), Some("News"));
    }

    #[test]
    fn of_languages_the_default_counts_and_else_the_first() {
        let alt = |items: &str| {
            format!("<core:AltTextAccessibility><rdf:Alt>{items}</rdf:Alt></core:AltTextAccessibility>")
        };
        let german = "<rdf:li xml:lang='de'>Boot</rdf:li>";
        let default = "<rdf:li xml:lang='x-default'>Boat</rdf:li>";
        assert_eq!(text("", &alt(&[german, default].concat())).alt.as_deref(), Some("Boat"));
        assert_eq!(text("", &alt(german)).alt.as_deref(), Some("Boot"));
    }

    #[test]
    fn a_license_is_the_web_statement_or_the_license_or_the_licensor() {
        let statement = "<rights:WebStatement>https://a.b/rights</rights:WebStatement>";
        let license = "<cc:license rdf:resource='https://creativecommons.org/licenses/by/4.0/'/>";
        let licensor = "<plus:Licensor><rdf:Seq><rdf:li rdf:parseType='Resource'><plus:LicensorURL>https://a.b/buy\
            </plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>";
        let told = |parts: &[&str]| text("", &parts.concat()).license;
        assert_eq!(told(&[licensor, license, statement]).as_deref(), Some("https://a.b/rights"));
        assert_eq!(
            told(&[licensor, license]).as_deref(),
            Some("https://creativecommons.org/licenses/by/4.0/")
        );
        assert_eq!(told(&[licensor]).as_deref(), Some("https://a.b/buy"));
        assert_eq!(text("rights:WebStatement='javascript:alert(1)'", "").license, None);
    }

    #[test]
    fn names_mean_nothing_without_their_namespaces() {
        let foreign =
            "<rdf:RDF xmlns:rdf='urn:other'><rdf:Description xmlns:dc='urn:dc' dc:title='no'/></rdf:RDF>";
        assert!(read(foreign.as_bytes()).unwrap().is_empty());
        let other_prefix = packet("", "").replace("dc:", "d:").replace("/></rdf:RDF>", "");
        assert!(read(other_prefix.as_bytes()).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_xml_says_nothing() {
        let whole = packet("ps:Credit='a'", "");
        assert_eq!(read(format!("{whole}\0\0\0").as_bytes()).unwrap().credit.as_deref(), Some("a"));
        for len in [0, 1, 100, whole.len() - 60] {
            assert!(read(&whole.as_bytes()[..len]).unwrap().is_empty(), "{len}");
        }
        let mut invalid = packet("", "<ps:Credit>Zo_</ps:Credit>").into_bytes();
        let place = invalid.iter().position(|byte| *byte == b'_').unwrap();
        invalid[place] = 0xEB;
        assert_eq!(read(&invalid).unwrap().credit.as_deref(), Some("Zo\u{fffd}"));
        invalid[place] = 0;
        assert!(read(&invalid).unwrap().is_empty());
    }

    #[test]
    fn entities_are_not_expanded() {
        let laughs = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>";
        let bomb = format!("{laughs}{}", &packet("", "<ps:Credit>&b;</ps:Credit>")["<?xpacket".len()..]);
        assert!(read(bomb.as_bytes()).unwrap().is_empty());
        assert!(text("", "<ps:Credit>&b;</ps:Credit>").is_empty());
    }

    /// Each would take the parser seconds, or much memory.
    #[test]
    fn bombs_are_too_large() {
        let too_large = |elements: String| {
            assert!(matches!(read(packet("", &elements).as_bytes()), Err(Error::TooLarge { .. })));
        };
        too_large("<a/>".repeat(100_000));
        too_large("<a>".repeat(100_000));
        let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
        too_large(format!("<a{attributes}/>"));
        too_large(format!("<a{}/>", &attributes[..10_000]).repeat(50));
        too_large(format!("<!-- ' --><a{attributes}/>"));
        too_large(format!("<?x ' ?><![CDATA[<']]>'<a{attributes}/>"));
        too_large((0..20_000).map(|number| format!("<a xmlns:n{number}='n{number}'>")).collect());
    }

    #[test]
    fn an_honest_raw_file_is_not_a_bomb() {
        let settings: String = (0..400).map(|number| format!(" ps:S{number}=\"a='b' > c\"")).collect();
        let history = "<rdf:li>a = b</rdf:li>".repeat(10_000);
        assert_eq!(text(&format!("ps:Credit='a'{settings}"), &history).credit.as_deref(), Some("a"));
    }

    #[test]
    fn long_texts_and_many_keywords_are_cut() {
        let words: String = (0..20_000).map(|number| format!("<rdf:li>{number}</rdf:li>")).collect();
        let list = format!("<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>");
        let told = text("", &format!("{list}<ps:Credit>{}</ps:Credit>", "x".repeat(500_000)));
        assert_eq!((told.keywords.len(), told.credit.unwrap().len()), (MAX_KEYWORDS, MAX_TEXT));
    }
}
