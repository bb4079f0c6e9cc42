//! Points in time: how they are read from clients and written to them (reference section 11), and the clock.
//!
//! Times are kept in microseconds and shown in milliseconds, as in GitLab. Everything is UTC: an offset that a client
//! sends says which moment is meant and is then forgotten.

mod parse;

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use jiff::{
    SignedDuration,
    civil::{Date, DateTime},
};

pub use parse::{InvalidTime, parse_lenient};

/// Microseconds since 1970-01-01T00:00:00Z.
///
/// Every value is valid. Those before the year 0 or after the year 9999, which no parser here returns, are shown as the
/// first or last moment that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Timestamp {
    /// The first moment that can be written: 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_167_219_200_000_000);

    /// The last moment that can be written: 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The wire form: `2016-08-11T11:32:35.444Z`. The fraction has three digits and is cut towards the past, not rounded
    /// (reference 11.2).
    #[must_use]
    pub fn to_wire(self) -> String {
        let mut text = Vec::with_capacity(24);
        self.write_wire(&mut text);
        text.into_iter().map(char::from).collect()
    }

    /// Appends the wire form, which is 24 bytes of ASCII.
    pub fn write_wire(self, out: &mut Vec<u8>) {
        let at = self.civil();
        write_seconds(at, out);
        out.push(b'.');
        write_digits(at.millisecond().unsigned_abs(), 3, out);
        out.push(b'Z');
    }

    /// The whole time, to the microsecond: `2016-08-11T11:32:35.444123Z`. [`Timestamp::parse_wire`] reads it back.
    #[must_use]
    pub fn to_exact(self) -> String {
        let at = self.civil();
        let mut text = Vec::with_capacity(27);
        write_seconds(at, &mut text);
        text.push(b'.');
        write_digits(at.millisecond().unsigned_abs(), 3, &mut text);
        write_digits(at.microsecond().unsigned_abs(), 3, &mut text);
        text.push(b'Z');
        text.into_iter().map(char::from).collect()
    }

    /// The form that `Link` headers repeat a parameter in: `2019-03-15T08:00:00+00:00`, cut to seconds, before it is
    /// percent-encoded (reference 10.3).
    #[must_use]
    pub fn to_link_param(self) -> String {
        let mut text = Vec::with_capacity(25);
        write_seconds(self.civil(), &mut text);
        text.extend_from_slice(b"+00:00");
        text.into_iter().map(char::from).collect()
    }

    /// The day, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        self.civil().date()
    }

    /// Reads RFC 3339 and nothing else: any offset, up to 9 digits of a fraction (cut to microseconds).
    #[must_use]
    pub fn parse_wire(text: &str) -> Option<Self> {
        parse::rfc3339(text)
    }

    /// A later time; the end of the range if there is none.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_micros(duration)))
    }

    /// An earlier time; the start of the range if there is none.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_micros(duration)))
    }

    fn civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_micros(self.clamp(Self::MIN, Self::MAX).0))
    }

    /// `None` outside of [`Timestamp::MIN`] to [`Timestamp::MAX`].
    fn from_civil(at: DateTime, offset: SignedDuration) -> Option<Self> {
        let since_epoch = at.duration_since(EPOCH).checked_sub(offset)?;
        let timestamp = Self(i64::try_from(since_epoch.as_micros()).ok()?);
        (Self::MIN..=Self::MAX).contains(&timestamp).then_some(timestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_wire())
    }
}

fn whole_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// `2016-08-11T11:32:35`.
fn write_seconds(at: DateTime, out: &mut Vec<u8>) {
    write_digits(at.year().unsigned_abs(), 4, out);
    let parts = [
        (b'-', at.month()),
        (b'-', at.day()),
        (b'T', at.hour()),
        (b':', at.minute()),
        (b':', at.second()),
    ];
    for (separator, number) in parts {
        out.push(separator);
        write_digits(u16::from(number.unsigned_abs()), 2, out);
    }
}

/// The last `count` decimal digits of a number.
fn write_digits(number: u16, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        let digit = u8::try_from(number / 10_u16.pow(place) % 10).unwrap_or(0);
        out.push(b'0' + digit);
    }
}

/// Where the present time comes from: whoever needs it is given a clock, so that tests own the time.
pub trait Clock: Send + Sync {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Timestamp(0).plus(after),
            Err(before) => Timestamp(0).minus(before.duration()),
        }
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows the given time.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Sets it to a time, also an earlier one.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(whole_micros(duration), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
