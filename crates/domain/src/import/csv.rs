//! A reader of CSV (RFC 4180) that is told a text and gives records with their line numbers.

/// A record and the line on which it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub line: u32,
    pub fields: Vec<String>,
    /// A quote was opened and never closed; the record runs to the end of the file.
    pub unclosed: bool,
}

/// Splits a text into records; empty lines are left out, a byte order mark is skipped.
///
/// Line breaks may be CRLF, LF or CR. A quote inside an unquoted field is an ordinary character,
/// as spreadsheets write inches.
pub(super) fn records(text: &str, separator: char) -> Vec<Record> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        chars: text.chars().peekable(),
        separator,
        line: 1,
    };
    let mut records = Vec::new();
    while reader.chars.peek().is_some() {
        let record = reader.record();
        let blank = record.fields.iter().all(|field| field.trim().is_empty());
        if !blank {
            records.push(record);
        }
    }
    records
}

/// The separator that the first line uses: a comma, a semicolon or a tab.
pub(super) fn separator(text: &str) -> char {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: &char| header.chars().filter(|c| c == separator).count();
    // Of equals `max_by_key` takes the last.
    ['\t', ';', ',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(',')
}

struct Reader<'a> {
    chars: core::iter::Peekable<core::str::Chars<'a>>,
    separator: char,
    line: u32,
}

/// What ended a field.
#[derive(PartialEq, Eq)]
enum End {
    Field,
    Record,
    Unclosed,
}

impl Reader<'_> {
    fn record(&mut self) -> Record {
        let mut record = Record {
            line: self.line,
            fields: Vec::new(),
            unclosed: false,
        };
        loop {
            let mut field = String::new();
            let end = self.field(&mut field);
            record.fields.push(field);
            if end != End::Field {
                record.unclosed = end == End::Unclosed;
                return record;
            }
        }
    }

    fn field(&mut self, field: &mut String) -> End {
        let quoted = self.chars.next_if_eq(&'"').is_some();
        if quoted && !self.quoted(field) {
            return End::Unclosed;
        }
        while let Some(c) = self.chars.next() {
            if c == self.separator {
                return End::Field;
            }
            if self.ends_line(c) {
                return End::Record;
            }
            field.push(c);
        }
        End::Record
    }

    /// Reads up to the closing quote; `false` when there is none.
    fn quoted(&mut self, field: &mut String) -> bool {
        while let Some(c) = self.chars.next() {
            if c == '"' && self.chars.next_if_eq(&'"').is_none() {
                return true;
            }
            let broken = self.ends_line(c);
            field.push(if broken { '\n' } else { c });
        }
        false
    }

    fn ends_line(&mut self, c: char) -> bool {
        if c == '\r' {
            self.chars.next_if_eq(&'\n');
        }
        let ends = matches!(c, '\r' | '\n');
        self.line = self.line.saturating_add(u32::from(ends));
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u32, &[&str])]) {
        let read: Vec<_> = records(text, ',')
            .into_iter()
            .map(|r| (r.line, r.fields))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, fields)| (*line, fields.iter().map(|f| (*f).to_owned()).collect()))
            .collect();
        assert_eq!(read, expected, "{text:?}");
    }

    #[test]
    fn quotes_hold_commas_quotes_and_line_breaks() {
        check(
            "a,\"b, c\"\r\n\"d \"\"e\"\"\",\"f\r\ng\"\nh,",
            &[
                (1, &["a", "b, c"]),
                (2, &["d \"e\"", "f\ng"]),
                (4, &["h", ""]),
            ],
        );
    }

    #[test]
    fn byte_order_mark_empty_lines_and_every_line_break_are_understood() {
        check(
            "\u{feff}a\n\n,,\nb\rc\r\n",
            &[(1, &["a"]), (4, &["b"]), (5, &["c"])],
        );
        check("", &[]);
        check("\u{feff}", &[]);
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_an_ordinary_character() {
        check("Tube 5\",x", &[(1, &["Tube 5\"", "x"])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_said() {
        let read = records("a\n\"b,c\nd", ',');
        assert_eq!(read.len(), 2);
        assert!(read[1].unclosed && !read[0].unclosed);
        assert_eq!(read[1].line, 2);
    }

    #[test]
    fn the_separator_is_the_one_that_the_header_uses() {
        assert_eq!(separator("sku,name\n1;2;3"), ',');
        assert_eq!(separator("sku;name;price"), ';');
        assert_eq!(separator("sku\tname"), '\t');
        assert_eq!(separator("sku"), ',');
        assert_eq!(separator(""), ',');
    }
}
