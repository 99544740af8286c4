//! (room not opened yet)
