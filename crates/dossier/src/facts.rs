//! Typed facts beside the prose of IXIT entries: what lets a program act on a declaration.
//!
//! Ours, not the standard's; all optional. They say what is declared, never whether it suffices.

use model::{AuthScheme, TlsVersion, Transport};

use crate::Located;
use crate::decode::{facts, words};

words! {
    /// Whom an authentication mechanism serves.
    Subject {
        /// A person.
        User = "user",
        /// Another machine.
        Machine = "machine",
    }
    /// What is used to authenticate.
    Factor {
        /// A password or passphrase.
        Password = "password",
        /// A numeric PIN.
        Pin = "pin",
        /// A token or API key issued by the product or a service.
        Token = "token",
        /// A certificate and its private key.
        Certificate = "certificate",
        /// A raw or pre-shared key.
        Key = "key",
        /// A biometric feature.
        Biometric = "biometric",
        /// A physical act at the product, such as a button press.
        Presence = "presence",
    }
    /// Where the authentication value comes from.
    Origin {
        /// The user sets it before its first use outside factory default.
        UserDefined = "user-defined",
        /// Pre-installed, different on each unit.
        PerDevice = "per-device",
        /// Pre-installed, the same on many units.
        Universal = "universal",
        /// Agreed or issued at pairing.
        Issued = "issued",
    }
    /// An attribute of a session cookie.
    CookieAttribute {
        /// Sent over TLS alone (RFC 6265, 4.1.2.5).
        Secure = "secure",
        /// Out of reach of scripts (RFC 6265, 4.1.2.6).
        HttpOnly = "http-only",
        /// Not sent along with what another site asks for: `Lax` or `Strict`.
        SameSite = "same-site",
    }
    /// What ends a session.
    SessionEnd {
        /// Its subject logs out.
        Logout = "logout",
        /// The credential is changed.
        Change = "change",
    }
    /// Whose wrong attempts a lockout counts together.
    LockoutCount {
        /// Each source address has a count of its own.
        EachSource = "each-source",
        /// One count over all sources.
        AllSources = "all-sources",
    }
    /// State of the product in which something holds.
    State {
        /// As shipped or after a reset.
        FactoryDefault = "factory-default",
        /// During set-up.
        Initialization = "initialization",
        /// Set up and in use.
        Initialized = "initialized",
    }
    /// Security objective.
    Guarantee {
        /// Not altered unnoticed.
        Integrity = "integrity",
        /// Not readable by others.
        Confidentiality = "confidentiality",
        /// Comes from whom it seems to come from.
        Authenticity = "authenticity",
        /// Not replayed.
        ReplayProtection = "replay-protection",
        /// There when needed.
        Availability = "availability",
    }
    /// Who does something.
    Actor {
        /// The product itself.
        Device = "device",
        /// An associated service.
        Service = "service",
        /// The user.
        User = "user",
        /// Nobody.
        Nobody = "nobody",
    }
    /// When update availability is checked.
    Checking {
        /// Never.
        Never = "never",
        /// Once, after initialization.
        AfterInitialization = "after-initialization",
        /// Again and again.
        Periodic = "periodic",
        /// When the user asks.
        OnRequest = "on-request",
    }
    /// How the user learns that an update disrupts basic functioning.
    DisruptionNotice {
        /// On the product itself.
        OnDevice = "on-device",
        /// In an application or another way off the product.
        OffDevice = "off-device",
        /// Updates never disrupt.
        NeverDisrupts = "never-disrupts",
        /// The user is not told.
        None = "none",
    }
    /// Class of a security parameter.
    ParameterClass {
        /// Security-related secret information.
        Critical = "critical",
        /// Public information whose alteration breaks security.
        Public = "public",
    }
    /// What a security parameter is used for.
    ParameterUse {
        /// Checking integrity or authenticity of updates.
        UpdateCheck = "update-check",
        /// Protecting communication with associated services.
        ServiceCommunication = "service-communication",
        /// Authenticating users or machines to the product.
        Authentication = "authentication",
        /// Protecting stored data.
        Storage = "storage",
        /// Something else.
        Other = "other",
    }
    /// How a parameter's value is chosen.
    Uniqueness {
        /// Different on each unit.
        PerDevice = "per-device",
        /// The same on many units.
        Shared = "shared",
    }
    /// Protocol that secures communication.
    SecureProtocol {
        /// TLS over TCP.
        Tls = "tls",
        /// DTLS over UDP.
        Dtls = "dtls",
        /// SSH.
        Ssh = "ssh",
        /// IPsec.
        Ipsec = "ipsec",
        /// Security of the radio link.
        Link = "link",
        /// Protection of messages inside an unprotected transport.
        Message = "message",
        /// None: communication in clear. Only in V2.1.1, whose table lists all communication.
        None = "none",
    }
    /// How the peer proves who it is.
    PeerAuthentication {
        /// A certificate checked against an authority or a pin.
        Certificate = "certificate",
        /// Certificates on both sides.
        Mutual = "mutual",
        /// A pre-shared key.
        PreSharedKey = "pre-shared-key",
        /// A password inside the channel.
        Password = "password",
        /// Not at all.
        None = "none",
    }
    /// Whether a peer's certificate that was revoked is noticed.
    Revocation {
        /// By the answer of its authority that the peer hands over with it (RFC 6960, RFC 6066).
        Stapled = "stapled",
        /// In another way: a list, a question to a responder, pins that are replaced.
        Other = "other",
        /// Not at all.
        None = "none",
    }
    /// How far an interface reaches.
    Reach {
        /// Only at the product: no network.
        Local = "local",
        /// The network the product is attached to.
        Lan = "lan",
        /// Beyond it.
        Remote = "remote",
    }
    /// Whether something is switched on.
    Status {
        /// In use.
        Enabled = "enabled",
        /// Off, and can be switched on.
        Disabled = "disabled",
        /// Off by default, switched on when needed.
        DisabledByDefault = "disabled-by-default",
        /// Off for good.
        DisabledPermanently = "disabled-permanently",
    }
    /// How much exposure an interface needs.
    Exposure {
        /// Always.
        Required = "required",
        /// From time to time.
        Intermittent = "intermittent",
        /// Never.
        Never = "never",
    }
    /// What an interface is made of.
    InterfaceKind {
        /// A port one can plug into or touch.
        Port = "port",
        /// Radio, light or sound.
        Air = "air",
        /// A protocol on top of a physical interface.
        Logical = "logical",
    }
    /// A version of the Internet Protocol.
    IpVersion {
        /// IPv4.
        V4 = "ipv4",
        /// IPv6.
        V6 = "ipv6",
    }
    /// Kind of information an interface discloses without authentication.
    Disclosed {
        /// Manufacturer name.
        Manufacturer = "manufacturer",
        /// Model designation.
        Model = "model",
        /// Serial number.
        Serial = "serial",
        /// Hardware address.
        Mac = "mac",
        /// Software product name.
        Product = "product",
        /// Software or firmware version.
        Version = "version",
        /// Number or date of the build of software or firmware.
        Build = "build",
        /// Name of the wireless network.
        Ssid = "ssid",
        /// User names.
        UserName = "user-name",
        /// Keys or other secrets.
        Key = "key",
        /// Credentials.
        Credential = "credential",
        /// Configuration.
        Configuration = "configuration",
        /// Description of the programming interface.
        ApiDescription = "api-description",
        /// State of the product, such as on or off.
        State = "state",
    }
    /// What an external sensing capability senses.
    Sense {
        /// Pictures.
        Optic = "optic",
        /// Sound.
        Acoustic = "acoustic",
        /// Biometric features.
        Biometric = "biometric",
        /// Position.
        Location = "location",
        /// Movement or presence.
        Motion = "motion",
        /// Temperature, humidity, light and the like.
        Environment = "environment",
        /// Electric current, power.
        Electric = "electric",
        /// Radio.
        Radio = "radio",
    }
    /// Whose storage a deletion targets.
    DeletionTarget {
        /// User data on the product.
        Device = "device",
        /// Personal data held by associated services.
        Service = "service",
    }
    /// When a decision comes up.
    Trigger {
        /// During initialization.
        Initialization = "initialization",
        /// During maintenance.
        Maintenance = "maintenance",
        /// When an update is available.
        Update = "update",
        /// When the user opens settings.
        Settings = "settings",
    }
}

facts! {
    /// Facts of an entry of 1-AuthMech.
    AuthMechFacts in "the facts of an AuthMech entry" {
        /// Whom it serves.
        serves: Vec<Subject> = "serves",
        /// What is used to authenticate; several for multi-factor mechanisms.
        factors: Vec<Factor> = "factors",
        /// Where the value comes from.
        origin: Origin = "origin",
        /// The value itself, if it is the same on every unit. Declaring one contradicts a per-device origin.
        fixed_value: String = "fixed-value",
        /// Shortest value that can occur, in characters.
        length: u32 = "length",
        /// Number of different characters each position can take.
        alphabet: u32 = "alphabet",
        /// Whether it is directly addressable over a network interface.
        network: bool = "network",
        /// How the credential is given.
        scheme: AuthScheme = "scheme",
        /// The logical interface (28-LogIntf, or 15-Intf in V2.1.1) it guards.
        interface: Vec<Located<String>> = "interface",
        /// Login path, for HTTP.
        path: String = "path",
        /// States of the product in which the value is accepted.
        states: Vec<State> = "states",
        /// Wrong attempts after which no further attempt is evaluated.
        lockout_after: u32 = "lockout-after",
        /// For how long, in seconds.
        lockout_seconds: u32 = "lockout-seconds",
        /// Whose wrong attempts are counted together.
        lockout_counts: LockoutCount = "lockout-counts",
        /// Other mechanisms with which wrong attempts are counted together.
        counted_with: Vec<Located<String>> = "counted-with",
        /// The secured communication it runs over (11-SecComMech, or 11-ComMech in V2.1.1).
        secured_by: Vec<Located<String>> = "secured-by",
        /// Whether the user can change the value.
        changeable: bool = "changeable",
        /// Random bits of a session identifier.
        session_bits: u32 = "session-bits",
        /// Attributes of the session cookie.
        session_cookie: Vec<CookieAttribute> = "session-cookie",
        /// What ends a session.
        session_ends: Vec<SessionEnd> = "session-ends",
        /// Request that logs out: `POST /api/v1/logout`.
        logout_request: String = "logout-request",
        /// Request by which a user changes the value: `POST /api/v1/password`.
        change_request: String = "change-request",
        /// Its body, with `{user}`, `{old}` and `{new}` in place of the values.
        change_body: String = "change-body",
    }
    /// Facts of 2-UserInfo: where documents and publications are.
    UserInfoFacts in "the facts of UserInfo" {
        /// Vulnerability disclosure policy.
        disclosure_policy_url: String = "disclosure-policy-url",
        /// Support period.
        support_period_url: String = "support-period-url",
        /// The support period as published, to be found on that page.
        support_period_text: String = "support-period-text",
        /// Reason for missing updates.
        non_updatable_url: String = "non-updatable-url",
        /// Replacement plan.
        replacement_url: String = "replacement-url",
        /// External sensing capabilities.
        sensors_url: String = "sensors-url",
        /// Secure set-up.
        secure_setup_url: String = "secure-setup-url",
        /// How to check the set-up.
        setup_check_url: String = "setup-check-url",
        /// How to check the maintained state.
        maintenance_check_url: String = "maintenance-check-url",
        /// Processing of personal data.
        personal_data_url: String = "personal-data-url",
        /// Collection of telemetry.
        telemetry_url: String = "telemetry-url",
        /// Deletion of personal data.
        deletion_url: String = "deletion-url",
        /// Change of authentication values.
        change_url: String = "change-url",
        /// The model designation as printed or shown.
        model: String = "model",
    }
    /// Facts of an entry of 6-SoftComp.
    SoftCompFacts in "the facts of a SoftComp entry" {
        /// Supplier.
        supplier: String = "supplier",
        /// Name as in the SBOM.
        name: String = "name",
        /// Version.
        version: String = "version",
        /// Package URL.
        purl: String = "purl",
        /// Whether it can be updated.
        updatable: bool = "updatable",
        /// Why it is immutable for security, if it is.
        immutable_because: String = "immutable-because",
        /// Whether it uses cryptographic algorithms or primitives.
        cryptography: bool = "cryptography",
        /// Whether side effects of replacing them have been considered.
        side_effects_considered: bool = "side-effects-considered",
    }
    /// Facts of an entry of 7-UpdMech.
    UpdMechFacts in "the facts of an UpdMech entry" {
        /// Whether it performs updates with no user interaction.
        automatic: bool = "automatic",
        /// Whether updates arrive over a network interface.
        network: bool = "network",
        /// The interface through which updates arrive or are fetched.
        interface: Vec<Located<String>> = "interface",
        /// When availability is checked.
        checking: Vec<Checking> = "checking",
        /// Who checks.
        checked_by: Actor = "checked-by",
        /// Who verifies authenticity.
        authenticity_by: Actor = "authenticity-by",
        /// Who verifies integrity.
        integrity_by: Actor = "integrity-by",
        /// Signature algorithm: `ed25519`, `rsa-3072-sha256`.
        signature: String = "signature",
        /// Whether the user can switch automatic installation on.
        user_can_enable: bool = "user-can-enable",
        /// Whether the user can switch it off.
        user_can_disable: bool = "user-can-disable",
        /// Whether the user can postpone installation.
        user_can_postpone: bool = "user-can-postpone",
        /// Whether automatic installation is on in the initialized state.
        on_by_default: bool = "on-by-default",
        /// Whether consent given in initialization enables it.
        consent_enables: bool = "consent-enables",
        /// Whether the user is notified of available updates.
        notifies: bool = "notifies",
        /// Whether the user can switch notifications on.
        notification_can_enable: bool = "notification-can-enable",
        /// Whether the user can switch notifications off.
        notification_can_disable: bool = "notification-can-disable",
        /// Whether the user can postpone notifications.
        notification_can_postpone: bool = "notification-can-postpone",
        /// Whether notifications are on in the initialized state.
        notification_on_by_default: bool = "notification-on-by-default",
        /// How the user learns of disruption.
        disruption_notice: DisruptionNotice = "disruption-notice",
    }
    /// Facts of an entry of 10-SecParam.
    SecParamFacts in "the facts of a SecParam entry" {
        /// Public or critical.
        class: ParameterClass = "class",
        /// What it is used for.
        used_for: Vec<ParameterUse> = "used-for",
        /// Objectives covered while it is stored.
        guarantees: Vec<Guarantee> = "guarantees",
        /// Whether it is a hard-coded identity, unique per device, used for security.
        hard_coded_identity: bool = "hard-coded-identity",
        /// Whether its value stands in software source code.
        in_source_code: bool = "in-source-code",
        /// Whether the value differs per device.
        uniqueness: Uniqueness = "uniqueness",
        /// Where it is stored: `secure element`, `encrypted flash`.
        storage: String = "storage",
        /// Whether it leaves the product through communication.
        communicated: bool = "communicated",
    }
    /// Facts of an entry of 11-SecComMech or 11-ComMech.
    ComMechFacts in "the facts of a communication mechanism" {
        /// What secures it.
        protocol: SecureProtocol = "protocol",
        /// Lowest protocol version that is accepted.
        lowest_version: TlsVersion = "lowest-version",
        /// Cipher suites that are accepted, by IANA name; absent when any of best practice.
        suites: Vec<String> = "suites",
        /// How the peer proves who it is.
        peer_authentication: PeerAuthentication = "peer-authentication",
        /// Whether the product notices that the peer's certificate was revoked, and goes on no further.
        revocation: Revocation = "revocation",
        /// Objectives reached.
        guarantees: Vec<Guarantee> = "guarantees",
        /// The associated service that is the partner, by its id in `assay.toml`.
        service: Located<String> = "service",
        /// Transport of the endpoint.
        transport: Transport = "transport",
        /// Port of the endpoint, on the product or on the partner.
        port: u16 = "port",
        /// Whether it is remotely accessible.
        remote: bool = "remote",
        /// Shortest pause between any two attempts of the product to come back to a partner that is away, in
        /// milliseconds, after the most that chance can take off.
        shortest_pause_millis: u32 = "shortest-pause-millis",
        /// Whether pauses grow from one failed attempt to the next.
        pauses_grow: bool = "pauses-grow",
        /// Whether a part of each pause is random, so that many products do not come back in step.
        pauses_random: bool = "pauses-random",
    }
    /// Facts of an entry of 12-NetSecImpl.
    NetSecImplFacts in "the facts of a NetSecImpl entry" {
        /// Name as the report names it.
        name: String = "name",
        /// Version as the report names it.
        version: String = "version",
        /// Whether it has been reviewed or evaluated.
        reviewed: bool = "reviewed",
        /// Where the report is.
        report_url: String = "report-url",
        /// Logical interfaces where its name or version shows.
        interface: Vec<Located<String>> = "interface",
    }
    /// Facts of an entry of 13-SoftServ.
    SoftServFacts in "the facts of a SoftServ entry" {
        /// Whether it is accessible over a network interface.
        network: bool = "network",
        /// States in which it is accessible.
        states: Vec<State> = "states",
        /// Whether it is enabled in the initialized state.
        status: Status = "status",
        /// Whether it allows security-relevant configuration changes.
        configures: bool = "configures",
        /// Whether it is a network service protocol that the product relies on, such as DHCP.
        relied_upon: bool = "relied-upon",
        /// The logical interface it is offered through.
        interface: Vec<Located<String>> = "interface",
        /// Requests that use it without changing anything: `GET /api/v1/config`.
        read_requests: Vec<Located<String>> = "read-requests",
        /// Requests that change something: `PUT /api/v1/config`.
        write_requests: Vec<Located<String>> = "write-requests",
    }
    /// Facts of an entry of 15-PhyIntf, 28-LogIntf or, in V2.1.1, 15-Intf.
    InterfaceFacts in "the facts of an interface" {
        /// What it is made of.
        kind: InterfaceKind = "kind",
        /// Whether it is a network interface, or reachable over one.
        network: bool = "network",
        /// Whether it is switched on.
        status: Status = "status",
        /// Whether it can serve as a debug interface.
        debug: bool = "debug",
        /// How much exposure it needs.
        exposure: Exposure = "exposure",
        /// Whether it is protected by authentication or access control.
        protected: bool = "protected",
        /// How far it reaches.
        reach: Reach = "reach",
        /// Versions of the Internet Protocol it carries, for a physical network interface; an empty list for none.
        ip: Vec<Located<IpVersion>> = "ip",
        /// Places in the network from which a physical interface is reached, as the bench names them: `lan`,
        /// `access-point`, `wan`.
        places: Vec<Located<String>> = "places",
        /// Transport, for a network service.
        transport: Transport = "transport",
        /// Port, for a network service.
        port: u16 = "port",
        /// Whether it only opens connections to others: nothing answers at the product, so that it has no port there.
        outgoing: bool = "outgoing",
        /// Protocol spoken: `http`, `ssh`, `mqtt`, `coap`.
        protocol: String = "protocol",
        /// Whether it speaks inside TLS.
        tls: bool = "tls",
        /// What it discloses without authentication.
        discloses: Vec<Located<Disclosed>> = "discloses",
        /// Paths that answer without authentication, for HTTP.
        public_paths: Vec<Located<String>> = "public-paths",
    }
    /// Facts of an entry of 21-PersData.
    PersDataFacts in "the facts of a PersData entry" {
        /// Whether it is sensitive.
        sensitive: bool = "sensitive",
        /// Whether its processing rests on consent.
        consent: bool = "consent",
        /// Whether its only purpose is an aggregate.
        aggregate_only: bool = "aggregate-only",
        /// Whether the partner of its communication is an associated service.
        to_service: bool = "to-service",
        /// Associated services that store it.
        stored_by: Vec<Located<String>> = "stored-by",
        /// Regular expressions that tell the data in captured traffic, should it be readable there.
        patterns: Vec<Located<String>> = "patterns",
    }
    /// Facts of an entry of 22-ExtSens.
    ExtSensFacts in "the facts of an ExtSens entry" {
        /// What it senses.
        senses: Vec<Sense> = "senses",
        /// Words by which the user documentation names it.
        documented_as: Vec<Located<String>> = "documented-as",
    }
    /// Facts of an entry of 24-TelData.
    TelDataFacts in "the facts of a TelData entry" {
        /// Whether it is examined for security anomalies.
        examined: bool = "examined",
        /// Associated services that receive it.
        sent_to: Vec<Located<String>> = "sent-to",
    }
    /// Facts of an entry of 25-DelFunc.
    DelFuncFacts in "the facts of a DelFunc entry" {
        /// Whose storage it targets.
        targets: Vec<DeletionTarget> = "targets",
        /// Steps the user has to take.
        user_steps: u32 = "user-steps",
        /// Whether the user is told that the data is deleted.
        confirms: bool = "confirms",
    }
    /// Facts of an entry of 26-UserDec.
    UserDecFacts in "the facts of a UserDec entry" {
        /// When the decision comes up.
        triggered_by: Vec<Trigger> = "triggered-by",
        /// Update mechanisms that it switches on or off.
        mechanism: Vec<Located<String>> = "mechanism",
        /// Whether the default is the secure option.
        secure_default: bool = "secure-default",
    }
    /// Facts of an entry of 27-UserIntf.
    UserIntfFacts in "the facts of a UserIntf entry" {
        /// Whether it is physical or logical.
        kind: InterfaceKind = "kind",
        /// The matching entry of 15-PhyIntf or 28-LogIntf.
        interface: Vec<Located<String>> = "interface",
    }
    /// Facts of an entry of 29-InpVal.
    InpValFacts in "the facts of an InpVal entry" {
        /// Interfaces whose input it validates (27-UserIntf, 28-LogIntf or, in V2.1.1, 15-Intf).
        source: Vec<Located<String>> = "source",
        /// Requests with input: `PUT /api/v1/config`.
        requests: Vec<Located<String>> = "requests",
        /// A well-formed body of those requests, as text: JSON, or what `media` says. `$after.NAME` stands for what the
        /// answer to `after` holds under that name.
        example: String = "example",
        /// Media type of the body: `application/xml`. JSON when absent.
        media: String = "media",
        /// The request that has to come before each of them: `POST /api/v1/timer/begin`.
        after: String = "after",
        /// Whether what came before counts once, so that a second use is refused.
        once: bool = "once",
        /// One good message of a protocol of its own, part by part: `bytes 7e 01`, `length 2`, `number 1 level 0..100 = 50`,
        /// `text name ..32 = plug`, `json = {"cmd":"get"}`, `tlv 07 name = 68 69`. It has to be one that changes nothing.
        frame: Vec<Located<String>> = "frame",
        /// How answers begin that turn such a message away: `ERROR`.
        refusals: Vec<Located<String>> = "refusals",
    }
}

/// The typed facts of an IXIT entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// 1-AuthMech.
    AuthMech(Box<AuthMechFacts>),
    /// 2-UserInfo.
    UserInfo(Box<UserInfoFacts>),
    /// 6-SoftComp.
    SoftComp(Box<SoftCompFacts>),
    /// 7-UpdMech.
    UpdMech(Box<UpdMechFacts>),
    /// 10-SecParam.
    SecParam(Box<SecParamFacts>),
    /// 11-SecComMech or 11-ComMech.
    ComMech(Box<ComMechFacts>),
    /// 12-NetSecImpl.
    NetSecImpl(Box<NetSecImplFacts>),
    /// 13-SoftServ.
    SoftServ(Box<SoftServFacts>),
    /// 15-PhyIntf, 15-Intf or 28-LogIntf.
    Interface(Box<InterfaceFacts>),
    /// 21-PersData.
    PersData(Box<PersDataFacts>),
    /// 22-ExtSens.
    ExtSens(Box<ExtSensFacts>),
    /// 24-TelData.
    TelData(Box<TelDataFacts>),
    /// 25-DelFunc.
    DelFunc(Box<DelFuncFacts>),
    /// 26-UserDec.
    UserDec(Box<UserDecFacts>),
    /// 27-UserIntf.
    UserIntf(Box<UserIntfFacts>),
    /// 29-InpVal.
    InpVal(Box<InpValFacts>),
    /// None declared, or a table for which no facts are defined.
    None,
}

/// Calls a macro with each kind of facts and the tables that carry it.
macro_rules! each_kind {
    ($call:ident) => {
        $call! {
            AuthMech(AuthMechFacts): "AuthMech";
            UserInfo(UserInfoFacts): "UserInfo";
            SoftComp(SoftCompFacts): "SoftComp";
            UpdMech(UpdMechFacts): "UpdMech";
            SecParam(SecParamFacts): "SecParam";
            ComMech(ComMechFacts): "SecComMech", "ComMech";
            NetSecImpl(NetSecImplFacts): "NetSecImpl";
            SoftServ(SoftServFacts): "SoftServ";
            Interface(InterfaceFacts): "PhyIntf", "Intf", "LogIntf";
            PersData(PersDataFacts): "PersData";
            ExtSens(ExtSensFacts): "ExtSens";
            TelData(TelDataFacts): "TelData";
            DelFunc(DelFuncFacts): "DelFunc";
            UserDec(UserDecFacts): "UserDec";
            UserIntf(UserIntfFacts): "UserIntf";
            InpVal(InpValFacts): "InpVal";
        }
    };
}

macro_rules! dispatch {
    ($($variant:ident($type:ident): $($table:literal),+;)*) => {
        impl Facts {
            /// Reads the facts of an entry of the named table; `None` after a note when the table has none.
            pub(crate) fn read(
                table: &str,
                item: &crate::decode::Item<'_>,
                reader: &mut crate::decode::Reader<'_>,
            ) -> Option<Facts> {
                use crate::decode::Decode;
                match table {
                    $($($table)|+ => $type::decode(item, reader).map(|f| Facts::$variant(Box::new(f))),)*
                    _ => {
                        let span = reader.span(item);
                        reader.notes.push(crate::Note::new(
                            "table-without-facts",
                            crate::Severity::Warning,
                            format!("no facts are defined for {table}"),
                            span,
                            "nothing reads this",
                        ));
                        None
                    }
                }
            }

            /// The facts that are given, by key, as they were written and without places.
            pub fn written(&self) -> std::collections::BTreeMap<&'static str, serde_json::Value> {
                match self {
                    $(Facts::$variant(facts) => facts.written(),)*
                    Facts::None => std::collections::BTreeMap::new(),
                }
            }

            /// JSON Schema of the facts of a table; nothing for a table without facts.
            pub fn schema(table: &str) -> Option<serde_json::Value> {
                use crate::decode::Decode;
                match table {
                    $($($table)|+ => Some($type::schema()),)*
                    _ => None,
                }
            }

            /// Keys that the facts of a table may have; empty for a table without facts.
            pub fn keys(table: &str) -> &'static [&'static str] {
                match table {
                    $($($table)|+ => $type::KEYS,)*
                    _ => &[],
                }
            }
        }

        $(impl<'a> TryFrom<&'a Facts> for &'a $type {
            type Error = ();

            fn try_from(facts: &'a Facts) -> Result<Self, ()> {
                match facts {
                    Facts::$variant(facts) => Ok(facts),
                    _ => Err(()),
                }
            }
        })*
    };
}

each_kind!(dispatch);
