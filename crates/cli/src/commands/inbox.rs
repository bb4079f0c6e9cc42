//! `landfall inbox`.

use landfall_domain::{
    hook::{Delivery, DeliveryState},
    ids::{DeliveryId, HookSourceId},
    page::Offset,
};
use landfall_server::{
    ops::{Refusal, hook_source::replay_delivery},
    views::hook::DeliveryView,
};
use landfall_store::{
    Tx,
    inbox::{self, Content, InboxFilter},
};
use serde::Serialize;

use crate::{
    args::hooks::InboxCommand,
    config::Config,
    data::{Data, now},
    failure::Failure,
    output::{self, Format},
};

pub(crate) fn run(command: &InboxCommand, config: &Config) -> Result<(), Failure> {
    let data = Data::open(config)?;
    match command {
        InboxCommand::List { state, source, limit } => list(*state, *source, *limit, &data, config.format),
        InboxCommand::Show { id } => show(DeliveryId(*id), &data, config.format),
        InboxCommand::Replay { id: Some(id), .. } => replay(DeliveryId(*id), &data, config.format),
        InboxCommand::Replay { id: None, .. } => replay_failed(&data, config.format),
    }
}

fn list(
    state: Option<DeliveryState>,
    source: Option<i64>,
    limit: i64,
    data: &Data,
    format: Format,
) -> Result<(), Failure> {
    let filter = InboxFilter {
        project_id: None,
        source_id: source.map(HookSourceId),
        state,
    };
    let page = Offset {
        page: 1,
        per_page: limit,
    };
    let mut found = data.read(move |conn| inbox::list(conn, filter, page))?;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    match format {
        Format::Text => {
            let row = |delivery: Delivery| {
                [
                    delivery.id.to_string(),
                    delivery.received_at.to_string(),
                    delivery.sender.to_string(),
                    delivery.source_id.to_string(),
                    output::cell(delivery.event),
                    delivery.state.to_string(),
                    output::cell(delivery.note),
                ]
            };
            let header = ["ID", "RECEIVED", "SENDER", "SOURCE", "EVENT", "STATE", "NOTE"];
            output::table(header, found.into_iter().map(row))
        }
        Format::Json => {
            let views = found.iter().map(|delivery| DeliveryView::new(delivery, None));
            output::json(&views.collect::<Vec<_>>())
        }
    }
}

fn show(id: DeliveryId, data: &Data, format: Format) -> Result<(), Failure> {
    let found = data.read(move |conn| Ok((inbox::by_id(conn, id)?, inbox::content(conn, id)?)))?;
    let (Some(delivery), Some(content)) = found else {
        return Err(missing(id));
    };
    match format {
        Format::Text => output::line(&as_text(&delivery, &content)),
        Format::Json => output::json(&DeliveryView::new(&delivery, Some(&content))),
    }
}

/// What came of it, then the delivery as HTTP has it: headers, an empty line, the body.
fn as_text(delivery: &Delivery, content: &Content) -> String {
    let mut text = format!(
        "Delivery {} of {}, from source {}, received {}: {}",
        delivery.id, delivery.sender, delivery.source_id, delivery.received_at, delivery.state
    );
    if let Some(note) = &delivery.note {
        text.push_str(", ");
        text.push_str(note);
    }
    text.push('\n');
    let headers: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&content.headers).unwrap_or_default();
    for (name, value) in &headers {
        for part in ["\n", name, ": ", value.as_str().unwrap_or_default()] {
            text.push_str(part);
        }
    }
    text.push_str("\n\n");
    text.push_str(&String::from_utf8_lossy(&content.body));
    // A terminal obeys control characters, and these come from anybody.
    let printable = |c: char| {
        if c.is_control() && c != '\n' && c != '\t' {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(printable).collect()
}

fn replay(id: DeliveryId, data: &Data, format: Format) -> Result<(), Failure> {
    let now = now();
    let replay = move |tx: &mut Tx<'_>| match replay_delivery(tx, id, now) {
        Ok(delivery) => Ok(Some(delivery)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    };
    let delivery = data.write(replay)?.ok_or_else(|| missing(id))?;
    match format {
        Format::Text => Ok(()),
        Format::Json => output::json(&DeliveryView::new(&delivery, None)),
    }
}

/// How many deliveries wait again.
#[derive(Serialize)]
struct Replayed {
    replayed: u64,
}

fn replay_failed(data: &Data, format: Format) -> Result<(), Failure> {
    let now = now();
    let replayed = data.write(move |tx| Ok(inbox::replay_failed(tx, now)?))?;
    match format {
        Format::Text => output::line(&format!("Deliveries to be read once more: {replayed}.")),
        Format::Json => output::json(&Replayed { replayed }),
    }
}

fn missing(id: DeliveryId) -> Failure {
    Failure::failed(format!(
        "there is no delivery {id}; `landfall inbox list` shows the newest ones"
    ))
}
