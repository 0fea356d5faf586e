//! Waiting until a server has come to rest, so that no window pays for what was before it.

use std::time::Duration;

use anyhow::bail;

use crate::{clock, cpu, interrupt};

/// Between two looks whether the server rests.
const POLL: Duration = Duration::from_millis(100);
/// Looks in a row that must find it resting.
const LOOKS: u32 = 5;
/// Processor time between two looks that is still rest.
const CPU_MAX: Duration = Duration::from_millis(3);
/// Longest wait for it.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// Waits until process `id` neither computes nor writes, if it is known.
pub(crate) fn wait(id: Option<u32>) -> anyhow::Result<()> {
    let Some(id) = id else {
        return Ok(());
    };
    let until = clock::now() + WAIT_MAX;
    let (mut looks, mut spent) = (0, cpu::of_process(id)?);
    while looks < LOOKS {
        interrupt::check()?;
        if clock::now() > until {
            bail!("the server did not come to rest");
        }
        std::thread::sleep(POLL);
        let now = cpu::of_process(id)?;
        let still = now.saturating_sub(spent) <= CPU_MAX && !cpu::waits_for_disk(id)?;
        looks = if still { looks + 1 } else { 0 };
        spent = now;
    }
    Ok(())
}
