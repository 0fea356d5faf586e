//! Where catalogues come from: the program itself, and a directory whose files take their place.

use std::path::Path;

use super::Catalogue;
use super::error::{CatalogueErrors, Problem};
use crate::sor::route::System;
use crate::wire::limits::CATALOGUE_BYTES_MAX;

/// The catalogue of each system.
#[derive(Debug, Clone)]
pub struct Catalogues {
    whl: Catalogue,
    scollect: Catalogue,
    portal: Catalogue,
}

impl Catalogues {
    /// What ships, or where `dir` has a file `NAME.toml` for a system, that file.
    ///
    /// # Errors
    /// Every fault of every file; a `*.toml` in `dir` that is named after no system.
    pub fn read(dir: Option<&Path>) -> Result<Self, CatalogueErrors> {
        let mut errors = CatalogueErrors::default();
        if let Some(dir) = dir {
            look_for_strangers(dir, &mut errors);
        }
        let mut one = |system| {
            let read = one(system, dir);
            read.map_err(|found| errors.0.extend(found.0)).ok()
        };
        let (whl, scollect) = (one(System::Whl), one(System::Scollect));
        let portal = one(System::Portal);
        match (whl, scollect, portal) {
            (Some(whl), Some(scollect), Some(portal)) if errors.0.is_empty() => Ok(Self {
                whl,
                scollect,
                portal,
            }),
            _ => Err(errors),
        }
    }

    /// One system's.
    pub fn of(&self, system: System) -> &Catalogue {
        match system {
            System::Whl => &self.whl,
            System::Scollect => &self.scollect,
            System::Portal => &self.portal,
        }
    }

    /// The route of a call, by the path it has at this gateway, mount and all.
    pub fn find<'a>(&'a self, method: &str, path: &'a str) -> (System, super::Lookup<'a>) {
        let (system, path) = System::of_path(path);
        (system, self.of(system).find(method, path))
    }
}

/// The text of the catalogue that ships with the program.
pub const fn shipped(system: System) -> &'static str {
    match system {
        System::Whl => include_str!("../../../config/sor/whl.toml"),
        System::Scollect => include_str!("../../../config/sor/scollect.toml"),
        System::Portal => include_str!("../../../config/sor/portal.toml"),
    }
}

fn one(system: System, dir: Option<&Path>) -> Result<Catalogue, CatalogueErrors> {
    let Some(path) = dir.map(|dir| dir.join(format!("{}.toml", system.as_str()))) else {
        return Catalogue::parse(system, system.as_str(), shipped(system));
    };
    let file = path.display().to_string();
    match read_file(&path) {
        Ok(Some(text)) => Catalogue::parse(system, &file, &text),
        Ok(None) => Catalogue::parse(system, system.as_str(), shipped(system)),
        Err(problem) => {
            let mut errors = CatalogueErrors::default();
            errors.add(&file, None, problem);
            Err(errors)
        }
    }
}

/// A file's text; `None` when there is no such file.
fn read_file(path: &Path) -> Result<Option<String>, Problem> {
    let unreadable = |error: std::io::Error| Problem::Unreadable(error.to_string());
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(about) if about.len() > CATALOGUE_BYTES_MAX as u64 => {
            return Err(Problem::TooLarge(CATALOGUE_BYTES_MAX));
        }
        Ok(_) => {}
    }
    std::fs::read_to_string(path).map(Some).map_err(unreadable)
}

/// A file that nobody would read is a mistake somebody relies on.
fn look_for_strangers(dir: &Path, errors: &mut CatalogueErrors) {
    let place = dir.display().to_string();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            errors.add(&place, None, Problem::Unreadable(error.to_string()));
            return;
        }
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                errors.add(&place, None, Problem::Unreadable(error.to_string()));
                continue;
            }
        };
        let toml = path.extension().is_some_and(|ext| ext == "toml");
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if toml && stem.and_then(System::parse).is_none() {
            errors.add(&path.display().to_string(), None, Problem::NoSystem);
        }
    }
}
