use exoref::{Atom, Client, Delay, Promise};

fn main() -> exoref::Result<()> {
    // The URL is in EXOREF_URL: redis://host, or local:DIR for a private server that needs no set-up.
    let client = Client::open_from_env()?;

    // An atom changes by functions: any number of processes count together, and no count is lost.
    let visits: Atom<u64> = Atom::create(&client, "visits", 0)?;
    let now = visits.swap(|n| n + 1)?;
    println!("{now} visits");

    // A promise comes once, and is waited for anywhere.
    let result: Promise<String> = Promise::open(&client, "result")?;
    result.deliver("done".into())?;
    println!("it is {}", result.deref()?);

    // A delay is computed when somebody first asks, once among all who could.
    let report: Delay<Vec<u64>> = Delay::open_with_body(&client, "report", |_| Ok(vec![2, 3, 5]))?;
    println!("it adds up to {}", report.deref()?.iter().sum::<u64>());
    Ok(())
}
