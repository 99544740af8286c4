//! MQTT 3.1.1 as far as this product needs it: packets of client and broker, and a small broker.
//!
//! QoS 0 and 1 towards the broker, QoS 0 from it; no retained messages, no wills, no stored sessions.

pub(crate) mod broker;
pub(crate) mod packet;
