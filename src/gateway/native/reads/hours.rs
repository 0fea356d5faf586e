//! Whether the hours let a call be made to a place.

use super::refused;
use crate::domain::phone::PhoneNumber;
use crate::domain::place::{StateCode, Zip5};
use crate::engine::query::{PlaceAsked, Told, What};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::bytes;
use crate::wire::compliance::hours::{PlaceTime, TimeCheck};
use crate::wire::field::FieldCode;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 3] = ["phone", "state", "zip"];

impl Gateway {
    pub(super) async fn time_check(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let asked = asked(errand.query)?;
        let what = What::Hours(asked);
        let told = self.query(desk, caller, what, errand).await?;
        let Told::Hours(Some(hours), stamp) = told else {
            return Err(fault(SystemError::Internal));
        };
        let law = self.law(stamp)?;
        let places = hours.zones.iter().map(|one| {
            let opening = (&one.opening.findings, one.opening.next);
            PlaceTime::of(&one.zone, one.local, one.offset_s, opening, law.texts())
        });
        let opening = (&hours.opening.findings, hours.opening.next);
        let places = places.collect();
        let told = TimeCheck::of(stamp.at, opening, hours.jurisdictions, places, law.texts());
        Ok(Reply::json(200, bytes(&told)))
    }
}

fn asked(query: &str) -> Result<PlaceAsked, Problem> {
    let params = Params::read(query, &NAMES).map_err(Problem::of_field)?;
    let phone = params.text("phone").map(|text| {
        let number = PhoneNumber::parse(text);
        number.map_err(|_no_number| refused("phone", FieldCode::InvalidPhone))
    });
    let asked = PlaceAsked {
        phone: phone.transpose()?,
        state: params
            .word("state", StateCode::parse)
            .map_err(Problem::of_field)?,
        zip: params.word("zip", Zip5::parse).map_err(Problem::of_field)?,
    };
    if asked == PlaceAsked::default() {
        return Err(refused("phone", FieldCode::Missing));
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_three_is_enough_and_none_is_not() {
        let california = asked("state=ca").unwrap();
        assert_eq!(california.state, StateCode::parse("CA"));
        let all = asked("phone=%2B18185551234&state=CA&zip=91502").unwrap();
        assert!(all.phone.is_some() && all.zip.is_some());
        for (query, field, code) in [
            ("", "phone", "MISSING"),
            ("phone=123", "phone", "INVALID_PHONE"),
            ("state=XX", "state", "UNKNOWN_WORD"),
            ("zip=x", "zip", "UNKNOWN_WORD"),
            ("zip=91502&city=1", "query", "UNKNOWN_PARAMETER"),
        ] {
            let problem = asked(query).unwrap_err();
            let told = (problem.status, problem.field, problem.code);
            assert_eq!(told, (422, Some(field), code), "{query}");
        }
    }
}
