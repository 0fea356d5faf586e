//! What `dialgate::client` counts, as the program that embeds it reads it.

use dialgate::client::{Client, Disposition, Intent, Outcome, Settings, TokenSource};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::client::{Gateway, PATIENCE, account, granted, letter, losing, reason, run};

/// The figure of a name with its labels.
fn figure(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let figure = line.unwrap_or_else(|| panic!("no {name} in {text}"));
    figure.parse().unwrap()
}

/// CLIENT-6: the metrics.
#[test]
fn what_was_asked_heard_repeated_and_reported_is_counted() {
    let gate = Gateway::open(&[]).filled();
    let recorder = PrometheusBuilder::new().build_recorder();
    let told = recorder.handle();
    let url = format!("http://{}", losing(gate.server.address, 1));
    let settings = Settings::new(&url, TokenSource::fixed(&gate.token))
        .connections(1)
        .deadline(PATIENCE);
    let client = metrics::with_local_recorder(&recorder, || Client::new(settings)).unwrap();
    run(async {
        // Its first answer is lost, and it is asked again.
        let permit = granted(client.ask(&letter(0)).await);
        let nobody = client.ask(&Intent::letter("nobody", "mailer")).await;
        assert_eq!(reason(&nobody).as_str(), "gates");
        let nothing = client.ask(&Intent::letter("", "mailer")).await;
        assert_eq!(reason(&nothing).as_str(), "unusable");
        let spent = permit.spend(client.now()).unwrap();
        client.report(&spent.became(Outcome::Sent)).await.unwrap();
        let unknown = Disposition::of_decision(&account(0), 999_999, Outcome::Sent);
        client.report(&unknown).await.unwrap_err();
    });
    let text = told.render();
    for (name, expected) in [
        ("dialgate_client_asked_total", 3.0),
        ("dialgate_client_allowed_total", 1.0),
        ("dialgate_client_blocked_total{reason=\"gates\"}", 1.0),
        ("dialgate_client_blocked_total{reason=\"unusable\"}", 1.0),
        ("dialgate_client_blocked_total{reason=\"timeout\"}", 0.0),
        ("dialgate_client_late_total", 0.0),
        ("dialgate_client_retries_total", 1.0),
        ("dialgate_client_reconnects_total", 1.0),
        ("dialgate_client_reports_total{result=\"done\"}", 1.0),
        ("dialgate_client_reports_total{result=\"failed\"}", 1.0),
        ("dialgate_client_under_way", 0.0),
        ("dialgate_client_ask_duration_seconds_count", 3.0),
    ] {
        let found = figure(&text, name);
        assert!((found - expected).abs() < 0.5, "{name}: {found}\n{text}");
    }
    for private in ["nobody", &account(0), &gate.token, "mailer"] {
        assert!(!text.contains(private), "{private}");
    }
}
