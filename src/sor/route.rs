//! The words a catalogue of routes is written in.

crate::domain::words::words!(
    /// Which system of record.
    System { Whl = "whl", Scollect = "scollect", Portal = "portal" }
);

impl System {
    /// Where its routes begin at this gateway. The rest of the path is the system's own.
    pub const fn mount(self) -> &'static str {
        match self {
            Self::Whl => "",
            Self::Scollect => "/scollect",
            Self::Portal => "/portal",
        }
    }

    /// The system a path of this gateway leads to, and the path there: everything behind the mount,
    /// byte for byte. A mount without a slash after it is no mount.
    pub fn of_path(path: &str) -> (Self, &str) {
        let mounted = [Self::Scollect, Self::Portal]
            .into_iter()
            .find_map(|system| {
                let rest = path.strip_prefix(system.mount())?;
                rest.starts_with('/').then_some((system, rest))
            });
        mounted.unwrap_or((Self::Whl, path))
    }
}

crate::domain::words::words!(
    /// What the gateway owes a route.
    Class {
        /// Answered here, never forwarded.
        Hot = "hot",
        /// The call itself contacts a consumer: forwarded only on ALLOW.
        Guarded = "guarded",
        /// Forwarded, and what it changes is learnt.
        Tapped = "tapped",
        /// Forwarded with a large body.
        Upload = "upload",
        /// Forwarded; the answer goes on or is large.
        Stream = "stream",
        /// Forwarded without a credential of this gateway.
        Public = "public",
        /// Forwarded for whoever has a credential.
        Proxy = "proxy",
        /// Refused.
        Denied = "denied",
    }
);

crate::domain::words::words!(
    /// What a route does, where a dialect has to know it: a closed list, so that a catalogue names what
    /// exists and nothing else.
    Duty {
        // What contacts a consumer.
        SendEmail = "send_email",
        SendLetter = "send_letter",
        MailLetter = "mail_letter",
        SendCode = "send_code",
        SendTemplateEmail = "send_template_email",
        SendTemplateText = "send_template_text",
        CreateCorrespondence = "create_correspondence",
        SendCorrespondence = "send_correspondence",
        // What changes facts.
        OpenDispute = "open_dispute",
        ChangeDispute = "change_dispute",
        ResolveDispute = "resolve_dispute",
        /// The same by whoever knows the path: lifts nothing.
        ResolveDisputePublicly = "resolve_dispute_publicly",
        EraseConsumer = "erase_consumer",
        Recall = "recall",
        Place = "place",
        StatusEvent = "status_event",
        ApplySkipTrace = "apply_skip_trace",
        InsertPhone = "insert_phone",
        UpdatePhone = "update_phone",
        InsertAttempt = "insert_attempt",
        UpdatePermissions = "update_permissions",
        UpdateAccount = "update_account",
        UpdateClient = "update_client",
        /// A plan, promise or payment: the account is read again.
        Payment = "payment",
        /// Much may have changed: everything is read again.
        ReadAllAgain = "read_all_again",
        /// Nothing the gate holds: the call is on record and that is all.
        Noted = "noted",
        // What brings a portfolio.
        IngestCsv = "ingest_csv",
        IngestJson = "ingest_json",
        // What the gateway itself asks and tells: a dialect finds the path of its own requests by
        // these, so each stands at one route of a system at most.
        Login = "login",
        AccountCard = "account_card",
        ClientCard = "client_card",
        /// Whom a number or address belongs to.
        FindClients = "find_clients",
        /// Alerts of an account.
        Alerts = "alerts",
        /// What somebody else holds against contacting an account.
        Compliance = "compliance",
        Disputes = "disputes",
        /// One dispute or letter: whose it is.
        Dispute = "dispute",
        Letter = "letter",
        Attempts = "attempts",
        Phones = "phones",
        Emails = "emails",
        Notes = "notes",
        Payments = "payments",
        Portfolios = "portfolios",
        /// Every account, whole or in pages.
        AllAccounts = "all_accounts",
        CheckDoNotCall = "check_do_not_call",
        // How the gateway tells a system something.
        AddDoNotCall = "add_do_not_call",
        RemoveDoNotCall = "remove_do_not_call",
        TakeOutcome = "take_outcome",
        AddNote = "add_note",
    }
);

/// What kind of thing a duty is, which says of which class its routes may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DutyKind {
    /// It contacts a consumer.
    Contact,
    /// It changes facts.
    Change,
    /// It brings a portfolio.
    Intake,
    /// Nothing follows from it.
    Nothing,
    /// The gateway uses the route itself.
    Own,
}

impl Duty {
    /// Its kind.
    pub const fn kind(self) -> DutyKind {
        match self {
            Self::SendEmail
            | Self::SendLetter
            | Self::MailLetter
            | Self::SendCode
            | Self::SendTemplateEmail
            | Self::SendTemplateText
            | Self::CreateCorrespondence
            | Self::SendCorrespondence => DutyKind::Contact,
            Self::OpenDispute
            | Self::ChangeDispute
            | Self::ResolveDispute
            | Self::ResolveDisputePublicly
            | Self::EraseConsumer
            | Self::Recall
            | Self::Place
            | Self::StatusEvent
            | Self::ApplySkipTrace
            | Self::InsertPhone
            | Self::UpdatePhone
            | Self::InsertAttempt
            | Self::UpdatePermissions
            | Self::UpdateAccount
            | Self::UpdateClient
            | Self::Payment
            | Self::ReadAllAgain => DutyKind::Change,
            Self::IngestCsv | Self::IngestJson => DutyKind::Intake,
            Self::Noted => DutyKind::Nothing,
            Self::Login
            | Self::AccountCard
            | Self::ClientCard
            | Self::FindClients
            | Self::Alerts
            | Self::Compliance
            | Self::Disputes
            | Self::Dispute
            | Self::Letter
            | Self::Attempts
            | Self::Phones
            | Self::Emails
            | Self::Notes
            | Self::Payments
            | Self::Portfolios
            | Self::AllAccounts
            | Self::CheckDoNotCall
            | Self::AddDoNotCall
            | Self::RemoveDoNotCall
            | Self::TakeOutcome
            | Self::AddNote => DutyKind::Own,
        }
    }
}

impl System {
    /// Whether the gateway uses a route of this duty at the system: one it does not use has no effect
    /// there.
    pub const fn uses(self, duty: Duty) -> bool {
        if !matches!(duty.kind(), DutyKind::Own) {
            return true;
        }
        match self {
            Self::Whl => matches!(
                duty,
                Duty::Login
                    | Duty::AccountCard
                    | Duty::Alerts
                    | Duty::Compliance
                    | Duty::Disputes
                    | Duty::Dispute
                    | Duty::Letter
                    | Duty::Attempts
                    | Duty::AllAccounts
                    | Duty::CheckDoNotCall
                    | Duty::AddDoNotCall
                    | Duty::RemoveDoNotCall
                    | Duty::TakeOutcome
            ),
            Self::Scollect => matches!(
                duty,
                Duty::Login
                    | Duty::AccountCard
                    | Duty::Phones
                    | Duty::Attempts
                    | Duty::Emails
                    | Duty::Notes
                    | Duty::Payments
                    | Duty::Portfolios
                    | Duty::AllAccounts
                    | Duty::AddNote
            ),
            Self::Portal => matches!(
                duty,
                Duty::Login
                    | Duty::ClientCard
                    | Duty::FindClients
                    | Duty::Attempts
                    | Duty::AllAccounts
                    | Duty::AddNote
            ),
        }
    }
}

impl Class {
    /// Whether a route of this class may do what is of that kind; `None`: whether it may do nothing
    /// in particular. A route that contacts or changes is never of a class that looks away.
    pub const fn may_do(self, kind: Option<DutyKind>) -> bool {
        match self {
            Self::Guarded => matches!(kind, Some(DutyKind::Contact)),
            Self::Tapped => matches!(kind, Some(DutyKind::Change | DutyKind::Nothing)),
            Self::Upload => matches!(
                kind,
                Some(DutyKind::Intake | DutyKind::Change | DutyKind::Nothing)
            ),
            Self::Hot | Self::Stream | Self::Public | Self::Proxy => {
                matches!(kind, None | Some(DutyKind::Own))
            }
            Self::Denied => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_ends_at_a_slash() {
        for (path, system, rest) in [
            ("/api/disputes", System::Whl, "/api/disputes"),
            ("/scollect/login", System::Scollect, "/login"),
            ("/scollect/", System::Scollect, "/"),
            ("/scollect//login", System::Scollect, "//login"),
            ("/scollect", System::Whl, "/scollect"),
            ("/scollectx/login", System::Whl, "/scollectx/login"),
            ("/Scollect/login", System::Whl, "/Scollect/login"),
            ("/%73collect/login", System::Whl, "/%73collect/login"),
            ("/portal/scollect/x", System::Portal, "/scollect/x"),
            ("", System::Whl, ""),
        ] {
            assert_eq!(System::of_path(path), (system, rest), "{path}");
        }
    }

    /// SOR-1: a catalogue cannot pass by what contacts or changes.
    #[test]
    fn what_contacts_or_changes_has_a_class_that_looks() {
        for duty in Duty::ALL {
            let classes = Class::ALL.iter().filter(|c| c.may_do(Some(duty.kind())));
            let weak = classes.filter(|class| {
                matches!(
                    class,
                    Class::Proxy | Class::Public | Class::Stream | Class::Hot
                )
            });
            let own = duty.kind() == DutyKind::Own;
            assert_eq!(weak.count() > 0, own, "{duty:?}");
        }
        assert!(!Class::Guarded.may_do(None) && !Class::Tapped.may_do(None));
    }
}
