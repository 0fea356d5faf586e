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
        AddDoNotCall = "add_do_not_call",
        RemoveDoNotCall = "remove_do_not_call",
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
        // What a plain read tells.
        AccountCard = "account_card",
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
        ClientCard = "client_card",
        /// Every account, whole or in pages.
        AllAccounts = "all_accounts",
        // How the gateway tells a system something.
        TakeOutcome = "take_outcome",
        AddNote = "add_note",
    }
);
