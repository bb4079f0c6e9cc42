//! Users.

use landfall_domain::{
    ids::UserId,
    page::Offset,
    time::Timestamp,
    user::{Profile, User, UserState},
};

use crate::{
    engine::{Columns, Conn, Row, Tx, Value, statements},
    error::Error,
    query::{self, Query},
};

/// The columns of a user as [`read`] expects them, from a table called `u`.
macro_rules! columns {
    () => {
        "u.id, u.username, u.name, u.email, u.public_email, u.state, u.admin, u.external, u.bot, u.avatar_url, u.bio, \
         u.location, u.linkedin, u.twitter, u.discord, u.github, u.skype, u.website_url, u.organization, u.job_title, \
         u.pronouns, u.created_at"
    };
}
pub(crate) use columns;

statements! { "users";
    BY_ID = concat!("SELECT ", columns!(), " FROM users u WHERE u.id = $1");
    BY_USERNAME = concat!("SELECT ", columns!(), " FROM users u WHERE lower(u.username) = $1");
    BY_EMAIL = concat!("SELECT ", columns!(), " FROM users u WHERE lower(u.email) = $1 AND u.email <> ''");
    BY_PUBLIC_EMAIL = concat!(
        "SELECT ", columns!(),
        " FROM users u WHERE lower(u.public_email) = $1 AND u.public_email <> '' ORDER BY u.id LIMIT 1"
    );
    ANY = "SELECT id FROM users LIMIT 1";
    INSERT = "INSERT INTO users (username, name, email, public_email, state, admin, external, bot, avatar_url, bio, \
              location, linkedin, twitter, discord, github, skype, website_url, organization, job_title, pronouns, \
              created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
              $19, $20, $21) RETURNING id";
    UPDATE = "UPDATE users SET username = $1, name = $2, email = $3, public_email = $4, state = $5, admin = $6, \
              external = $7, bot = $8, avatar_url = $9, bio = $10, location = $11, linkedin = $12, twitter = $13, \
              discord = $14, github = $15, skype = $16, website_url = $17, organization = $18, job_title = $19, \
              pronouns = $20 WHERE id = $21";
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Login name.
    pub username: String,
    /// Full name.
    pub name: String,
    /// Address for mail, unique unless empty.
    pub email: String,
    /// Administrator of the instance.
    pub admin: bool,
    /// External user.
    pub external: bool,
    /// A project's or integration's own user.
    pub bot: bool,
    /// Picture.
    pub avatar_url: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// Which users to list.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// This login name only.
    pub username: Option<String>,
    /// Part of the name or login name, or the whole e-mail address.
    pub search: Option<String>,
    /// Active users only.
    pub active: bool,
    /// Blocked users only.
    pub blocked: bool,
    /// External users only.
    pub external: bool,
}

/// The user with this id.
pub fn by_id(conn: &mut Conn<'_>, id: UserId) -> Result<Option<User>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// The user with this login name, in any letter case.
pub fn by_username(conn: &mut Conn<'_>, username: &str) -> Result<Option<User>, Error> {
    conn.query_opt(&BY_USERNAME, &[(&username.to_ascii_lowercase()).into()], from_row)
}

/// The user with this address, in any letter case. Nobody has the empty one.
pub fn by_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<User>, Error> {
    conn.query_opt(&BY_EMAIL, &[(&email.to_ascii_lowercase()).into()], from_row)
}

/// The first user with this public address, in any letter case.
pub fn by_public_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<User>, Error> {
    conn.query_opt(&BY_PUBLIC_EMAIL, &[(&email.to_ascii_lowercase()).into()], from_row)
}

/// The users with these ids, by id, by one query.
pub fn by_ids(conn: &mut Conn<'_>, ids: &[UserId]) -> Result<Vec<User>, Error> {
    let mut query = Query::new(concat!("SELECT ", columns!(), " FROM users u WHERE u.id IN (NULL"));
    for id in ids {
        query.bind(", ", id.0);
    }
    query.push(") ORDER BY u.id");
    conn.query_text(query.sql(), query.values(), from_row)
}

/// Whether there is any user at all: without one the database is new.
pub fn any(conn: &mut Conn<'_>) -> Result<bool, Error> {
    Ok(conn.query_opt(&ANY, &[], |row| row.get::<i64>(0))?.is_some())
}

/// Makes a user. The conflicts are `users_username` and `users_email`.
pub fn insert(tx: &mut Tx<'_>, new: &NewUser) -> Result<User, Error> {
    let mut user = User {
        id: UserId(0),
        username: new.username.clone(),
        name: new.name.clone(),
        email: new.email.clone(),
        public_email: String::new(),
        state: UserState::Active,
        admin: new.admin,
        external: new.external,
        bot: new.bot,
        avatar_url: new.avatar_url.clone(),
        profile: Profile::default(),
        created_at: new.created_at,
    };
    let mut values = values(&user);
    values.push(new.created_at.into());
    let id = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    user.id = UserId(id);
    Ok(user)
}

/// Writes everything of a user but its id and the time it was made.
pub fn update(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    let mut values = values(user);
    values.push(user.id.0.into());
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

/// A page of users, newest first.
pub fn list(conn: &mut Conn<'_>, filter: &UserFilter, offset: Offset) -> Result<Vec<User>, Error> {
    let texts = Texts::of(filter);
    let mut query = Query::new(concat!("SELECT ", columns!(), " FROM users u WHERE 1 = 1"));
    apply(&mut query, filter, &texts);
    query
        .bind(" ORDER BY u.id DESC LIMIT ", offset.per_page + 1)
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many users the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, filter: &UserFilter, limit: i64) -> Result<i64, Error> {
    let texts = Texts::of(filter);
    let mut query = Query::new("SELECT count(*) FROM (SELECT u.id FROM users u WHERE 1 = 1");
    apply(&mut query, filter, &texts);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// Texts that the query borrows, in small letters.
struct Texts {
    username: Option<String>,
    search: Option<(String, String)>,
}

impl Texts {
    fn of(filter: &UserFilter) -> Texts {
        let search = filter.search.as_deref();
        Texts {
            username: filter.username.as_deref().map(str::to_ascii_lowercase),
            search: search.map(|text| (query::like_pattern(text), text.to_ascii_lowercase())),
        }
    }
}

fn apply<'a>(query: &mut Query<'a>, filter: &UserFilter, texts: &'a Texts) {
    if let Some(username) = &texts.username {
        query.bind(" AND lower(u.username) = ", username);
    }
    if let Some((pattern, whole)) = &texts.search {
        query
            .bind(" AND (lower(u.username) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(u.name) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(u.email) = ", whole)
            .push(")");
    }
    if filter.active {
        query.push(" AND u.state = 'active'");
    }
    if filter.blocked {
        query.push(" AND u.state = 'blocked'");
    }
    if filter.external {
        query.bind(" AND u.external = ", true);
    }
}

fn values(user: &User) -> Vec<Value<'_>> {
    let profile = &user.profile;
    vec![
        (&user.username).into(),
        (&user.name).into(),
        (&user.email).into(),
        (&user.public_email).into(),
        user.state.as_str().into(),
        user.admin.into(),
        user.external.into(),
        user.bot.into(),
        user.avatar_url.as_ref().into(),
        profile.bio.as_ref().into(),
        profile.location.as_ref().into(),
        (&profile.linkedin).into(),
        (&profile.twitter).into(),
        (&profile.discord).into(),
        (&profile.github).into(),
        (&profile.skype).into(),
        (&profile.website_url).into(),
        (&profile.organization).into(),
        (&profile.job_title).into(),
        profile.pronouns.as_ref().into(),
    ]
}

fn from_row(row: &Row<'_>) -> Result<User, Error> {
    read(&mut Columns::of(row))
}

/// Reads [`columns!`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<User, Error> {
    Ok(User {
        id: UserId(columns.next()?),
        username: columns.next()?,
        name: columns.next()?,
        email: columns.next()?,
        public_email: columns.next()?,
        state: columns.parsed(UserState::parse)?,
        admin: columns.next()?,
        external: columns.next()?,
        bot: columns.next()?,
        avatar_url: columns.next()?,
        profile: Profile {
            bio: columns.next()?,
            location: columns.next()?,
            linkedin: columns.next()?,
            twitter: columns.next()?,
            discord: columns.next()?,
            github: columns.next()?,
            skype: columns.next()?,
            website_url: columns.next()?,
            organization: columns.next()?,
            job_title: columns.next()?,
            pronouns: columns.next()?,
        },
        created_at: columns.next()?,
    })
}
