//! (room not opened yet)
fn main() {}
