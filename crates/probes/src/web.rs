//! Probes that read what is published about a product.

pub mod page;
