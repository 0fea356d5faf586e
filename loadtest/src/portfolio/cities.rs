//! Places the generated consumers live in: real ZIP and area-code pairs of the US mainland, in
//! every mainland zone, so that no account suggests two states.
//!
//! Most are in states without count or licence rules of their own, since a portfolio that is
//! blocked everywhere would measure only the short path. The last few rows are stricter on
//! purpose.

/// One city: state, ZIP, area code.
pub(crate) type City = (&'static str, &'static str, u16);

/// The cities, each equally likely.
pub(crate) const CITIES: [City; 48] = [
    ("TX", "75201", 214),
    ("TX", "77002", 713),
    ("TX", "78205", 210),
    ("TX", "78701", 512),
    ("TX", "79901", 915),
    ("OH", "43215", 614),
    ("OH", "44114", 216),
    ("OH", "45202", 513),
    ("GA", "30303", 404),
    ("GA", "31401", 912),
    ("VA", "23219", 804),
    ("VA", "23510", 757),
    ("MO", "63101", 314),
    ("MO", "64106", 816),
    ("TN", "37203", 615),
    ("TN", "38103", 901),
    ("IN", "46204", 317),
    ("KY", "40202", 502),
    ("AL", "35203", 205),
    ("AL", "36602", 251),
    ("OK", "73102", 405),
    ("OK", "74103", 918),
    ("UT", "84111", 801),
    ("NM", "87102", 505),
    ("KS", "67202", 316),
    ("NE", "68102", 402),
    ("IA", "50309", 515),
    ("LA", "70112", 504),
    ("MS", "39201", 601),
    ("SC", "29201", 803),
    ("CA", "90012", 213),
    ("CA", "92101", 619),
    ("CA", "94103", 415),
    ("CA", "95814", 916),
    ("NJ", "07102", 973),
    ("CT", "06103", 860),
    ("PA", "19103", 215),
    ("PA", "15222", 412),
    ("IL", "60602", 312),
    ("CO", "80202", 303),
    ("MI", "48226", 313),
    ("ID", "83702", 208),
    ("MT", "59101", 406),
    ("AR", "72201", 501),
    ("SD", "57104", 605),
    ("WV", "25301", 304),
    ("MA", "02108", 617),
    ("NY", "12207", 518),
];
