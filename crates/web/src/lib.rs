//! Pages for a browser, and the API behind them.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
