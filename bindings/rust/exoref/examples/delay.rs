//! Something is computed once among many machines, when the first of them asks for it.
//!
//! EXOREF_URL=local:/tmp/exoref-data cargo run --example delay

use exoref::{BodyFailure, Claim, Client, Delay, ErrorKind};

fn main() -> exoref::Result<()> {
    let (here, there) = (Client::open_from_env()?, Client::open_from_env()?); // as in two processes
    for key in ["delay:report", "delay:broken", "delay:by hand"] {
        here.delete(key)?;
    }

    // What each machine says. The body runs where it is needed first, and nowhere else.
    let offer = |client: &Client, machine: &'static str| {
        Delay::open_with_body(client, "delay:report", move |lease| {
            // A long body looks now and then whether lease.lost(): its result would be refused then.
            assert!(!lease.lost());
            Ok(format!("built {machine}"))
        })
    };
    let (report, same_report) = (offer(&here, "here")?, offer(&there, "there")?);
    println!("the report: {}", report.deref()?);
    println!("the same: {}", same_report.deref()?);

    // A failure is a result, too: everybody is told the same. Any error in a body becomes one.
    let broken: Delay<String> = Delay::open_with_body(&here, "delay:broken", |_| {
        std::fs::read_to_string("/nowhere").map_err(|error| BodyFailure::new("io", error.to_string()))
    })?;
    let everywhere: Delay<String> = Delay::open(&there, "delay:broken")?;
    for delay in [broken, everywhere] {
        let error = delay.deref().expect_err("its body fails");
        assert_eq!(error.kind(), ErrorKind::Body);
        println!("it failed: {error} ({})", error.body_kind());
    }

    // The pull form: the lease, if there is something to compute; else the value.
    let by_hand: Delay<u32> = Delay::open(&here, "delay:by hand")?;
    for _ in 0..2 {
        match by_hand.claim()? {
            Claim::Lease(lease) => println!("computed: {}", lease.deliver(42)?),
            Claim::Value(value) => println!("it is computed: {value}"),
        }
    }
    Ok(())
}
