//! What a capture of the product's traffic shows. Files only: nothing is sent and nothing is listened to here.

mod attempts;
pub mod capture;
mod conversations;
mod datagrams;
mod ear;
mod frames;
mod hearing;
mod names;
mod product;
mod search;
mod streams;
mod table;

#[cfg(test)]
mod tests;
