//! Answers in the shapes the document shows, with the values that decide and none besides.

use std::sync::{Arc, LazyLock};

use crate::domain::time::UnixSeconds;
use crate::sor::call::{Call, Heard};
use crate::sor::route::{Duty, System};

/// The dialect as it is shipped.
pub(super) fn scollect() -> super::Scollect {
    static SHIPPED: LazyLock<super::Scollect> = LazyLock::new(|| {
        let all = crate::sor::catalogue::Catalogues::read(None).unwrap();
        super::Scollect::new(Arc::new(all.of(System::Scollect).clone())).unwrap()
    });
    SHIPPED.clone()
}

/// An answer with status 200.
pub(super) fn heard(body: &str) -> Heard {
    Heard {
        status: 200,
        body: body.to_owned().into(),
    }
}

/// An answer with a result and the state all of them have.
pub(super) fn result(result: &str) -> Heard {
    heard(&format!(r#"{{"result": {result}, "state": "SUCCESS"}}"#))
}

/// A call of a route.
pub(super) fn call(duty: Duty, body: &str) -> Call<'_> {
    Call {
        system: System::Scollect,
        duty,
        template: "",
        params: &[],
        query: "",
        content_type: "application/json",
        body: body.as_bytes(),
        public: false,
        now: now(),
    }
}

/// Some weeks after the attempts of the samples.
pub(super) fn now() -> UnixSeconds {
    UnixSeconds::parse("2024-01-24T18:30:20Z").unwrap()
}

/// Nothing, as most reads say it.
pub(super) const NOTHING: &str = r#"{"result": []}"#;

/// Of an account that went bankrupt: the first sample.
pub(super) const BANKRUPT: &str = r#"[{
    "accountnumber": "12345679", "address": "15 STREET NAME", "address2": "",
    "attorneyaddress": " ", "attorneycity": " ", "attorneyemailaddress": " ", "attorneyfees": "0.00",
    "attorneyname": "", "attorneyphone": " ", "attorneystate": "",
    "bankruptcytype": "", "bankruptcyverificationstatus": "", "birthdate": "1/1/1900",
    "cellphone": null, "city": "CITY", "clientname": "C2C", "closedreason": "",
    "currentbalance": "809.00", "dateclosed": "1900-01-01", "datefiled": "10/6/2023",
    "deceased": "NO", "deceaseddate": null, "docketnumber": "dgmhdm",
    "emailaddress": "EMAIL@EMAIL.COM", "employerphone": "1112223333", "filenumber": "R1001",
    "firstname": "MALIA", "groupname": "", "hotlist": null, "id": 2, "lastname": "GUEST",
    "portfolio": "C2C PDL TEST", "primaryphone": null, "state": "AL", "statusname": "Bankruptcy",
    "statustype": null, "statuteoflimdate": "Sun, 20 May 2018 00:00:00 GMT", "workphone": null,
    "zip": "ZIP"}]"#;

/// Of an account with an attorney: the second.
pub(super) const REPRESENTED: &str = r#"[{
    "address": "15 MAIN ST", "address2": "", "attorneycity": " City",
    "attorneyemailaddress": " email@email.com", "attorneyname": " ATTORNEY CONTACT",
    "attorneyphone": " ", "attorneystate": "GA", "bankruptcytype": "",
    "bankruptcyverificationstatus": "", "birthdate": "10/18/1965", "clientname": "C2C",
    "closedreason": "", "currentbalance": "809.00", "dateclosed": "1900-01-01",
    "datefiled": "10/26/2023", "deceased": "NO", "deceaseddate": "null", "docketnumber": "",
    "emailaddress": "TEST@EMAIL.COM", "filenumber": "R1050", "firstname": "CLAUDIA",
    "groupname": "New Alert added to this account.\r\nAdditional", "portfolio": "C2CLA 12.1.22",
    "spouseworkphone": " 1112223333", "state": "AL", "statusname": "OUTSOURCE", "zip": "12345"}]"#;

/// Attempts in the shape whose rows are one level down, with both names of the file number.
pub(super) const ATTEMPTS: &str = r#"{"result": [
    {"agent": "agent", "date": "Wed, 04 Oct 2023 00:00:00 GMT", "direction": "Outbound",
     "dispo": "LEFT MESSAGE MACHINE", "filename": "R1001", "maindatabaseid": 2,
     "phonenumber": "555-589-5050", "time": "09:45", "type": "MANUAL", "wassecond": 0},
    {"agent": "agent", "date": "Mon, 22 Jan 2024 00:00:00 GMT", "direction": "Outbound",
     "dispo": "SPOKE TO DEBTOR", "filename": "R1001", "maindatabaseid": 2,
     "phonenumber": "555-589-5050", "time": "10:23", "type": "MANUAL", "wassecond": 0},
    {"agent": "agent", "date": "Tue, 23 Jan 2024 00:00:00 GMT", "direction": "Outbound",
     "dispo": "LEFT MESSAGE MACHINE", "filenumber": "R1001", "maindatabaseid": 2,
     "phonenumber": "222-222-2222", "time": "07:24", "type": "MANUAL", "wassecond": 0}]}"#;

/// Numbers: one of the samples' own, which are of no numbering plan, and usable ones beside it.
pub(super) const PHONES: &str = r#"[
    {"firstname": "MALIA", "isagoodnumber": null, "lastchange": "Mon, 27 Nov 2023 12:15:27 GMT",
     "phonenumber": "123-456-7890", "phonestatus": "UNKNOWN", "phonetype": "UNKNOWN", "source": ""},
    {"firstname": "", "isagoodnumber": "UNKNOWN", "lastchange": "0000-00-00 00:00:00",
     "phonenumber": "222-333-4444", "phonestatus": "UNKNOWN", "phonetype": "UNKNOWN",
     "source": "USER"},
    {"firstname": "", "phonenumber": "407-253-7828", "phonestatus": "Disconnected",
     "phonetype": "UNKNOWN", "source": "LOAD"},
    {"firstname": "MALIA", "phonenumber": "716-628-9899", "phonestatus": "Good Number",
     "phonetype": "CELL", "source": "LOAD"},
    {"firstname": "OTHER", "phonenumber": "716-628-9898", "phonestatus": "", "phonetype": "UNKNOWN",
     "source": "LOAD"}]"#;

/// Three events of one e-mail.
pub(super) const EMAILS: &str = r#"[
    {"DateLoaded": "Sun, 07 Jan 2024 15:39:00 GMT", "EmailID": "1bd709a7", "ReferenceNumber": "R1001",
     "ToAddress": "email@email.com", "TrackingType": "OkToSend", "id": 2098037},
    {"DateLoaded": "Sun, 07 Jan 2024 15:39:02 GMT", "EmailID": "1bd709a7", "ReferenceNumber": "R1001",
     "ToAddress": "email@email.com", "TrackingType": "Delivery", "id": 2098038},
    {"DateLoaded": "Sun, 07 Jan 2024 15:39:48 GMT", "EmailID": "1bd709a7", "ReferenceNumber": "R1001",
     "ToAddress": "email@email.com", "TrackingType": "Open", "id": 2098039}]"#;

/// Notes with an alert, and without.
pub(super) const NOTES: &str = r#"[
    {"filenumber": "R1001", "log.filenumber": "1", "logdateandtime": "12/1/2022 AT 1:16 PM",
     "logmessage": "|ACCOUNT IMPORTED INTO DATABASE|"},
    {"filenumber": "R1001", "log.filenumber": "1", "logdateandtime": "11/27/2023 AT 12:16 PM",
     "logmessage": "|Added Alert| BANKRUPT ACCOUNT"},
    {"filenumber": "R1001", "logmessage": "|Added Alert| "},
    {"filenumber": "R1001", "logmessage": "told him the dispute line is open"}]"#;

/// Payments taken and to come.
pub(super) const PAYMENTS: &str = r#"[
    {"datetaken": "1/20/2024", "filenumber": "R1001", "paymentamount": "15.00",
     "paymentdate": "Sat, 20 Jan 2024 00:00:00 GMT", "typeofpayment": "IN HOUSE"},
    {"datetaken": "1/20/2024", "filenumber": "R1001", "paymentamount": "150.00",
     "paymentdate": "Tue, 05 Mar 2024 00:00:00 GMT", "typeofpayment": "IN HOUSE"},
    {"datetaken": "1/20/2024", "filenumber": "R1001", "paymentamount": "150.00",
     "paymentdate": "Tue, 27 Feb 2024 00:00:00 GMT", "typeofpayment": "IN HOUSE"}]"#;

/// The token of the login sample: what the scan of the document left of it.
pub(super) const DAMAGED_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmcmVzaCI6ZmFsc2UsImIhdCI6MTc0MjlyMjkwNywiYWVzY29ja2YmIltYmU1Ny00N2I0LTNmMzktYjhjYzUxZjdiYjYxliwidHlwZSI6ImFjY2VzcyIsInN1YiI6IkJ3c3hnRIQxY2o0Z2JwbUhuTUNVliwibmJmljoxNzQyMjlyOTA3LCJjc3JmljoiOWJiNzkwOTMtZWVlMi00NzlkLTg2ODItNmQ0N2M4ZDM4YzlmliwiZXhwljoxNzQyMjlyODA3LCJwaW4iOiJDMkMifQ.auztODpuR6ya4CCM8UbmceV5aAFoeS4AKONUvm05InI";
