//! The table of status changes, printed, and held against the rule in words (reference 8.1).

use std::fmt::Write as _;

use landfall_domain::deployment::Status;

#[test]
fn table_of_transitions() {
    let mut table = String::from("| from \\ to |");
    for to in Status::ALL {
        write!(table, " {to} |").unwrap();
    }
    for from in Status::ALL {
        write!(table, "\n| {from} |").unwrap();
        for to in Status::ALL {
            let cell = from.transition(*to).map_or_else(|error| error.event, |()| "ok");
            write!(table, " {cell} |").unwrap();
        }
    }
    insta::assert_snapshot!(table, @r"
    | from \ to | created | running | success | failed | canceled | skipped | blocked |
    | created | create | ok | ok | ok | ok | ok | ok |
    | running | create | run | ok | ok | ok | ok | block |
    | success | create | run | succeed | ok | ok | ok | block |
    | failed | create | run | ok | drop | ok | ok | block |
    | canceled | create | run | ok | ok | cancel | ok | block |
    | skipped | ok | run | ok | ok | ok | skip | block |
    | blocked | create | ok | ok | ok | ok | ok | block |
    ");
}

#[test]
fn every_transition_follows_the_rule() {
    for from in Status::ALL.iter().copied() {
        for to in Status::ALL.iter().copied() {
            let allowed = match to {
                Status::Running => matches!(from, Status::Created | Status::Blocked),
                Status::Success | Status::Failed | Status::Canceled | Status::Skipped => from != to,
                Status::Blocked => from == Status::Created,
                Status::Created => from == Status::Skipped,
            };
            assert_eq!(from.transition(to).is_ok(), allowed, "{from} to {to}");
        }
    }
}

#[test]
fn refusal_has_gitlabs_text() {
    let error = Status::Success.transition(Status::Running).unwrap_err();
    assert_eq!(error.to_string(), r#"cannot transition via "run""#);
}

#[test]
fn numbers_and_texts_are_gitlabs() {
    let stored = [
        "created", "running", "success", "failed", "canceled", "skipped", "blocked",
    ];
    for (number, text) in (0..).zip(stored) {
        let status = Status::from_number(number).unwrap();
        assert_eq!((status.as_str(), status.number()), (text, number));
        assert_eq!(Status::parse(text), Some(status));
    }
    assert_eq!(Status::from_number(7), None);
    assert_eq!(Status::from_number(-1), None);
    assert_eq!(Status::parse("Success"), None, "letter case counts");
    assert_eq!(Status::parse(""), None);
}

#[test]
fn finished_statuses_are_three() {
    let finished: Vec<_> = Status::ALL
        .iter()
        .filter(|status| status.is_finished())
        .map(|status| status.as_str())
        .collect();
    assert_eq!(finished, ["success", "failed", "canceled"]);
}

#[test]
fn requests_may_name_these_statuses() {
    assert_eq!(
        Status::ON_CREATE.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
        ["created", "running", "success", "failed", "canceled"]
    );
    assert_eq!(
        Status::ON_UPDATE.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
        ["running", "success", "failed", "canceled"]
    );
}
