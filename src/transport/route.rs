//! Which route a path names. The gate's first: it is asked a thousand times for each other one.

use std::borrow::Cow;

use http::Method;

use super::stream::StreamOf;
use crate::gateway::door::{HealthKind, IngestFormat, RouteName};
use crate::wire::native::{self, Spec};

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'p> {
    ContactIntent,
    ContactIntents,
    /// Line by line.
    Stream(StreamOf),
    /// A row of the table and the path's parameter, still percent-encoded.
    Native(&'static Spec, &'p str),
    Ingest(IngestFormat),
    Health(HealthKind),
    Version,
    Metrics,
}

/// The gate's path.
pub(super) const CONTACT_INTENT: &str = "/api/gate/contact-intent";
/// The gate's path for batches.
pub(super) const CONTACT_INTENTS: &str = "/api/gate/contact-intents";

impl<'p> Route<'p> {
    /// The route of a path. No trailing slash, no dot segments: a path names a route or it does not.
    pub(super) fn find(path: &'p str) -> Option<Self> {
        Some(match path {
            CONTACT_INTENT => Self::ContactIntent,
            CONTACT_INTENTS => Self::ContactIntents,
            "/api/gate/stream" => Self::Stream(StreamOf::Intents),
            "/api/dispositions/stream" => Self::Stream(StreamOf::Outcomes),
            "/api/queue/ingest" => Self::Ingest(IngestFormat::Csv),
            "/api/queue/ingest/json" => Self::Ingest(IngestFormat::Json),
            "/api/health" => Self::Health(HealthKind::Summary),
            "/api/health/liveness" | "/liveness" => Self::Health(HealthKind::Liveness),
            "/api/health/readiness" | "/readiness" => Self::Health(HealthKind::Readiness),
            "/api/health/deep" | "/api/health/detailed" | "/deep" => Self::Health(HealthKind::Deep),
            "/api/version" => Self::Version,
            "/metrics" => Self::Metrics,
            _ => {
                let (spec, segment) = native::find(path)?;
                return Some(Self::Native(spec, segment));
            }
        })
    }

    /// The methods it has, as the `Allow` header lists them.
    pub(super) fn allow(self) -> Cow<'static, str> {
        match self {
            Self::ContactIntent | Self::ContactIntents | Self::Stream(_) | Self::Ingest(_) => {
                "POST".into()
            }
            Self::Native(spec, _) => spec.allow().into(),
            Self::Health(_) | Self::Version | Self::Metrics => "GET, HEAD".into(),
        }
    }

    /// Whether it has a method.
    pub(super) fn has(self, method: &Method) -> bool {
        self.allow().split(", ").any(|name| name == method.as_str())
    }

    /// Its template.
    pub(super) fn name(self) -> RouteName {
        match self {
            Self::ContactIntent => RouteName::ContactIntent,
            Self::ContactIntents => RouteName::ContactIntents,
            Self::Stream(StreamOf::Intents) => RouteName::IntentStream,
            Self::Stream(StreamOf::Outcomes) => RouteName::OutcomeStream,
            Self::Native(spec, _) => RouteName::parse(spec.template).unwrap_or(RouteName::Unknown),
            Self::Ingest(_) => RouteName::Ingest,
            Self::Health(_) | Self::Version => RouteName::Health,
            Self::Metrics => RouteName::Metrics,
        }
    }
}

/// Whether a query asks for the twelve gates' outcomes.
pub(super) fn wants_explain(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|pair| pair == "explain=true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_routes_exactly() {
        assert_eq!(Route::find(CONTACT_INTENT), Some(Route::ContactIntent));
        assert_eq!(Route::find(CONTACT_INTENTS), Some(Route::ContactIntents));
        let found = Route::find("/api/queue/account/ACC%2F1/disposition").unwrap();
        assert!(matches!(found, Route::Native(_, "ACC%2F1")));
        for path in [
            "/",
            "",
            "/api/gate/contact-intent/",
            "/api/gate//contact-intent",
            "/API/gate/contact-intent",
            "/api/queue/account//disposition",
            "/api/queue/account/a/b/disposition",
            "/api/queue/account/disposition",
            "/api/health/",
        ] {
            assert_eq!(Route::find(path), None, "{path}");
        }
    }

    /// Each has a label of its own, so that none is counted among the unknown.
    #[test]
    fn every_native_route_has_a_label() {
        for spec in native::ROUTES {
            assert!(
                RouteName::parse(spec.template).is_some(),
                "{}",
                spec.template
            );
        }
    }

    /// What a catalogue says is answered here, is.
    #[test]
    fn every_hot_route_of_a_catalogue_is_native() {
        use crate::sor::catalogue::Catalogues;
        use crate::sor::route::{Class, System};
        let shipped = Catalogues::read(None).unwrap();
        let mut count = 0;
        for system in System::ALL {
            let routes = shipped.of(*system).routes().iter();
            for hot in routes.filter(|route| route.class == Class::Hot) {
                let path = format!("{}{}", system.mount(), hot.template);
                let path = path.replace(['{', '}'], "");
                let method: Method = hot.method.parse().unwrap();
                let native = Route::find(&path);
                assert!(
                    native.is_some_and(|route| route.has(&method)),
                    "{method} {path}"
                );
                count += 1;
            }
        }
        assert_eq!(count, 36);
    }

    #[test]
    fn methods_are_those_the_allow_header_lists() {
        assert!(Route::ContactIntent.has(&Method::POST));
        assert!(!Route::ContactIntent.has(&Method::GET));
        assert!(Route::Metrics.has(&Method::HEAD) && Route::Metrics.has(&Method::GET));
        assert!(!Route::Metrics.has(&Method::POST));
    }

    #[test]
    fn explain_is_asked_for_by_one_spelling() {
        for (query, expected) in [
            (None, false),
            (Some("explain=true"), true),
            (Some("a=b&explain=true"), true),
            (Some("explain=false"), false),
            (Some("explain"), false),
            (Some("xexplain=true"), false),
        ] {
            assert_eq!(wants_explain(query), expected, "{query:?}");
        }
    }
}
