//! sw
fn main() {}
