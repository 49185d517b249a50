//! Search by words and codes.
