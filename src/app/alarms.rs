//! What an operator must hear of while the house runs: each thing once when it begins.

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Why nothing is decided any more, if so.
    pub sealed: Option<String>,
    /// Bytes left on the disk, when they are below the low-water mark.
    pub disk_low_bytes: Option<u64>,
}

/// A line for the log.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Sealed(String),
    DiskLow(u64),
    DiskRoomAgain,
}

impl Alarms {
    /// Logs what differs from what was told before.
    pub(super) fn tell(&mut self, now: Self) {
        for line in self.news(&now) {
            match line {
                Line::Sealed(why) => {
                    tracing::error!(%why, "sealed: every intent is blocked until a restart");
                }
                Line::DiskLow(free_bytes) => {
                    tracing::warn!(free_bytes, "the disk is below the low-water mark");
                }
                Line::DiskRoomAgain => {
                    tracing::info!("the disk is above the low-water mark again");
                }
            }
        }
        *self = now;
    }

    fn news(&self, now: &Self) -> Vec<Line> {
        let mut lines = Vec::new();
        match (self.disk_low_bytes, now.disk_low_bytes) {
            (None, Some(free_bytes)) => lines.push(Line::DiskLow(free_bytes)),
            (Some(_), None) => lines.push(Line::DiskRoomAgain),
            _ => {}
        }
        if self.sealed.is_none() {
            lines.extend(now.sealed.clone().map(Line::Sealed));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alarm_is_told_once_when_it_begins() {
        let quiet = Alarms::default();
        let low = Alarms {
            disk_low_bytes: Some(7),
            ..quiet.clone()
        };
        let full = Alarms {
            sealed: Some("disk full".to_owned()),
            disk_low_bytes: Some(0),
        };
        assert_eq!(quiet.news(&quiet), []);
        assert_eq!(quiet.news(&low), [Line::DiskLow(7)]);
        assert_eq!(low.news(&full), [Line::Sealed("disk full".to_owned())]);
        assert_eq!(full.news(&full), []);
        assert_eq!(low.news(&quiet), [Line::DiskRoomAgain]);
        let both = [Line::DiskLow(0), Line::Sealed("disk full".to_owned())];
        assert_eq!(quiet.news(&full), both);
    }
}
