//! Finding routes, and what is wrong with a catalogue.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::sor::route::DutyKind;
use crate::wire::query::percent_decoded;

fn read(rows: &str) -> Result<Catalogue, CatalogueErrors> {
    let text = format!("system = \"whl\"\nroutes = [\n{rows}\n]\n");
    Catalogue::parse(System::Whl, "x.toml", &text)
}

/// A catalogue of routes that are all plain.
fn plain(routes: &[(&str, &str)]) -> Catalogue {
    let rows = routes.iter().enumerate().map(|(n, (method, path))| {
        format!(
            "{{ no = {}, method = \"{method}\", path = \"{path}\", class = \"proxy\" }},",
            n + 1
        )
    });
    read(&rows.collect::<Vec<_>>().join("\n")).unwrap()
}

fn all_shipped() -> Catalogues {
    Catalogues::read(None).unwrap()
}

/// The number found and the values of the parameters.
fn found<'a>(catalogue: &'a Catalogue, method: &str, path: &'a str) -> Option<(u16, Vec<&'a str>)> {
    let Lookup::Match(found) = catalogue.find(method, path) else {
        return None;
    };
    let values = found.params.as_slice().iter().map(|(_, value)| *value);
    Some((found.route.no, values.collect()))
}

#[test]
fn every_shipped_route_finds_itself() {
    let all = all_shipped();
    for system in System::ALL {
        for route in all.of(*system).routes() {
            let values: Vec<String> = route.names().map(|name| format!("{name}-1")).collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let path = route.filled(&values).unwrap();
            let there = format!("{}{path}", system.mount());
            let (at, lookup) = all.find(&route.method, &there);
            let Lookup::Match(it) = lookup else {
                panic!("{there}: {lookup:?}");
            };
            assert_eq!((at, it.route), (*system, route), "{there}");
            let names: Vec<&str> = it.params.as_slice().iter().map(|(name, _)| *name).collect();
            assert_eq!(names, route.names().collect::<Vec<_>>());
            for value in values {
                assert_eq!(
                    it.params.get(value.strip_suffix("-1").unwrap()),
                    Some(value)
                );
            }
            let slashed = format!("{there}/");
            assert!(!matches!(
                all.find(&route.method, &slashed).1,
                Lookup::Match(_)
            ));
        }
    }
}

#[test]
fn literals_come_before_parameters_and_a_method_may_have_the_path_to_itself() {
    let all = all_shipped();
    let whl = all.of(System::Whl);
    for (method, path, no, values) in [
        ("GET", "/api/disputes/stats", 85, vec![]),
        ("PUT", "/api/disputes/stats", 89, vec!["stats"]),
        ("GET", "/api/disputes/17", 88, vec!["17"]),
        ("GET", "/api/webhooks/test", 232, vec!["test"]),
        ("POST", "/api/webhooks/test", 231, vec![]),
        ("GET", "/api/widget/config/alerts", 51, vec!["alerts"]),
        ("POST", "/api/widget/config/disposition", 47, vec!["config"]),
        ("GET", "/api/recordings/search/", 211, vec![]),
        ("GET", "/api/recordings/search", 212, vec!["search"]),
        ("HEAD", "/api/recordings/search", 212, vec!["search"]),
        ("POST", "/api/letters/mail/send", 99, vec!["mail"]),
        ("GET", "/api/letters/A%2fB%20c", 97, vec!["A%2fB%20c"]),
        (
            "GET",
            "/api/performance/scorecard/weights",
            219,
            vec!["weights"],
        ),
    ] {
        assert_eq!(
            found(whl, method, path),
            Some((no, values)),
            "{method} {path}"
        );
    }
}

#[test]
fn another_method_is_told_apart_from_no_path() {
    let all = all_shipped();
    let whl = all.of(System::Whl);
    let allow = |methods: &str| Lookup::OtherMethod(methods.to_owned());
    assert_eq!(
        whl.find("PATCH", "/api/disputes/stats"),
        allow("GET, HEAD, PUT")
    );
    assert_eq!(whl.find("GET", "/api/email/send"), allow("POST"));
    assert_eq!(whl.find("HEAD", "/api/email/send"), allow("POST"));
    assert_eq!(whl.find("get", "/api/disputes"), allow("GET, HEAD, POST"));
    for path in [
        "",
        "/",
        "api/disputes",
        "/api/disputes/",
        "/api//disputes",
        "//api/disputes",
        "/API/disputes",
        "/api/%64isputes",
        "/api/letters//send",
        "/api/letters/%2e%2E/send",
        "/api/letters/../send",
        "/api/letters/x%2f..%2fy/send",
        "/api/letters/%/send",
        "/scollect/login",
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(whl.find(method, path), Lookup::Nothing, "{path}");
        }
    }
}

/// A system that decodes before it routes would take these for what is guarded.
/// SOR-1.
#[test]
fn what_decoded_is_another_route_is_no_route() {
    let catalogue = plain(&[
        ("POST", "/mail/send"),
        ("POST", "/mail/{id}"),
        ("GET", "/mail/{id}"),
        ("POST", "/{kind}"),
        ("POST", "/mail/{id}/read"),
    ]);
    assert_eq!(found(&catalogue, "POST", "/mail/%73end"), None);
    assert_eq!(found(&catalogue, "POST", "/mail%2Fsend"), None);
    assert_eq!(found(&catalogue, "POST", "/mail%2F7"), None);
    assert_eq!(
        found(&catalogue, "GET", "/mail/%73end"),
        Some((3, vec!["%73end"]))
    );
    assert_eq!(
        found(&catalogue, "POST", "/mail/%73ent"),
        Some((2, vec!["%73ent"]))
    );
    assert_eq!(
        found(&catalogue, "POST", "/x%2Fsend"),
        Some((4, vec!["x%2Fsend"]))
    );
    assert_eq!(found(&catalogue, "POST", "/mail/%FF"), None);
}

#[test]
fn a_prefix_may_be_left_out() {
    let all = all_shipped();
    let scollect = all.of(System::Scollect);
    for path in ["/getaccount/R1", "/api/getaccount/R1"] {
        assert_eq!(
            found(scollect, "GET", path),
            Some((11, vec!["R1"])),
            "{path}"
        );
    }
    for path in [
        "/api",
        "/api/",
        "/api/api/getaccount/R1",
        "/apigetaccount/R1",
    ] {
        assert_eq!(scollect.find("GET", path), Lookup::Nothing, "{path}");
    }
    let query_builder = scollect.find("POST", "/api/advanced_query_builder");
    assert!(matches!(query_builder, Lookup::Match(it) if it.route.class == Class::Denied));
}

#[test]
fn a_template_is_filled_with_encoded_values() {
    let all = all_shipped();
    let route = all.of(System::Whl).of(Duty::Letter).unwrap();
    assert_eq!(
        route.filled(&["L/1 ü"]).as_deref(),
        Some("/api/letters/L%2F1%20%C3%BC")
    );
    for values in [&[][..], &["a", "b"], &[""], &["."], &[".."]] {
        assert_eq!(route.filled(values), None, "{values:?}");
    }
    let two = all
        .of(System::Whl)
        .routes()
        .iter()
        .find(|route| route.no == 162);
    let path = two.unwrap().filled(&["d", "a"]).unwrap();
    assert_eq!(path, "/api/connectors/dialer/d/screen-pop/a");
}

#[test]
fn every_fault_is_reported_at_once() {
    let errors = read(
        r#"{ no = 1, method = "get", path = "x", class = "warm", duty = "dance" },
        { no = 1, method = "POST", path = "/a/{x}", class = "guarded" },
        { no = 2, method = "POST", path = "/a/{y}", class = "proxy", duty = "send_email", once = true },
        { no = 3, method = "GET", path = "/scollect/x", class = "hot", public = true },
        { no = 4, method = "GET", path = "/b", class = "proxy", duty = "notes" },
        { no = 5, method = "GET", path = "/c", class = "stream", duty = "notes" },"#,
    )
    .unwrap_err();
    let problems: Vec<(Option<u16>, Problem)> = errors
        .0
        .into_iter()
        .map(|one| (one.route, one.problem))
        .collect();
    let lies = "lies where another system is mounted";
    for (route, problem) in [
        (1, Problem::UnknownDuty("dance".to_owned())),
        (1, Problem::BadNumber),
        (1, Problem::NoDuty(Class::Guarded)),
        (2, Problem::Doubled(1)),
        (2, Problem::WrongDuty(Class::Proxy, Duty::SendEmail)),
        (2, Problem::OnceWithoutEffect),
        (3, Problem::BadTemplate(lies)),
        (3, Problem::PublicWithoutEffect(Class::Hot)),
        (4, Problem::IdleDuty(System::Whl, Duty::Notes)),
        (
            5,
            Problem::DoubledDuty {
                duty: Duty::Notes,
                other: 4,
            },
        ),
    ] {
        let expected = (Some(route), problem);
        assert!(
            problems.contains(&expected),
            "{expected:?} is not in {problems:?}"
        );
    }
    let first = problems.iter().filter(|(route, _)| *route == Some(1));
    assert_eq!(first.count(), 6, "{problems:?}");
    assert_eq!(problems.len(), 14, "{problems:?}");
}

#[test]
fn templates_are_plain_paths() {
    for bad in [
        "",
        "a",
        "//",
        "//a",
        "/a//b",
        "/{}",
        "/{a",
        "/a}",
        "/x{a}",
        "/{a}{b}",
        "/{a}/{a}",
        "/{a b}",
        "/.",
        "/a/../b",
        "/%61",
        "/a?b",
        "/a#b",
        "/*",
        "/{*rest}",
        "/a b",
        "/\u{fc}",
        "/a\\\\b",
        "/a;b",
        "/{a}/{b}/{c}/{d}/{e}",
    ] {
        let row = format!("{{ no = 1, method = \"GET\", path = \"{bad}\", class = \"proxy\" }}");
        let errors = read(&row).unwrap_err();
        let bad_template = matches!(errors.0[0].problem, Problem::BadTemplate(_));
        assert!(bad_template && errors.0.len() == 1, "{bad}: {errors}");
    }
    for good in ["/", "/a/", "/{a_1}/{b}/{c}/{d}", "/A-z_~.9", "/a/{b}/"] {
        plain(&[("GET", good)]);
    }
    let long = "/a".repeat(crate::wire::limits::CATALOGUE_SEGMENTS_MAX);
    plain(&[("GET", &long)]);
    let row = format!("{{ no = 1, method = \"GET\", path = \"{long}/a\", class = \"proxy\" }}");
    assert!(read(&row).is_err());
}

#[test]
fn what_is_no_catalogue_is_refused() {
    for (text, expected) in [
        ("", "missing field `system`"),
        ("system = \"whl\"", "missing field `routes`"),
        (
            "system = \"whl\"\nroutes = []\nmore = 1",
            "unknown field `more`",
        ),
        ("system = \"portal\"\nroutes = []", "has to say \"whl\""),
        (
            "system = \"whl\"\nroutes = []\noptional_prefix = \"/a/\"",
            "optional_prefix",
        ),
        (
            "system = \"whl\"\nroutes = []\noptional_prefix = \"/{a}\"",
            "optional_prefix",
        ),
    ] {
        let errors = Catalogue::parse(System::Whl, "x.toml", text).unwrap_err();
        assert!(errors.to_string().contains(expected), "{text}: {errors}");
    }
    let long = " ".repeat(crate::wire::limits::CATALOGUE_BYTES_MAX + 1);
    let errors = Catalogue::parse(System::Whl, "x.toml", &long).unwrap_err();
    assert!(matches!(
        errors.0[..],
        [Finding {
            problem: Problem::TooLarge(_),
            ..
        }]
    ));
}

#[test]
fn a_directory_takes_the_place_of_what_ships_file_by_file() {
    let dir = tempfile::tempdir().unwrap();
    let all = Catalogues::read(Some(dir.path())).unwrap();
    assert_eq!(all.of(System::Portal).routes().len(), 149);
    let text = "system = \"portal\"\nroutes = [{ no = 1, method = \"GET\", path = \"/v2/clients\", class = \"proxy\" }]";
    std::fs::write(dir.path().join("portal.toml"), text).unwrap();
    std::fs::write(dir.path().join("notes.md"), "not read").unwrap();
    let all = Catalogues::read(Some(dir.path())).unwrap();
    assert_eq!(all.of(System::Portal).routes().len(), 1);
    assert_eq!(all.of(System::Whl).routes().len(), 269);
    std::fs::write(dir.path().join("protal.toml"), text).unwrap();
    std::fs::write(dir.path().join("whl.toml"), text).unwrap();
    let errors = Catalogues::read(Some(dir.path())).unwrap_err();
    let problems: Vec<&Problem> = errors.0.iter().map(|one| &one.problem).collect();
    assert!(
        matches!(
            problems[..],
            [Problem::NoSystem, Problem::OtherSystem { .. }]
        ),
        "{errors}"
    );
    assert!(Catalogues::read(Some(&dir.path().join("none"))).is_err());
}

#[test]
fn only_reads_without_a_mark_may_be_repeated() {
    let all = all_shipped();
    let of = |no: u16| {
        all.of(System::Whl)
            .routes()
            .iter()
            .find(|route| route.no == no)
            .unwrap()
    };
    assert!(of(84).may_repeat());
    for no in [28, 29, 62, 83, 63, 23] {
        assert!(!of(no).may_repeat(), "{no}");
    }
}

#[test]
fn the_gateways_own_duties_stand_once_a_system() {
    let all = all_shipped();
    for system in System::ALL {
        for duty in Duty::ALL.iter().filter(|duty| duty.kind() == DutyKind::Own) {
            let routes = all.of(*system).routes().iter();
            let count = routes.filter(|route| route.duty == Some(*duty)).count();
            assert!(count <= 1, "{duty:?}");
        }
    }
}

/// The same question answered slowly: every route is compared, and of those that fit the one is taken
/// whose first difference from the others is a literal.
fn slowly(catalogue: &Catalogue, method: &str, path: &str) -> Option<u16> {
    let exact = best(catalogue, method, path)?;
    let decoded = percent_decoded(path)?;
    let dots = decoded.split(['/', '\\']).any(|segment| {
        let before = segment.split(';').next().unwrap();
        before == "." || before == ".."
    });
    let control = decoded.bytes().any(|byte| byte.is_ascii_control());
    let other = best(catalogue, method, &decoded);
    (!dots && !control && other.is_none_or(|other| other == exact)).then_some(exact)
}

fn best(catalogue: &Catalogue, method: &str, path: &str) -> Option<u16> {
    let method = if method == "HEAD" { "GET" } else { method };
    let given: Vec<&str> = path.split('/').collect();
    let fits = |route: &&Route| {
        let wanted: Vec<&str> = route.template.split('/').collect();
        &*route.method == method
            && wanted.len() == given.len()
            && wanted.iter().zip(&given).all(|(wanted, given)| {
                let any = wanted.starts_with('{') && !given.is_empty();
                wanted == given || any
            })
    };
    let pattern = |route: &&Route| -> Vec<bool> {
        let segments = route.template.split('/');
        segments.map(|segment| segment.starts_with('{')).collect()
    };
    let routes = catalogue.routes().iter().filter(fits);
    routes.min_by_key(pattern).map(|route| route.no)
}

fn some_template() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec!["a", "b", "send", "{}", "{}", ""]);
    prop::collection::vec(segment, 1..5).prop_map(|segments| {
        let last = segments.len() - 1;
        let mut template = String::new();
        for (n, segment) in segments.iter().enumerate() {
            template.push('/');
            match *segment {
                "{}" => write!(template, "{{p{n}}}").unwrap(),
                "" if n < last => template.push('a'),
                literal => template.push_str(literal),
            }
        }
        template
    })
}

fn some_path() -> impl Strategy<Value = String> {
    let pieces = vec![
        "/", "/", "/", "/a", "/b", "/send", "a", "b", "send", "%73end", "%2F", "%2f", ".", "..",
        "%2e", "%", ";", "%5C", "A", "%00", "%FF", "%25", "\u{fc}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..8).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    /// The tree answers as comparing with every route does.
    #[test]
    fn the_tree_finds_what_comparing_finds(
        templates in prop::collection::vec((prop::sample::select(vec!["GET", "POST", "PUT"]), some_template()), 1..12),
        paths in prop::collection::vec(some_path(), 1..24),
    ) {
        let mut shapes = std::collections::BTreeSet::new();
        let routes: Vec<(&str, &str)> = templates
            .iter()
            .map(|(method, template)| (*method, template.as_str()))
            .filter(|(method, template)| shapes.insert((*method, *template)))
            .collect();
        let catalogue = plain(&routes);
        let own = routes.iter().map(|(_, template)| template.replace(['{', '}'], ""));
        for path in paths.into_iter().chain(own) {
            for method in ["GET", "POST", "PUT", "HEAD", "DELETE"] {
                let quickly = found(&catalogue, method, &path).map(|(no, _)| no);
                let slowly = slowly(&catalogue, method, &path);
                prop_assert_eq!(quickly, slowly, "{} {} in {:?}", method, path, routes);
            }
        }
    }

    /// Filling a template and finding its path gives the values back.
    #[test]
    fn a_filled_template_is_found_with_its_values(value in "[^.]{1,12}") {
        let catalogue = plain(&[("GET", "/a/{x}/b"), ("GET", "/a/{x}")]);
        let route = &catalogue.routes()[0];
        let path = route.filled(&[&value]).unwrap();
        let decoded_is_other = value.contains(['/', '\\', ';']) || value.chars().any(char::is_control);
        match catalogue.find("GET", &path) {
            Lookup::Match(it) => {
                prop_assert_eq!(it.route.no, 1);
                let back = percent_decoded(it.params.get("x").unwrap());
                prop_assert_eq!(back.as_deref(), Some(value.as_str()));
            }
            _ => prop_assert!(decoded_is_other, "{}", path),
        }
    }
}
