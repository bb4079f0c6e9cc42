//! Reference section 10, on projects and users; the list of deployments has its own tests.

use super::ROOT;
use crate::support::{TestServer, each_engine, raw};

/// What a page's answer says about pages.
fn pages(server: &TestServer, targets: &[&str]) -> String {
    let mut shown = String::new();
    for target in targets {
        let answer = raw::ask(server, "GET", target, &[ROOT], b"");
        shown += &format!("{target} -> {}\n", answer.brief());
        for (name, value) in &answer.headers {
            if name == "link" {
                for link in value.split(", ") {
                    shown += &format!("    {link}\n");
                }
            } else if ["page", "total"].iter().any(|part| name.contains(part)) {
                shown += format!("  {name}: {value}").trim_end();
                shown.push('\n');
            }
        }
    }
    shown
}

async fn three_users(server: &TestServer) {
    server.root().await;
    server.user("ada").await;
    server.user("bob").await;
}

each_engine!(
    async fn pages_by_number(server) {
        three_users(&server).await;
        insta::assert_snapshot!(pages(&server, &[
            "/api/v4/users",
            "/api/v4/users?per_page=1",
            "/api/v4/users?per_page=1&page=2",
            "/api/v4/users?per_page=1&page=3",
            "/api/v4/users?per_page=2&page=2",
            "/api/v4/users?per_page=1&page=4",
            "/api/v4/users?per_page=3",
            "/api/v4/users?search=nobody",
        ]), @r#"
        /api/v4/users -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        /api/v4/users?per_page=1 -> 200 [id 3]
          x-page: 1
          x-per-page: 1
          x-next-page: 2
          x-prev-page:
          x-total: 3
          x-total-pages: 3
            <http://landfall.example/api/v4/users?page=2&per_page=1>; rel="next"
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
            <http://landfall.example/api/v4/users?page=3&per_page=1>; rel="last"
        /api/v4/users?per_page=1&page=2 -> 200 [id 2]
          x-page: 2
          x-per-page: 1
          x-next-page: 3
          x-prev-page: 1
          x-total: 3
          x-total-pages: 3
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="prev"
            <http://landfall.example/api/v4/users?page=3&per_page=1>; rel="next"
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
            <http://landfall.example/api/v4/users?page=3&per_page=1>; rel="last"
        /api/v4/users?per_page=1&page=3 -> 200 [id 1]
          x-page: 3
          x-per-page: 1
          x-next-page:
          x-prev-page: 2
          x-total: 3
          x-total-pages: 3
            <http://landfall.example/api/v4/users?page=2&per_page=1>; rel="prev"
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
            <http://landfall.example/api/v4/users?page=3&per_page=1>; rel="last"
        /api/v4/users?per_page=2&page=2 -> 200 [id 1]
          x-page: 2
          x-per-page: 2
          x-next-page:
          x-prev-page: 1
          x-total: 3
          x-total-pages: 2
            <http://landfall.example/api/v4/users?page=1&per_page=2>; rel="prev"
            <http://landfall.example/api/v4/users?page=1&per_page=2>; rel="first"
            <http://landfall.example/api/v4/users?page=2&per_page=2>; rel="last"
        /api/v4/users?per_page=1&page=4 -> 200 []
          x-page: 4
          x-per-page: 1
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 3
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
            <http://landfall.example/api/v4/users?page=3&per_page=1>; rel="last"
        /api/v4/users?per_page=3 -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 3
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=3>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=3>; rel="last"
        /api/v4/users?search=nobody -> 200 []
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 0
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20&search=nobody>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20&search=nobody>; rel="last"
        "#);
    }
);

each_engine!(
    async fn numbers_out_of_range(server) {
        three_users(&server).await;
        insta::assert_snapshot!(pages(&server, &[
            "/api/v4/users?page=&per_page=",
            "/api/v4/users?page=0",
            "/api/v4/users?page=-5",
            "/api/v4/users?per_page=-1",
            "/api/v4/users?per_page=101",
            "/api/v4/users?per_page=0",
            "/api/v4/users?per_page=0&page=x",
            "/api/v4/users?page=1.5",
            "/api/v4/users?page=9223372036854775807&per_page=100",
            "/api/v4/users?page=9223372036854775808",
            "/api/v4/users?page=%201_0%20",
        ]), @r#"
        /api/v4/users?page=&per_page= -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        /api/v4/users?page=0 -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        /api/v4/users?page=-5 -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        /api/v4/users?per_page=-1 -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        /api/v4/users?per_page=101 -> 200 [id 3, id 2, id 1]
          x-page: 1
          x-per-page: 100
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=100>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=100>; rel="last"
        /api/v4/users?per_page=0 -> 400 {"error":"per_page has a value not allowed"}
        /api/v4/users?per_page=0&page=x -> 400 {"error":"page is invalid, per_page has a value not allowed"}
        /api/v4/users?page=1.5 -> 400 {"error":"page is invalid"}
        /api/v4/users?page=9223372036854775807&per_page=100 -> 200 []
          x-page: 9223372036854775807
          x-per-page: 100
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=100>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=100>; rel="last"
        /api/v4/users?page=9223372036854775808 -> 400 {"error":"page is invalid"}
        /api/v4/users?page=%201_0%20 -> 200 []
          x-page: 10
          x-per-page: 20
          x-next-page:
          x-prev-page:
          x-total: 3
          x-total-pages: 1
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="first"
            <http://landfall.example/api/v4/users?page=1&per_page=20>; rel="last"
        "#);
    }
);

each_engine!(
    async fn links_repeat_the_request(server) {
        three_users(&server).await;
        server.project("group/app").await;
        server.project("group/other").await;
        insta::assert_snapshot!(pages(&server, &[
            "/api/v4/users?per_page=2&active=yes&search=&x[]=1&x[]=2&y[z]=a%26b&v=%3Cb%3E&private_token=root-token",
            "/api/v4//users/?per_page=2",
            "/api/v4/users.json?per_page=2",
            "/api/v4/projects?per_page=1&updated_after=2019-03-15T08:00:00Z&order_by=updated_at&simple=1\
             &last_activity_after=2019-03-15T10:00:00.1234567%2B02:00",
        ]), @r#"
        /api/v4/users?per_page=2&active=yes&search=&x[]=1&x[]=2&y[z]=a%26b&v=%3Cb%3E&private_token=root-token -> 200 [id 3, id 2]
          x-page: 1
          x-per-page: 2
          x-next-page: 2
          x-prev-page:
          x-total: 3
          x-total-pages: 2
            <http://landfall.example/api/v4/users?active=true&page=2&per_page=2&search=&v=%3Cb%3E&x%5B%5D=1&x%5B%5D=2&y%5Bz%5D=a%26b>; rel="next"
            <http://landfall.example/api/v4/users?active=true&page=1&per_page=2&search=&v=%3Cb%3E&x%5B%5D=1&x%5B%5D=2&y%5Bz%5D=a%26b>; rel="first"
            <http://landfall.example/api/v4/users?active=true&page=2&per_page=2&search=&v=%3Cb%3E&x%5B%5D=1&x%5B%5D=2&y%5Bz%5D=a%26b>; rel="last"
        /api/v4//users/?per_page=2 -> 200 [id 3, id 2]
          x-page: 1
          x-per-page: 2
          x-next-page: 2
          x-prev-page:
          x-total: 3
          x-total-pages: 2
            <http://landfall.example/api/v4//users/?page=2&per_page=2>; rel="next"
            <http://landfall.example/api/v4//users/?page=1&per_page=2>; rel="first"
            <http://landfall.example/api/v4//users/?page=2&per_page=2>; rel="last"
        /api/v4/users.json?per_page=2 -> 200 [id 3, id 2]
          x-page: 1
          x-per-page: 2
          x-next-page: 2
          x-prev-page:
          x-total: 3
          x-total-pages: 2
            <http://landfall.example/api/v4/users.json?page=2&per_page=2>; rel="next"
            <http://landfall.example/api/v4/users.json?page=1&per_page=2>; rel="first"
            <http://landfall.example/api/v4/users.json?page=2&per_page=2>; rel="last"
        /api/v4/projects?per_page=1&updated_after=2019-03-15T08:00:00Z&order_by=updated_at&simple=1&last_activity_after=2019-03-15T10:00:00.1234567%2B02:00 -> 200 [id 2]
          x-page: 1
          x-per-page: 1
          x-next-page: 2
          x-prev-page:
          x-total: 2
          x-total-pages: 2
            <http://landfall.example/api/v4/projects?last_activity_after=2019-03-15T08%3A00%3A00.123456%2B00%3A00&membership=false&order_by=updated_at&owned=false&page=2&per_page=1&search_namespaces=false&simple=true&sort=desc&starred=false&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel="next"
            <http://landfall.example/api/v4/projects?last_activity_after=2019-03-15T08%3A00%3A00.123456%2B00%3A00&membership=false&order_by=updated_at&owned=false&page=1&per_page=1&search_namespaces=false&simple=true&sort=desc&starred=false&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel="first"
            <http://landfall.example/api/v4/projects?last_activity_after=2019-03-15T08%3A00%3A00.123456%2B00%3A00&membership=false&order_by=updated_at&owned=false&page=2&per_page=1&search_namespaces=false&simple=true&sort=desc&starred=false&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00>; rel="last"
        "#);
        // The scheme and the host are the configured ones, whatever the request says.
        let mut connection = raw::Raw::to(&server);
        connection.send("GET /api/v4/users HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil\r\n");
        connection.send("PRIVATE-TOKEN: root-token\r\n\r\n");
        let answer = connection.answer();
        let link = answer.header("link").unwrap();
        assert!(link.starts_with("<http://landfall.example/api/v4/users?") && !link.contains("evil"), "{link}");
    }
);

each_engine!(
    async fn projects_by_cursor(server) {
        server.root().await;
        for name in ["a", "b", "c"] {
            server.project(&format!("group/{name}")).await;
        }
        insta::assert_snapshot!(pages(&server, &[
            "/api/v4/projects?pagination=keyset&order_by=id&per_page=2",
            "/api/v4/projects?id_before=2&order_by=id&pagination=keyset&per_page=2",
            "/api/v4/projects?pagination=keyset&order_by=id&sort=asc&per_page=2",
            "/api/v4/projects?pagination=keyset&order_by=id&sort=asc&per_page=2&id_after=2&page=7",
            "/api/v4/projects?pagination=keyset&per_page=2",
            "/api/v4/projects?pagination=keyset&order_by=name",
            "/api/v4/projects?pagination=offset&order_by=name&per_page=2",
        ]), @r#"
        /api/v4/projects?pagination=keyset&order_by=id&per_page=2 -> 200 [id 3, id 2]
            <http://landfall.example/api/v4/projects?id_before=2&membership=false&order_by=id&owned=false&pagination=keyset&per_page=2&search_namespaces=false&simple=false&sort=desc&starred=false>; rel="next"
        /api/v4/projects?id_before=2&order_by=id&pagination=keyset&per_page=2 -> 200 [id 1]
        /api/v4/projects?pagination=keyset&order_by=id&sort=asc&per_page=2 -> 200 [id 1, id 2]
            <http://landfall.example/api/v4/projects?id_after=2&membership=false&order_by=id&owned=false&pagination=keyset&per_page=2&search_namespaces=false&simple=false&sort=asc&starred=false>; rel="next"
        /api/v4/projects?pagination=keyset&order_by=id&sort=asc&per_page=2&id_after=2&page=7 -> 200 [id 3]
        /api/v4/projects?pagination=keyset&per_page=2 -> 405 {"error":"Keyset pagination is not yet available for this type of request"}
        /api/v4/projects?pagination=keyset&order_by=name -> 405 {"error":"Keyset pagination is not yet available for this type of request"}
        /api/v4/projects?pagination=offset&order_by=name&per_page=2 -> 200 [id 3, id 2]
          x-page: 1
          x-per-page: 2
          x-next-page: 2
          x-prev-page:
          x-total: 3
          x-total-pages: 2
            <http://landfall.example/api/v4/projects?membership=false&order_by=name&owned=false&page=2&pagination=offset&per_page=2&search_namespaces=false&simple=false&sort=desc&starred=false>; rel="next"
            <http://landfall.example/api/v4/projects?membership=false&order_by=name&owned=false&page=1&pagination=offset&per_page=2&search_namespaces=false&simple=false&sort=desc&starred=false>; rel="first"
            <http://landfall.example/api/v4/projects?membership=false&order_by=name&owned=false&page=2&pagination=offset&per_page=2&search_namespaces=false&simple=false&sort=desc&starred=false>; rel="last"
        "#);
    }
);

each_engine!(
    async fn above_ten_thousand_nothing_is_counted(server) {
        server.root().await;
        // One more than the limit with the administrator.
        server
            .write(|tx| {
                for number in 0..10_000 {
                    let new = landfall_store::users::NewUser {
                        username: format!("user{number}"),
                        name: String::new(),
                        email: format!("user{number}@example.com"),
                        admin: false,
                        external: number == 0,
                        bot: false,
                        avatar_url: None,
                        created_at: crate::support::NOW,
                    };
                    landfall_store::users::insert(tx, &new)?;
                }
                Ok(())
            })
            .await;
        insta::assert_snapshot!(pages(&server, &[
            "/api/v4/users?per_page=1",
            "/api/v4/users?per_page=1&page=10001",
            "/api/v4/users?per_page=1&search=user",
        ]), @r#"
        /api/v4/users?per_page=1 -> 200 [id 10001]
          x-page: 1
          x-per-page: 1
          x-next-page: 2
          x-prev-page:
            <http://landfall.example/api/v4/users?page=2&per_page=1>; rel="next"
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
        /api/v4/users?per_page=1&page=10001 -> 200 [id 1]
          x-page: 10001
          x-per-page: 1
          x-next-page:
          x-prev-page: 10000
            <http://landfall.example/api/v4/users?page=10000&per_page=1>; rel="prev"
            <http://landfall.example/api/v4/users?page=1&per_page=1>; rel="first"
        /api/v4/users?per_page=1&search=user -> 200 [id 10001]
          x-page: 1
          x-per-page: 1
          x-next-page: 2
          x-prev-page:
          x-total: 10000
          x-total-pages: 10000
            <http://landfall.example/api/v4/users?page=2&per_page=1&search=user>; rel="next"
            <http://landfall.example/api/v4/users?page=1&per_page=1&search=user>; rel="first"
            <http://landfall.example/api/v4/users?page=10000&per_page=1&search=user>; rel="last"
        "#);
    }
);
