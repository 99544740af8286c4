//! The weaknesses the demonstration product can be given, as data: name, provision, summary, how each one shows.
//!
//! Every fault is one small deviation, independent of the others, and seen over the network. What a laboratory
//! concludes from it is not decided here; the provision named is the one the fault was built to offend.

use crate::ports;

/// Where on the product a fault is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// Plain HTTP of the device.
    DeviceHttp,
    /// Web page and API of the device.
    DeviceHttps,
    /// mDNS responder of the device.
    Mdns,
    /// SSDP responder and description document of the device.
    Ssdp,
    /// Camera stream of the device.
    Rtsp,
    /// CoAP provisioning of the device.
    Coap,
    /// A TCP port that is open only because of the fault.
    UndeclaredTcp(u16),
    /// A UDP port that is open only because of the fault.
    UndeclaredUdp(u16),
    /// Web pages and update service of the associated service.
    CloudHttps,
    /// Message broker of the associated service.
    CloudMqtt,
    /// Connections the device opens to the associated service.
    Uplink,
}

/// What is known about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// The fault.
    pub fault: Fault,
    /// Its name in kebab case; stable, written in scenarios and on command lines.
    pub name: &'static str,
    /// The provision it offends first, numbered as in EN 303 645 V2.1.1.
    pub clause: &'static str,
    /// The same provision numbered as in EN 303 645 V3.1.3.
    pub clause_v3: &'static str,
    /// What is wrong, in a sentence.
    pub summary: &'static str,
    /// What a client on the network sees.
    pub shows: &'static str,
    /// Where it is seen.
    pub touches: &'static [Surface],
}

macro_rules! faults {
    ($($variant:ident, $name:literal, $clause:literal / $clause_v3:literal, [$($touch:expr),+],
        $summary:literal, $shows:literal;)+) => {
        /// One weakness of the demonstration product.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $summary] $variant,)+
        }

        /// All faults, in the order of [`Fault`].
        pub const CARDS: &[Card] = &[
            $(Card {
                fault: Fault::$variant,
                name: $name,
                clause: $clause,
                clause_v3: $clause_v3,
                summary: $summary,
                shows: $shows,
                touches: &[$($touch),+],
            },)+
        ];
    };
}

use Surface::{
    CloudHttps, CloudMqtt, Coap, DeviceHttp, DeviceHttps, Mdns, Rtsp, Ssdp, UndeclaredTcp, UndeclaredUdp, Uplink,
};

faults! {
    PasswordDefault, "password-default", "5.1-1" / "5.1-1", [DeviceHttps],
        "Every device accepts the administrator password admin.",
        "POST /api/v1/login with admin/admin answers 200.";
    BackdoorAccount, "backdoor-account", "5.1-1" / "5.1-1", [DeviceHttps],
        "An undocumented administrator account has the same password on every device.",
        "POST /api/v1/login with support/support answers 200.";
    PasswordFromSerial, "password-from-serial", "5.1-2" / "5.1-2", [DeviceHttps],
        "The administrator password follows from the serial number by a simple rule.",
        "POST /api/v1/login with lumen and the last six digits of the serial number answers 200.";
    SessionPredictable, "session-predictable", "5.1-3" / "5.1-3", [DeviceHttps],
        "Session identifiers are counted up.",
        "Two logins in a row get identifiers that differ by one.";
    SessionCookieBare, "session-cookie-bare", "5.1-3" / "5.1-3", [DeviceHttps],
        "The session cookie lacks the attributes HttpOnly, Secure and SameSite.",
        "Set-Cookie of a login carries the name and the value alone.";
    SessionSurvivesLogout, "session-survives-logout", "5.1-3" / "5.1-3", [DeviceHttps],
        "Logging out leaves the session valid.",
        "After POST /api/v1/logout the old cookie still reads /api/v1/info.";
    AlteredSessionAccepted, "altered-session-accepted", "5.5-4" / "5.5-4", [DeviceHttps],
        "Only the first half of a session identifier is looked at.",
        "A cookie whose last characters were changed still reads /api/v1/info.";
    RoleFromCookie, "role-from-cookie", "5.5-5" / "5.5-5", [DeviceHttps],
        "What a session may do is told by a cookie that the client can change.",
        "With lumen_role=admin beside the cookie of a guest session GET /api/v1/config answers 200.";
    HttpLoginPlain, "http-login-plain", "5.1-3" / "5.1-3", [DeviceHttp],
        "The login page is also served, and works, without TLS.",
        "GET / on plain HTTP answers 200 with a password field; POST /login there opens a session.";
    PasswordChangeIgnored, "password-change-ignored", "5.1-4" / "5.1-4", [DeviceHttps],
        "Changing the password is confirmed, but the old password stays valid.",
        "POST /api/v1/password answers 200; a login with the new password answers 401.";
    PasswordChangeMissing, "password-change-missing", "5.1-4" / "5.1-4", [DeviceHttps],
        "There is no function to change the password.",
        "POST /api/v1/password answers 404.";
    SessionSurvivesChange, "session-survives-change", "5.1-3" / "5.1-3", [DeviceHttps],
        "Changing the password leaves the other sessions of the account valid.",
        "After POST /api/v1/password in one session another one still reads /api/v1/info.";
    NoLockout, "no-lockout", "5.1-5" / "5.1-5", [DeviceHttps],
        "Wrong logins are answered without limit.",
        "The tenth wrong login in a row still answers 401.";
    LockoutPerConnection, "lockout-per-connection", "5.1-5" / "5.1-5", [DeviceHttps],
        "Wrong logins are counted per connection, so new or parallel connections bypass the limit.",
        "After a 429 on one connection, a wrong login on a new connection answers 401.";
    LockoutRaced, "lockout-raced", "5.1-5" / "5.1-5", [DeviceHttps, Rtsp],
        "A wrong login is counted only after it was answered for, so logins at the same time slip past the limit.",
        "Of ten wrong logins sent at once on connections of their own, more than five answer 401; the next answers 429.";
    LockoutByForwardedFor, "lockout-by-x-forwarded-for", "5.1-5" / "5.1-5", [DeviceHttps],
        "Wrong logins are counted by the address that X-Forwarded-For claims, so that every guess can come from another.",
        "After a 429 a wrong login with another X-Forwarded-For answers 401.";
    LockoutPerDoor, "lockout-per-door", "5.1-5" / "5.1-5", [DeviceHttps, Rtsp],
        "Wrong logins at the camera stream are counted apart from those at the web page, for the same password.",
        "After a 429 of the web page a wrong answer to the challenge of the stream is refused with 401.";
    LockoutResetByAnyLogin, "lockout-reset-by-any-login", "5.1-5" / "5.1-5", [DeviceHttps],
        "A successful guest login clears the count of wrong administrator logins.",
        "Four wrong administrator logins and one guest login, repeated, never answer 429.";

    ConfigUnauthenticated, "config-unauthenticated", "5.5-5" / "5.5-5", [DeviceHttps],
        "The security-relevant configuration can be changed without authentication.",
        "PUT /api/v1/config without a session answers 200.";
    GuestCanConfigure, "guest-can-configure", "5.5-5" / "5.5-5", [DeviceHttps],
        "The guest account, meant for reading, can change the configuration.",
        "PUT /api/v1/config with a guest session answers 200.";
    LoginEmptyPassword, "login-empty-password", "5.5-5" / "5.5-5", [DeviceHttps],
        "An empty password opens an administrator session.",
        "POST /api/v1/login for admin with an empty password answers 200.";
    ConfigCrossSite, "config-cross-site", "5.5-5" / "5.5-5", [DeviceHttps],
        "A foreign web page can make the browser of the administrator change the configuration.",
        "PUT /api/v1/config with a foreign Origin and a form content type answers 200.";
    CoapOpen, "coap-open", "5.5-5" / "5.5-5", [Coap],
        "Provisioning stays open after initialization and asks for no password.",
        "CoAP GET /provision answers 2.05, PUT answers 2.04.";
    StateUnauthenticated, "state-unauthenticated", "5.5-4" / "5.5-4", [DeviceHttps],
        "The relay can be read and switched without authentication.",
        "GET and PUT /api/v1/state without a session answer 200.";
    UserdataUnauthenticated, "userdata-unauthenticated", "5.5-4" / "5.5-4", [DeviceHttps],
        "The data of the user can be read without authentication.",
        "GET /api/v1/userdata without a session answers 200.";
    RtspOpen, "rtsp-open", "5.5-4" / "5.5-4", [Rtsp],
        "The camera stream is described and played without authentication.",
        "DESCRIBE without credentials answers 200 with a session description.";

    TelnetOpen, "telnet-open", "5.6-1" / "5.6-1", [UndeclaredTcp(ports::TELNET)],
        "An undeclared Telnet service asks for a login.",
        "The port accepts a connection and sends a login prompt.";
    TelnetRootShell, "telnet-root-shell", "5.6-1" / "5.6-1", [UndeclaredTcp(ports::TELNET)],
        "An undeclared Telnet service gives a root shell without a password.",
        "The port sends a shell prompt; the command id answers uid=0.";
    FtpAnonymous, "ftp-anonymous", "5.6-1" / "5.6-1", [UndeclaredTcp(ports::FTP)],
        "An undeclared FTP service accepts the user anonymous.",
        "USER anonymous and any PASS answer 230.";
    DebugPortOpen, "debug-port-open", "5.6-1" / "5.6-4A", [UndeclaredTcp(ports::DEBUG)],
        "A debug console was left open on the network.",
        "The port sends a console banner and answers commands.";
    MqttBrokerOpen, "mqtt-broker-open", "5.6-1" / "5.6-1", [UndeclaredTcp(ports::BROKER)],
        "The device runs an undeclared message broker without authentication or TLS.",
        "CONNECT without credentials is answered with return code 0.";
    SnmpPublic, "snmp-public", "5.6-1" / "5.6-1", [UndeclaredUdp(ports::SNMP)],
        "An undeclared SNMP agent answers the community public.",
        "GET of sysDescr with the community public is answered with name and version.";
    TftpOpen, "tftp-open", "5.6-1" / "5.6-1", [UndeclaredUdp(ports::TFTP)],
        "An undeclared TFTP service hands out files.",
        "A read request is answered with a data block.";

    WsDiscoveryOpen, "ws-discovery-open", "5.6-1" / "5.6-1", [UndeclaredUdp(ports::WS_DISCOVERY)],
        "An undeclared responder to WS-Discovery tells model, name and hardware address.",
        "A Probe is answered with a ProbeMatch.";
    SnmpBeforeSetup, "snmp-before-setup", "5.6-1" / "5.6-1", [UndeclaredUdp(ports::SNMP)],
        "Until the device is set up, an undeclared SNMP agent answers the community public.",
        "In factory default GET of sysDescr is answered; in use nothing comes back.";
    RtspIsBroker, "rtsp-is-broker", "5.6-1" / "5.6-1", [Rtsp],
        "A message broker without authentication listens where the camera stream is declared.",
        "CONNECT at the port of the stream is answered with return code 0; RTSP is not spoken there.";
    SsdpMissing, "ssdp-missing", "5.6-1" / "5.6-1", [Ssdp],
        "The declared SSDP responder is not there.",
        "The port refuses every search.";
    ConfigOpenBeforeSetup, "config-open-before-setup", "5.5-5" / "5.5-5", [DeviceHttps],
        "Until the device is set up, its configuration can be changed without authentication.",
        "In factory default PUT /api/v1/config without a session answers 200; in use it answers 401.";
    CoapLeaksSerial, "coap-leaks-serial", "5.6-2" / "5.6-2", [Coap],
        "A resource of the CoAP server tells serial number and hardware address to everybody.",
        "GET /about answers 2.05 with these values.";

    InfoDisclosureStatus, "info-disclosure-status", "5.6-2" / "5.6-2", [DeviceHttps],
        "A status page tells network name, MAC address and serial number without authentication.",
        "GET /status answers 200 with these values.";
    OpenapiPublic, "openapi-public", "5.6-2" / "5.6-2", [DeviceHttps],
        "The description of the interface is readable without authentication.",
        "GET /api/v1/openapi.json without a session answers 200.";
    ServerBanner, "server-banner", "5.6-2" / "5.6-2", [DeviceHttp, DeviceHttps],
        "Every answer names the web server and its version.",
        "The header Server is present.";
    MdnsLeaksSerial, "mdns-leaks-serial", "5.6-2" / "5.6-2", [Mdns],
        "The service announcement carries serial number, MAC address and software version.",
        "The TXT record has the keys serial, mac and fw.";
    SsdpLeaksSerial, "ssdp-leaks-serial", "5.6-2" / "5.6-2", [Ssdp],
        "The discovery answer and the description document carry serial number and software version.",
        "SERVER names versions, the document has a serialNumber.";

    ConfigBackupPublic, "config-backup-public", "5.5-7" / "5.5-7", [DeviceHttps],
        "A backup of the configuration, with the wireless key, is readable without authentication.",
        "GET /backup.cfg answers 200 with wifi_key.";
    Tls10, "tls-1.0", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device still negotiates TLS 1.0.",
        "A ClientHello of at most TLS 1.0 is answered with a ServerHello of version 3.1.";
    Tls11, "tls-1.1", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device still negotiates TLS 1.1.",
        "A ClientHello of at most TLS 1.1 is answered with a ServerHello of version 3.2.";
    TlsSslv3, "tls-sslv3", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device still negotiates SSL 3.0.",
        "A ClientHello of version 3.0 is answered with a ServerHello of version 3.0.";
    TlsRc4, "tls-rc4", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts RC4 cipher suites.",
        "A ClientHello offering RC4 alone is answered with a ServerHello.";
    TlsNull, "tls-null", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts cipher suites without encryption.",
        "A ClientHello offering NULL suites alone is answered with a ServerHello.";
    TlsExport, "tls-export", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts export cipher suites.",
        "A ClientHello offering export suites alone is answered with a ServerHello.";
    TlsAnon, "tls-anon", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts key exchange without a certificate.",
        "A ClientHello offering anonymous suites alone is answered with a ServerHello.";
    TlsWeakKey, "tls-weak-key", "5.5-1" / "5.5-1", [DeviceHttps],
        "For clients up to TLS 1.2 the device uses a certificate with an RSA key of 1024 bits.",
        "The Certificate message answering a TLS 1.2 offer with RSA suites holds that key.";
    TlsExpiredCert, "tls-expired-cert", "5.5-1" / "5.5-1", [DeviceHttps],
        "The certificate of the device has expired.",
        "notAfter of the certificate lies in the past.";

    TlsCompression, "tls-compression", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device compresses inside TLS.",
        "A TLS 1.2 ClientHello offering DEFLATE is answered with compression method 1.";
    TlsNoSecureRenegotiation, "tls-no-secure-renegotiation", "5.5-1" / "5.5-1", [DeviceHttps],
        "Up to TLS 1.2 the device does not indicate secure renegotiation.",
        "The ServerHello of TLS 1.2 lacks the extension renegotiation_info.";
    TlsNoSentinel, "tls-no-sentinel", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device speaks TLS 1.3 and does not mark that it was held down to TLS 1.2.",
        "The random bytes of the ServerHello of TLS 1.2 do not end in the downgrade sentinel.";
    TlsShortDh, "tls-short-dh", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts ephemeral Diffie-Hellman with a prime of 1024 bits.",
        "The ServerKeyExchange answering an offer of DHE suites alone holds that prime.";
    TlsSha1Cert, "tls-sha1-cert", "5.5-1" / "5.5-1", [DeviceHttps],
        "For clients up to TLS 1.2 the device uses a certificate signed with SHA-1.",
        "The Certificate message answering a TLS 1.2 offer with RSA suites holds that signature.";
    Tls3des, "tls-3des", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts 3DES.",
        "A ClientHello offering TLS_RSA_WITH_3DES_EDE_CBC_SHA alone is answered with a ServerHello.";
    TlsStaticRsa, "tls-static-rsa", "5.5-1" / "5.5-1", [DeviceHttps],
        "The device accepts suites without forward secrecy.",
        "A ClientHello offering RSA key exchange alone is answered with a ServerHello.";

    CloudTls10, "cloud-tls-1.0", "5.8-2" / "5.8-2", [CloudHttps, CloudMqtt],
        "The associated service still negotiates TLS 1.0.",
        "A ClientHello of at most TLS 1.0 is answered with a ServerHello of version 3.1.";
    CloudTlsRc4, "cloud-tls-rc4", "5.8-2" / "5.8-2", [CloudHttps, CloudMqtt],
        "The associated service accepts RC4 cipher suites.",
        "A ClientHello offering RC4 alone is answered with a ServerHello.";
    CloudTlsCompression, "cloud-tls-compression", "5.8-2" / "5.8-2", [CloudHttps, CloudMqtt],
        "The associated service compresses inside TLS.",
        "A TLS 1.2 ClientHello offering DEFLATE is answered with compression method 1.";
    CloudBrokerOpen, "cloud-broker-open", "5.8-2" / "5.8-2", [CloudMqtt],
        "The broker of the associated service lets anybody read the data of the device.",
        "CONNECT without client certificate is answered with return code 0; SUBSCRIBE # yields telemetry.";
    TelemetryPlain, "telemetry-plain", "5.8-1" / "5.8-1", [Uplink, UndeclaredTcp(ports::CLOUD_MQTT_PLAIN)],
        "The device sends its telemetry without TLS.",
        "Traffic to the associated service is readable MQTT.";
    UplinkAnyCertificate, "uplink-any-certificate", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device takes any certificate for that of the associated service.",
        "MQTT CONNECT is sent to a server with a certificate that signed itself.";
    UplinkUnknownAuthority, "uplink-unknown-authority", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device does not ask which authority issued the certificate.",
        "MQTT CONNECT is sent to a server with a sound chain of an authority that nobody trusts.";
    UplinkWrongHost, "uplink-wrong-host", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device does not compare the name in the certificate.",
        "MQTT CONNECT is sent to a server with a trusted certificate for another name.";
    UplinkExpired, "uplink-expired", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device does not look at the end of a certificate.",
        "MQTT CONNECT is sent to a server whose trusted certificate has expired.";
    UplinkLeafAsAuthority, "uplink-leaf-as-authority", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device lets any trusted certificate issue further ones.",
        "MQTT CONNECT is sent to a server whose certificate another server's certificate signed.";
    UplinkTls10, "uplink-tls-1.0", "5.5-1" / "5.5-1", [Uplink],
        "For its telemetry the device goes down to TLS 1.0 when the service offers nothing newer.",
        "After a ServerHello of TLS 1.1 or less it comes again with TLS 1.0 and sends its key exchange.";
    UplinkPlainFallback, "uplink-plain-fallback", "5.8-1" / "5.8-1", [Uplink],
        "When TLS fails the device sends its telemetry in clear.",
        "After a refused handshake MQTT CONNECT comes to the port beside, readable.";
    UpdateAnyCertificate, "update-any-certificate", "5.5-1" / "5.5-1", [Uplink],
        "The update client takes any certificate for that of the update service.",
        "GET /updates/manifest.json is sent to a server with a certificate that signed itself.";
    UpdateWrongHost, "update-wrong-host", "5.5-1" / "5.5-1", [Uplink],
        "The update client does not compare the name in the certificate.",
        "GET /updates/manifest.json is sent to a server with a trusted certificate for another name.";
    ReconnectStorm, "reconnect-storm", "5.9-3" / "5.9-3", [Uplink],
        "While the associated service is out of order, the device reconnects without waiting longer each time.",
        "Dozens of connection attempts a second reach the associated service.";
    ReconnectInStep, "reconnect-in-step", "5.9-3" / "5.9-3", [Uplink],
        "The pauses of the device after an outage are the same for every device and every outage.",
        "Two outages of the associated service show the same pauses to the millisecond.";
    ReconnectFlat, "reconnect-flat", "5.9-3" / "5.9-3", [Uplink],
        "The pauses of the device do not grow while the associated service is out of order.",
        "Attempts come at the same rate after ten failures as after one.";
    UplinkCredentialPlain, "uplink-credential-plain", "5.5-7" / "5.5-7", [Uplink, UndeclaredTcp(ports::CLOUD_MQTT_PLAIN)],
        "The device logs in at the broker of the associated service with a password and without TLS.",
        "Traffic to the associated service holds a readable CONNECT with user name and password.";
    PersonalDataPlain, "personal-data-plain", "5.8-1" / "5.8-1", [Uplink, UndeclaredTcp(ports::CLOUD_HTTP_PLAIN)],
        "Beside its telemetry the device sends the same values to the associated service in clear.",
        "Traffic to the associated service holds a readable POST with serial number and power.";
    UpdateCheckPlain, "update-check-plain", "5.5-1" / "5.5-1", [Uplink, UndeclaredTcp(ports::CLOUD_HTTP_PLAIN)],
        "The device fetches the manifest of updates without TLS.",
        "Traffic to the associated service holds a readable GET of the manifest.";
    DestinationUndeclared, "destination-undeclared", "5.6-1" / "5.6-1", [Uplink],
        "The device reports to somebody who is nowhere declared.",
        "Traffic of the device goes to an address that is not the associated service's.";
    DnsUndeclared, "dns-undeclared", "5.6-1" / "5.6-1", [Uplink],
        "The device asks a name server, and no declared interface does.",
        "Traffic of the device holds a DNS question.";
    NtpUndeclared, "ntp-undeclared", "5.6-1" / "5.6-1", [Uplink],
        "The device asks a time server, and no declared interface does.",
        "Traffic of the device holds an NTP request.";

    PolicyBehindLogin, "policy-behind-login", "5.2-1" / "5.2-1", [CloudHttps],
        "The vulnerability disclosure policy is shown only after a login.",
        "GET /security/disclosure-policy is redirected to /login.";
    PolicyMissing, "policy-missing", "5.2-1" / "5.2-1", [CloudHttps],
        "There is no vulnerability disclosure policy.",
        "GET /security/disclosure-policy answers 404.";
    PolicyWithoutTimelines, "policy-without-timelines", "5.2-1" / "5.2-1", [CloudHttps],
        "The vulnerability disclosure policy promises no times.",
        "The page names a contact and no days.";
    SupportPeriodBehindLogin, "support-period-behind-login", "5.3-13" / "5.3-13", [CloudHttps],
        "The support period is shown only after a login.",
        "GET /support-period is redirected to /login.";
    SupportPeriodUndated, "support-period-undated", "5.3-13" / "5.3-13", [CloudHttps],
        "The support period has no end date.",
        "The page names no date.";
    SensorsDocMissing, "sensors-doc-missing", "5.8-3" / "5.8-3", [CloudHttps],
        "The sensing capabilities are not documented.",
        "GET /docs/sensors answers 404.";
    SecureSetupMissing, "secure-setup-missing", "5.12-2" / "5.12-2", [CloudHttps],
        "There is no guidance on secure set-up.",
        "GET /docs/secure-setup answers 404.";
    PrivacyMissing, "privacy-missing", "6-1" / "6-1", [CloudHttps],
        "There is no information on the personal data processed.",
        "GET /privacy answers 404.";

    InputOversizeCrash, "input-oversize-crash", "5.13-1" / "5.13-1B", [DeviceHttps],
        "An oversized message crashes the web service for a second.",
        "A JSON body above 4096 bytes drops the connection; then every request answers 503.";
    InputTypeConfusion, "input-type-confusion", "5.13-1" / "5.13-1B", [DeviceHttps],
        "A value of an unexpected type raises an internal error that is shown to the client.",
        "A number in place of a text answers 500 with a stack trace.";
    InputReflected, "input-reflected", "5.13-1" / "5.13-1A", [DeviceHttps],
        "The login page repeats its input unescaped.",
        "GET /?user=<b>x</b> repeats the markup as it came.";
    InputCommandInjection, "input-command-injection", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The time server field is handed to a command line.",
        "An expr command inside ntp_server is computed and its result returned.";
    PathTraversal, "path-traversal", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The name of a file to download may leave its folder.",
        "GET /files?name=../../etc/shadow answers 200 with password hashes.";

    InputRangeIgnored, "input-range-ignored", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The minutes of the timer are stored whatever the number.",
        "POST /api/v1/timer with 99999 minutes answers 200 and stores it.";
    InputNestingCrash, "input-nesting-crash", "5.13-1" / "5.13-1B", [DeviceHttps],
        "A message nested deeper than a hundred brackets crashes the web service for a second.",
        "Such a JSON body drops the connection; then every request answers 503.";
    InputDuplicateError, "input-duplicate-error", "5.13-1" / "5.13-1B", [DeviceHttps],
        "A name that stands twice in a message raises an internal error.",
        "A JSON body with a field twice answers 500.";
    InputTextError, "input-text-error", "5.13-1" / "5.13-1B", [DeviceHttps],
        "Bytes that are no UTF-8 raise an internal error.",
        "A JSON body with such bytes answers 500.";
    InputTemplate, "input-template", "5.13-1" / "5.13-1A", [DeviceHttps],
        "The name in the greeting is put through a template.",
        "GET /?user={{7*191}} greets 1337.";
    InputHeaderSplit, "input-header-split", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The name of a file that is not there is repeated in a header with its line ends.",
        "GET /files?name=x%0d%0aA:%20b answers with the header A.";
    InputQuery, "input-query", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The name of a file becomes part of a question to a database.",
        "GET /files?name=manual.txt' AND '1'='1 answers as manual.txt does, with '1'='2 with 404.";
    InputBlindCommand, "input-blind-command", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The time server field is handed to a command line whose output is lost.",
        "A sleep of two seconds inside ntp_server delays the answer by two seconds.";
    InputEntity, "input-entity", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The schedule may refer to entities outside its message.",
        "PUT /api/v1/schedule with an entity of file:///etc/passwd answers with the list of accounts.";
    InputUndeclared, "input-undeclared", "5.13-1" / "5.13-1B", [DeviceHttps],
        "A request that is described to administrators, and declared nowhere, fails where its number is none.",
        "GET /api/v1/history?day=assay answers 500 in a session of an administrator.";
    TicketReused, "ticket-reused", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The ticket of the timer stays valid after its use.",
        "POST /api/v1/timer with a used ticket answers 200.";
    TicketIgnored, "ticket-ignored", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The timer is set without a ticket that was given before.",
        "POST /api/v1/timer with an invented ticket answers 200.";
    GuardByPath, "guard-by-path", "5.13-1" / "5.13-1B", [DeviceHttps],
        "The guard compares paths as they are written, the functions behind it decode them.",
        "GET /%61pi/v1/config answers 200 without a session.";
    CoapOversizeCrash, "coap-oversize-crash", "5.13-1" / "5.13-1B", [Coap],
        "A CoAP payload above 1,024 bytes silences the service for a second.",
        "After such a datagram no question is answered for a second.";
    CoapOptionPassed, "coap-option-passed", "5.13-1" / "5.13-1B", [Coap],
        "Critical CoAP options that are not known are passed over.",
        "GET /.well-known/core with option 65001 answers 2.05.";

    UpdateUploadOpen, "update-upload-open", "5.3-10" / "5.3-10", [DeviceHttps],
        "An undeclared update mechanism takes any image without authentication.",
        "POST /firmware answers 202 and the software version changes.";
    UpdateUnverified, "update-unverified", "5.3-10" / "5.3-10", [DeviceHttps, Uplink],
        "The update client installs an image whose signature and digest are wrong.",
        "POST /api/v1/update installs while the update service offers a changed image.";
    UpdateRollbackAccepted, "update-rollback-accepted", "5.3-2" / "5.3-2", [DeviceHttps, Uplink],
        "The update client installs an older version.",
        "POST /api/v1/update installs while the update service offers an old version.";
    UserdataKept, "userdata-kept", "5.11-1" / "5.11-1", [DeviceHttps],
        "Erasing the data of the user is confirmed but does nothing.",
        "After DELETE /api/v1/userdata the records are still there.";
    ResetKeepsUserdata, "reset-keeps-userdata", "5.11-1" / "5.11-1", [DeviceHttps],
        "The factory reset keeps the data of the user.",
        "After POST /api/v1/reset the records are still there.";
}

impl Fault {
    /// What is known about this fault.
    pub fn card(self) -> &'static Card {
        &CARDS[self as usize]
    }

    /// The name in kebab case.
    pub fn name(self) -> &'static str {
        self.card().name
    }

    /// The fault of this exact name.
    pub fn named(name: &str) -> Option<Self> {
        CARDS.iter().find(|card| card.name == name).map(|card| card.fault)
    }

    /// All faults, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        CARDS.iter().map(|card| card.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_stands_at_the_place_of_its_fault_and_names_are_unique() {
        for (index, card) in CARDS.iter().enumerate() {
            assert_eq!(card.fault as usize, index);
            assert_eq!(Fault::named(card.name), Some(card.fault));
            assert!(card.summary.ends_with('.') && card.shows.ends_with('.'), "{}", card.name);
        }
    }
}
