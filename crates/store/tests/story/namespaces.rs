//! Namespaces.

use landfall_domain::{
    ids::{NamespaceId, UserId},
    project::{Namespace, NamespaceKind},
};
use landfall_store::namespaces;

use crate::both::{Both, at, user};

#[test]
fn a_path_is_made_once_with_all_its_parts() {
    let both = Both::new();
    let made = both.write(|tx| namespaces::ensure_path(tx, "Group/sub/below", at(1)));
    let expected = Namespace {
        id: NamespaceId(3),
        kind: NamespaceKind::Group,
        name: "below".to_owned(),
        full_name: "Group / sub / below".to_owned(),
        path: "below".to_owned(),
        full_path: "Group/sub/below".to_owned(),
        parent_id: Some(NamespaceId(2)),
        owner_id: None,
    };
    assert_eq!(made, expected);
    let again = both.write(|tx| namespaces::ensure_path(tx, "GROUP/Sub/Below", at(2)));
    assert_eq!(again, expected);
    let top = Namespace {
        id: NamespaceId(1),
        kind: NamespaceKind::Group,
        name: "Group".to_owned(),
        full_name: "Group".to_owned(),
        path: "Group".to_owned(),
        full_path: "Group".to_owned(),
        parent_id: None,
        owner_id: None,
    };
    assert_eq!(
        both.read(|conn| namespaces::by_id(conn, NamespaceId(1))),
        Some(top.clone())
    );
    assert_eq!(both.read(|conn| namespaces::by_id(conn, NamespaceId(4))), None);
    assert_eq!(both.read(|conn| namespaces::by_path(conn, "gROUP")), Some(top));
    assert_eq!(both.read(|conn| namespaces::by_path(conn, "Group/other")), None);
}

#[test]
fn a_user_has_one_personal_namespace_unless_a_group_has_the_name() {
    let both = Both::new();
    let made = both.write(|tx| {
        let ada = user(tx, "ada")?;
        namespaces::ensure_personal(tx, &ada, at(1))
    });
    let expected = Namespace {
        id: NamespaceId(1),
        kind: NamespaceKind::User,
        name: "ada the Great".to_owned(),
        full_name: "ada the Great".to_owned(),
        path: "ada".to_owned(),
        full_path: "ada".to_owned(),
        parent_id: None,
        owner_id: Some(UserId(1)),
    };
    assert_eq!(made, expected);
    let again = both.write(|tx| {
        let ada = landfall_store::users::by_id(tx, UserId(1))?.unwrap();
        namespaces::ensure_personal(tx, &ada, at(2))
    });
    assert_eq!(again, expected);
    let found = both.read(|conn| {
        let ada = landfall_store::users::by_id(conn, UserId(1))?.unwrap();
        namespaces::personal(conn, &ada)
    });
    assert_eq!(found, Some(expected));
    let refusal = both.try_write(|tx| {
        namespaces::ensure_path(tx, "eve", at(1))?;
        let eve = user(tx, "eve")?;
        namespaces::ensure_personal(tx, &eve, at(1))
    });
    assert_eq!(
        refusal,
        Err("the constraint namespaces_full_path is violated".to_owned())
    );
}
