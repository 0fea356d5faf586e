//! The directory of tenant files, and the two that come with the program.

use std::path::Path;

use super::error::ConfigErrors;
use super::settings::read_text;
use super::tenant::TenantFile;

/// Tenants at most: their numbers are 16 bits wide, and each has a chain.
const TENANTS_MAX: usize = 4_096;

/// Reads every `*.toml` of a directory, sorted by name.
///
/// # Errors
/// Every finding of every file; a directory without tenants; a file not named after its tenant.
pub fn load_tenants(dir: &Path) -> Result<Vec<TenantFile>, ConfigErrors> {
    let place = dir.display().to_string();
    let mut errors = ConfigErrors::default();
    let mut paths = Vec::new();
    match std::fs::read_dir(dir) {
        Ok(entries) => paths.extend(entries.flatten().map(|entry| entry.path())),
        Err(error) => errors.add(&place, "", format_args!("cannot be read: {error}")),
    }
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    if errors.0.is_empty() && paths.is_empty() {
        errors.add(&place, "", "holds no *.toml: nobody could ask");
    }
    if paths.len() > TENANTS_MAX {
        errors.add(
            &place,
            "",
            format_args!("holds more than {TENANTS_MAX} tenants"),
        );
        paths.clear();
    }
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let file = path.display().to_string();
        match read_text(&path) {
            Ok(text) => match TenantFile::parse(&file, &text) {
                Ok(tenant) => {
                    if path
                        .file_stem()
                        .is_none_or(|stem| stem != tenant.name.as_str())
                    {
                        errors.add(&file, "name", "is not the name of the file");
                    }
                    all.push(tenant);
                }
                Err(found) => errors.0.extend(found.0),
            },
            Err(what) => errors.add(&file, "", what),
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    errors.none_or(all)
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
    Ok(vec![demo, open])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_tenants_are_two_and_one_has_the_agency_gates_open() {
        let all = demo_tenants().unwrap();
        assert_eq!(
            all.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
            ["demo", "demo-b"]
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
