//! Everything a rule may look at, read-only.

use std::sync::Arc;

use catalogue::Catalogue;
use dossier::{Dossier, Entry};
use model::{Confirmation, Digest, Endpoint, Fact, Observation, Release, Statement, Timestamp, Transport};

use crate::release::Earlier;

/// A record of the ledger: its place there and its digest, so that grounds can point at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded<T> {
    /// Position in the ledger.
    pub seq: u64,
    /// Digest of the record's bytes.
    pub id: Digest,
    /// The record.
    pub body: T,
}

/// The recorded evidence that a judgement rests on, in ledger order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// What probes measured.
    pub observations: Vec<Recorded<Observation>>,
    /// What named persons decided.
    pub statements: Vec<Recorded<Statement>>,
    /// What second persons said about statements.
    pub confirmations: Vec<Recorded<Confirmation>>,
    /// Releases of the product.
    pub releases: Vec<Recorded<Arc<Release>>>,
    /// Assessments that were recorded; a result of an earlier release is carried from one of them or not at all.
    pub assessments: Vec<Recorded<Arc<Earlier>>>,
}

/// The read-only view that every rule is a function of.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The standard.
    pub catalogue: &'a Catalogue,
    /// What the supplier declares.
    pub dossier: &'a Dossier,
    /// What was measured and stated.
    pub evidence: &'a Evidence,
    /// The moment the verdict is for; certificates expire relative to it.
    pub at: Timestamp,
}

impl<'a> View<'a> {
    /// The catalogue's table of this kind, under the name the edition uses: `SecComMech` finds 11-ComMech in V2.1.1.
    pub fn table_name(&self, kind: TableKind) -> &'static str {
        let older = self.catalogue.edition == model::Edition::V2_1_1;
        match kind {
            TableKind::Communication if older => "ComMech",
            TableKind::Communication => "SecComMech",
            TableKind::PhysicalInterface | TableKind::LogicalInterface if older => "Intf",
            TableKind::PhysicalInterface => "PhyIntf",
            TableKind::LogicalInterface => "LogIntf",
        }
    }

    /// Entries of a table by its name without number.
    pub fn entries(&self, table: &str) -> &'a [Entry] {
        self.dossier.entries(table)
    }

    /// Observations of the release under assessment on a target (`dut` or a service's id), newest last.
    pub fn observations(&self, target: &str) -> impl Iterator<Item = &'a Recorded<Observation>> {
        let release = self.dossier.release_version();
        let target = target.to_owned();
        self.evidence
            .observations
            .iter()
            .filter(move |o| o.body.run.target == target && o.body.dut.release == release)
    }

    /// The newest observation that one probe made of a target.
    pub fn newest(&self, target: &str, probe: &str) -> Option<&'a Recorded<Observation>> {
        self.observations(target).filter(|o| o.body.run.probe == probe).last()
    }

    /// Every fact that the newest observation of each probe saw on a target, with its observation.
    pub fn facts(&self, target: &str) -> Vec<(&'a Recorded<Observation>, &'a Fact)> {
        let mut newest: std::collections::BTreeMap<&str, &'a Recorded<Observation>> = Default::default();
        for observation in self.observations(target) {
            newest.insert(observation.body.run.probe.as_str(), observation);
        }
        newest.into_values().flat_map(|o| o.body.reading.facts.iter().map(move |f| (o, f))).collect()
    }
}

/// Tables whose name differs between the editions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// 11-SecComMech, or 11-ComMech in V2.1.1.
    Communication,
    /// 15-PhyIntf, or 15-Intf in V2.1.1.
    PhysicalInterface,
    /// 28-LogIntf, or 15-Intf in V2.1.1.
    LogicalInterface,
}

/// Whether an endpoint is the declared transport and port.
pub fn is_port(endpoint: &Endpoint, transport: Transport, port: u16) -> bool {
    endpoint.transport == transport && endpoint.port == port
}
