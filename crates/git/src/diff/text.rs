//! How the lines of two texts differ, in git's words.

use std::fmt::Write as _;
use std::ops::Range;

use gix::bstr::ByteSlice;
use imara_diff::{Algorithm, Diff, Hunk, InternedInput, sources::byte_lines};

use super::Stats;

/// Lines around a change.
const CONTEXT: u32 = 3;

/// How far git looks for a NUL byte.
const BINARY_PROBE: usize = 8_000;

/// The longest name of a function that git puts behind a hunk's place, in bytes.
const MAX_FUNCTION: usize = 80;

/// Whether git takes it for something else than text.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(BINARY_PROBE).any(|byte| *byte == 0)
}

/// How many lines came and went. Files that are no text count nothing.
pub(super) fn count(old: &[u8], new: &[u8]) -> Stats {
    if old == new || is_binary(old) || is_binary(new) {
        return Stats::default();
    }
    let input = InternedInput::new(byte_lines(old), byte_lines(new));
    let diff = Diff::compute(Algorithm::Myers, &input);
    Stats {
        additions: diff.count_additions().into(),
        deletions: diff.count_removals().into(),
    }
}

/// The hunks of a unified diff.
pub(super) fn hunks(old: &[u8], new: &[u8]) -> String {
    let input = InternedInput::new(byte_lines(old), byte_lines(new));
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_lines(&input);
    let printer = Printer {
        old: byte_lines(old).collect(),
        new: byte_lines(new).collect(),
    };
    let mut text = String::new();
    let mut together: Vec<Hunk> = Vec::new();
    for hunk in diff.hunks() {
        if together
            .last()
            .is_some_and(|last| hunk.before.start - last.before.end > 2 * CONTEXT)
        {
            printer.print(&together, &mut text);
            together.clear();
        }
        together.push(hunk);
    }
    printer.print(&together, &mut text);
    text
}

struct Printer<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
}

impl Printer<'_> {
    /// Changes that share their context.
    fn print(&self, hunks: &[Hunk], text: &mut String) {
        let (Some(first), Some(last)) = (hunks.first(), hunks.last()) else {
            return;
        };
        let above = first.before.start.min(CONTEXT);
        let below = (lines(&self.old) - last.before.end).min(CONTEXT);
        let old = first.before.start - above..last.before.end + below;
        let new = first.after.start - above..last.after.end + below;
        let function = self.function_above(old.start);
        let (old_place, new_place) = (place(&old), place(&new));
        // Writing to a text cannot fail.
        let _ = writeln!(text, "@@ -{old_place} +{new_place} @@{function}");
        let mut at = old.start;
        for hunk in hunks {
            put(text, ' ', &self.old, at..hunk.before.start);
            put(text, '-', &self.old, hunk.before.clone());
            put(text, '+', &self.new, hunk.after.clone());
            at = hunk.before.end;
        }
        put(text, ' ', &self.old, at..old.end);
    }

    /// The last line above that begins like the name of something.
    fn function_above(&self, line: u32) -> String {
        let above = self.old.get(..index(line)).unwrap_or_default();
        let begins = |line: &&&[u8]| {
            line.first()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || b"_$".contains(byte))
        };
        let Some(found) = above.iter().rev().find(begins) else {
            return String::new();
        };
        let short = found.get(..MAX_FUNCTION).unwrap_or(found);
        format!(" {}", short.trim_ascii_end().to_str_lossy())
    }
}

/// `3,7` from line 3, seven lines; one line goes without its number.
fn place(lines: &Range<u32>) -> String {
    match lines.end - lines.start {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        many => format!("{},{many}", lines.start + 1),
    }
}

fn put(text: &mut String, sign: char, lines: &[&[u8]], range: Range<u32>) {
    for line in lines.get(index(range.start)..index(range.end)).unwrap_or_default() {
        text.push(sign);
        text.push_str(&line.to_str_lossy());
        if !line.ends_with(b"\n") {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

fn index(line: u32) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

fn lines(all: &[&[u8]]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}
