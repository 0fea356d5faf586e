//! Load generator for dialgate: the main closed and open loop run, a bare server to compare with,
//! the disk's own flush time, portfolio, memory and recovery figures.
//!
//! It speaks HTTP only and shares no code with the server, so a fault in the server's own encoding
//! cannot hide itself here. Every run prints its seed and is bounded in time and in count.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool prints its results"
)]

mod bare;
mod batch;
mod beside;
mod child;
mod clock;
mod compare;
mod cpu;
mod disk;
mod drive;
mod figures;
mod gate;
mod hanging;
mod ingest;
mod interrupt;
mod lag;
mod listen;
mod machine;
mod memory;
mod numbers;
mod plain;
mod portfolio;
mod progress;
mod random;
mod recovery;
mod reply;
mod request;
mod rest;
mod restart;
mod server;
mod stream;
mod workdir;

use clap::{Parser, Subcommand};

/// The same allocator as the server, so that the bare server differs in its work only.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures dialgate against a bare server and against the disk it writes to.
#[derive(Parser)]
#[command(name = "loadtest", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a constant of the size of a gate answer: what HTTP alone costs here.
    Bare(bare::Options),
    /// Run dialgate and the bare server in alternating windows and print the ratios.
    Gate(gate::Options),
    /// Run dialgate beside what a user would build or take instead, and print the table.
    Compare(compare::Options),
    /// The same with batches of intents: decisions a second and processor time of each.
    Batch(batch::Options),
    /// Frames over QUIC, HTTP/3 and NDJSON on one connection, beside bare echoes of the same bytes.
    Stream(stream::Options),
    /// Echo frames, bodies and lines: what streams alone cost here.
    Echo(stream::EchoOptions),
    /// Live traffic of one tenant, quiet and beside batches, an import and a flood of another.
    Beside(beside::Options),
    /// Live traffic at a fixed rate, without and with a floor that listens to its events.
    Listen(listen::Options),
    /// Write a generated portfolio as ingest records, one JSON object a line.
    Portfolio(portfolio::Options),
    /// Measure 4 KiB pre-zeroed write + fdatasync in a directory.
    Disk(disk::Options),
    /// Load a portfolio and report resident bytes an account.
    Memory(memory::Options),
    /// Put numbers on the do-not-call list by CSV and report numbers a second and resident bytes of each.
    Numbers(numbers::Options),
    /// Load, decide, SIGKILL, restart; report the time until the server is ready again.
    Recovery(recovery::Options),
    /// Ask while the server is stopped and killed, again and again; what was acknowledged is on record.
    Restart(restart::Options),
    /// Become a program that ends with its parent.
    #[command(hide = true)]
    Child(child::BecomeOptions),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Bare(options) => bare::run(&options),
        Command::Gate(options) => interruptible(|| gate::run(&options)),
        Command::Compare(options) => interruptible(|| compare::run(&options)),
        Command::Batch(options) => interruptible(|| batch::run(&options)),
        Command::Stream(options) => interruptible(|| stream::run(&options)),
        Command::Echo(options) => stream::run_echo(&options),
        Command::Beside(options) => interruptible(|| beside::run(&options)),
        Command::Listen(options) => interruptible(|| listen::run(&options)),
        Command::Portfolio(options) => portfolio::run(&options),
        Command::Disk(options) => disk::run(&options),
        Command::Memory(options) => interruptible(|| memory::run(&options)),
        Command::Numbers(options) => interruptible(|| numbers::run(&options)),
        Command::Recovery(options) => interruptible(|| recovery::run(&options)),
        Command::Restart(options) => interruptible(|| restart::run(&options)),
        Command::Child(options) => child::become_program(&options),
    }
}

/// Commands with servers and files of their own clean up when interrupted; the others just end.
fn interruptible(run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    interrupt::listen()?;
    run()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
