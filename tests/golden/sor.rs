//! `config/sor/`: every documented route of the three systems is there, in the class its system's
//! documents ask for; what was moved to another class is listed here and in `config/sor/README.md`.

use std::collections::BTreeMap;

use dialgate::sor::catalogue::{Catalogue, Catalogues};
use dialgate::sor::route::{Class, Duty, System};

use crate::docs::page;

/// How many routes each system documents.
const DOCUMENTED: [(System, u16); 3] = [
    (System::Whl, 269),
    (System::Scollect, 28),
    (System::Portal, 149),
];

/// Routes by class as a reading of the documents gives them, in the order of [`CLASSES`].
const BY_CLASS: [(System, [usize; 7]); 3] = [
    (System::Whl, [24, 4, 28, 5, 10, 16, 182]),
    (System::Scollect, [0, 2, 9, 0, 0, 1, 16]),
    (System::Portal, [0, 3, 2, 2, 3, 4, 135]),
];
const CLASSES: [Class; 7] = [
    Class::Hot,
    Class::Guarded,
    Class::Tapped,
    Class::Upload,
    Class::Stream,
    Class::Public,
    Class::Proxy,
];

/// Routes this gateway answers itself, though a system has them, and the class they had.
const ANSWERED_HERE: [(u16, Class); 12] = [
    (65, Class::Proxy),
    (67, Class::Proxy),
    (69, Class::Proxy),
    (74, Class::Proxy),
    (77, Class::Tapped),
    (78, Class::Tapped),
    (159, Class::Proxy),
    (160, Class::Proxy),
    (161, Class::Proxy),
    (254, Class::Proxy),
    (255, Class::Proxy),
    (260, Class::Stream),
];
/// The portal's step of a workflow: refused.
const WORKFLOW_STEP: u16 = 81;

fn shipped() -> Catalogues {
    Catalogues::read(None).unwrap()
}

/// The routes a system documents; ours are numbered after them.
fn documented(catalogue: &Catalogue) -> impl Iterator<Item = &dialgate::sor::catalogue::Route> {
    let (_, last) = DOCUMENTED
        .iter()
        .find(|(system, _)| *system == catalogue.system)
        .unwrap();
    catalogue.routes().iter().filter(|route| route.no <= *last)
}

#[test]
fn all_446_routes_are_there_by_number() {
    let all = shipped();
    let mut count = 0;
    for (system, last) in DOCUMENTED {
        let numbers: Vec<u16> = documented(all.of(system)).map(|route| route.no).collect();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{system:?}");
        count += numbers.len();
    }
    assert_eq!(count, 446);
}

/// The class a route has by the documents alone.
fn class_by_the_documents(system: System, no: u16, class: Class) -> Class {
    let moved = ANSWERED_HERE.iter().find(|(moved, _)| *moved == no);
    match (system, moved) {
        (System::Whl, Some((_, was))) => {
            assert_eq!(class, Class::Hot, "route {no}");
            *was
        }
        (System::Portal, _) if no == WORKFLOW_STEP => {
            assert_eq!(class, Class::Denied);
            Class::Guarded
        }
        _ => class,
    }
}

#[test]
fn classes_add_up_to_what_the_documents_ask_for() {
    let all = shipped();
    for (system, expected) in BY_CLASS {
        let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
        for route in documented(all.of(system)) {
            let class = class_by_the_documents(system, route.no, route.class);
            *counts.entry(class).or_default() += 1;
        }
        let counted = CLASSES.map(|class| counts.remove(&class).unwrap_or_default());
        assert_eq!(counted, expected, "{system:?}");
        assert!(counts.is_empty(), "{system:?}: {counts:?}");
    }
}

#[test]
fn what_is_beyond_the_documents_is_denied() {
    let all = shipped();
    for (system, last) in DOCUMENTED {
        let ours = all
            .of(system)
            .routes()
            .iter()
            .filter(|route| route.no > last);
        for route in ours {
            assert_eq!(route.class, Class::Denied, "{system:?} {}", route.no);
        }
    }
    assert_eq!(all.of(System::Scollect).routes().len(), 29);
}

#[test]
fn every_class_duty_and_moved_route_is_described() {
    let readme = page("config/sor/README.md");
    let classes = Class::ALL.iter().map(|class| class.as_str());
    for word in classes.chain(Duty::ALL.iter().map(|duty| duty.as_str())) {
        assert!(
            readme.contains(&format!("`{word}`")),
            "{word} is not described"
        );
    }
    let all = shipped();
    for (no, _) in ANSWERED_HERE {
        let routes = all.of(System::Whl).routes();
        let route = routes.iter().find(|route| route.no == no).unwrap();
        let said = format!("`{} {}`", route.method, route.template);
        assert!(readme.contains(&said), "{said} is not listed");
    }
}
