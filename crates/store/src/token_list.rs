//! The list of access tokens.

use jiff::civil::Date;
use landfall_domain::{
    ids::UserId,
    member::Source,
    page::{Offset, Sort},
    time::Timestamp,
    token::AccessToken,
};

use crate::{
    engine::Conn,
    error::Error,
    query::{self, Query},
    tokens::{columns, from_row},
};

/// Which tokens to list.
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// Only this user's.
    pub user_id: Option<UserId>,
    /// Only those that belong to this project or group.
    pub source: Option<Source>,
    /// Only those that open something, or only others.
    pub active: Option<bool>,
    /// Only revoked ones, or only others.
    pub revoked: Option<bool>,
    /// Part of the name.
    pub search: Option<String>,
    /// Only those made at this time or later.
    pub created_after: Option<Timestamp>,
    /// Only those made at this time or earlier.
    pub created_before: Option<Timestamp>,
    /// Only those last used at this time or later.
    pub last_used_after: Option<Timestamp>,
    /// Only those last used at this time or earlier.
    pub last_used_before: Option<Timestamp>,
    /// Only those whose last day is this or a later one.
    pub expires_after: Option<Date>,
    /// Only those whose last day is this or an earlier one.
    pub expires_before: Option<Date>,
}

/// What tokens are ordered by; ties by id in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenOrder {
    /// `id`.
    #[default]
    Id,
    /// `created_at`.
    CreatedAt,
    /// `expires_at`; those that never end last when ascending, first when descending.
    ExpiresAt,
    /// `last_used_at`; those that were never used likewise.
    LastUsedAt,
    /// `name`.
    Name,
}

/// One page of tokens, with one more row than asked for where there is a next page.
pub fn list(
    conn: &mut Conn<'_>,
    filter: &TokenFilter,
    (order, sort): (TokenOrder, Sort),
    offset: Offset,
    today: Date,
) -> Result<Vec<AccessToken>, Error> {
    let texts = Texts::of(filter, today);
    let mut query = Query::new(concat!("SELECT ", columns!(), " FROM tokens t WHERE 1 = 1"));
    apply(&mut query, filter, &texts);
    query.push(match (order, sort) {
        (TokenOrder::Id, Sort::Asc) => " ORDER BY t.id",
        (TokenOrder::Id, Sort::Desc) => " ORDER BY t.id DESC",
        (TokenOrder::CreatedAt, Sort::Asc) => " ORDER BY t.created_at, t.id",
        (TokenOrder::CreatedAt, Sort::Desc) => " ORDER BY t.created_at DESC, t.id DESC",
        (TokenOrder::ExpiresAt, Sort::Asc) => " ORDER BY t.expires_at NULLS LAST, t.id",
        (TokenOrder::ExpiresAt, Sort::Desc) => " ORDER BY t.expires_at DESC NULLS FIRST, t.id DESC",
        (TokenOrder::LastUsedAt, Sort::Asc) => " ORDER BY t.last_used_at NULLS LAST, t.id",
        (TokenOrder::LastUsedAt, Sort::Desc) => " ORDER BY t.last_used_at DESC NULLS FIRST, t.id DESC",
        (TokenOrder::Name, Sort::Asc) => " ORDER BY t.name, t.id",
        (TokenOrder::Name, Sort::Desc) => " ORDER BY t.name DESC, t.id DESC",
    });
    query
        .bind(" LIMIT ", offset.per_page + 1)
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many tokens the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, filter: &TokenFilter, limit: i64, today: Date) -> Result<i64, Error> {
    let texts = Texts::of(filter, today);
    let mut query = Query::new("SELECT count(*) FROM (SELECT t.id FROM tokens t WHERE 1 = 1");
    apply(&mut query, filter, &texts);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// Texts that the query borrows.
struct Texts {
    pattern: Option<String>,
    today: String,
    expires_after: Option<String>,
    expires_before: Option<String>,
}

impl Texts {
    fn of(filter: &TokenFilter, today: Date) -> Texts {
        Texts {
            pattern: filter.search.as_deref().map(query::like_pattern),
            today: today.to_string(),
            expires_after: filter.expires_after.map(|day| day.to_string()),
            expires_before: filter.expires_before.map(|day| day.to_string()),
        }
    }
}

fn apply<'a>(query: &mut Query<'a>, filter: &'a TokenFilter, texts: &'a Texts) {
    if let Some(user) = filter.user_id {
        query.bind(" AND t.user_id = ", user.0);
    }
    match filter.source {
        Some(Source::Project(id)) => {
            query.bind(" AND t.project_id = ", id.0);
        }
        Some(Source::Group(id)) => {
            query.bind(" AND t.group_id = ", id.0);
        }
        None => {}
    }
    match filter.active {
        Some(true) => {
            query
                .bind(
                    " AND NOT t.revoked AND (t.expires_at IS NULL OR t.expires_at > ",
                    &texts.today,
                )
                .push(")");
        }
        Some(false) => {
            query
                .bind(" AND (t.revoked OR t.expires_at <= ", &texts.today)
                .push(")");
        }
        None => {}
    }
    match filter.revoked {
        Some(true) => {
            query.push(" AND t.revoked");
        }
        Some(false) => {
            query.push(" AND NOT t.revoked");
        }
        None => {}
    }
    if let Some(pattern) = &texts.pattern {
        query.bind(" AND lower(t.name) LIKE ", pattern).push(" ESCAPE '!'");
    }
    let mut since = |fragment, time: Option<Timestamp>| {
        if let Some(time) = time {
            query.bind(fragment, time);
        }
    };
    since(" AND t.created_at >= ", filter.created_after);
    since(" AND t.created_at <= ", filter.created_before);
    since(" AND t.last_used_at >= ", filter.last_used_after);
    since(" AND t.last_used_at <= ", filter.last_used_before);
    if let Some(day) = &texts.expires_after {
        query.bind(" AND t.expires_at >= ", day);
    }
    if let Some(day) = &texts.expires_before {
        query.bind(" AND t.expires_at <= ", day);
    }
}
