//! What a credential may do: the closed set of scopes.

/// One scope of the token's `scope` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// Ask the gate.
    GateAsk = 1,
    /// Ask for a purpose that lifts something.
    GateException = 2,
    /// Bring facts.
    FactsWrite = 4,
    /// Report outcomes.
    OutcomeWrite = 8,
    /// Read the ledger.
    AuditRead = 16,
    /// Kill switches, clock, every tenant's heads.
    Admin = 32,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::GateAsk,
        Self::GateException,
        Self::FactsWrite,
        Self::OutcomeWrite,
        Self::AuditRead,
        Self::Admin,
    ];

    /// The published spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GateAsk => "gate:ask",
            Self::GateException => "gate:exception",
            Self::FactsWrite => "facts:write",
            Self::OutcomeWrite => "outcome:write",
            Self::AuditRead => "audit:read",
            Self::Admin => "admin",
        }
    }

    /// Reads the published spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope: what the holder of the data directory has.
    pub fn all() -> Self {
        Scope::ALL.into_iter().fold(Self::default(), Self::with)
    }

    /// No scope at all.
    pub const NONE: Self = Self(0);

    /// Reads a space-separated list. A word that is no scope of ours grants nothing.
    pub fn parse(text: &str) -> Self {
        text.split(' ')
            .filter_map(Scope::parse)
            .fold(Self::NONE, Self::with)
    }

    /// This set and one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope as u8)
    }

    /// Whether the set holds a scope. None implies another, `admin` neither.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_and_grants_itself_alone() {
        for scope in Scope::ALL {
            let set = Scopes::parse(scope.as_str());
            for other in Scope::ALL {
                assert_eq!(set.has(other), scope == other, "{}", scope.as_str());
            }
        }
    }

    #[test]
    fn lists_are_split_at_spaces_and_unknown_words_grant_nothing() {
        let both = Scopes::NONE.with(Scope::GateAsk).with(Scope::Admin);
        assert_eq!(Scopes::parse("gate:ask admin"), both);
        assert_eq!(Scopes::parse("  admin gate:ask nonsense"), both);
        assert_eq!(Scopes::parse("gate:ask,admin"), Scopes::NONE);
        assert_eq!(Scopes::parse("GATE:ASK gate:*"), Scopes::NONE);
        assert_eq!(Scopes::parse(""), Scopes::NONE);
    }
}
