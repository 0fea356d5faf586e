//! A catalogue's text, read and checked whole: every fault is reported, not the first alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::error::{CatalogueErrors, Problem};
use super::tree::Tree;
use super::{Catalogue, Route, parameter, path};
use crate::sor::call::PARAMS_MAX;
use crate::sor::route::{Class, Duty, DutyKind, System};
use crate::wire::limits::{
    CATALOGUE_BYTES_MAX, CATALOGUE_ROUTES_MAX, CATALOGUE_SEGMENTS_MAX, ROUTE_TIMEOUT_MS_MAX,
};

/// The methods a route can have. `HEAD` goes with `GET`.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    system: String,
    optional_prefix: Option<Box<str>>,
    #[serde(default)]
    fields: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    routes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    no: u16,
    method: Box<str>,
    path: Box<str>,
    class: String,
    duty: Option<String>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    once: bool,
    timeout_ms: Option<u32>,
}

impl Catalogue {
    /// Reads the text of a catalogue. `file` is named in what is wrong with it.
    ///
    /// # Errors
    /// Every fault of its rows; of a text that is no TOML or has unknown keys the first alone.
    pub fn parse(system: System, file: &str, text: &str) -> Result<Self, CatalogueErrors> {
        let mut errors = CatalogueErrors::default();
        let read = read(system, file, text, &mut errors);
        match read {
            Some(catalogue) if errors.0.is_empty() => Ok(catalogue),
            _ => Err(errors),
        }
    }
}

fn read(system: System, file: &str, text: &str, errors: &mut CatalogueErrors) -> Option<Catalogue> {
    let mut whole = |problem| errors.add(file, None, problem);
    if text.len() > CATALOGUE_BYTES_MAX {
        whole(Problem::TooLarge(CATALOGUE_BYTES_MAX));
        return None;
    }
    let written: Written = match toml::from_str(text) {
        Ok(written) => written,
        Err(error) => {
            whole(Problem::Malformed(error.to_string()));
            return None;
        }
    };
    if written.system != system.as_str() {
        whole(Problem::OtherSystem {
            found: written.system,
            wanted: system,
        });
    }
    if written.routes.len() > CATALOGUE_ROUTES_MAX {
        whole(Problem::TooMany(CATALOGUE_ROUTES_MAX));
        return None;
    }
    if let Some(what) = written.optional_prefix.as_deref().and_then(prefix_fault) {
        whole(Problem::BadPrefix(what));
    }
    let mut checks = Checks::new(system, file, errors);
    let rows = written.routes.into_iter();
    let mut routes: Vec<Route> = rows.filter_map(|row| checks.route(row)).collect();
    routes.sort_by_key(|route| route.no);
    let mut tree = Tree::default();
    for (at, route) in routes.iter().enumerate() {
        tree.add(&route.template, at);
    }
    Some(Catalogue {
        system,
        routes,
        tree,
        optional_prefix: written.optional_prefix,
        fields: written.fields,
        words: written.words,
    })
}

fn prefix_fault(prefix: &str) -> Option<&'static str> {
    template_fault(prefix).or_else(|| {
        let bare = !prefix.contains('{') && !prefix.ends_with('/');
        (!bare).then_some("has a parameter or a slash at its end")
    })
}

/// What keeps a text from being a template.
fn template_fault(template: &str) -> Option<&'static str> {
    let mut names = BTreeSet::new();
    let segments = template.split('/').skip(1);
    let (mut depth, mut last) = (0, "");
    for segment in segments {
        if depth > 0 && last.is_empty() {
            return Some("has an empty segment that is not its last");
        }
        (depth, last) = (depth + 1, segment);
        if let Some(name) = parameter(segment) {
            let word =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !word {
                return Some("has a parameter whose name is not of letters, digits and _");
            }
            if !names.insert(name) {
                return Some("has a parameter twice");
            }
        } else if segment.contains(['{', '}', '%', '?', '#', '*', ';', '\\', ' ']) {
            return Some("has a segment that is neither a literal nor one {parameter}");
        }
    }
    if depth > CATALOGUE_SEGMENTS_MAX {
        return Some("has too many segments");
    }
    if names.len() > PARAMS_MAX {
        return Some("has too many parameters");
    }
    let plain = path::is_plain(template) && template.is_ascii();
    (!plain).then_some("does not begin with a slash, has dot segments or is not of plain letters")
}

/// What the rows so far have taken.
struct Checks<'a> {
    system: System,
    file: &'a str,
    errors: &'a mut CatalogueErrors,
    numbers: BTreeSet<u16>,
    shapes: BTreeMap<String, u16>,
    own: BTreeMap<Duty, u16>,
}

impl<'a> Checks<'a> {
    fn new(system: System, file: &'a str, errors: &'a mut CatalogueErrors) -> Self {
        Self {
            system,
            file,
            errors,
            numbers: BTreeSet::new(),
            shapes: BTreeMap::new(),
            own: BTreeMap::new(),
        }
    }

    /// A row as a route, when its words are words; every fault is noted.
    fn route(&mut self, row: Row) -> Option<Route> {
        let no = row.no;
        let file = self.file;
        if no == 0 || !self.numbers.insert(no) {
            self.errors.add(file, Some(no), Problem::BadNumber);
        }
        if !METHODS.contains(&&*row.method) {
            let known = Problem::BadMethod(METHODS.join(", "));
            self.errors.add(file, Some(no), known);
        }
        self.path(&row);
        let class = Class::parse(&row.class);
        if class.is_none() {
            let known: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
            let known = Problem::UnknownClass(known.join(", "));
            self.errors.add(file, Some(no), known);
        }
        let duty = row
            .duty
            .as_deref()
            .map(|word| Duty::parse(word).ok_or(word));
        if let Some(Err(word)) = duty {
            let unknown = Problem::UnknownDuty(word.to_owned());
            self.errors.add(file, Some(no), unknown);
        }
        let (class, duty) = (class?, duty.transpose().ok()?);
        self.meaning(&row, class, duty);
        Some(Route {
            no,
            method: row.method,
            template: row.path,
            class,
            duty,
            public: row.public || class == Class::Public,
            once: row.once,
            timeout_ms: row.timeout_ms,
        })
    }

    /// The path, and whether it is new.
    fn path(&mut self, row: &Row) {
        let mut fault = template_fault(&row.path);
        if fault.is_none()
            && System::of_path(&format!("{}{}", self.system.mount(), row.path)).0 != self.system
        {
            fault = Some("lies where another system is mounted");
        }
        if let Some(what) = fault {
            self.errors
                .add(self.file, Some(row.no), Problem::BadTemplate(what));
        }
        let segments = row.path.split('/').map(|segment| {
            let is_parameter = parameter(segment).is_some();
            if is_parameter { "{}" } else { segment }
        });
        let shape: Vec<&str> = segments.collect();
        let shape = format!("{} {}", row.method, shape.join("/"));
        if let Some(other) = self.shapes.insert(shape, row.no) {
            self.errors
                .add(self.file, Some(row.no), Problem::Doubled(other));
        }
    }

    /// Whether class, duty and marks go together.
    fn meaning(&mut self, row: &Row, class: Class, duty: Option<Duty>) {
        let mut note = |problem| self.errors.add(self.file, Some(row.no), problem);
        if let Some(idle) = duty.filter(|duty| !self.system.uses(*duty)) {
            note(Problem::IdleDuty(self.system, idle));
        }
        if !class.may_do(duty.map(Duty::kind)) {
            note(duty.map_or(Problem::NoDuty(class), |duty| {
                Problem::WrongDuty(class, duty)
            }));
        }
        if let Some(duty) = duty.filter(|duty| duty.kind() == DutyKind::Own)
            && let Some(other) = self.own.insert(duty, row.no)
        {
            note(Problem::DoubledDuty { duty, other });
        }
        let open = matches!(
            class,
            Class::Guarded | Class::Tapped | Class::Upload | Class::Stream
        );
        if row.public && !open {
            note(Problem::PublicWithoutEffect(class));
        }
        let passed_on = !matches!(class, Class::Hot | Class::Denied);
        let fits = |ms: &u32| passed_on && (1..=ROUTE_TIMEOUT_MS_MAX).contains(ms);
        if !row.timeout_ms.as_ref().is_none_or(fits) {
            note(Problem::BadTimeout(ROUTE_TIMEOUT_MS_MAX));
        }
        if row.once && &*row.method != "GET" {
            note(Problem::OnceWithoutEffect);
        }
    }
}
