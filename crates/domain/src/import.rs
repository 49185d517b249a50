//! Reading a catalogue from CSV.

/// How many products an import adds, changes and finds unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportSummary {
    /// New products.
    pub added: u32,
    /// Products that get other values.
    pub updated: u32,
    /// Products that already are as the file says.
    pub unchanged: u32,
}

/// Something to say about a line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNote {
    /// The line where the record begins, from 1; the header is line 1.
    pub line: u32,
    /// What is wrong, in a plain sentence.
    pub reason: String,
}

/// What was left out and what was taken with a doubt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Records that were left out.
    pub errors: Vec<LineNote>,
    /// Records that were taken all the same.
    pub warnings: Vec<LineNote>,
}
