//! `/api/monitoring/*`: figures of the caller's own tenant, from counters.

use std::sync::atomic::Ordering;

use crate::domain::time::UnixSeconds;
use crate::domain::words::Channel;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::running::Gateway;
use crate::gateway::volumes::fault_kind;
use crate::telemetry::VerdictLabel;
use crate::telemetry::volume::{
    Counted, Latency, MINUTES_MAX, OTHER_CHANNEL, QUARTERS_MAX, Span, Volume,
};
use crate::wire::dashboard;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::monitoring::{
    ChannelLatency, Decisions, ErrorsPage, FaultCount, GateBlocks, House, LatencyPage, Overview,
    Percentiles, Range, Sides, Step, VolumePage,
};
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

const RANGE: &str = "range";
const NAMES: [&str; 1] = [RANGE];
/// The range of a request that names none.
const RANGE_DEFAULT: &str = "1h";
const MINUTE_S: i64 = 60;
const QUARTER_MINUTES: i64 = 15;
const QUARTERS_AN_HOUR: i64 = 4;

impl Gateway {
    /// Answers one of the monitoring pages. Asks the engine nothing.
    pub(super) fn monitoring(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let asked = Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let name = asked.text(RANGE).unwrap_or(RANGE_DEFAULT);
        let refused = FieldError::of(RANGE, FieldCode::UnknownWord);
        let span = span(name).ok_or_else(|| Problem::of_field(refused))?;
        let volume = self.volumes.of(caller.tenant);
        let range = Range {
            name: name.into(),
            from: from(span, self.minute()),
            to: self.clock.wall(),
        };
        let minute = self.minute();
        let counted = volume.over(span, minute);
        let page = match errand.does {
            Native::MonitoringVolume => {
                serde_json::to_vec(&volume_page(range, &counted, (&volume, span, minute)))
            }
            Native::MonitoringDashboard => {
                let overview = self.overview(caller, range.clone(), &counted);
                let volume = volume_page(range, &counted, (&volume, span, minute));
                return Ok(dashboard_reply(&overview, &volume));
            }
            Native::MonitoringLatency => serde_json::to_vec(&latency_page(range, &counted)),
            Native::MonitoringErrors => serde_json::to_vec(&errors_page(range, &counted)),
            _ => serde_json::to_vec(&self.overview(caller, range, &counted)),
        };
        let page = page.map_err(|_none| super::fault(SystemError::Internal))?;
        Ok(Reply::json(200, page))
    }

    fn overview(&self, caller: &Caller, range: Range, counted: &Counted) -> Overview {
        let running = self.running();
        let decisions = decisions(counted);
        let house = running.filter(|_| caller.scopes.has(Scope::Admin));
        let order = Ordering::Relaxed;
        Overview {
            status: match running {
                None => "recovering",
                Some(running) if running.status.sealed() => "sealed",
                Some(_) => "ok",
            },
            tenant_id: (&*caller.tenant_name).into(),
            uptime_s: self
                .clock
                .instant()
                .saturating_duration_since(self.started)
                .as_secs(),
            range,
            decisions,
            outcomes: counted.outcomes(),
            blocked_per_mille: per_mille(decisions.block, decisions.allow + decisions.block),
            latency: percentiles(&counted.latency(None)),
            gateway: house.map(|running| {
                let (live, bulk) = running.status.queues();
                let commit = &running.status.commit;
                House {
                    accounts: running.status.accounts.load(order),
                    inbox_live: live.into(),
                    inbox_bulk: bulk.into(),
                    last_commit_us: commit.last_commit_us.load(order),
                    disk_free_bytes: commit.disk_free_bytes.load(order),
                }
            }),
        }
    }
}

fn dashboard_reply(overview: &Overview, volume: &VolumePage) -> Reply {
    Reply {
        content_type: dashboard::HTML,
        ..Reply::json(200, dashboard::page(overview, volume))
    }
    .with("content-security-policy", dashboard::NOTHING_FROM_ELSEWHERE)
}

/// `start`, `1m` to `60m`, `1h` to `24h`.
fn span(name: &str) -> Option<Span> {
    if name == "start" {
        return Some(Span::Start);
    }
    let (number, unit) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse::<i64>().ok().filter(|_| plain)?;
    match unit {
        "m" if number <= MINUTES_MAX => Some(Span::Minutes(number)),
        "h" if number == 1 => Some(Span::Minutes(MINUTES_MAX)),
        "h" if number <= QUARTERS_MAX / QUARTERS_AN_HOUR => {
            Some(Span::Quarters(number * QUARTERS_AN_HOUR))
        }
        _ => None,
    }
}

/// The first instant a span counts.
fn from(span: Span, minute: i64) -> Option<UnixSeconds> {
    let first = match span {
        Span::Minutes(many) => minute - many + 1,
        Span::Quarters(many) => (minute.div_euclid(QUARTER_MINUTES) - many + 1) * QUARTER_MINUTES,
        Span::Start => return None,
    };
    Some(UnixSeconds(first * MINUTE_S))
}

fn decisions(counted: &Counted) -> Decisions {
    let of = |verdict| counted.verdict(verdict);
    let (allow, block) = (of(VerdictLabel::Allow), of(VerdictLabel::Block));
    let system_error = of(VerdictLabel::Fault);
    Decisions {
        total: allow + block + system_error,
        allow,
        block,
        system_error,
    }
}

fn per_mille(part: u64, whole: u64) -> u64 {
    (part * 1000).checked_div(whole).unwrap_or_default()
}

fn percentiles(latency: &Latency) -> Percentiles {
    Percentiles {
        count: latency.count(),
        p50_us: latency.bound(500),
        p90_us: latency.bound(900),
        p95_us: latency.bound(950),
        p99_us: latency.bound(990),
        p999_us: latency.bound(999),
    }
}

fn sides(all: Vec<(&str, u64, u64)>) -> Vec<Sides> {
    let named = all.into_iter().map(|(name, allow, block)| Sides {
        name: name.into(),
        allow,
        block,
    });
    named.collect()
}

fn volume_page(
    range: Range,
    counted: &Counted,
    (volume, span, minute): (&Volume, Span, i64),
) -> VolumePage {
    let moments = volume.moments(span, minute).into_iter();
    let series = moments.map(|(moment, counted)| Step {
        from: UnixSeconds(moment.from * MINUTE_S),
        seconds: u64::try_from(moment.minutes * MINUTE_S).unwrap_or_default(),
        decisions: decisions(&counted),
        outcomes: counted.outcomes(),
    });
    let gates = counted.gates().into_iter();
    VolumePage {
        range,
        decisions: decisions(counted),
        outcomes: counted.outcomes(),
        by_channel: sides(counted.channels()),
        by_source_system: sides(counted.sources()),
        by_gate: gates
            .map(|(gate, blocks)| GateBlocks { gate, blocks })
            .collect(),
        series: series.collect(),
    }
}

fn latency_page(range: Range, counted: &Counted) -> LatencyPage {
    let names = Channel::ALL.iter().map(|channel| channel.as_str());
    let channels = names.chain([OTHER_CHANNEL]).map(|channel| ChannelLatency {
        channel: channel.into(),
        latency: percentiles(&counted.latency(Some(channel))),
    });
    LatencyPage {
        range,
        latency: percentiles(&counted.latency(None)),
        by_channel: channels.filter(|c| c.latency.count > 0).collect(),
    }
}

fn errors_page(range: Range, counted: &Counted) -> ErrorsPage {
    let decisions = decisions(counted);
    let codes = SystemError::ALL.into_iter().map(|kind| FaultCount {
        code: kind.fault().code,
        count: counted.fault(fault_kind(kind)),
    });
    ErrorsPage {
        range,
        system_errors: decisions.system_error,
        by_code: codes.collect(),
        per_mille: per_mille(decisions.system_error, decisions.total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_bounded() {
        for (name, expected) in [
            ("1m", Some(Span::Minutes(1))),
            ("60m", Some(Span::Minutes(60))),
            ("1h", Some(Span::Minutes(60))),
            ("2h", Some(Span::Quarters(8))),
            ("24h", Some(Span::Quarters(96))),
            ("start", Some(Span::Start)),
        ] {
            assert_eq!(span(name), expected, "{name}");
        }
        for name in [
            "", "m", "0m", "61m", "25h", "-1m", "+1m", "01m", "1d", "1", "h1", "1\u{e9}",
        ] {
            assert_eq!(span(name), None, "{name}");
        }
    }

    #[test]
    fn a_range_begins_with_its_first_minute() {
        assert_eq!(from(Span::Minutes(1), 100), Some(UnixSeconds(6_000)));
        assert_eq!(from(Span::Minutes(60), 100), Some(UnixSeconds(2_460)));
        assert_eq!(from(Span::Quarters(8), 120), Some(UnixSeconds(900)));
        assert_eq!(from(Span::Start, 100), None);
    }

    #[test]
    fn shares_are_whole_thousandths() {
        assert_eq!(
            (per_mille(0, 0), per_mille(1, 3), per_mille(3, 3)),
            (0, 333, 1000)
        );
    }
}
