//! Leases that a case holds itself.

use std::time::Duration;

use exoref::{BodyFailure, Lease};

use crate::case::Case;
use crate::step::{Bytes, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    let lease = case.leases.of(step)?;
    match op {
        "lease.deliver" => {
            let (value, timeout) = (step.bytes("value")?, step.timeout()?);
            step.ready()?;
            step.give_value(lease.within(timeout).deliver(value)?.raw());
        }
        "lease.fail" => {
            let failure = BodyFailure::new(step.text("kind")?, step.text("message")?);
            let failure = failure.payload(step.maybe_bytes("payload")?.unwrap_or_default());
            let timeout = step.timeout()?;
            step.ready()?;
            lease.within(timeout).fail(failure)?;
        }
        "lease.renew" => {
            let timeout = step.timeout()?;
            step.ready()?;
            let left = lease.within(timeout).renew()?;
            step.give("left_ms", u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
        }
        "lease.lost" => {
            let time = step.time()?;
            step.ready()?;
            give_lost(step, lease, time)?;
        }
        "lease.give_back" => {
            let timeout = step.timeout()?;
            step.ready()?;
            lease.within(timeout).give_back()?;
        }
        _ => return Err(Fail::unknown(op)),
    }
    Ok(())
}

/// Waits until it is lost or has ended otherwise.
pub fn give_lost(step: &mut Step, lease: &Lease<Bytes>, time: Duration) -> Result<(), Fail> {
    let lost = lease.lost_async().wait_for(time).ok_or(Fail::TimedOut)??;
    step.give("lost", lost);
    Ok(())
}
