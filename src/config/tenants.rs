//! The directory of tenant files, and the three that come with the program.

use std::path::{Path, PathBuf};

use super::error::ConfigErrors;
use super::settings::read_text;
use super::tenant::TenantFile;

/// Tenants at most: their numbers are 16 bits wide, and each has a chain.
const TENANTS_MAX: usize = 4_096;

type Texts = Vec<(PathBuf, Result<String, String>)>;

/// The tenant files of a directory as they were at one look, not yet read.
#[derive(Debug)]
pub struct TenantTexts {
    place: String,
    /// Each file with its text, or why it has none; or why there are no files.
    files: Result<Texts, String>,
}

impl TenantTexts {
    /// Every `*.toml` of a directory.
    pub fn of_dir(dir: &Path) -> Self {
        Self {
            place: dir.display().to_string(),
            files: texts_of(dir),
        }
    }

    /// Shows all that was seen, part by part, in one order.
    pub fn each_part(&self, mut show: impl FnMut(&[u8])) {
        match &self.files {
            Err(what) => show(what.as_bytes()),
            Ok(files) => {
                for (path, text) in files {
                    show(path.as_os_str().as_encoded_bytes());
                    let (Ok(text) | Err(text)) = text;
                    show(text.as_bytes());
                }
            }
        }
    }

    /// Reads every file; sorted by name.
    ///
    /// # Errors
    /// Every finding of every file; a directory without tenants; a file not named after its tenant.
    pub fn read(&self) -> Result<Vec<TenantFile>, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mut all = Vec::new();
        match &self.files {
            Err(what) => errors.add(&self.place, "", what),
            Ok(files) => {
                for (path, text) in files {
                    all.extend(read_one(path, text, &mut errors));
                }
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        errors.none_or(all)
    }
}

/// Reads every `*.toml` of a directory, sorted by name.
///
/// # Errors
/// As [`TenantTexts::read`].
pub fn load_tenants(dir: &Path) -> Result<Vec<TenantFile>, ConfigErrors> {
    TenantTexts::of_dir(dir).read()
}

fn texts_of(dir: &Path) -> Result<Texts, String> {
    let entries = std::fs::read_dir(dir).map_err(|error| format!("cannot be read: {error}"))?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        // A directory read by half would withdraw tenants nobody removed.
        let entry = entry.map_err(|error| format!("cannot be read: {error}"))?;
        paths.push(entry.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    if paths.is_empty() {
        return Err("holds no *.toml: nobody could ask".to_owned());
    }
    if paths.len() > TENANTS_MAX {
        return Err(format!("holds more than {TENANTS_MAX} tenants"));
    }
    let with_text = |path: PathBuf| {
        let text = read_text(&path);
        (path, text)
    };
    Ok(paths.into_iter().map(with_text).collect())
}

fn read_one(
    path: &Path,
    text: &Result<String, String>,
    errors: &mut ConfigErrors,
) -> Option<TenantFile> {
    let file = path.display().to_string();
    match text.as_ref().map(|text| TenantFile::parse(&file, text)) {
        Ok(Ok(tenant)) => {
            if path
                .file_stem()
                .is_none_or(|stem| stem != tenant.name.as_str())
            {
                errors.add(&file, "name", "is not the name of the file");
            }
            Some(tenant)
        }
        Ok(Err(found)) => {
            errors.0.extend(found.0);
            None
        }
        Err(what) => {
            errors.add(&file, "", what);
            None
        }
    }
}

/// The tenants of `dialgate demo`: they need no file.
///
/// # Errors
/// Never for the shipped texts, which a test reads.
pub fn demo_tenants() -> Result<Vec<TenantFile>, ConfigErrors> {
    let demo = TenantFile::parse("demo.toml", include_str!("../../config/tenants/demo.toml"))?;
    let open = TenantFile::parse(
        "demo-b.toml",
        include_str!("../../config/tenants/demo-b.toml"),
    )?;
    let bound = TenantFile::parse(
        "demo-sor.toml",
        include_str!("../../config/tenants/demo-sor.toml"),
    )?;
    Ok(vec![demo, open, bound])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_tenants_are_three_and_one_has_the_agency_gates_open() {
        let all = demo_tenants().unwrap();
        assert_eq!(
            all.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
            ["demo", "demo-b", "demo-sor"]
        );
        let caps = &all[1].fairness;
        assert_eq!(
            [
                caps.gap_s,
                caps.phone_per_day,
                caps.person_per_day,
                caps.voicemails_per_week
            ],
            [0; 4]
        );
        assert!(!all[1].concurrency.one_at_a_time);
    }

    #[test]
    fn a_directory_is_told_all_its_findings() {
        let dir = tempfile::tempdir().unwrap();
        let told = || load_tenants(dir.path()).unwrap_err().to_string();
        assert!(told().ends_with("holds no *.toml: nobody could ask"));
        std::fs::write(dir.path().join("a.toml"), "name = \"b\"").unwrap();
        std::fs::write(dir.path().join("c.toml"), "name = \"c\"\nx = 1").unwrap();
        std::fs::write(dir.path().join("d.txt"), "not read").unwrap();
        let lines = told();
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.contains("a.toml: name: is not the name of the file"));
        assert!(lines.contains("c.toml: x: unknown key"));
        std::fs::write(dir.path().join("a.toml"), "name = \"a\"").unwrap();
        std::fs::write(dir.path().join("c.toml"), "name = \"c\"").unwrap();
        let names: Vec<_> = load_tenants(dir.path())
            .unwrap()
            .into_iter()
            .map(|t| t.name)
            .collect();
        assert_eq!(names, ["a", "c"]);
    }
}
