//! Where imported deployments come from, and how far each import has come.

use landfall_domain::{
    ids::{OriginId, ProjectId},
    origin::{Kind, Origin, Progress},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    projects,
};

macro_rules! select {
    () => {
        "SELECT id, project_id, kind, instance, external_project_id, walked, walked_to, changed_to, created_at \
         FROM origins "
    };
}

statements! { "origins";
    FIND = concat!(select!(), "WHERE project_id = $1 AND kind = $2 AND instance = $3 AND external_project_id = $4");
    BY_ID = concat!(select!(), "WHERE id = $1");
    INSERT = "INSERT INTO origins (project_id, kind, instance, external_project_id, walked, walked_to, changed_to, \
              created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    UPDATE = "UPDATE origins SET walked = $1, walked_to = $2, changed_to = $3 WHERE id = $4";
}

/// The project of that instance that is imported into this one.
pub fn find(
    conn: &mut Conn<'_>,
    project: ProjectId,
    kind: Kind,
    instance: &str,
    external_project: i64,
) -> Result<Option<Origin>, Error> {
    let values = [
        project.0.into(),
        kind.as_str().into(),
        instance.into(),
        external_project.into(),
    ];
    conn.query_opt(&FIND, &values, from_row)
}

/// The origin with this id.
pub fn by_id(conn: &mut Conn<'_>, id: OriginId) -> Result<Option<Origin>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// Notes a new origin and answers its id; the `id` inside `new` is not looked at.
pub fn insert(tx: &mut Tx<'_>, new: &Origin) -> Result<OriginId, Error> {
    projects::require(tx, new.project_id)?;
    let values = [
        new.project_id.0.into(),
        new.kind.as_str().into(),
        (&new.instance).into(),
        new.external_project_id.into(),
        new.progress.walked.into(),
        new.progress.walked_to.into(),
        new.progress.changed_to.into(),
        new.created_at.into(),
    ];
    Ok(OriginId(tx.query_one(&INSERT, &values, |row| row.get(0))?))
}

/// Notes how far an import has come; call it in the transaction that writes what was imported.
pub fn advance(tx: &mut Tx<'_>, id: OriginId, progress: &Progress) -> Result<(), Error> {
    let values = [
        progress.walked.into(),
        progress.walked_to.into(),
        progress.changed_to.into(),
        id.0.into(),
    ];
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Origin, Error> {
    let mut columns = Columns::of(row);
    Ok(Origin {
        id: OriginId(columns.next()?),
        project_id: ProjectId(columns.next()?),
        kind: columns.parsed(Kind::parse)?,
        instance: columns.next()?,
        external_project_id: columns.next()?,
        progress: Progress {
            walked: columns.next()?,
            walked_to: columns.next()?,
            changed_to: columns.next::<Option<Timestamp>>()?,
        },
        created_at: columns.next()?,
    })
}
