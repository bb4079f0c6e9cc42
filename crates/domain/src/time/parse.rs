//! The parsers of times: strict RFC 3339, and the lenient one for what clients send (reference 11.1).

use jiff::{
    SignedDuration,
    civil::{Date, ISOWeekDate, Weekday},
};
use thiserror::Error;

use super::Timestamp;

/// The most characters of a time that is looked at.
const LONGEST: usize = 128;

/// A text that names no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is invalid")]
pub struct InvalidTime;

/// Reads a time as GitLab's lenient parser does, as far as a text means one moment only; blank text is no time.
///
/// * Dates: `2019-03-15`, `2019/03/15`, `2019.03.15`, `2019-03` (its first day), `20190315`, the ISO week `2019-W11-5`
///   (or `2019W115`), the day of the year `2019-074`, day first `15/03/2019`, `15-03-2019`, `15.03.2019`, and with the
///   English name of the month `15 Mar 2019`, `15-Mar-2019`, `Mar 15, 2019`, `Mar 15 08:00:00 2019`. The name of a
///   weekday may stand in front and is not checked.
/// * Times of day after `T` or blanks, 00:00 if there is none: `08`, `08:00`, `08:00:00`, `0800`, `080000`, with any
///   fraction after `.` or `,` (cut to microseconds). Second 60 reads as 59, and 24:00 is the start of the next day.
/// * Offsets, UTC if there is none: `Z`, `UTC`, `UT`, `GMT`, `+02`, `+0200`, `+02:00`. An offset whose `+` arrived as a
///   blank, because the client did not encode it, is dropped as GitLab drops it, so the time counts as UTC.
///
/// What is refused although GitLab takes it: times relative to today (`12:00`, `monday`, `10`), because they mean another
/// moment each day and this function has no clock; years of two digits; and names of zones other than UTC's.
pub fn parse_lenient(text: &str) -> Result<Option<Timestamp>, InvalidTime> {
    if text.chars().count() > LONGEST {
        return Err(InvalidTime);
    }
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    lenient(text).map(Some).ok_or(InvalidTime)
}

/// RFC 3339, complete and with nothing around it.
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    let mut input = Cursor::new(text);
    let year = input.number(4)?;
    input.expect(b"-")?;
    let month = input.number(2)?;
    input.expect(b"-")?;
    let date = civil_date(year, month, input.number(2)?)?;
    input.expect(b"Tt")?;
    let hour = input.number(2)?;
    input.expect(b":")?;
    let minute = input.number(2)?;
    input.expect(b":")?;
    let second = input.number(2)?;
    let micros = match input.expect(b".") {
        Some(_) => input.fraction(9)?,
        None => 0,
    };
    let time = TimeOfDay {
        hour,
        minute,
        second,
        micros,
    };
    let offset = match input.expect(b"Zz+-")? {
        sign @ (b'+' | b'-') => {
            let hours = input.number(2)?;
            input.expect(b":")?;
            offset(sign, hours, input.number(2)?)?
        }
        _ => SignedDuration::ZERO,
    };
    input.end()?;
    if hour == 24 {
        return None;
    }
    moment(date, time, offset)
}

fn lenient(text: &str) -> Option<Timestamp> {
    let mut input = Cursor::new(text);
    if input.word(weekday).is_some() {
        input.expect(b",");
        input.blanks();
    }
    let (date, time) = if let Some(month) = input.word(month) {
        month_first(&mut input, month)?
    } else {
        let is_compact = input.count_digits() == 14;
        let date = date_of_digits(&mut input)?;
        let time = if is_compact {
            time_of_day(&mut input)?
        } else {
            time_after_date(&mut input)?
        };
        (date, time)
    };
    let offset = lenient_offset(&mut input)?;
    input.end()?;
    moment(date, time, offset)
}

/// What follows the name of a month: `15, 2019 08:00`, or `15 08:00:00 UTC 2019` as the `date` command prints it.
fn month_first(input: &mut Cursor<'_>, month: i64) -> Option<(Date, TimeOfDay)> {
    input.blanks();
    let day = input.digits(1, 2)?;
    input.expect(b",");
    if !input.blanks() {
        return None;
    }
    if let Some(year) = input.attempt(|input| input.number(4).filter(|_| input.at_blank_or_end())) {
        return Some((civil_date(year, month, day)?, time_after_date(input)?));
    }
    let time = time_of_day(input)?;
    input.blanks();
    if input.word(utc).is_some() {
        input.blanks();
    }
    Some((civil_date(input.number(4)?, month, day)?, time))
}

/// A date that begins with a digit.
fn date_of_digits(input: &mut Cursor<'_>) -> Option<Date> {
    match input.count_digits() {
        // 14 digits are a date and a time of day, which the caller reads next.
        8 | 14 => civil_date(input.number(4)?, input.number(2)?, input.number(2)?),
        4 => {
            let year = input.number(4)?;
            date_after_year(input, year)
        }
        1 | 2 => {
            let day = input.digits(1, 2)?;
            let separator = input.expect(b"-/. ")?;
            input.blanks();
            let month = match input.word(month) {
                Some(month) => month,
                None if separator == b' ' => return None,
                None => input.digits(1, 2)?,
            };
            input.expect(&[separator])?;
            let year = input.number(4)?;
            civil_date(year, month, day)
        }
        _ => None,
    }
}

/// What follows a year that comes first.
fn date_after_year(input: &mut Cursor<'_>, year: i64) -> Option<Date> {
    let separator = input.expect(b"-/.");
    if matches!(separator, None | Some(b'-')) && input.expect(b"Ww").is_some() {
        return week_date(input, year);
    }
    let separator = separator?;
    if separator == b'-' && input.count_digits() == 3 {
        return ordinal_date(year, input.number(3)?);
    }
    let month = input.digits(1, 2)?;
    let day = match input.attempt(|input| input.expect(&[separator]).and_then(|_| input.digits(1, 2))) {
        Some(day) => day,
        // Only the end may follow a month: what else comes after it is a day that cannot be read.
        None if separator == b'-' && input.is_at_end() => 1,
        None => return None,
    };
    civil_date(year, month, day)
}

/// The week and the day of an ISO week date; without a day it is Monday.
fn week_date(input: &mut Cursor<'_>, year: i64) -> Option<Date> {
    let week = i8::try_from(input.number(2)?).ok()?;
    let day = input.attempt(|input| {
        input.expect(b"-");
        input.number(1)
    });
    let weekday = Weekday::from_monday_one_offset(i8::try_from(day.unwrap_or(1)).ok()?).ok()?;
    Some(ISOWeekDate::new(i16::try_from(year).ok()?, week, weekday).ok()?.date())
}

fn ordinal_date(year: i64, day: i64) -> Option<Date> {
    let first = civil_date(year, 1, 1)?;
    first.with().day_of_year(i16::try_from(day).ok()?).build().ok()
}

fn civil_date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The time of day after a date; midnight if the text has none.
fn time_after_date(input: &mut Cursor<'_>) -> Option<TimeOfDay> {
    if input.expect(b"Tt").is_some() {
        return time_of_day(input);
    }
    let separated = input.blanks();
    match input.count_digits() {
        0 => Some(TimeOfDay::default()),
        _ if separated => time_of_day(input),
        _ => None,
    }
}

#[derive(Clone, Copy, Default)]
struct TimeOfDay {
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
}

fn time_of_day(input: &mut Cursor<'_>) -> Option<TimeOfDay> {
    let mut time = TimeOfDay::default();
    match input.count_digits() {
        4 => (time.hour, time.minute) = (input.number(2)?, input.number(2)?),
        6 => (time.hour, time.minute, time.second) = (input.number(2)?, input.number(2)?, input.number(2)?),
        _ => {
            time.hour = input.digits(1, 2)?;
            if input.expect(b":").is_some() {
                time.minute = input.number(2)?;
                if input.expect(b":").is_some() {
                    time.second = input.number(2)?;
                }
            }
        }
    }
    if input.expect(b".,").is_some() {
        time.micros = input.fraction(LONGEST)?;
    }
    Some(time)
}

/// The offset at the end of a text.
fn lenient_offset(input: &mut Cursor<'_>) -> Option<SignedDuration> {
    let separated = input.blanks();
    if input.is_at_end() || input.word(utc).is_some() {
        return Some(SignedDuration::ZERO);
    }
    let sign = match input.expect(b"+-") {
        Some(sign) => sign,
        None if separated => b' ',
        None => return None,
    };
    let hours = input.number(2)?;
    let colon = input.expect(b":").is_some();
    let minutes = if colon || !input.is_at_end() {
        input.number(2)?
    } else {
        0
    };
    offset(sign, hours, minutes)
}

/// An offset without a sign lost it on its way here, and counts as none.
fn offset(sign: u8, hours: i64, minutes: i64) -> Option<SignedDuration> {
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Some(SignedDuration::from_secs(match sign {
        b'+' => seconds,
        b'-' => -seconds,
        _ => 0,
    }))
}

fn moment(date: Date, time: TimeOfDay, offset: SignedDuration) -> Option<Timestamp> {
    let TimeOfDay {
        hour,
        minute,
        second,
        micros,
    } = time;
    let is_end_of_day = hour == 24 && minute == 0 && second == 0 && micros == 0;
    if (hour > 23 && !is_end_of_day) || minute > 59 || second > 60 {
        return None;
    }
    let since_midnight = SignedDuration::from_secs((hour * 60 + minute) * 60 + second.min(59));
    let since_midnight = since_midnight + SignedDuration::from_micros(micros);
    Timestamp::from_civil(date.at(0, 0, 0, 0), offset - since_midnight)
}

fn month(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let index = MONTHS.iter().position(|month| is_name(word, month))?;
    i64::try_from(index + 1).ok()
}

fn weekday(word: &str) -> Option<()> {
    const WEEKDAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    WEEKDAYS.iter().any(|weekday| is_name(word, weekday)).then_some(())
}

/// Whether a word is the name, or its first three letters.
fn is_name(word: &str, name: &str) -> bool {
    word == name || (word.len() == 3 && name.starts_with(word))
}

fn utc(word: &str) -> Option<()> {
    matches!(word, "z" | "utc" | "ut" | "gmt").then_some(())
}

/// What is left of a text. Methods that answer `None` or `false` have consumed nothing, unless they say otherwise.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    const fn new(text: &'a str) -> Self {
        Self { rest: text.as_bytes() }
    }

    const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn end(&self) -> Option<()> {
        self.is_at_end().then_some(())
    }

    fn at_blank_or_end(&self) -> bool {
        self.rest.first().is_none_or(u8::is_ascii_whitespace)
    }

    /// One byte of those given.
    fn expect(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        bytes.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    /// Any number of blanks; whether there was one.
    fn blanks(&mut self) -> bool {
        let trimmed = self.rest.trim_ascii_start();
        let found = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        found
    }

    fn count_digits(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A number of exactly so many digits, more may follow.
    fn number(&mut self, count: usize) -> Option<i64> {
        if self.count_digits() < count {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(
            digits
                .iter()
                .fold(0, |number, digit| number * 10 + i64::from(digit - b'0')),
        )
    }

    /// A number of all the digits that come next, if they are as many.
    fn digits(&mut self, fewest: usize, most: usize) -> Option<i64> {
        let count = self.count_digits();
        if (fewest..=most).contains(&count) {
            self.number(count)
        } else {
            None
        }
    }

    /// One or more digits of a fraction of a second, as microseconds.
    fn fraction(&mut self, most: usize) -> Option<i64> {
        let count = self.count_digits();
        if !(1..=most).contains(&count) {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        let six = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
        Some(six.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0')))
    }

    /// A word that means something.
    fn word<T>(&mut self, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at_checked(length)?;
        let found = meaning(&str::from_utf8(word).ok()?.to_ascii_lowercase())?;
        self.rest = rest;
        Some(found)
    }

    /// Undoes what a reader consumed before it found nothing.
    fn attempt<T>(&mut self, reader: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = *self;
        let found = reader(self);
        if found.is_none() {
            *self = before;
        }
        found
    }
}
