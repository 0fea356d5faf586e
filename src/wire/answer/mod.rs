//! The gate's answer: twelve published fields in their published order, as JSON bytes.
//!
//! | # | field | value |
//! |---|---|---|
//! | 1-4 | `allow`, `decision`, `reason`, `blocked_by` | the verdict, gates in gate order |
//! | 5-6 | `audit_id`, `evaluation_id` | numbers, null when nothing is on record |
//! | 7-10 | `account_id`, `tenant_id`, `channel`, `source_system` | the caller's spelling; the credential's tenant |
//! | 11-12 | `next_allowed_at`, `expires_at` | RFC 3339, `Z`, whole seconds, or null |
//!
//! With explain follow `use_by`, `gates` and `flags` (rules that would block if they were enforced), in
//! a batch `use_by`; with an error follows `error`. Written by hand: a
//! quarter of the time of a general serialiser, and the field order cannot change by accident.

use super::intent::Echo;
use super::json_text::{push_number, push_string};
use crate::domain::rules::RuleText;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Finding, Findings, Gate};

/// A decision on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What the gates found; nothing blocking is ALLOW.
    pub findings: Findings,
    /// The row's position in the tenant's chain.
    pub audit_id: Option<u64>,
    /// Count of the tenant's evaluations.
    pub evaluation_id: Option<u64>,
    /// When to ask again.
    pub next_allowed_at: Option<UnixSeconds>,
    /// Until when the record counts as fresh.
    pub expires_at: UnixSeconds,
    /// Until when an ALLOW may be used.
    pub use_by: UnixSeconds,
    /// Tells the pack that decided: rule numbers mean its rules.
    pub law: u64,
}

impl Decision {
    /// Whether the contact may be made.
    pub fn allow(&self) -> bool {
        self.findings.allow()
    }
}

/// Why there is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Machine code.
    pub code: &'static str,
    /// Field or header at fault.
    pub field: Option<&'static str>,
    /// One sentence, the same for every occurrence of the code.
    pub message: &'static str,
}

/// Bytes most answers fit in, so that writing one allocates once.
const USUAL_BYTES: usize = 512;

/// What an answer tells beyond the twelve fields.
#[derive(Debug, Clone, Copy)]
pub enum Beyond<'t> {
    /// Nothing.
    Nothing,
    /// `use_by`, for answers that have no header of their own.
    UseBy,
    /// `use_by` and every gate; the texts of the pack's rules in order of number.
    Gates(&'t [RuleText]),
}

/// The answer to a decided request. `explain` is the texts of the pack's rules in
/// order of number.
pub fn decision(
    tenant: &str,
    echo: &Echo,
    decision: &Decision,
    explain: Option<&[RuleText]>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    let beyond = explain.map_or(Beyond::Nothing, Beyond::Gates);
    push_decision(&mut out, tenant, echo, decision, beyond);
    out
}

/// Appends the answer to a decided request.
pub fn push_decision(
    out: &mut Vec<u8>,
    tenant: &str,
    echo: &Echo,
    decision: &Decision,
    beyond: Beyond<'_>,
) {
    verdict(out, &decision.findings);
    out.extend_from_slice(b",\"audit_id\":");
    optional_number(out, decision.audit_id);
    out.extend_from_slice(b",\"evaluation_id\":");
    optional_number(out, decision.evaluation_id);
    names(out, Some(tenant), Some(echo));
    out.extend_from_slice(b",\"next_allowed_at\":");
    optional_instant(out, decision.next_allowed_at);
    out.extend_from_slice(b",\"expires_at\":");
    instant(out, decision.expires_at);
    if !matches!(beyond, Beyond::Nothing) {
        out.extend_from_slice(b",\"use_by\":");
        let use_by = decision.allow().then_some(decision.use_by);
        optional_instant(out, use_by);
    }
    if let Beyond::Gates(texts) = beyond {
        out.extend_from_slice(b",\"gates\":");
        push_gates(out, &decision.findings, texts);
        out.extend_from_slice(b",\"flags\":");
        push_flags(out, &decision.findings, texts);
    }
    out.push(b'}');
}

/// The answer when there is no decision: never an ALLOW. `tenant` and `echo` as far as known.
pub fn system_error(
    tenant: Option<&str>,
    echo: Option<&Echo>,
    fault: &Fault,
    request_id: &str,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    push_system_error(&mut out, tenant, echo, fault, request_id);
    out
}

/// Appends the answer when there is no decision.
pub fn push_system_error(
    out: &mut Vec<u8>,
    tenant: Option<&str>,
    echo: Option<&Echo>,
    fault: &Fault,
    request_id: &str,
) {
    out.extend_from_slice(b"{\"allow\":false,\"decision\":\"BLOCK\",");
    out.extend_from_slice(b"\"reason\":\"Blocked by: SYSTEM_ERROR\",");
    out.extend_from_slice(b"\"blocked_by\":[\"SYSTEM_ERROR\"],");
    out.extend_from_slice(b"\"audit_id\":null,\"evaluation_id\":null");
    names(out, tenant, echo);
    out.extend_from_slice(b",\"next_allowed_at\":null,\"expires_at\":null,\"error\":{\"code\":");
    push_string(out, fault.code);
    out.extend_from_slice(b",\"field\":");
    optional_string(out, fault.field);
    out.extend_from_slice(b",\"message\":");
    push_string(out, fault.message);
    out.extend_from_slice(b",\"request_id\":");
    push_string(out, request_id);
    out.extend_from_slice(b"}}");
}

/// Appends the same as the answer to a line of a stream: `error` also says which line, from 1.
pub fn push_line_error(
    out: &mut Vec<u8>,
    tenant: Option<&str>,
    echo: Option<&Echo>,
    fault: &Fault,
    (request_id, line): (&str, u64),
) {
    push_system_error(out, tenant, echo, fault, request_id);
    // Within the two braces that end it.
    out.truncate(out.len().saturating_sub(2));
    out.extend_from_slice(b",\"line\":");
    push_number(out, line);
    out.extend_from_slice(b"}}");
}

fn verdict(out: &mut Vec<u8>, findings: &Findings) {
    if findings.allow() {
        out.extend_from_slice(b"{\"allow\":true,\"decision\":\"ALLOW\",");
        out.extend_from_slice(b"\"reason\":\"Allowed\",\"blocked_by\":[]");
        return;
    }
    let blocking = || Gate::ALL.iter().filter(|gate| findings.blocks(**gate));
    out.extend_from_slice(b"{\"allow\":false,\"decision\":\"BLOCK\",\"reason\":\"Blocked by: ");
    for (n, gate) in blocking().enumerate() {
        out.extend_from_slice(if n == 0 { b"" } else { b", " });
        out.extend_from_slice(gate.as_str().as_bytes());
    }
    out.extend_from_slice(b"\",\"blocked_by\":[");
    for (n, gate) in blocking().enumerate() {
        out.extend_from_slice(if n == 0 { b"\"" } else { b",\"" });
        out.extend_from_slice(gate.as_str().as_bytes());
        out.push(b'"');
    }
    out.push(b']');
}

fn names(out: &mut Vec<u8>, tenant: Option<&str>, echo: Option<&Echo>) {
    out.extend_from_slice(b",\"account_id\":");
    optional_string(out, echo.map(Echo::account_id));
    out.extend_from_slice(b",\"tenant_id\":");
    optional_string(out, tenant);
    out.extend_from_slice(b",\"channel\":");
    optional_string(out, echo.map(Echo::channel));
    out.extend_from_slice(b",\"source_system\":");
    optional_string(out, echo.map(Echo::source_system));
}

fn optional_string(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

fn optional_number(out: &mut Vec<u8>, number: Option<u64>) {
    match number {
        Some(number) => push_number(out, number),
        None => out.extend_from_slice(b"null"),
    }
}

fn instant(out: &mut Vec<u8>, instant: UnixSeconds) {
    out.push(b'"');
    out.extend_from_slice(instant.rfc3339().as_str().as_bytes());
    out.push(b'"');
}

fn optional_instant(out: &mut Vec<u8>, at: Option<UnixSeconds>) {
    match at {
        Some(at) => instant(out, at),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the list of all twelve gates with what each found. `texts` are the pack's rules in order
/// of number.
pub fn push_gates(out: &mut Vec<u8>, findings: &Findings, texts: &[RuleText]) {
    out.push(b'[');
    for (n, gate) in Gate::ALL.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        gate_outcome(out, *gate, findings, texts);
    }
    out.push(b']');
}

/// Appends the list of rules that would block if they were enforced.
pub fn push_flags(out: &mut Vec<u8>, findings: &Findings, texts: &[RuleText]) {
    out.push(b'[');
    let known = findings.flags().iter();
    let known = known.filter_map(|no| texts.get(usize::from(no.0)));
    for (n, rule) in known.enumerate() {
        out.extend_from_slice(if n == 0 {
            b"{\"rule\":"
        } else {
            b",{\"rule\":"
        });
        push_string(out, &rule.id);
        out.extend_from_slice(b",\"gate\":");
        optional_string(out, rule.gate.map(Gate::as_str));
        out.extend_from_slice(b",\"sentence\":");
        push_string(out, &rule.sentence);
        out.extend_from_slice(b",\"citation\":");
        push_string(out, &rule.citation);
        out.push(b'}');
    }
    out.push(b']');
}

fn gate_outcome(out: &mut Vec<u8>, gate: Gate, findings: &Findings, texts: &[RuleText]) {
    let outcome = if findings.blocks(gate) {
        "block"
    } else if findings.evaluated_bits() & gate.bit() != 0 {
        "pass"
    } else {
        "not_evaluated"
    };
    let found = || findings.list().iter().filter(|f| f.code.gate() == gate);
    out.extend_from_slice(b"{\"gate\":");
    push_string(out, gate.as_str());
    out.extend_from_slice(b",\"ordinal\":");
    push_number(out, u64::from(gate.ordinal()));
    out.extend_from_slice(b",\"outcome\":");
    push_string(out, outcome);
    out.extend_from_slice(b",\"code\":");
    optional_string(out, found().next().map(|f| f.code.as_str()));
    out.extend_from_slice(b",\"codes\":[");
    for (n, finding) in found().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        reason(out, *finding, texts);
    }
    out.extend_from_slice(b"]}");
}

/// One code with its text: the pack's where a rule of the pack stands behind it.
fn reason(out: &mut Vec<u8>, finding: Finding, texts: &[RuleText]) {
    let rule = texts.get(usize::from(finding.rule.0));
    let own = finding.code.text();
    out.extend_from_slice(b"{\"code\":");
    push_string(out, finding.code.as_str());
    out.extend_from_slice(b",\"sentence\":");
    push_string(out, rule.map_or(own.sentence, |rule| &rule.sentence));
    out.extend_from_slice(b",\"citation\":");
    push_string(out, rule.map_or(own.source, |rule| &rule.citation));
    out.extend_from_slice(b",\"rule\":");
    optional_string(out, rule.map(|rule| &*rule.id));
    out.push(b'}');
}

#[cfg(test)]
mod tests;
