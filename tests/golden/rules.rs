//! `config/rules/README.md` lists every rule as the pack has it.

use std::path::Path;

use dialgate::rulepack;

/// What stands between the marks.
fn table(page: &str) -> &str {
    let (_, rest) = page.split_once("<!-- rules -->\n").unwrap();
    rest.split_once("<!-- /rules -->").unwrap().0
}

/// On a difference: `dialgate rules list config/rules` prints what belongs between the marks.
#[test]
fn the_list_of_rules_is_what_the_pack_says() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    let pack = rulepack::load(&dir).unwrap();
    let page = std::fs::read_to_string(dir.join("README.md")).unwrap();
    let (told, made) = (table(&page), rulepack::markdown(&pack));
    for (told, made) in told.lines().zip(made.lines()) {
        assert_eq!(told, made);
    }
    assert_eq!(told.lines().count(), made.lines().count());
    assert_eq!(made.lines().count(), 2 + pack.texts().len());
}
