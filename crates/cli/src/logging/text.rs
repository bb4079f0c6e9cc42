//! Lines of the log for people, as `tracing_subscriber` writes them.
//!
//! Its own formatter is made for colours and for values of any kind, which took a server some 5 % of the processor time of
//! its shortest answers. Here plain lines, those without colours and outside of spans, are written straight into the buffer; all others
//! are left to it.

use std::fmt;

use landfall_domain::time::{Clock as _, SystemClock};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    field::{MakeVisitor, VisitFmt, VisitOutput},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{DefaultVisitor, Format, Writer},
    },
    registry::LookupSpan,
};

/// Writes whole lines.
#[derive(Default)]
pub(super) struct Text(Format);

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let about = event.metadata();
        // What comes from the crate `log` tells its target in fields of its own.
        let is_plain = !line.has_ansi_escapes() && about.target() != "log" && context.event_scope().is_none();
        if !is_plain {
            return self.0.format_event(context, line, event);
        }
        line.write_str(&SystemClock.now().to_exact())?;
        line.write_str(match *about.level() {
            Level::ERROR => " ERROR ",
            Level::WARN => "  WARN ",
            Level::INFO => "  INFO ",
            Level::DEBUG => " DEBUG ",
            Level::TRACE => " TRACE ",
        })?;
        line.write_str(about.target())?;
        line.write_str(": ")?;
        context.format_fields(line.by_ref(), event)?;
        line.write_char('\n')
    }
}

/// Writes the fields of a line or a span.
pub(super) struct Fields;

impl<'w> MakeVisitor<Writer<'w>> for Fields {
    type Visitor = FieldWriter<'w>;

    fn make_visitor(&self, writer: Writer<'w>) -> FieldWriter<'w> {
        FieldWriter {
            writer,
            is_empty: true,
            result: Ok(()),
        }
    }
}

pub(super) struct FieldWriter<'w> {
    writer: Writer<'w>,
    is_empty: bool,
    result: fmt::Result,
}

impl FieldWriter<'_> {
    /// Writes a field by itself if its name is written as it is and has no colour.
    fn write(&mut self, field: &Field, value: &dyn fmt::Debug, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = field.name();
        if name == "message" || name.starts_with("r#") || name.starts_with("log.") || self.writer.has_ansi_escapes() {
            return self.record_debug(field, value);
        }
        if self.result.is_ok() {
            self.result = self.write_plain(name, write);
        }
    }

    fn write_plain(&mut self, name: &str, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) -> fmt::Result {
        if !std::mem::take(&mut self.is_empty) {
            self.writer.write_char(' ')?;
        }
        self.writer.write_str(name)?;
        self.writer.write_char('=')?;
        write(&mut self.writer)
    }

    /// Has the formatter of `tracing_subscriber` write something.
    fn delegate(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        if self.result.is_ok() {
            let mut usual = DefaultVisitor::new(self.writer.by_ref(), self.is_empty);
            record(&mut usual);
            self.result = usual.finish();
            self.is_empty = false;
        }
    }
}

impl Visit for FieldWriter<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            return self.delegate(|usual| usual.record_str(field, value));
        }
        self.write(field, &value, |writer| write_quoted(writer, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, &value, |writer| write!(writer, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.write(field, &value, |writer| write!(writer, "{value:?}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.delegate(|usual| usual.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.delegate(|usual| usual.record_debug(field, value));
    }
}

/// As `{:?}` does, which looks at each character by itself.
fn write_quoted(writer: &mut Writer<'_>, value: &str) -> fmt::Result {
    let is_plain = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if !value.bytes().all(is_plain) {
        return write!(writer, "{value:?}");
    }
    writer.write_char('"')?;
    writer.write_str(value)?;
    writer.write_char('"')
}

impl VisitOutput<fmt::Result> for FieldWriter<'_> {
    fn finish(self) -> fmt::Result {
        self.result
    }
}

impl VisitFmt for FieldWriter<'_> {
    fn writer(&mut self) -> &mut dyn fmt::Write {
        &mut self.writer
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use proptest::prelude::*;
    use tracing_subscriber::{Registry, fmt::MakeWriter, layer::SubscriberExt as _};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Written {
        type Writer = Written;

        fn make_writer(&self) -> Written {
            self.clone()
        }
    }

    impl Written {
        /// The lines without their times.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines()
                .map(|line| line.replace('\u{1b}', "^").split_once('Z').unwrap().1.to_owned())
                .collect()
        }
    }

    /// What is written here and what `tracing_subscriber` writes itself.
    fn both(is_colourful: bool, log: impl Fn()) -> (Vec<String>, Vec<String>) {
        let (ours, usual) = (Written::default(), Written::default());
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(is_colourful)
            .with_writer(usual.clone());
        tracing::subscriber::with_default(Registry::default().with(layer), &log);
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(is_colourful)
            .with_writer(ours.clone())
            .event_format(Text::default())
            .fmt_fields(Fields);
        tracing::subscriber::with_default(Registry::default().with(layer), &log);
        (ours.lines(), usual.lines())
    }

    fn log_everything() {
        let no_file = io::Error::other("no file");
        let error = &no_file as &(dyn std::error::Error + 'static);
        tracing::error!(error = %no_file, "it \u{1b}[31mfailed");
        tracing::warn!(error, r#type = "odd", count = 3_u64);
        tracing::info!(
            request_id = "01A",
            path = "/a\"b\\c",
            route = "",
            status = 200_u16,
            "request"
        );
        tracing::info!(first = true, second = -4, third = ?Some("x"), fourth = 0.1 + 0.2, "values {}", 5);
        tracing::info!("alone");
        tracing::debug!(name: "named", target: "elsewhere", message = "a word", after = "é\n");
        let span = tracing::info_span!("request", id = "01B", number = 7_u64);
        span.in_scope(|| tracing::trace!(path = "/", "within"));
    }

    #[test]
    fn lines_are_those_of_the_crate_whose_place_this_takes() {
        let (ours, usual) = both(false, log_everything);
        assert_eq!(usual.len(), 7, "{usual:?}");
        assert_eq!(ours, usual);
        let (ours, usual) = both(true, log_everything);
        assert!(usual.iter().all(|line| line.contains("^[")), "{usual:?}");
        assert_eq!(ours, usual);
    }

    #[test]
    fn a_line_begins_with_the_time_to_the_microsecond() {
        let written = Written::default();
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(written.clone())
            .event_format(Text::default());
        tracing::subscriber::with_default(Registry::default().with(layer), || tracing::info!("x"));
        let line = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let time = line.split(' ').next().unwrap();
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
    }

    proptest! {
        #[test]
        fn values_are_written_alike(text in any::<String>(), whole in any::<u64>(), real in any::<f64>()) {
            let (ours, usual) = both(false, || tracing::info!(text = text.as_str(), whole, real, "values"));
            prop_assert_eq!(ours, usual);
        }
    }
}
