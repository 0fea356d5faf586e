//! The report: what was proved of every route.

use std::fmt::Write as _;

use crate::rows::Row;

/// Whether an answer has the shape its system documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing is documented.
    Undocumented,
    /// It has.
    Matched,
    /// It has not.
    Differs(String),
    /// No call of it gets there.
    Denied,
}

/// What was found of one route.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) row: Row,
    /// Routing, auth and class; or what was wrong.
    pub(crate) routed: Result<(), String>,
    pub(crate) shape: Shape,
}

/// The page.
pub(crate) fn page(findings: &[Finding]) -> String {
    let mut page = String::from(
        "# What is proved of every route\n\n\
         Written by `cargo test --test contract`, which calls every documented route of the three systems through a\n\
         running gateway, and held against this page by it.\n\n\
         - **Routed**: the request arrived at a recording system byte for byte (method, path, query, body), once, with the credential\n\
         \x20 the tenant's binding asks for; without a credential, with another tenant's, or without a needed scope nothing arrived. By class:\n\
         \x20 `hot` is answered here and never arrives; `guarded` arrives on ALLOW and not on BLOCK; `guarded` and `tapped` are held\n\
         \x20 whole and refused beyond the limit, `upload` passes at twice that size; `denied` never arrives.\n\
         - **Shape**: the answer that came through the gateway has every field the system's documents show, each of its kind: the\n\
         \x20 sandbox's answer, or for `hot` routes the gateway's own. `-`: the documents show no answer of success.\n\n",
    );
    let (mut routed, mut documented, mut matched) = (0, 0, 0);
    for finding in findings {
        routed += usize::from(finding.routed.is_ok());
        documented += usize::from(finding.shape != Shape::Undocumented);
        matched += usize::from(finding.shape == Shape::Matched);
    }
    let all = findings.len();
    let _ = writeln!(
        page,
        "Routed: {routed} of {all}. Shape: {matched} of the {documented} documented.\n"
    );
    let mut system = None;
    for finding in findings {
        let row = &finding.row;
        if system != Some(row.system) {
            system = Some(row.system);
            let name = row.system.as_str();
            let _ = writeln!(
                page,
                "\n## {name}\n\n| no | route | class | routed | shape |\n|---|---|---|---|---|"
            );
        }
        let routed = finding
            .routed
            .as_ref()
            .map_or_else(String::as_str, |()| "yes");
        let shape = match &finding.shape {
            Shape::Undocumented => "-",
            Shape::Matched => "yes",
            Shape::Differs(what) => what,
            Shape::Denied => "denied",
        };
        let (no, method) = (row.route.no, &row.route.method);
        let (template, class) = (&row.route.template, row.route.class.as_str());
        let _ = writeln!(
            page,
            "| {no} | `{method} {template}` | {class} | {routed} | {shape} |"
        );
    }
    page
}
