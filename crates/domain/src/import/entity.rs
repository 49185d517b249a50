//! HTML entities, as product lists that were scraped from pages have them.

/// The named ones that are found in such lists; numbered ones are read as well.
const NAMED: [(&str, char); 34] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("deg", '°'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("reg", '®'),
    ("copy", '©'),
    ("trade", '™'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("hellip", '…'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
    ("ccedil", 'ç'),
    ("ocirc", 'ô'),
    ("icirc", 'î'),
    ("ntilde", 'ñ'),
    ("oelig", 'œ'),
];

/// The longest entity that is looked for, without `&` and `;`.
const ENTITY_BYTES_MAX: usize = 8;

/// Replaces entities by their characters, once; what is no entity stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        match entity(after) {
            Some((character, behind)) => {
                plain.push(character);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The character of an entity whose `&` is already read, and what follows it.
fn entity(text: &str) -> Option<(char, &str)> {
    let (name, behind) = text.split_once(';')?;
    if name.len() > ENTITY_BYTES_MAX {
        return None;
    }
    let character = match name.strip_prefix('#') {
        Some(number) => char::from_u32(code_point(number)?).filter(|c| !c.is_control())?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((character, behind))
}

fn code_point(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_become_characters_and_the_rest_stays() {
        for (text, plain) in [
            ("Salt &amp; Pepper", "Salt & Pepper"),
            ("&quot;Best&quot; 5&deg;", "\"Best\" 5°"),
            ("&#39;n&#x27;", "'n'"),
            ("M&M's; R&D", "M&M's; R&D"),
            ("&unknown; &; &", "&unknown; &; &"),
            ("&amp;lt;", "&lt;"),
            ("&#0;&#xD800;&#99999999;", "&#0;&#xD800;&#99999999;"),
            ("é&eacute;", "éé"),
        ] {
            assert_eq!(decoded(text), plain);
        }
    }
}
