//! The clock, which can be set to any time.

use std::time::SystemTime;

use jiff::Timestamp;

/// Returns the current time, limited to the supported years 1970 to 9999.
pub fn now() -> Timestamp {
    within(SystemTime::now())
}

fn within(time: SystemTime) -> Timestamp {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(_) => Timestamp::try_from(time).unwrap_or(Timestamp::MAX),
        Err(_) => Timestamp::UNIX_EPOCH,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::RunId;

    fn check(time: SystemTime, expected: &str) {
        assert_eq!(within(time).to_string(), expected);
    }

    #[test]
    fn out_of_range_clock_is_clamped_to_the_nearest_time() {
        let epoch = SystemTime::UNIX_EPOCH;
        check(epoch, "1970-01-01T00:00:00Z");
        check(epoch + Duration::from_secs(1_800_000_000), "2027-01-15T08:00:00Z");
        check(epoch - Duration::from_secs(1), "1970-01-01T00:00:00Z");
        // The epoch of Windows is 1601.
        if let Some(time) = epoch.checked_sub(Duration::from_secs(400_000_000_000)) {
            check(time, "1970-01-01T00:00:00Z");
        }
        for seconds in [253_402_300_800, 400_000_000_000, i64::MAX as u64] {
            if let Some(time) = epoch.checked_add(Duration::from_secs(seconds)) {
                check(time, "9999-12-30T22:00:00.999999999Z");
            }
        }
    }

    #[test]
    fn run_ids_at_both_time_limits_round_trip() {
        for time in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let run = RunId::at(time);
            assert_eq!(run.to_string().parse(), Ok(run));
        }
    }
}
