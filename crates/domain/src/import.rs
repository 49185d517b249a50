//! Reading a catalogue from CSV: first rows with what is wrong in them, then a plan against the
//! catalogue that is there. Good rows go in together, bad ones are listed; nothing is guessed.

mod csv;
mod entity;
mod plan;
mod row;

pub use plan::{Plan, plan};
pub use row::{Row, Rows, read};

/// The most records of a file: a bigger shop splits its file.
pub const ROWS_MAX: usize = 100_000;

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

impl ImportReport {
    fn error(&mut self, line: u32, reason: impl Into<String>) {
        let reason = reason.into();
        self.errors.push(LineNote { line, reason });
    }

    fn warning(&mut self, line: u32, reason: impl Into<String>) {
        let reason = reason.into();
        self.warnings.push(LineNote { line, reason });
    }
}

#[cfg(test)]
mod tests;
