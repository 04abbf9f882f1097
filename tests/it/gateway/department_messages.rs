//! Messages to departments that the directory has made.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::directory::Office;

#[actix_web::test]
async fn a_message_to_a_department_reaches_whoever_is_directly_in_it() {
    let mut office = Office::open(true).await;
    office.go("run").await;
    let written = office.written();
    let rows = office.rows("departments", json!({})).await;
    office.gateway.have_departments(&rows).await;
    let pairs = office.fill_departments(&written).await;
    let (department, _) = pairs[0];
    let members = pairs.iter().filter(|(of, _)| *of == department);
    let mut members: Vec<i64> = members.map(|(_, account)| *account).collect();
    members.sort_unstable();

    // Variables of workflows hold texts, and lists in lists.
    let message = json!({"kind": "text", "text": "To all of you"});
    let body =
        json!({"departmentIds": [[department.to_string()]], "way": "robot", "message": message});
    let sent = office.post("dingtalkMessages:send", body).await;
    let receivers = sent["receivers"].as_array().unwrap();
    let mut reached: Vec<i64> = receivers
        .iter()
        .filter(|receiver| receiver["state"] == "sent")
        .map(|receiver| receiver["userId"].as_i64().unwrap())
        .collect();
    reached.sort_unstable();
    assert_eq!(reached, members, "{sent}");

    // One that the directory did not make may hold anybody.
    let body: Value =
        json!({"departmentIds": [department, 987_654], "way": "robot", "message": message});
    let path = "/api/dingtalkMessages:send";
    let refused = office.browser.post_as(&office.token, path, body).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
}
