//! Probes on which product is in front of the bench.
