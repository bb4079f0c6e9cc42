//! The list of deployments.

use landfall_domain::{
    deployment::{DeploymentFilter, DeploymentOrder, DeploymentQuery, ShaFilter, Status},
    ids::{DeploymentId, EnvironmentId, Iid, OriginId, ProjectId, UserId},
    origin::DeploymentOrigin,
    page::{Offset, Sort},
};
use landfall_store::{
    Tx,
    deployment_list::{self, Part},
    deployments::{self, NewDeployment},
    origins,
};

use crate::both::{Both, at, environment, insert_many, new_deployment, project, user};
use crate::origins::gitlab;

const PROJECT: ProjectId = ProjectId(1);

/// Six deployments of one project, and one of another.
fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        user(tx, "ada")?;
        project(tx, "group/app")?;
        project(tx, "group/other")?;
        for name in ["production", "staging"] {
            environment(tx, PROJECT, name)?;
        }
        environment(tx, ProjectId(2), "production")?;
        let full = |digit: char| Some(digit.to_string().repeat(40));
        for (environment, status, git_ref, sha, commit, updated, finished, created) in [
            (1, Status::Success, "main", "aaaaaaaa", full('a'), 5, Some(1), 9),
            (2, Status::Success, "Main", "BBBBBBBB", None, 4, Some(3), 8),
            (1, Status::Failed, "äpfel", "main", None, 3, Some(2), 7),
            (2, Status::Running, "main", "aaaaaaab", None, 2, None, 7),
            (1, Status::Success, "v1", "abcdef0", full('b'), 2, Some(2), 7),
            (1, Status::Created, "v1", "abcdef0", None, 1, None, 1),
        ] {
            let new = NewDeployment {
                status,
                git_ref: git_ref.to_owned(),
                sha: sha.to_owned(),
                commit,
                user_id: (environment == 2).then_some(UserId(1)),
                created_at: at(created),
                updated_at: at(updated),
                finished_at: finished.map(at),
                ..new_deployment(PROJECT, EnvironmentId(environment))
            };
            deployments::insert(tx, &new)?;
        }
        deployments::insert(tx, &new_deployment(ProjectId(2), EnvironmentId(3))).map(drop)
    });
    both
}

const PAGE: Part = Part::Page(Offset { page: 1, per_page: 20 });

impl Both {
    fn part(&self, query: &DeploymentQuery, part: Part) -> Vec<i64> {
        let query = query.clone();
        self.read(move |conn| {
            let ids = deployment_list::ids(conn, PROJECT, &query, part)?;
            Ok(ids.into_iter().map(|id| id.0).collect::<Vec<_>>())
        })
    }

    fn filtered(&self, filter: DeploymentFilter) -> Vec<i64> {
        let counted = filter.clone();
        let count = self.read(move |conn| deployment_list::count(conn, PROJECT, &counted, 100));
        let query = DeploymentQuery {
            filter,
            ..DeploymentQuery::default()
        };
        let ids = self.part(&query, PAGE);
        assert_eq!(usize::try_from(count).unwrap(), ids.len());
        ids
    }
}

#[test]
fn every_filter_lets_its_deployments_through() {
    let both = begun();
    let all = DeploymentFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let none = Vec::<i64>::new();
    assert_eq!(both.filtered(all()), [1, 2, 3, 4, 5, 6]);
    let environment = |name| DeploymentFilter {
        environment: text(name),
        ..all()
    };
    assert_eq!(both.filtered(environment("staging")), [2, 4]);
    assert_eq!(both.filtered(environment("Staging")), none);
    let status = move |status| DeploymentFilter {
        status: Some(status),
        ..all()
    };
    assert_eq!(both.filtered(status(Status::Success)), [1, 2, 5]);
    assert_eq!(both.filtered(status(Status::Skipped)), none);
    let username = |name| DeploymentFilter {
        username: text(name),
        ..all()
    };
    assert_eq!(both.filtered(username("ADA")), [2, 4]);
    assert_eq!(both.filtered(username("bob")), none);
    let git_ref = |name| DeploymentFilter {
        git_ref: text(name),
        ..all()
    };
    assert_eq!(both.filtered(git_ref("main")), [1, 4]);
    let sha = |digits| DeploymentFilter {
        sha: ShaFilter::parse(digits),
        ..all()
    };
    assert_eq!(both.filtered(sha("aaaaaaa")), [1, 4]);
    assert_eq!(both.filtered(sha("AAAAAAAA")), [1]);
    assert_eq!(
        both.filtered(sha("bbbbbbbb")),
        [2, 5],
        "the full object id counts, in any letter case"
    );
    assert_eq!(
        both.filtered(sha("abcdef0")),
        [6],
        "and not what was sent, where both are known"
    );
    let time = |seconds: i64| Some(at(seconds));
    let updated = |after, before| DeploymentFilter {
        updated_after: after,
        updated_before: before,
        ..all()
    };
    assert_eq!(
        both.filtered(updated(time(2), time(4))),
        [2, 3, 4, 5],
        "both ends are inclusive"
    );
    let finished = |after, before| DeploymentFilter {
        finished_after: after,
        finished_before: before,
        ..all()
    };
    assert_eq!(both.filtered(finished(time(2), None)), [2, 3, 5]);
    assert_eq!(both.filtered(finished(None, time(2))), [1], "the end is exclusive");
    let together = DeploymentFilter {
        status: Some(Status::Success),
        finished_after: time(2),
        ..environment("production")
    };
    assert_eq!(both.filtered(together), [5]);
    let capped = both.read(move |conn| deployment_list::count(conn, PROJECT, &status(Status::Success), 2));
    assert_eq!(capped, 2, "counted up to 2");
}

#[test]
fn every_order_is_the_same_on_both_engines() {
    let both = begun();
    for (order, ascending) in [
        (DeploymentOrder::Id, [1, 2, 3, 4, 5, 6]),
        (DeploymentOrder::Iid, [1, 2, 3, 4, 5, 6]),
        (DeploymentOrder::CreatedAt, [6, 3, 4, 5, 2, 1]),
        (DeploymentOrder::UpdatedAt, [6, 4, 5, 3, 2, 1]),
        (DeploymentOrder::FinishedAt, [1, 3, 5, 2, 4, 6]),
        (DeploymentOrder::Ref, [2, 1, 4, 5, 6, 3]),
    ] {
        let query = |sort| DeploymentQuery {
            order,
            sort,
            ..DeploymentQuery::default()
        };
        assert_eq!(both.part(&query(Sort::Asc), PAGE), ascending, "{order:?}");
        let mut descending = ascending;
        descending.reverse();
        assert_eq!(both.part(&query(Sort::Desc), PAGE), descending, "{order:?}");
    }
}

#[test]
fn a_part_has_one_row_more_where_there_is_a_next_one() {
    let both = begun();
    let page = |page| {
        let part = Part::Page(Offset { page, per_page: 4 });
        both.part(&DeploymentQuery::default(), part)
    };
    assert_eq!(page(1), [1, 2, 3, 4, 5]);
    assert_eq!(page(2), [5, 6]);
    assert_eq!(page(3), Vec::<i64>::new());
    assert_eq!(page(i64::MAX), Vec::<i64>::new());
    let after = |last_seen: Option<i64>, sort| {
        let part = Part::After {
            last_seen: last_seen.map(DeploymentId),
            rows: 2,
        };
        let query = DeploymentQuery {
            sort,
            ..DeploymentQuery::default()
        };
        both.part(&query, part)
    };
    assert_eq!(after(None, Sort::Asc), [1, 2, 3]);
    assert_eq!(after(Some(3), Sort::Asc), [4, 5, 6]);
    assert_eq!(after(Some(5), Sort::Asc), [6]);
    assert_eq!(after(None, Sort::Desc), [6, 5, 4]);
    assert_eq!(after(Some(2), Sort::Desc), [1]);
}

/// Every combination of the filters, each either absent or set to something that a few of the rows meet.
fn combinations() -> impl Iterator<Item = DeploymentFilter> {
    (0_u32..512).map(|bits| {
        let set = |bit: u32| bits >> bit & 1 == 1;
        let text = |bit: u32, text: &str| set(bit).then(|| text.to_owned());
        DeploymentFilter {
            environment: text(0, "production"),
            status: set(1).then_some(Status::Success),
            sha: if set(2) { ShaFilter::parse("aaaaaaa") } else { None },
            git_ref: text(3, "main"),
            username: text(4, "ada"),
            updated_after: set(5).then(|| at(2)),
            updated_before: set(6).then(|| at(5)),
            finished_after: set(7).then(|| at(1)),
            finished_before: set(8).then(|| at(3)),
        }
    })
}

#[test]
fn every_combination_of_filters_and_orders_is_the_same_on_both_engines() {
    let both = begun();
    let found = both.read(|conn| {
        let mut found = Vec::new();
        for filter in combinations() {
            let count = deployment_list::count(conn, PROJECT, &filter, 100)?;
            for order in DeploymentOrder::ALL {
                for sort in [Sort::Asc, Sort::Desc] {
                    let query = DeploymentQuery {
                        filter: filter.clone(),
                        order: *order,
                        sort,
                    };
                    let ids = deployment_list::ids(conn, PROJECT, &query, PAGE)?;
                    assert_eq!(Ok(count), i64::try_from(ids.len()), "{query:?}");
                    found.push(ids);
                }
            }
        }
        Ok(found)
    });
    assert_eq!(found.len(), 512 * 12);
    let matched = found.iter().filter(|ids| !ids.is_empty()).count();
    assert!(matched > 1000, "{matched} of the combinations find something");
}

/// Many deployments of one project.
fn many() -> Both {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "group/app")?;
        environment(tx, PROJECT, "production")?;
        let new = vec![new_deployment(PROJECT, EnvironmentId(1)); 430];
        insert_many(tx, new).map(drop)
    });
    both
}

/// Pages far into the list are cut from the same list as the whole.
fn check_far_pages(both: &Both) {
    for order in [DeploymentOrder::Id, DeploymentOrder::Iid] {
        for sort in [Sort::Asc, Sort::Desc] {
            let query = DeploymentQuery {
                order,
                sort,
                ..DeploymentQuery::default()
            };
            let page = |page: i64, per_page: i64| both.part(&query, Part::Page(Offset { page, per_page }));
            let whole = page(1, 1_000);
            for per_page in [1, 7, 100] {
                for number in [199, 200, 201, 202, 240, 429, 430, 431, 500] {
                    let start = usize::try_from((number - 1) * per_page).unwrap().min(whole.len());
                    // One more than the page has tells that there is a next one.
                    let end = (start + usize::try_from(per_page).unwrap() + 1).min(whole.len());
                    assert_eq!(
                        page(number, per_page),
                        whole[start..end],
                        "{order:?} {sort:?} {number} of {per_page}"
                    );
                }
            }
        }
    }
}

#[test]
fn far_pages_are_cut_from_the_same_list() {
    let both = many();
    check_far_pages(&both);
    for gone in [430, 100, 1] {
        both.write(move |tx| {
            let one = deployments::get(tx, PROJECT, DeploymentId(gone))?.unwrap();
            deployments::delete(tx, &one.deployment)
        });
        check_far_pages(&both);
    }
}

fn import(tx: &mut Tx<'_>, id: i64, iid: i64) {
    let origin = DeploymentOrigin {
        origin_id: OriginId(1),
        id,
        url: None,
    };
    let new = new_deployment(PROJECT, EnvironmentId(1));
    deployments::insert_imported(tx, &new, Some(Iid(iid)), &origin).unwrap();
}

#[test]
fn far_pages_are_right_where_iids_are_filled_in_later() {
    let both = many();
    both.write(|tx| {
        origins::insert(tx, &gitlab())?;
        // The next one, two that leave one out, and that one at last: all iids are there, but not in the order of the ids.
        for (id, iid) in [(1, 431), (2, 433), (3, 434), (4, 432)] {
            import(tx, id, iid);
        }
        Ok(())
    });
    check_far_pages(&both);
}
