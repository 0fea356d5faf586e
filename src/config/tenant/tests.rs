//! What a tenant file means, and what a bad one is told.

use super::*;
use crate::domain::ids::NameNo;
use crate::domain::place::Jurisdiction;
use crate::domain::policy::TenantPolicy;
use crate::domain::words::{Action, Channel, DialMode};

fn numbering() -> impl FnMut(&str) -> NameNo {
    let mut names: Vec<String> = Vec::new();
    move |name| {
        let at = names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        NameNo(u16::try_from(at + 1).unwrap())
    }
}

fn policy(text: &str) -> TenantPolicy {
    TenantFile::parse("t.toml", text)
        .unwrap()
        .into_policy(&mut numbering())
}

#[test]
fn a_file_with_a_name_only_is_the_published_default() {
    assert_eq!(policy("name = \"acme\""), TenantPolicy::defaults("acme"));
}

#[test]
fn every_key_changes_the_policy() {
    let base = policy("name = \"acme\"");
    for key in [
        "[strategy]\nchannels = [\"phone\"]",
        "[strategy]\nlicences = []",
        "[agency]\nzone = \"America/Denver\"",
        "[[strategy.portfolio]]\nname = \"p\"",
        "[[strategy.creditor]]\nname = \"p\"",
        "[compliance]\nmilitary_blocks = false",
        "[authority]\ndial_mode = \"manual\"",
        "[authority]\ndial_modes = [\"manual\"]",
        "[authority]\napproval_actions = [\"letter\"]",
        "[authority]\nsources_closed = true",
        "[[authority.source]]\nname = \"s\"",
        "[fairness]\ngap_s = 0",
        "[fairness]\nphone_per_day = 0",
        "[fairness]\nperson_per_day = 0",
        "[fairness]\nvoicemails_per_week = 0",
        "[fairness]\nvulnerable_blocks = []",
        "[timing]\nstate_counts = \"residence\"",
        "[consent]\npredictive_is_autodialled = false",
        "[channel]\nsocial_permitted = true",
        "[concurrency]\none_at_a_time = false",
        "[infrastructure]\nfacts_age_max_s = 86400",
        "[exceptions]\nreply_age_max_s = 0",
    ] {
        assert_ne!(policy(&format!("name = \"acme\"\n{key}")), base, "{key}");
    }
}

#[test]
fn words_become_bits_and_rules_are_sorted_by_number() {
    let got = policy(
        "name = \"acme\"\n[strategy]\nlicences = [\"CA\", \"US-NY-NYC\"]\n\
         [[strategy.portfolio]]\nname = \"b\"\nhold = true\nchannels = [\"mail\"]\n\
         [[strategy.creditor]]\nname = \"a\"\n\
         [[strategy.creditor]]\nname = \"b\"\nactions = [\"letter\"]\n\
         [[authority.source]]\nname = \"ivr\"\ndial_mode = \"prerecorded\"\n",
    );
    assert_eq!(got.portfolios[0].name, NameNo(1));
    assert!(got.portfolios[0].hold);
    assert_eq!(got.portfolios[0].channels, 1 << Channel::Mail.number());
    let creditors: Vec<_> = got.creditors.iter().map(|rule| rule.name).collect();
    assert_eq!(creditors, [NameNo(1), NameNo(2)]);
    assert_eq!(got.creditors[0].actions, 1 << Action::Letter.number());
    assert_eq!(got.sources[0].dial_mode, Some(DialMode::Prerecorded));
    let licences = got.licences.unwrap();
    assert_eq!(licences.len(), 2);
    assert!(licences.contains(Jurisdiction::NEW_YORK_CITY));
}

/// CONFIG-1 in a tenant's file.
#[test]
fn every_finding_is_told_at_once() {
    let text = "name = \"Acme\"\nnote = 1\n[strategy]\nlicences = [\"CA\", \"ZZ\"]\n\
                channels = [\"fone\"]\n[[strategy.portfolio]]\nhold = 1\n\
                [[strategy.creditor]]\nname = \"x\"\n[[strategy.creditor]]\nname = \"x\"\n\
                [exceptions]\nreply_age_max_s = 86401\n";
    let told = TenantFile::parse("t.toml", text).unwrap_err().to_string();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 8, "{told}");
    assert!(lines[0].starts_with("t.toml: name: needs 1 to 64 of"));
    assert_eq!(
        lines[1],
        "t.toml: strategy.licences: \"ZZ\" is neither a USPS code nor US-NY-NYC"
    );
    assert!(lines[2].starts_with("t.toml: strategy.channels: unknown variant `fone`"));
    assert_eq!(
        lines[3],
        "t.toml: strategy.portfolio.1.name: needs 1 to 64 bytes"
    );
    assert!(lines[4].starts_with("t.toml: strategy.portfolio.1.hold: invalid type: integer `1`"));
    assert_eq!(lines[5], "t.toml: strategy.creditor: \"x\" stands twice");
    assert_eq!(
        lines[6],
        "t.toml: exceptions.reply_age_max_s: 86401 is outside 0..=86400"
    );
    assert_eq!(lines[7], "t.toml: note: unknown key");
}

/// Names invariant TENANT-2.
#[test]
fn the_canonical_form_reads_back_and_does_not_depend_on_spelling() {
    let one = "name = \"acme\"\n[strategy]\nchannels = [\"sms\", \"phone\", \"sms\"]\n\
               licences = [\"ny\", \"CA\"]\n[[authority.source]]\nname = \"ivr\"\n";
    let other = "# remark\nname = \"acme\"\n[authority]\ndial_mode = \"predictive\"\n\
                 source = [{ name = \"ivr\" }]\n[strategy]\nlicences = [\"CA\", \"NY\"]\n\
                 channels = [\"phone\", \"sms\"]\n";
    let one = TenantFile::parse("a", one).unwrap();
    let other = TenantFile::parse("b", other).unwrap();
    assert_eq!(one.canonical(), other.canonical());
    assert_eq!(one.hash(), other.hash());
    assert_eq!(TenantFile::from_archive(&one.canonical()).unwrap(), one);
}

#[test]
fn the_canonical_form_of_the_default_is_fixed() {
    let file = TenantFile::parse("a", "name = \"acme\"").unwrap();
    let text = String::from_utf8(file.canonical()).unwrap();
    assert_eq!(
        text,
        "{\"agency\":{},\"authority\":{\"approval_actions\":[],\"dial_mode\":\"predictive\",\"dial_modes\":\
         [\"manual\",\"preview\",\"predictive\",\"prerecorded\",\"ringless\"],\"source\":[],\
         \"sources_closed\":false},\"channel\":{\"social_permitted\":false},\"compliance\":\
         {\"military_blocks\":true},\"concurrency\":{\"one_at_a_time\":true},\"consent\":\
         {\"predictive_is_autodialled\":true},\"exceptions\":{\"reply_age_max_s\":86400},\
         \"fairness\":{\"gap_s\":300,\"person_per_day\":5,\"phone_per_day\":3,\
         \"voicemails_per_week\":3,\"vulnerable_blocks\":[\"health\",\"hardship\",\"bereavement\",\
         \"language\",\"age\",\"other\"]},\"infrastructure\":{\"facts_age_max_s\":0},\"name\":\
         \"acme\",\"rules\":{\"duties_met\":[],\"emergency\":[],\"enforce\":[],\"flag\":[]},\"strategy\":{\"channels\":[\"phone\",\"sms\",\"email\",\"mail\",\"fax\",\
         \"in_person\",\"social\"],\"creditor\":[],\"portfolio\":[]},\"timing\":{\"state_counts\":\
         \"all\"}}"
    );
}

#[test]
fn tenant_names_are_plain() {
    for good in ["a", "demo-b", "x_1", "9z", &"a".repeat(64)] {
        assert!(is_tenant_name(good), "{good}");
    }
    for bad in ["", "-a", "_a", "A", "a.b", "a/b", "ä", &"a".repeat(65)] {
        assert!(!is_tenant_name(bad), "{bad}");
    }
}
