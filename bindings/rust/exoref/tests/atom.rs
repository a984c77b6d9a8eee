//! Atoms: reading, setting, changing by functions.

mod support;

use std::sync::mpsc;

use exoref::{Atom, Class, Error, ErrorKind, OpenOptions, Timeout};
use support::{client, next, two_clients};

#[test]
fn a_value_is_read_set_and_changed_by_functions() {
    let (here, there) = two_clients();
    let atom: Atom<u64> = Atom::create(&here, "n", 1).unwrap();
    assert!(atom.created());
    let same: Atom<u64> = Atom::create(&there, "n", 7).unwrap();
    assert!(!same.created());
    assert_eq!(same.deref().unwrap(), 1);
    assert_eq!(atom.reset(5).unwrap(), 5);
    assert_eq!(same.swap(|n| n + 1).unwrap(), 6);
    let vals = atom.swap_vals(|n| n * 2).unwrap();
    assert_eq!((*vals.old, *vals.new, vals.new.version()), (6, 12, 4));
    let vals = atom.reset_vals(0).unwrap();
    assert_eq!((*vals.old, *vals.new), (12, 0));
    assert_eq!(atom.key(), b"n");
}

#[test]
fn compare_and_set_finds_equal_values_and_states() {
    let client = client();
    let atom: Atom<Vec<String>> = Atom::create(&client, "list", vec![]).unwrap();
    let first = atom.deref().unwrap();
    let answer = atom.compare_and_set(&vec![], vec!["a".into()]).unwrap();
    assert!(answer.swapped);
    let answer = atom.compare_and_set(&vec![], vec!["b".into()]).unwrap();
    assert!(!answer.swapped);
    assert_eq!(*answer.standing, ["a"]);
    let again = atom.reset(vec![]).unwrap();
    assert_eq!(first, again);
    assert!(!first.same_state(&again));
    assert!(!atom.compare_and_set_at(&first, vec!["c".into()]).unwrap().swapped);
    assert!(atom.compare_and_set_at(&again, vec!["c".into()]).unwrap().swapped);
}

#[test]
fn many_threads_lose_no_count() {
    let (here, there) = two_clients();
    let atoms = [Atom::create(&here, "n", 0u32).unwrap(), Atom::create(&there, "n", 0u32).unwrap()];
    std::thread::scope(|scope| {
        for atom in atoms.iter().chain(&atoms) {
            scope.spawn(|| {
                for _ in 0..50 {
                    atom.swap(|n| n + 1).unwrap();
                }
            });
        }
    });
    assert_eq!(atoms[0].deref().unwrap(), 200);
}

#[test]
fn a_function_may_fail_decline_or_panic_and_nothing_is_changed() {
    let client = client();
    let atom: Atom<i32> = Atom::create(&client, "n", 1).unwrap();

    let error = atom.try_swap(|n| "x".parse::<i32>().map(|x| Some(x + n))).unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Function, Class::Final));
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.is::<std::num::ParseIntError>());
    assert!(error.to_string().contains("could not swap atom 'n': the function failed: invalid digit"), "{error}");

    let unchanged = atom.try_swap(|_| Ok::<_, Error>(None)).unwrap();
    assert_eq!((*unchanged, unchanged.version()), (1, 1));

    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| atom.swap(|_| panic!("no")))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"no"));
    assert_eq!(atom.swap(|n| n + 1).unwrap(), 2);
}

#[test]
fn a_swap_in_steps_is_answered_again_after_a_change_by_another() {
    let client = client();
    let atom: Atom<i32> = Atom::create(&client, "n", 1).unwrap();
    let mut swap = atom.swap_begin().unwrap();
    atom.reset(10).unwrap();
    assert!(!swap.offer(**swap.value() + 1).unwrap());
    assert_eq!(*swap.value(), 10);
    assert!(swap.offer(**swap.value() + 1).unwrap());
    assert_eq!(*swap.value(), 11);
    let mut other = atom.swap_begin().unwrap();
    assert!(other.confirm().unwrap());
}

#[test]
fn a_validator_refuses_before_anything_is_sent() {
    let client = client();
    let even = OpenOptions::<i32>::new().validator(|n| n % 2 == 0);
    let error = even.create_atom(&client, "n", 1).unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Validation, &b"n"[..]));
    let atom = even.create_atom(&client, "n", 2).unwrap();
    assert_eq!(atom.swap(|n| n + 1).unwrap_err().kind(), ErrorKind::Validation);
    assert_eq!(atom.compare_and_set(&2, 3).unwrap_err().kind(), ErrorKind::Validation);

    let error = atom.set_validator(|n| if *n > 100 { Ok(()) } else { Err("too small") }).unwrap_err();
    assert!(error.to_string().ends_with("the validator refused the value: too small"), "{error}");
    assert_eq!(atom.reset(101).unwrap_err().kind(), ErrorKind::Validation, "the old one stays");
    atom.clear_validator();
    assert_eq!(atom.reset(101).unwrap(), 101);
    let caught = std::panic::AssertUnwindSafe(|| atom.set_validator(|_| -> bool { panic!("in the validator") }));
    assert!(std::panic::catch_unwind(caught).is_err());
    assert_eq!(atom.reset(3).unwrap(), 3);
}

#[test]
fn a_watch_is_told_of_each_change() {
    let (here, there) = two_clients();
    let atom: Atom<i32> = Atom::create(&here, "n", 0).unwrap();
    let other: Atom<i32> = Atom::open(&there, "n").unwrap();
    let (tell, told) = mpsc::channel();
    let since = atom
        .add_watch("w", move |change| {
            tell.send((change.old_value().unwrap().map(|v| *v), change.new_value().unwrap().map(|v| *v), change.version())).unwrap();
        })
        .unwrap();
    assert_eq!(since.unwrap(), 0);
    atom.reset(1).unwrap();
    other.reset(2).unwrap();
    here.delete("n").unwrap();
    assert_eq!(next(&told), (Some(0), Some(1), 2));
    assert_eq!(next(&told), (Some(1), Some(2), 3));
    assert_eq!(next(&told), (Some(2), None, 3));
    atom.remove_watch("w").unwrap();
    atom.remove_watch("w").unwrap();
    assert!(told.recv().is_err(), "the function is freed once it is removed");
}

#[test]
fn metadata_is_beside_the_value() {
    let client = client();
    let atom: Atom<i32> = Atom::create(&client, "n", 0).unwrap();
    assert_eq!(atom.meta().unwrap().as_bytes(), b"");
    atom.reset_meta("me").unwrap();
    assert_eq!(&*atom.alter_meta(|old| Ok::<_, Error>([old, b"!"].concat())).unwrap(), b"me!");
    let error = atom.alter_meta(|_| Err("not today")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Function);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "not today");
    let caught = std::panic::AssertUnwindSafe(|| atom.alter_meta(|_| -> Result<Vec<u8>, Error> { panic!("no") }));
    assert_eq!(std::panic::catch_unwind(caught).unwrap_err().downcast_ref(), Some(&"no"));
    let later = atom.alter_meta_async(|old| Ok::<_, Error>([old, b"?"].concat()));
    assert_eq!(later.wait().unwrap().as_bytes(), b"me!?");
    let caught = std::panic::AssertUnwindSafe(|| atom.alter_meta_async(|_| -> Result<Vec<u8>, Error> { panic!("later") }).wait());
    assert_eq!(std::panic::catch_unwind(caught).unwrap_err().downcast_ref(), Some(&"later"));
    assert_eq!(atom.deref().unwrap().version(), 1);
}

#[test]
fn a_timeout_of_zero_sends_nothing() {
    let client = client();
    let atom: Atom<i32> = Atom::create(&client, "n", 0).unwrap();
    let error = atom.within(Timeout::NO_WAIT).reset(1).unwrap_err();
    assert_eq!((error.kind(), error.class(), error.sent()), (ErrorKind::Timeout, Class::Retry, false));
    assert_eq!(atom.deref().unwrap(), 0);
}
