//! What is done to references by their keys, and to clients and private servers.

mod support;

use std::time::Duration;

use exoref::*;
use support::{client, options, url, SOON};

#[test]
fn references_are_listed_and_inspected() {
    let client = client();
    let atom = OpenOptions::new().history(8).ttl(Duration::from_secs(3600)).create_atom(&client, "a", 1u32).unwrap();
    atom.reset(2).unwrap();
    atom.reset_meta("by me").unwrap();
    Promise::<u32>::open(&client, "p").unwrap();
    Delay::<u32>::open(&client, "d").unwrap();

    let info = client.inspect("a").unwrap();
    let text = |name| info.text(name).unwrap();
    assert_eq!((text("type"), text("version"), text("codec"), text("ttl")), ("atom".into(), "2".into(), "json".into(), "3600000".into()));
    assert_eq!(info.text("nothing"), None);
    assert_eq!((info.key(), info.value().unwrap().as_bytes(), info.meta().unwrap().as_bytes()), (&b"a"[..], &b"2"[..], &b"by me"[..]));
    let changes: Vec<_> = info.changes().iter().map(|(version, value)| (*version, value.as_ref().unwrap().to_vec())).collect();
    assert_eq!(changes[0], (2, b"2".to_vec()));
    assert_eq!(client.inspect("d").unwrap().text("state").unwrap(), "open");
    assert_eq!(client.inspect("nothing").unwrap_err().kind(), ErrorKind::NotFound);

    let keys = |pattern, only| {
        let mut keys: Vec<_> = client.list(pattern, only).unwrap().map(|info| info.unwrap().key().to_vec()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys("", None), [b"a", b"d", b"p"]);
    assert_eq!(keys("[ap]", None), [b"a", b"p"]);
    assert_eq!(keys("*", Some(RefType::Delay)), [b"d"]);
}

#[test]
fn references_are_deleted_and_expire() {
    let client = options().set("sweep_interval", "100ms").open(&url()).unwrap(); // the server tells nobody that a key has expired
    let atom = Atom::create(&client, "a", 1u32).unwrap();
    let mut changes = atom.changes().unwrap();
    client.expire("a", Some(Duration::from_millis(1))).unwrap();
    let change = support::block_on(support::next_of(&mut changes)).unwrap();
    assert!(change.deleted() && change.new_value().unwrap().is_none());
    assert_eq!(client.expire("a", None).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!client.delete("a").unwrap());
    Atom::create(&client, "a", 2u32).unwrap();
    let change = support::block_on(support::next_of(&mut changes)).unwrap();
    assert!(change.recreated());
    client.expire("a", None).unwrap();
    assert!(client.delete("a").unwrap());
    assert_eq!(atom.deref().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(
        Promise::<u32>::open(&client, "p").map(|_| client.realized("p", Some(RefType::Delay)).unwrap_err().kind()).unwrap(),
        ErrorKind::Type
    );
    assert!(!client.realized("nothing", None).unwrap());
}

#[test]
fn an_atom_that_is_absent_may_be_waited_for() {
    let (here, there) = support::two_clients();
    let waits = OpenOptions::<u32>::new().absent(Absent::Wait).open_atom_async(&here.within(SOON), "a");
    Atom::create(&there, "a", 1u32).unwrap();
    let atom = waits.wait().unwrap();
    assert_eq!(atom.deref().unwrap(), 1);
    let allowed = OpenOptions::<u32>::new().absent(Absent::Allow).open_atom(&here, "b").unwrap();
    assert_eq!(allowed.deref().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(allowed.add_watch("w", |_| ()).unwrap().is_none());
    allowed.set_validator(|n| *n > 0).unwrap();
}

#[test]
fn a_client_tells_of_itself() {
    let client = client();
    let pong = client.ping().unwrap();
    assert!(pong.round_trip > Duration::ZERO && pong.round_trip < SOON);
    assert!(pong.server_version.split('.').count() >= 2, "{pong:?}");
    let commands = || client.stats().into_iter().find(|stat| stat.name == "commands").unwrap();
    let before = commands();
    assert!(before.value > 0 && !before.meaning.is_empty());
    client.ping().unwrap();
    assert!(commands().value > before.value);
    assert!(client.server().starts_with("local:"), "{client:?}");
    let numbers: Vec<i32> = version().split('.').map(|number| number.parse().unwrap()).collect();
    assert_eq!(version_number(), numbers[0] * 10_000 + numbers[1] * 100 + numbers[2]);
}

#[test]
fn options_can_be_looked_at() {
    let options = ClientOptions::new().set("password", "hunter2").default_timeout(Duration::from_millis(1500));
    assert_eq!((options.get("timeout").unwrap(), options.get("events").unwrap()), ("1500ms".into(), "lanes".into()));
    let all = options.dump().unwrap();
    assert!(all.contains("timeout=1500ms") && all.contains("password=") && !all.contains("hunter2"), "{all}");
    assert_eq!(options.get("nothing").unwrap_err().kind(), ErrorKind::Invalid);
    let options = OpenOptions::<u32>::new().history(8);
    assert_eq!((options.get("codec").unwrap(), options.get("history").unwrap()), ("json".into(), "8".into()));
    assert!(options.dump().unwrap().contains("history=8"));
}

#[test]
fn all_options_are_in_a_table() {
    let table: Vec<_> = options_table().collect();
    let timeout = table.iter().find(|option| option.name == "timeout").unwrap();
    assert_eq!((&*timeout.scope, &*timeout.value_type, &*timeout.default), ("client", "duration", "5s"));
    assert!(table.iter().any(|option| option.name == "password" && option.secret));
    for option in table.iter().filter(|option| option.scope == "client" && !option.default.is_empty() && option.name != "events") {
        let client = options().set(&option.name, &*option.default).open(&url());
        assert!(client.is_ok(), "{}: {client:?}", option.name);
    }
}

#[test]
fn a_private_server_is_started_and_stopped_by_hand() {
    let folder = support::folder().with_file_name(format!("redis-by-hand-{}", std::process::id()));
    assert_eq!(local::status(&folder, SOON).unwrap(), None);
    local::start(&folder, SOON).unwrap();
    assert!(local::status(&folder, SOON).unwrap().is_some());
    assert!(local::stop(&folder, SOON).unwrap());
    assert!(!local::stop(&folder, SOON).unwrap());
    std::fs::remove_dir_all(folder).unwrap();
}
