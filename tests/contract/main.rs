//! Every documented route of the three systems of record, through a running gateway, to a system
//! that records what arrives: one report, held against `docs/contract.md`.

#[cfg(test)]
mod gate;
#[cfg(test)]
#[path = "../process/house.rs"]
#[expect(
    dead_code,
    reason = "ledgers are looked into in the process tests only"
)]
mod house;
#[cfg(test)]
#[path = "../process/http.rs"]
#[expect(dead_code, reason = "files are sent in the process tests only")]
mod http;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod report;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod rows;
#[cfg(test)]
#[path = "../process/server.rs"]
mod server;
#[cfg(test)]
mod shapes;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::gate::Gate;
    use crate::report::{Finding, Shape, page};
    use crate::{routing, rows, shapes};

    /// What cannot be proved stands in the page with its reason, so that nobody believes it proved.
    #[test]
    fn every_route_is_what_the_report_says() {
        let (gate, sandbox) = (Gate::recorded(), Gate::sandboxed());
        let all = rows::all();
        let mut shapes = shapes::compared(&sandbox, &all);
        let findings: Vec<Finding> = all
            .into_iter()
            .map(|row| Finding {
                routed: routing::prove(&gate, &row),
                shape: shapes
                    .remove(&(row.system, row.route.no))
                    .unwrap_or(Shape::Undocumented),
                row,
            })
            .collect();
        assert_eq!(findings.len(), 446);
        let page = page(&findings);
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract.md");
        std::fs::write(&made, &page).unwrap();
        assert!(
            page.contains("Routed: 446 of 446."),
            "see {}",
            made.display()
        );
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract.md");
        let published = std::fs::read_to_string(docs).unwrap_or_default();
        let mut known = published.lines();
        let new = page.lines().filter(|line| known.next() != Some(*line));
        let new: Vec<&str> = new.take(40).collect();
        assert!(
            page == published,
            "docs/contract.md is not {}:\n{}",
            made.display(),
            new.join("\n")
        );
    }
}
