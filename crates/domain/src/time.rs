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

/// Microseconds.
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

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
        self.wire().as_str().to_owned()
    }

    /// The wire form without an allocation, for answers that are full of times.
    #[must_use]
    pub fn wire(self) -> WireTime {
        let mut wire = [b'Z'; 24];
        wire[..23].copy_from_slice(&self.digits()[..23]);
        WireTime(wire)
    }

    /// The whole time, to the microsecond: `2016-08-11T11:32:35.444123Z`. [`Timestamp::parse_wire`] reads it back.
    #[must_use]
    pub fn to_exact(self) -> String {
        let mut text = String::with_capacity(27);
        text.push_str(str::from_utf8(&self.digits()).unwrap_or_default());
        text.push('Z');
        text
    }

    /// The form that `Link` headers repeat a parameter in: `2019-03-15T08:00:00+00:00`, cut to seconds, before it is
    /// percent-encoded (reference 10.3).
    #[must_use]
    pub fn to_link_param(self) -> String {
        format!("{}+00:00", self.wire().seconds())
    }

    /// The day, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        self.civil().0
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

    /// `2016-08-11T11:32:35.444123`.
    fn digits(self) -> [u8; 26] {
        let (date, micros) = self.civil();
        let [y1, y2, y3, y4] = four_digits(date.year().unsigned_abs());
        let [o1, o2] = two_digits(i64::from(date.month()));
        let [d1, d2] = two_digits(i64::from(date.day()));
        let [h1, h2] = two_digits(micros / HOUR);
        let [m1, m2] = two_digits(micros / MINUTE % 60);
        let [s1, s2] = two_digits(micros / SECOND % 60);
        let fraction = micros % SECOND;
        let [f1, f2] = two_digits(fraction / 10_000);
        let [f3, f4] = two_digits(fraction / 100);
        let [f5, f6] = two_digits(fraction);
        [
            y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, f4,
            f5, f6,
        ]
    }

    /// The day, and the microseconds since it began.
    fn civil(self) -> (Date, i64) {
        let micros = self.clamp(Self::MIN, Self::MAX).0;
        let days = SignedDuration::from_secs(micros.div_euclid(DAY) * (DAY / SECOND));
        (EPOCH.date().saturating_add(days), micros.rem_euclid(DAY))
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
        f.pad(self.wire().as_str())
    }
}

fn whole_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A time as it is written: see [`Timestamp::wire`].
#[derive(Clone, Copy, Debug)]
pub struct WireTime([u8; 24]);

impl WireTime {
    /// The text, which is ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `2016-08-11T11:32:35`.
    fn seconds(&self) -> &str {
        self.as_str().get(..19).unwrap_or_default()
    }
}

/// The last two decimal digits of a number that is not negative.
fn two_digits(number: i64) -> [u8; 2] {
    let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

fn four_digits(number: u16) -> [u8; 4] {
    let [first, second] = two_digits(i64::from(number / 100));
    let [third, fourth] = two_digits(i64::from(number));
    [first, second, third, fourth]
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
