use std::ffi::c_void;
use std::fmt;

use exoref_sys as ffi;

use crate::atom::Atom;
use crate::border;
use crate::changes::EndsQueue;
use crate::codec::SharedCodec;
use crate::error::Result;
use crate::handle::{call, sized, Handle};
use crate::pending::{Outcome, Pending};
use crate::value::{RawValue, Value};

/// One change of an atom, as a watch is told of it.
pub struct Change<T> {
    watch_key: Vec<u8>,
    key: Vec<u8>,
    old: Option<RawValue>,
    new: Option<RawValue>,
    version: u64,
    pub(crate) missed: u64,
    pub(crate) flags: i32,
    codec: SharedCodec<T>,
}

impl<T: 'static> Change<T> {
    // SAFETY for callers: the change lives during the call.
    unsafe fn read(change: *const ffi::exoref_change, codec: &SharedCodec<T>) -> Change<T> {
        // SAFETY: the caller's promise; what is kept is copied or counted.
        unsafe {
            let kept = |value: *const ffi::exoref_value| Handle::share(value.cast_mut()).map(RawValue::new);
            Change {
                watch_key: sized(|size| ffi::exoref_change_watch_key(change, size)).to_vec(),
                key: sized(|size| ffi::exoref_change_key(change, size)).to_vec(),
                old: kept(ffi::exoref_change_old_value(change)),
                new: kept(ffi::exoref_change_new_value(change)),
                version: ffi::exoref_change_version(change),
                missed: ffi::exoref_change_missed(change),
                flags: ffi::exoref_change_flags(change),
                codec: codec.clone(),
            }
        }
    }

    /// The key of the watch.
    pub fn watch_key(&self) -> &[u8] {
        &self.watch_key
    }

    /// The key of the atom.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The value before; `None` where there is none, or where it can't be known any more.
    pub fn old_value(&self) -> Result<Option<Value<T>>> {
        self.decoded(&self.old)
    }

    /// The value now; `None` if the atom was deleted.
    pub fn new_value(&self) -> Result<Option<Value<T>>> {
        self.decoded(&self.new)
    }

    /// The bytes before.
    pub fn old_raw(&self) -> Option<&RawValue> {
        self.old.as_ref()
    }

    /// The bytes now.
    pub fn new_raw(&self) -> Option<&RawValue> {
        self.new.as_ref()
    }

    /// Of the new value; of the last one if the atom was deleted.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many changes before it were not told; 0 normally.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The server lost data: what this watch saw last is not in the atom's past any more.
    pub fn rewound(&self) -> bool {
        self.flags & ffi::EXOREF_CHANGE_REWOUND != 0
    }

    /// Deleted or expired: there is no new value.
    pub fn deleted(&self) -> bool {
        self.flags & ffi::EXOREF_CHANGE_DELETED != 0
    }

    /// Created anew after it was deleted: there is no old value.
    pub fn recreated(&self) -> bool {
        self.flags & ffi::EXOREF_CHANGE_RECREATED != 0
    }

    /// Whether the missed changes were one line of history can't be known.
    pub fn uncertain(&self) -> bool {
        self.flags & ffi::EXOREF_CHANGE_UNCERTAIN != 0
    }

    fn decoded(&self, raw: &Option<RawValue>) -> Result<Option<Value<T>>> {
        raw.clone().map(|raw| Value::decoded(&*self.codec, raw)).transpose()
    }
}

impl<T> Clone for Change<T> {
    fn clone(&self) -> Self {
        Change {
            watch_key: self.watch_key.clone(),
            key: self.key.clone(),
            old: self.old.clone(),
            new: self.new.clone(),
            version: self.version,
            missed: self.missed,
            flags: self.flags,
            codec: self.codec.clone(),
        }
    }
}

impl<T: 'static> fmt::Debug for Change<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Change");
        all.field("version", &self.version).field("old", &self.old).field("new", &self.new).field("missed", &self.missed);
        for (flag, set) in
            [("rewound", self.rewound()), ("deleted", self.deleted()), ("recreated", self.recreated()), ("uncertain", self.uncertain())]
        {
            if set {
                all.field(flag, &true);
            }
        }
        all.finish()
    }
}

// The function of a watch, as C calls it.
struct Watch<T, F> {
    codec: SharedCodec<T>,
    function: F,
    // What is to be told when no call comes any more.
    _last: Option<EndsQueue<T>>,
}

unsafe extern "C" fn tell<T: 'static, F: Fn(&Change<T>)>(ctx: *mut c_void, change: *const ffi::exoref_change) -> i32 {
    // SAFETY: ctx is the boxed watch, which lives until it is freed; the change lives during the call.
    let (watch, change) = unsafe {
        let watch = &*ctx.cast::<Watch<T, F>>();
        (watch, Change::read(change, &watch.codec))
    };
    match border::guarded(|| (watch.function)(&change)) {
        Ok(()) => ffi::EXOREF_CALL_OK,
        Err(panic) => {
            border::let_go(panic);
            ffi::EXOREF_CALL_FAILED // which C tells the log
        }
    }
}

impl<T: Send + Sync + 'static> Atom<T> {
    /// Has a function called for every change after the state that this gives back (`None` where the atom does not exist), whichever
    /// process makes it; until the watch is removed, replaced by another under the same watch key, or the client closed, or until
    /// the last handle of this key in the client is dropped: a watch keeps no handle alive.
    ///
    /// Where that state can't be decoded the watch stands all the same, and the error is of [`Class::Unknown`](crate::Class::Unknown): it
    /// is not known what the changes begin from, but for its bytes, [`Error::raw_value`](crate::Error::raw_value).
    ///
    /// It runs on a thread of the client: changes in the order of versions, watches in that of their registration. A panic is told
    /// to the client's log, and the watch goes on.
    pub fn add_watch(
        &self,
        watch_key: impl AsRef<[u8]>,
        function: impl Fn(&Change<T>) + Send + Sync + 'static,
    ) -> Result<Option<Value<T>>> {
        self.add_watch_async(watch_key, function).wait()
    }

    /// As [`add_watch`](Atom::add_watch), without waiting.
    pub fn add_watch_async(
        &self,
        watch_key: impl AsRef<[u8]>,
        function: impl Fn(&Change<T>) + Send + Sync + 'static,
    ) -> Pending<Option<Value<T>>> {
        self.begin_watch(watch_key.as_ref(), function, None, |since| since)
    }

    /// Removes the watch: after this its function is not called again (from within it: not after the current call). To remove an
    /// absent one is no error.
    pub fn remove_watch(&self, watch_key: impl AsRef<[u8]>) -> Result<()> {
        let key = watch_key.as_ref();
        // SAFETY: we hold the atom, and the key lives during the call.
        call(|error| unsafe { ffi::exoref_atom_remove_watch(self.state.handle.as_ptr(), key.as_ptr().cast(), key.len(), error) })
    }

    pub(crate) fn begin_watch<R: Send + 'static, F: Fn(&Change<T>) + Send + Sync + 'static>(
        &self,
        watch_key: &[u8],
        function: F,
        last: Option<EndsQueue<T>>,
        outcome: impl FnOnce(Option<Value<T>>) -> R + Send + 'static,
    ) -> Pending<R> {
        let ctx = border::boxed(Watch { codec: self.state.codec.clone(), function, _last: last });
        let free = border::free::<Watch<T, F>>;
        self.begin(
            |atom, timeout, out, error| {
                let (key, size) = (watch_key.as_ptr().cast(), watch_key.len());
                // SAFETY: we hold the atom, and the key is copied; the box is freed by C, also if this fails.
                unsafe { ffi::exoref_atom_add_watch_async(atom, key, size, Some(tell::<T, F>), ctx, Some(free), 0, timeout, out, error) }
            },
            move |state, future| {
                let since = future.value().map(|raw| state.decoded_after("the watch was added, but the state before it", raw));
                Ok(outcome(since.transpose()?))
            },
        )
    }
}
