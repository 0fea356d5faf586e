//! Finding values in a body.

use super::{Field, FieldMap, Path, Sign, Tree};
use crate::sor::dialect::formats;
use crate::wire::email;
use crate::wire::limits::CALLER_TEXT_BYTES_MAX;

/// How deep objects that only wrap are opened.
const ENVELOPES_DEEP_MAX: usize = 4;
/// How deep a body is searched for addresses.
const SEARCH_DEEP_MAX: usize = 16;
/// Different values of one key at most that are told apart; beyond, nothing is sure.
const VALUES_MAX: usize = 256;

/// What a body says under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sor::dialect) enum Found<T> {
    /// Nothing.
    Nothing,
    /// One thing, however often.
    One(T),
    /// Things that differ.
    Several(Vec<T>),
}

impl<T: PartialEq> Found<T> {
    /// Of a list of values.
    pub(in crate::sor::dialect) fn of(values: impl IntoIterator<Item = T>) -> Self {
        let mut distinct: Vec<T> = Vec::new();
        for value in values {
            if distinct.len() < VALUES_MAX && !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        match distinct.len() {
            0 => Self::Nothing,
            1 => distinct.pop().map_or(Self::Nothing, Self::One),
            _ => Self::Several(distinct),
        }
    }

    /// The one value.
    pub(in crate::sor::dialect) fn one(self) -> Option<T> {
        match self {
            Self::One(value) => Some(value),
            Self::Nothing | Self::Several(_) => None,
        }
    }

    /// All of them.
    pub(in crate::sor::dialect) fn all(self) -> Vec<T> {
        match self {
            Self::Nothing => Vec::new(),
            Self::One(value) => vec![value],
            Self::Several(values) => values,
        }
    }
}

impl FieldMap {
    /// Everything a body has under the names of a field: in itself and in what wraps it.
    pub(in crate::sor::dialect) fn values<'t>(
        &self,
        tree: &'t Tree,
        field: Field,
    ) -> Vec<&'t Tree> {
        self.under(tree, self.names(field), &[Field::Envelope])
    }

    /// The same under the names of a restriction.
    pub(in crate::sor::dialect) fn stated<'t>(&self, tree: &'t Tree, sign: Sign) -> Vec<&'t Tree> {
        self.under(tree, self.flags(sign), &[Field::Envelope])
    }

    fn under<'t>(&self, tree: &'t Tree, names: &[Path], open: &[Field]) -> Vec<&'t Tree> {
        let mut bases = Vec::new();
        self.bases(tree, open, ENVELOPES_DEEP_MAX, &mut bases);
        let mut found = Vec::new();
        for base in bases {
            for path in names {
                follow(base, path, &mut found);
            }
        }
        found
    }

    /// The object and the objects it wraps, under the names of these fields.
    fn bases<'t>(&self, tree: &'t Tree, open: &[Field], deep: usize, into: &mut Vec<&'t Tree>) {
        if let Some(items) = tree.items() {
            for item in items {
                self.bases(item, open, deep, into);
            }
            return;
        }
        into.push(tree);
        let Some(deeper) = deep.checked_sub(1) else {
            return;
        };
        for (name, value) in tree.fields() {
            if open.iter().any(|field| self.is_called(name, *field)) {
                self.bases(value, open, deeper, into);
            }
        }
    }

    /// Whether a name is one of a field's.
    pub(in crate::sor::dialect) fn is_called(&self, name: &str, field: Field) -> bool {
        let mut names = self.names(field).iter();
        names.any(|path| matches!(&**path, [known] if **known == *name))
    }

    /// The things a body lists, each an object of its own; none where it lists nothing.
    pub(in crate::sor::dialect) fn rows<'t>(&self, tree: &'t Tree) -> Vec<&'t Tree> {
        let mut rows = Vec::new();
        self.listed(tree, ENVELOPES_DEEP_MAX, &mut rows);
        rows
    }

    /// Whether a body lists things, be it none.
    pub(in crate::sor::dialect) fn is_listing(&self, tree: &Tree) -> bool {
        let lists = |(name, value): &(Box<str>, Tree)| {
            let named = self.is_called(name, Field::Rows) || self.is_called(name, Field::Envelope);
            named && self.is_listing(value)
        };
        tree.items().is_some() || tree.fields().iter().any(lists)
    }

    /// Whether a body is a list, be it of nothing, and all of it: nothing it holds besides is a list of
    /// things under a name nobody knows, no further page is named, and no more things are counted than it
    /// lists.
    pub(in crate::sor::dialect) fn is_whole_listing(&self, tree: &Tree) -> bool {
        self.is_listing(tree) && !self.is_part(tree) && !self.has_unknown_list(tree, &[])
    }

    /// Whether a list of alerts, or an object that is one, is whole and says something in every part of
    /// it that is known by name. Nothing at all is whole.
    pub(in crate::sor::dialect) fn is_understood(&self, tree: &Tree) -> bool {
        if self.is_part(tree) || self.has_unknown_list(tree, &[Field::Tags]) {
            return false;
        }
        let rows = self.rows(tree);
        let objects = rows.iter().filter(|row| !row.fields().is_empty());
        let mut objects = objects.copied();
        match tree {
            Tree::Object(fields) if !fields.is_empty() && !self.is_listing(tree) => {
                self.says_anything(tree)
            }
            _ => objects.all(|row| self.says_anything(row)),
        }
    }

    /// Whether an object has anything by which an alert could be known.
    fn says_anything(&self, tree: &Tree) -> bool {
        let fields = [
            Field::Kind,
            Field::Status,
            Field::Tags,
            Field::Over,
            Field::Holds,
        ];
        fields
            .iter()
            .any(|field| !self.values(tree, *field).is_empty())
            || Sign::ALL
                .iter()
                .any(|sign| !self.stated(tree, *sign).is_empty())
    }

    /// Whether a list says that there is more than it holds.
    fn is_part(&self, tree: &Tree) -> bool {
        let mut wrappers = Vec::new();
        self.wrappers(tree, ENVELOPES_DEEP_MAX, &mut wrappers);
        let listed = self.rows(tree).len();
        wrappers.into_iter().any(|wrapper| {
            let mut next = Vec::new();
            for path in self.names(Field::NextPage) {
                follow(wrapper, path, &mut next);
            }
            next.into_iter().any(names_more) || counts_more(wrapper, listed)
        })
    }

    /// Whether what wraps a list holds another one, of things, under a name that is not known.
    fn has_unknown_list(&self, tree: &Tree, known: &[Field]) -> bool {
        let mut wrappers = Vec::new();
        self.wrappers(tree, ENVELOPES_DEEP_MAX, &mut wrappers);
        let known = |name: &str| {
            let lists = [Field::Rows, Field::Envelope];
            let mut fields = lists.iter().chain(known);
            fields.any(|field| self.is_called(name, *field)) || LINKS.contains(&name)
        };
        let of_things = |value: &Tree| {
            let mut items = value.items().unwrap_or_default().iter();
            items.any(|item| !item.fields().is_empty())
        };
        wrappers.into_iter().any(|wrapper| {
            let mut fields = wrapper.fields().iter();
            fields.any(|(name, value)| of_things(value) && !known(name))
        })
    }

    /// The object and the objects that wrap its list; nothing of what is listed.
    fn wrappers<'t>(&self, tree: &'t Tree, deep: usize, into: &mut Vec<&'t Tree>) {
        if tree.fields().is_empty() {
            return;
        }
        into.push(tree);
        let Some(deeper) = deep.checked_sub(1) else {
            return;
        };
        for (name, value) in tree.fields() {
            let wraps = self.is_called(name, Field::Envelope)
                || self.is_called(name, Field::Rows)
                || PAGING.contains(&&**name);
            if wraps {
                self.wrappers(value, deeper, into);
            }
        }
    }

    fn listed<'t>(&self, tree: &'t Tree, deep: usize, into: &mut Vec<&'t Tree>) {
        if let Some(items) = tree.items() {
            into.extend(
                items
                    .iter()
                    .filter(|item| !item.fields().is_empty() || item.text().is_some()),
            );
            return;
        }
        let Some(deeper) = deep.checked_sub(1) else {
            return;
        };
        for (name, value) in tree.fields() {
            let lists = self.is_called(name, Field::Rows) || self.is_called(name, Field::Envelope);
            if lists && (value.items().is_some() || !value.fields().is_empty()) {
                self.listed(value, deeper, into);
            }
        }
    }

    /// Texts under a field, as they stand.
    pub(in crate::sor::dialect) fn texts<'t>(&self, tree: &'t Tree, field: Field) -> Vec<&'t str> {
        let mut texts = Vec::new();
        for value in self.values(tree, field) {
            each_text(value, &mut texts);
        }
        texts
    }

    /// The one text under a field, if it is short enough to be a name of something.
    pub(in crate::sor::dialect) fn name(&self, tree: &Tree, field: Field) -> Option<Box<str>> {
        Found::of(self.texts(tree, field)).one().and_then(named)
    }

    /// The numbers or addresses one value is: the text itself, or what an object has as its own.
    pub(in crate::sor::dialect) fn own_points<'t>(&self, value: &'t Tree) -> Vec<&'t str> {
        let own = value
            .fields()
            .iter()
            .filter(|(name, _)| self.is_called(name, Field::Point));
        let mut texts: Vec<&str> = own.filter_map(|(_, value)| value.text()).collect();
        texts.extend(value.text());
        texts
    }

    /// The numbers or addresses under a field, one by one: texts, or objects that have them.
    pub(in crate::sor::dialect) fn points<'t>(
        &self,
        tree: &'t Tree,
        field: Field,
    ) -> Vec<&'t Tree> {
        let values = self.values(tree, field).into_iter();
        let each = |value: &'t Tree| match value.items() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        };
        values.flat_map(each).collect()
    }

    /// Their texts.
    pub(in crate::sor::dialect) fn point_texts<'t>(
        &self,
        tree: &'t Tree,
        field: Field,
    ) -> Vec<&'t str> {
        let points = self.points(tree, field).into_iter();
        points.flat_map(|point| self.own_points(point)).collect()
    }

    /// The accounts a body names. A value that could be no account's name leaves it open.
    pub(in crate::sor::dialect) fn accounts(&self, tree: &Tree) -> Found<Box<str>> {
        let open = [Field::Envelope, Field::Thing];
        let values = self.under(tree, self.names(Field::AccountId), &open);
        let mut texts = Vec::new();
        let mut unsure = false;
        for value in values {
            each_text(value, &mut texts);
            unsure |= matches!(value, Tree::Fraction(_) | Tree::Flag(_));
        }
        unsure |= texts.iter().any(|text| named(text).is_none());
        let found = Found::of(texts.into_iter().filter_map(named));
        if unsure {
            Found::Several(found.all())
        } else {
            found
        }
    }

    /// Every address of a body that receives something: under whatever name, except a sender's.
    pub(in crate::sor::dialect) fn addresses(&self, tree: &Tree) -> Vec<Box<str>> {
        let mut all = Vec::new();
        self.search(tree, SEARCH_DEEP_MAX, &mut all);
        Found::of(all).all()
    }

    /// Whether an address, or what is to be one, stands under a name of the recipient, not of a copy.
    pub(in crate::sor::dialect) fn names_recipient(&self, tree: &Tree) -> bool {
        let names = self.names(Field::Email).iter();
        let names = names.filter(|path| path.last().is_some_and(|name| !COPIES.contains(&&**name)));
        let names: Vec<Path> = names.cloned().collect();
        let values = self.under(tree, &names, &[Field::Envelope]).into_iter();
        let texts = |value: &Tree| {
            let mut found = Vec::new();
            self.search(value, SEARCH_DEEP_MAX, &mut found);
            !found.is_empty() || !self.own_points(value).is_empty()
        };
        values.into_iter().any(texts)
    }

    fn search(&self, tree: &Tree, deep: usize, into: &mut Vec<Box<str>>) {
        let Some(deeper) = deep.checked_sub(1) else {
            return;
        };
        match tree {
            Tree::Text(text) => into.extend(addresses_in(text)),
            Tree::List(items) => items
                .iter()
                .for_each(|item| self.search(item, deeper, into)),
            Tree::Object(fields) => {
                for (name, value) in fields {
                    if !self.is_called(name, Field::Sender) {
                        self.search(value, deeper, into);
                    }
                }
            }
            Tree::Null | Tree::Flag(_) | Tree::Fraction(_) => {}
        }
    }
}

/// Objects that tell how a list is paged.
const PAGING: [&str; 5] = ["pagination", "paging", "page", "pageinfo", "meta"];
/// How many things there are in all, of which a page lists some.
const TOTALS: [&str; 5] = [
    "total",
    "totalcount",
    "totalresults",
    "totalrecords",
    "totalitems",
];
/// How many pages there are.
const PAGES: [&str; 4] = ["totalpages", "pages", "lastpage", "pagecount"];
/// That there is more.
const MORE: [&str; 3] = ["hasmore", "hasnext", "more"];
/// Lists of addresses of other pages.
const LINKS: [&str; 2] = ["links", "link"];

/// Whether what stands where the next page is named names one.
fn names_more(value: &Tree) -> bool {
    match value {
        Tree::Flag(flag) => *flag,
        Tree::Object(fields) => !fields.is_empty(),
        _ => value
            .text()
            .is_some_and(|text| text != "0" && !text.eq_ignore_ascii_case("false")),
    }
}

/// Whether an object that wraps a list counts more than so many things, or more than one page.
fn counts_more(wrapper: &Tree, listed: usize) -> bool {
    let more = |names: &[&str], than: usize| {
        let mut counts = wrapper
            .fields()
            .iter()
            .filter(|(name, _)| names.contains(&&**name));
        counts.any(|(_, value)| {
            let count = value.text().and_then(|text| text.parse::<usize>().ok());
            count.is_some_and(|count| count > than)
        })
    };
    let says = |(name, value): &(Box<str>, Tree)| MORE.contains(&&**name) && names_more(value);
    more(&TOTALS, listed) || more(&PAGES, 1) || wrapper.fields().iter().any(says)
}

/// Follows names behind each other; a name that stands twice leads to both.
fn follow<'t>(tree: &'t Tree, path: &[Box<str>], into: &mut Vec<&'t Tree>) {
    let Some((first, rest)) = path.split_first() else {
        into.push(tree);
        return;
    };
    if let Some(items) = tree.items() {
        for item in items {
            follow(item, path, into);
        }
    }
    for (name, value) in tree.fields() {
        if name == first {
            follow(value, rest, into);
        }
    }
}

/// Texts of a value and of the lists in it.
fn each_text<'t>(tree: &'t Tree, into: &mut Vec<&'t str>) {
    match tree.items() {
        Some(items) => items.iter().for_each(|item| each_text(item, into)),
        None => into.extend(tree.text()),
    }
}

/// A text as a name of something; nothing is named by nothing.
pub(in crate::sor::dialect) fn named(text: &str) -> Option<Box<str>> {
    let fits = !text.is_empty() && text.len() <= CALLER_TEXT_BYTES_MAX;
    let fits = fits && !text.chars().any(char::is_control);
    fits.then(|| text.into())
}

/// Names of copies: whom a message goes to besides.
const COPIES: [&str; 2] = ["cc", "bcc"];

/// Lines of a message's head that name recipients.
const RECIPIENTS: [&str; 6] = ["to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"];

/// The recipients a line of a message's head names, as headers are written out.
fn recipients(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(':')?;
    let mut known = RECIPIENTS.iter();
    known
        .any(|known| name.trim().eq_ignore_ascii_case(known))
        .then_some(rest)
}

/// The addresses a text consists of: one, several with commas or semicolons between, each with or
/// without a name before it; and those of lines such as `Bcc: a@example.com`. A text that has anything
/// else besides is prose and names nobody.
fn addresses_in(text: &str) -> Vec<Box<str>> {
    let listed = text.split([',', ';']);
    let heads = text.lines().filter_map(recipients);
    let parts = listed
        .chain(heads.flat_map(|rest| rest.split([',', ';'])))
        .filter(|part| !part.trim().is_empty());
    let read = parts.map(|part| {
        let part = part.trim();
        let inner = part
            .strip_suffix('>')
            .and_then(|part| part.rsplit_once('<'));
        let address = inner.map_or(part, |(_, address)| address).trim();
        email::normalise(address).map(|address| Box::<str>::from(&*address))
    });
    let read: Vec<Option<Box<str>>> = read.collect();
    // A name with a comma in it is no address, the part behind it is.
    read.into_iter().flatten().collect()
}

/// A number as a body spells it.
pub(in crate::sor::dialect) fn number(text: &str) -> Option<crate::domain::phone::PhoneNumber> {
    formats::phone(text).known()
}
