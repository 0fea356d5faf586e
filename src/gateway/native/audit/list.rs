//! What the lists of rows have in common: their parameters, and the walk behind a page.

use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::{Caller, SystemError};
use crate::gateway::native::{NOT_FOUND, fault};
use crate::gateway::running::{Gateway, Running};
use crate::gateway::trail::{Source, Trail, Walked, end_before, first_at, seen, walk};
use crate::ledger::{FindError, Reading};
use crate::wire::audit::RowSeen;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::marks::Marks;
use crate::wire::page::{self, Page, Walk};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

/// What a page of a list was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    walk: Walk,
    /// Rows before this one; `None`: from the newest.
    below: Option<u64>,
    limit: usize,
    /// First instant wanted.
    from: Option<UnixSeconds>,
    /// First instant not wanted.
    to: Option<UnixSeconds>,
}

/// Instants from the first up to the other, where they are said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    from: Option<UnixSeconds>,
    to: Option<UnixSeconds>,
}

impl Times {
    /// Whether a row of this instant is wanted.
    pub(super) fn hold(self, at: i64) -> bool {
        self.from.is_none_or(|from| from.0 <= at) && self.to.is_none_or(|to| at < to.0)
    }
}

impl Listed {
    /// Reads `cursor`, `limit`, `from` and `to`. Every other parameter says what is walked.
    ///
    /// # Errors
    /// 422.
    pub(super) fn read<const N: usize>(
        caller: &Caller,
        route: &str,
        params: &Params<'_, N>,
        names: &[&'static str; N],
    ) -> Result<Self, FieldError> {
        let filters = names
            .iter()
            .filter(|name| !["cursor", "limit"].contains(name));
        let filters = filters.map(|name| params.text(name).unwrap_or_default());
        let walk = Walk::of(&caller.tenant_name, route, filters);
        let cursor = params.text("cursor").map(|text| walk.place(text));
        Ok(Self {
            walk,
            below: cursor.transpose()?,
            limit: page::limit(params.text("limit"))?,
            from: params.instant("from")?,
            to: params.instant("to")?,
        })
    }

    /// The rows between which the page lies: `floor..below`.
    pub(super) fn span(
        &self,
        reading: &mut Reading<'_>,
        tenant: TenantNo,
        newest: u64,
    ) -> Result<(u64, u64), FindError> {
        let mut below = self.below.unwrap_or(u64::MAX).min(newest + 1);
        let mut floor = 1;
        if let Some(to) = self.to {
            below = below.min(end_before(reading, tenant, to, newest)?);
        }
        if let Some(from) = self.from {
            floor = first_at(reading, tenant, from, newest)?;
        }
        Ok((floor, below))
    }

    /// Instants that are wanted: among the rows of [`Listed::span`] others lie where engine time was
    /// set back.
    pub(super) const fn times(&self) -> Times {
        Times {
            from: self.from,
            to: self.to,
        }
    }

    /// Items of the page at most.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Answers the page.
    pub(super) fn page<T: serde::Serialize>(&self, walked: Walked<T>) -> Result<Reply, Problem> {
        let next = walked.next.map(|place| self.walk.cursor(place));
        let page = Page {
            items: walked.items,
            next_cursor: next,
        };
        page.reply().ok_or_else(|| fault(SystemError::Internal))
    }
}

/// The telephone number of a parameter.
///
/// # Errors
/// 422 `INVALID_PHONE`.
pub(super) fn phone<const N: usize>(
    params: &Params<'_, N>,
) -> Result<Option<PhoneNumber>, FieldError> {
    let refused = FieldError::of("phone", FieldCode::InvalidPhone);
    let read = |text: &str| PhoneNumber::parse(text).map_err(|_why| refused);
    params.text("phone").map(read).transpose()
}

impl Gateway {
    /// The readers' room and the tenant's newest acknowledged row.
    pub(in crate::gateway::native) fn trail(
        &self,
        caller: &Caller,
    ) -> Result<(&Running, &Trail, u64), Problem> {
        let running = self
            .running()
            .ok_or_else(|| fault(SystemError::Recovering))?;
        let trail = running
            .trail
            .as_ref()
            .ok_or_else(|| fault(SystemError::Sealed))?;
        let heads = running.status.heads();
        let head = heads.get(usize::from(caller.tenant.0));
        let newest = head.ok_or(NOT_FOUND)?.1.seq;
        Ok((running, trail, newest))
    }

    /// Walks a page: `take` makes an item of a row that fits.
    pub(super) async fn walked<T: Send + 'static>(
        &self,
        caller: &Caller,
        listed: Listed,
        source: Source,
        mut take: impl FnMut(&RowSeen<'_>, &Marks<'_>) -> Option<T> + Send + 'static,
    ) -> Result<Walked<T>, Problem> {
        let (_, trail, newest) = self.trail(caller)?;
        let tenant = caller.tenant;
        let read = trail.read((tenant, newest), move |reading| {
            let span = listed.span(reading, tenant, newest)?;
            let (wanted, times) = ((tenant, &source), listed.times());
            let mut within = |row: &RowSeen<'_>, marks: &Marks<'_>| {
                times.hold(marks.at).then(|| take(row, marks)).flatten()
            };
            page_of(reading, wanted, span, listed.limit, &mut within)
        });
        read.await.map_err(|error| error.problem())
    }
}

/// One page; a row that does not read is a fault, never a shorter list.
pub(in crate::gateway::native) fn page_of<T>(
    reading: &mut Reading<'_>,
    wanted: (TenantNo, &Source),
    span: (u64, u64),
    limit: usize,
    take: &mut impl FnMut(&RowSeen<'_>, &Marks<'_>) -> Option<T>,
) -> Result<Walked<T>, FindError> {
    let mut unread = false;
    let walked = walk(reading, wanted, span, limit, |row, _| {
        let marks = Marks::read(row.body);
        unread |= marks.is_none();
        take(&seen(row), &marks?)
    })?;
    if unread {
        return Err(FindError::Damaged);
    }
    Ok(walked)
}
