//! Lists of tables with very many rows.

use serde_json::json;

use crate::support::{TestApp, crowd};

/// More than the values that one statement may be given, whatever the database.
const PEOPLE: usize = 70_000;

#[actix_web::test]
async fn a_page_is_a_page_however_many_there_are() {
    let app = TestApp::start().await;
    crowd::fill(&app.database, PEOPLE).await;
    let mut browser = app.browser();
    let root = app.root_token().await;
    let bound = "/api/authenticators/dingtalk/users:list";

    let first = browser.get_as(&root, &format!("{bound}?pageSize=20")).await;
    let first = first.json();
    assert_eq!(first["meta"]["count"], PEOPLE);
    assert_eq!(first["data"][0]["id"], 100);
    assert_eq!(first["data"][0]["usersAuthenticators"]["userId"], 100);
    let last = format!("{bound}?pageSize=20&page={}", PEOPLE / 20);
    let last = browser.get_as(&root, &last).await.json();
    assert_eq!(last["data"].as_array().unwrap().len(), 20);
    assert_eq!(last["data"][19]["id"], 100 + PEOPLE - 1);

    // Filtered and sorted as other lists are.
    let some = format!("{bound}?pageSize=2&sort=-id&filter={{\"id.$lt\":300}}");
    let some = browser.get_as(&root, &some).await.json();
    assert_eq!(some["meta"]["count"], 200);
    let rows = [&some["data"][0], &some["data"][1]];
    assert_eq!(rows.map(|row| row["id"].clone()), [299, 298]);
    assert_eq!(rows[1]["usersAuthenticators"]["userId"], 298);
    let hidden = format!("{bound}?filter={{\"password.$startsWith\":\"a\"}}");
    assert_eq!(browser.get_as(&root, &hidden).await.status, 400);

    for too_many in [
        format!("{bound}?paginate=false"),
        format!("{bound}?pageSize=50000"),
        "/api/users:list?paginate=false&appends[]=roles".to_owned(),
        "/api/users:list?pageSize=10001".to_owned(),
        "/api/usersAuthenticators:list?paginate=false".to_owned(),
    ] {
        let answer = browser.get_as(&root, &too_many).await;
        let message = "These are too many rows for one answer: ask for pages of at most 10000";
        assert_eq!(
            (
                answer.status.as_u16(),
                &answer.json()["errors"][0]["message"]
            ),
            (400, &json!(message)),
            "{too_many}"
        );
    }
    let most = browser.get_as(&root, "/api/users:list?pageSize=10000&appends[]=roles");
    assert_eq!(most.await.json()["data"].as_array().unwrap().len(), 10_000);
}
