//! Reading and writing times: the table of reference 11.1, the forms beyond it, and round trips.

use std::time::Duration;

use landfall_domain::time::{Clock, InvalidTime, ManualClock, SystemClock, Timestamp, parse_lenient};
use proptest::prelude::*;

fn shown(text: &str) -> String {
    match parse_lenient(text) {
        Ok(Some(time)) => time.to_wire(),
        Ok(None) => "none".to_owned(),
        Err(InvalidTime) => "invalid".to_owned(),
    }
}

const EIGHT: &str = "2019-03-15T08:00:00.000Z";
const SIX: &str = "2019-03-15T06:00:00.000Z";
const MIDNIGHT: &str = "2019-03-15T00:00:00.000Z";

#[test]
fn lenient_parser_reads_the_table_of_the_reference() {
    let table = [
        ("2019-03-15T08:00:00Z", EIGHT),
        ("2019-03-15T08:00:00.123456789Z", "2019-03-15T08:00:00.123Z"),
        ("2019-03-15T08:00:00+02:00", SIX),
        ("2019-03-15 08:00", EIGHT),
        ("2019-03-15", MIDNIGHT),
        ("20190315", MIDNIGHT),
        ("2019-W11-5", MIDNIGHT),
        ("Mar 15 2019", MIDNIGHT),
        ("15/03/2019", MIDNIGHT),
        ("2019-03-15T08:00:00 02:00", EIGHT),
        ("", "none"),
        ("yesterday", "invalid"),
        ("now", "invalid"),
        ("2019", "invalid"),
        ("2019-13-01", "invalid"),
        ("2019-03-15T25:00:00Z", "invalid"),
        ("1552636800", "invalid"),
    ];
    for (text, expected) in table {
        assert_eq!(shown(text), expected, "{text:?}");
    }
}

#[test]
fn lenient_parser_reads_what_other_programs_print() {
    let table = [
        (
            "2019-03-15T08:00:00.1234567890123456789012345Z",
            "2019-03-15T08:00:00.123Z",
        ),
        ("2019-03-15T08:00:00,5Z", "2019-03-15T08:00:00.500Z"),
        ("2019-03-15t08:00:00z", EIGHT),
        ("2019-03-15T08:00:00+0200", SIX),
        ("2019-03-15T08:00:00+02", SIX),
        ("2019-03-15T02:30:00-05:30", EIGHT),
        ("2019-03-15T08:00:00 0200", EIGHT),
        ("2019-03-15T08:00:00 02", EIGHT),
        ("2019-03-15 08", EIGHT),
        ("2019-03-15T0800", EIGHT),
        ("20190315T080000Z", EIGHT),
        ("20190315T080000.25Z", "2019-03-15T08:00:00.250Z"),
        ("20190315 080000", EIGHT),
        ("20190315080000", EIGHT),
        ("2019-3-15", MIDNIGHT),
        ("2019/03/15", MIDNIGHT),
        ("2019.03.15", MIDNIGHT),
        ("2019-03", "2019-03-01T00:00:00.000Z"),
        ("2019W115", MIDNIGHT),
        ("2019-W11", "2019-03-11T00:00:00.000Z"),
        ("2019-074", MIDNIGHT),
        ("2019-074T08:00", EIGHT),
        ("15.03.2019", MIDNIGHT),
        ("15-03-2019 08:00", EIGHT),
        ("15 Mar 2019", MIDNIGHT),
        ("15-Mar-2019", MIDNIGHT),
        ("March 15, 2019 08:00", EIGHT),
        ("Fri, 15 Mar 2019 08:00:00 GMT", EIGHT),
        ("Friday, 15 March 2019 10:00:00 +0200", EIGHT),
        ("Fri Mar 15 08:00:00 2019", EIGHT),
        ("Fri Mar 15 08:00:00 UTC 2019", EIGHT),
        ("2019-03-15 +02:00", "2019-03-14T22:00:00.000Z"),
        ("2019-03-15Z", MIDNIGHT),
        ("2016-08-12 15:23:28 UTC", "2016-08-12T15:23:28.000Z"),
        ("2021-04-28 21:50:00 +0200", "2021-04-28T19:50:00.000Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
        ("2019-03-14T24:00:00Z", MIDNIGHT),
        ("  2019-03-15\t", MIDNIGHT),
        (" \n ", "none"),
    ];
    for (text, expected) in table {
        assert_eq!(shown(text), expected, "{text:?}");
    }
}

#[test]
fn lenient_parser_refuses_what_has_no_or_no_single_meaning() {
    let too_long = format!("2019-03-15T08:00:00.{}Z", "1".repeat(108));
    assert_eq!(too_long.len(), 129);
    assert_eq!(
        shown(&too_long[1..]),
        "invalid",
        "the text without its first digit is short enough but no time"
    );
    let table = [
        too_long.as_str(),
        "12:00",
        "monday",
        "10",
        "15",
        "2019-02-29",
        "2019-04-31",
        "2019-00-10",
        "2019-366",
        "2019-W53-1",
        "2019-W11-8",
        "03/15/2019",
        "15/03/19",
        "15/03-2019",
        "2019-03-0200",
        "2019-03 02:00",
        "2019-03-15T",
        "2019-03-15T08:60:00Z",
        "2019-03-15T08:00:61Z",
        "2019-03-15T24:00:01Z",
        "2019-03-15T08:00:00.Z",
        "2019-03-15T08:00:00+24:00",
        "2019-03-15T08:00:00+02:60",
        "2019-03-15T08:00:00+2",
        "2019-03-15T08:00:00 CET",
        "2019-03-15T08:00:00Zulu",
        "2019-03-15080000",
        "2019-03-15 08:00 and more",
        "2019-03-15T08:00:00Z;drop",
        "Mar 15",
        "15 Mar",
        "Smarch 15 2019",
        "٢٠١٩-٠٣-١٥",
        "12019-03-15",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00+00:01",
    ];
    for text in table {
        assert_eq!(shown(text), "invalid", "{text:?}");
    }
}

#[test]
fn strict_parser_reads_rfc_3339_only() {
    let micros = |text| Timestamp::parse_wire(text).map(Timestamp::as_micros);
    assert_eq!(micros("1970-01-01T00:00:00Z"), Some(0));
    assert_eq!(micros("1970-01-01T00:00:00.000001Z"), Some(1));
    assert_eq!(micros("1970-01-01T00:00:00.123456789Z"), Some(123_456));
    assert_eq!(micros("1970-01-01T01:00:00+01:00"), Some(0));
    assert_eq!(micros("1969-12-31T23:59:59.9Z"), Some(-100_000));
    assert_eq!(micros("0000-01-01T00:00:00Z"), Some(Timestamp::MIN.as_micros()));
    assert_eq!(micros("9999-12-31T23:59:59.999999Z"), Some(Timestamp::MAX.as_micros()));
    let refused = [
        "",
        "2019-03-15",
        "2019-03-15 08:00:00Z",
        "2019-03-15T08:00Z",
        "2019-03-15T08:00:00",
        "2019-03-15T08:00:00.1234567890Z",
        "2019-03-15T08:00:00+0200",
        "2019-03-15T24:00:00Z",
        "2019-3-15T08:00:00Z",
        " 2019-03-15T08:00:00Z",
        "2019-03-15T08:00:00Z ",
        "2019-02-30T08:00:00Z",
    ];
    for text in refused {
        assert_eq!(micros(text), None, "{text:?}");
    }
}

#[test]
fn wire_form_is_cut_towards_the_past() {
    let table = [
        (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00+00:00"),
        (999, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00+00:00"),
        (1_999_999, "1970-01-01T00:00:01.999Z", "1970-01-01T00:00:01+00:00"),
        (-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59+00:00"),
        (
            1_470_915_155_444_999,
            "2016-08-11T11:32:35.444Z",
            "2016-08-11T11:32:35+00:00",
        ),
        (
            Timestamp::MIN.0,
            "0000-01-01T00:00:00.000Z",
            "0000-01-01T00:00:00+00:00",
        ),
        (
            Timestamp::MAX.0,
            "9999-12-31T23:59:59.999Z",
            "9999-12-31T23:59:59+00:00",
        ),
        (i64::MIN, "0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00+00:00"),
        (i64::MAX, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59+00:00"),
    ];
    for (micros, wire, link) in table {
        let time = Timestamp::from_micros(micros);
        assert_eq!(time.to_wire(), wire);
        assert_eq!(time.to_string(), wire);
        assert_eq!(time.to_link_param(), link);
        assert_eq!(time.date().to_string(), wire[..10]);
    }
}

#[test]
fn arithmetic_stops_at_the_ends() {
    let second = Duration::from_secs(1);
    assert_eq!(Timestamp(0).plus(second), Timestamp(1_000_000));
    assert_eq!(Timestamp(0).minus(second), Timestamp(-1_000_000));
    assert_eq!(Timestamp(i64::MAX).plus(Duration::MAX), Timestamp(i64::MAX));
    assert_eq!(Timestamp(i64::MIN).minus(Duration::MAX), Timestamp(i64::MIN));
}

#[test]
fn clocks_tell_the_time() {
    let clock = ManualClock::new(Timestamp(5));
    clock.advance(Duration::from_micros(3));
    assert_eq!(clock.now(), Timestamp(8));
    clock.set(Timestamp(1));
    assert_eq!(clock.now(), Timestamp(1));
    let release_of_this_test = Timestamp::parse_wire("2025-01-01T00:00:00Z").unwrap();
    assert!(SystemClock.now() > release_of_this_test);
}

proptest! {
    #[test]
    fn parsers_never_panic(text in any::<String>()) {
        let strict = Timestamp::parse_wire(&text);
        let lenient = parse_lenient(&text);
        if strict.is_some() {
            prop_assert_eq!(lenient, Ok(strict));
        }
    }

    #[test]
    fn parsers_never_panic_on_what_looks_like_a_time(text in "[0-9WTZ:./+ -]{1,40}( (GMT|Mar|2019))?") {
        if let Ok(Some(time)) = parse_lenient(&text) {
            prop_assert!((Timestamp::MIN..=Timestamp::MAX).contains(&time));
        }
    }

    #[test]
    fn wire_form_reads_back(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
        let time = Timestamp(micros);
        let cut = Some(Timestamp(micros.div_euclid(1000) * 1000));
        prop_assert_eq!(Timestamp::parse_wire(&time.to_wire()), cut);
        prop_assert_eq!(parse_lenient(&time.to_wire()), Ok(cut));
        let seconds = Some(Timestamp(micros.div_euclid(1_000_000) * 1_000_000));
        prop_assert_eq!(Timestamp::parse_wire(&time.to_link_param()), seconds);
    }

    #[test]
    fn wire_form_sorts_as_time_does(a in Timestamp::MIN.0..=Timestamp::MAX.0, b in Timestamp::MIN.0..=Timestamp::MAX.0) {
        let (a, b) = (Timestamp(a), Timestamp(b));
        prop_assert_eq!(a.to_wire() < b.to_wire(), a.0.div_euclid(1000) < b.0.div_euclid(1000));
    }

    #[test]
    fn both_parsers_agree_with_another_library(
        seconds in -60_000_000_000_i64..=250_000_000_000,
        nanos in 0..1_000_000_000_i32,
        offset_minutes in -1439..=1439_i32,
    ) {
        let moment = jiff::Timestamp::new(seconds, nanos).unwrap();
        let offset = jiff::tz::Offset::from_seconds(offset_minutes * 60).unwrap();
        let text = moment.display_with_offset(offset).to_string();
        let expected = Some(Timestamp(seconds * 1_000_000 + i64::from(nanos / 1000)));
        prop_assert_eq!(Timestamp::parse_wire(&text), expected, "{}", &text);
        prop_assert_eq!(parse_lenient(&text), Ok(expected), "{}", &text);
    }

    #[test]
    fn any_validly_written_day_means_the_same(days in 0..3_000_000_i64) {
        let time = Timestamp(days * 86_400_000_000 - 62_167_219_200_000_000);
        let date = time.date();
        let texts = [
            date.strftime("%Y-%m-%d").to_string(),
            date.strftime("%Y%m%d").to_string(),
            date.strftime("%Y-%j").to_string(),
            date.strftime("%d/%m/%Y").to_string(),
            date.strftime("%a, %d %b %Y 00:00:00 GMT").to_string(),
            date.strftime("%B %d %Y").to_string(),
        ];
        for text in texts {
            prop_assert_eq!(parse_lenient(&text), Ok(Some(time)), "{}", text);
        }
    }
}

#[test]
fn the_exact_form_keeps_every_microsecond() {
    let shown = |micros| Timestamp::from_micros(micros).to_exact();
    assert_eq!(shown(0), "1970-01-01T00:00:00.000000Z");
    assert_eq!(shown(1_767_323_045_678_901), "2026-01-02T03:04:05.678901Z");
    for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::from_micros(-1)] {
        assert_eq!(Timestamp::parse_wire(&time.to_exact()), Some(time));
    }
}

proptest! {
    #[test]
    fn the_exact_form_reads_back(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
        let time = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_wire(&time.to_exact()), Some(time));
    }
}
