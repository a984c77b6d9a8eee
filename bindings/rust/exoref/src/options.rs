use std::ffi::{c_char, c_void};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use exoref_sys as ffi;

use crate::border;
use crate::codec::{Codec, SharedCodec};
use crate::error::Result;
use crate::handle::{c_text, call, call_for, text, Handle};
use crate::timeout::whole_ms;
use crate::validator::{Validator, Verdict};
use crate::value::RawValue;

/// Options by name and text, in the order in which they were given. What is wrong with them is said when they are used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(Vec<(String, String)>);

impl Settings {
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    fn applied(&self) -> Result<Handle<ffi::exoref_options>> {
        // SAFETY: out-parameters of this call.
        let options = call_for(|out, error| unsafe { ffi::exoref_options_new(out, error) })?;
        for (name, value) in &self.0 {
            let (name, value) = (c_text(name, "the name of an option")?, c_text(value, "the text of an option")?);
            // SAFETY: we hold the options, and the texts live during the call.
            call(|error| unsafe { ffi::exoref_options_set(options.as_ptr(), name.as_ptr(), value.as_ptr(), error) })?;
        }
        Ok(options)
    }
}

fn get(options: &Handle<ffi::exoref_options>, name: &str) -> Result<String> {
    let name = c_text(name, "the name of an option")?;
    // SAFETY: we hold the options, and the name lives during the call.
    let found = call_for(|out, error| unsafe { ffi::exoref_options_get(options.as_ptr(), name.as_ptr(), out, error) })?;
    Ok(String::from_utf8_lossy(&RawValue::new(found)).into_owned())
}

fn dump(options: &Handle<ffi::exoref_options>) -> Result<String> {
    // SAFETY: we hold the options.
    let all = call_for(|out, error| unsafe { ffi::exoref_options_dump(options.as_ptr(), out, error) })?;
    Ok(String::from_utf8_lossy(&RawValue::new(all)).into_owned())
}

fn in_ms(time: Duration) -> String {
    format!("{}ms", whole_ms(time))
}

/// How much a client tells its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum LogLevel {
    Error,
    Warning,
    Info,
    Debug,
}

/// A line of a client's log.
#[derive(Clone, Debug)]
pub struct LogLine<'a> {
    /// How grave it is.
    pub level: LogLevel,
    /// One word: connection, subscription, commit, watch, wait, body, local.
    pub category: &'a str,
    /// What is told. It never contains a secret.
    pub line: &'a str,
}

type LogFn = Arc<dyn Fn(&LogLine<'_>) + Send + Sync>;

/// How a client is opened. What is wrong with an option is said by [`open`](ClientOptions::open); options in the URL win.
///
/// ```no_run
/// use std::time::Duration;
/// let client = exoref::ClientOptions::new()
///     .default_timeout(Duration::from_secs(2))
///     .set("prefix", "shop:")
///     .log(exoref::LogLevel::Warning, |line| eprintln!("{}: {}", line.category, line.line))
///     .open("redis://localhost")?;
/// # Ok::<(), exoref::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ClientOptions {
    settings: Settings,
    log: Option<(LogLevel, LogFn)>,
}

impl ClientOptions {
    /// The defaults.
    pub fn new() -> ClientOptions {
        ClientOptions::default()
    }

    /// Any option by its name and text: [`options_table`](crate::options_table) has them all.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> ClientOptions {
        self.settings.set(name, value.into());
        self
    }

    /// How long a call waits for the server where it does not say so itself.
    pub fn default_timeout(self, timeout: Duration) -> ClientOptions {
        self.set("timeout", in_ms(timeout))
    }

    /// Has a function told what is at most of this level, on any thread, several at once perhaps. It must not use the client.
    pub fn log(mut self, level: LogLevel, function: impl Fn(&LogLine<'_>) + Send + Sync + 'static) -> ClientOptions {
        self.log = Some((level, Arc::new(function)));
        self
    }

    /// The text of an option as set here, or else its default. Secrets are masked.
    pub fn get(&self, name: &str) -> Result<String> {
        get(&self.settings.applied()?, name)
    }

    /// All options that are set, one `name=value` a line, secrets masked.
    pub fn dump(&self) -> Result<String> {
        dump(&self.settings.applied()?)
    }

    pub(crate) fn applied(&self) -> Result<Handle<ffi::exoref_options>> {
        let options = self.settings.applied()?;
        if let Some((level, function)) = &self.log {
            let level = match level {
                LogLevel::Error => ffi::EXOREF_LOG_ERROR,
                LogLevel::Warning => ffi::EXOREF_LOG_WARNING,
                LogLevel::Info => ffi::EXOREF_LOG_INFO,
                LogLevel::Debug => ffi::EXOREF_LOG_DEBUG,
            };
            let ctx = border::boxed(function.clone());
            // SAFETY: we hold the options; the box is freed by C, also if this fails.
            call(|error| unsafe {
                ffi::exoref_options_set_log(options.as_ptr(), level, Some(tell), ctx, Some(border::free::<LogFn>), error)
            })?;
        }
        Ok(options)
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the texts: a password may be among them.
        let names: Vec<_> = self.settings.0.iter().map(|(name, _)| name).collect();
        f.debug_struct("ClientOptions").field("set", &names).finish_non_exhaustive()
    }
}

unsafe extern "C" fn tell(ctx: *mut c_void, level: i32, category: *const c_char, line: *const c_char) {
    // SAFETY: ctx is the boxed function, and lives until it is freed; the texts live during the call.
    let (function, category, line) = unsafe { (&*ctx.cast::<LogFn>(), text(category), text(line)) };
    let level = match level {
        ffi::EXOREF_LOG_ERROR => LogLevel::Error,
        ffi::EXOREF_LOG_WARNING => LogLevel::Warning,
        ffi::EXOREF_LOG_INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    // A log function that panics has nobody to tell but the panic hook.
    border::alone(|| function(&LogLine { level, category: &category, line: &line }));
}

/// What becomes of opening an atom that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absent {
    /// It is [`ErrorKind::NotFound`](crate::ErrorKind::NotFound).
    Refuse,
    /// The handle is good, and answers `NotFound` until somebody creates the atom.
    Allow,
    /// Waits for its creation, up to the timeout.
    Wait,
}

/// How references are opened: codec, validator and options. For any number of them.
///
/// ```no_run
/// use exoref::{codec, Atom, Client, OpenOptions};
/// use std::time::Duration;
///
/// let client = Client::open("redis://localhost")?;
/// let sessions = OpenOptions::<Vec<String>>::new().ttl(Duration::from_secs(3600)).validator(|list| list.len() < 100);
/// let atom: Atom<Vec<String>> = sessions.create_atom(&client, "sessions:7", vec![])?;
/// let text: Atom<String> = OpenOptions::with_codec(codec::Text).open_atom(&client, "motto")?;
/// # Ok::<(), exoref::Error>(())
/// ```
pub struct OpenOptions<T> {
    pub(crate) codec: SharedCodec<T>,
    pub(crate) validator: Option<Validator<T>>,
    settings: Settings,
}

impl<T: 'static> OpenOptions<T> {
    /// The defaults, with the codec [`Json`](crate::codec::Json).
    #[cfg(feature = "json")]
    pub fn new() -> OpenOptions<T>
    where
        T: serde::Serialize + serde::de::DeserializeOwned,
    {
        OpenOptions::with_codec(crate::codec::Json)
    }

    /// The defaults, with a codec.
    pub fn with_codec(codec: impl Codec<T>) -> OpenOptions<T> {
        OpenOptions { codec: Arc::new(codec), validator: None, settings: Settings::default() }
    }

    /// Judges every value that is proposed through the handle, the initial one too, on the thread that proposes it. Other
    /// handles and processes are not concerned. It answers with a `bool` or a `Result<(), E>`.
    pub fn validator<V: Verdict>(mut self, judge: impl Fn(&T) -> V + Send + Sync + 'static) -> OpenOptions<T> {
        self.validator = Some(Validator::new(judge));
        self
    }

    /// How long a new reference lives after its last change.
    pub fn ttl(self, ttl: Duration) -> OpenOptions<T> {
        self.set("ttl", in_ms(ttl))
    }

    /// How many of its last changes a new reference keeps, so that slow watchers miss nothing.
    pub fn history(self, changes: u32) -> OpenOptions<T> {
        self.set("history", changes.to_string())
    }

    /// How many writers a new reference remembers, so that a write that was sent twice is applied once.
    pub fn writers(self, writers: u32) -> OpenOptions<T> {
        self.set("writers", writers.to_string())
    }

    /// What becomes of opening an atom that does not exist.
    pub fn absent(self, absent: Absent) -> OpenOptions<T> {
        let word = match absent {
            Absent::Refuse => "refuse",
            Absent::Allow => "allow",
            Absent::Wait => "wait",
        };
        self.set("absent", word)
    }

    /// How long the lease of a delay's body lasts that is not renewed: the time until another process takes over from one that died.
    pub fn lease(self, lease: Duration) -> OpenOptions<T> {
        self.set("lease", in_ms(lease))
    }

    /// Of a delay: a failure is told to all who wait, and the next deref tries again.
    pub fn retry(self, retry: bool) -> OpenOptions<T> {
        self.set("retry", retry.to_string())
    }

    /// Any option by its name and text: [`options_table`](crate::options_table) has them all.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> OpenOptions<T> {
        self.settings.set(name, value.into());
        self
    }

    /// The text of an option as set here, or else its default.
    pub fn get(&self, name: &str) -> Result<String> {
        get(&self.applied()?, name)
    }

    /// All options that are set, one `name=value` a line.
    pub fn dump(&self) -> Result<String> {
        dump(&self.applied()?)
    }

    pub(crate) fn applied(&self) -> Result<Handle<ffi::exoref_options>> {
        let mut settings = Settings::default();
        if !self.codec.label().is_empty() {
            settings.set("codec", self.codec.label().to_owned());
        }
        settings.0.extend_from_slice(&self.settings.0);
        settings.applied()
    }
}

impl<T> Clone for OpenOptions<T> {
    fn clone(&self) -> Self {
        OpenOptions { codec: self.codec.clone(), validator: self.validator.clone(), settings: self.settings.clone() }
    }
}

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned + 'static> Default for OpenOptions<T> {
    fn default() -> Self {
        OpenOptions::new()
    }
}

impl<T: 'static> fmt::Debug for OpenOptions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("OpenOptions");
        all.field("codec", &self.codec.label()).field("validator", &self.validator).field("settings", &self.settings.0).finish()
    }
}
