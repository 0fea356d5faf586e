//! The progress bar on standard error; silent when that is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `steps` named steps. It redraws only when a step ends, never during a window, so
/// drawing takes nothing from the cores being measured.
pub(crate) fn bar(steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    let style = "{elapsed_precise} [{bar:30}] {pos}/{len} {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
