//! Probes on pages that are published for everybody.
