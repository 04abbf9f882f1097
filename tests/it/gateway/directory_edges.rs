//! Departments of a directory in front of a NocoBase, where not everything follows the organization.

use serde_json::json;

use super::directory::Office;

const SALES: i64 = 919_600_002;
const FINANCE: i64 = 919_600_005;
/// A department that the tests add.
const NEW: i64 = 919_600_100;

fn about_departments(written: &[String]) -> Vec<&String> {
    let is_one = |entry: &&String| entry.starts_with("departments") || entry.contains("mainDep");
    written.iter().filter(is_one).collect()
}

#[actix_web::test]
async fn departments_that_do_not_follow_are_neither_made_nor_changed_nor_removed() {
    let mut office = Office::open(true).await;
    office.save(json!({"followDepartments": false})).await;
    let run = office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(run["counts"]["departmentsCreated"], 0, "{run}");
    assert_eq!(about_departments(&office.written()), [""; 0]);

    office
        .gateway
        .app
        .sandbox
        .add_department(json!({"id": NEW, "name": "New"}))
        .await;
    office.save(json!({})).await;
    let run = office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let rows = office.rows("departments", json!({})).await;
    office.gateway.have_departments(&rows).await;
    office.fill_departments(&office.written()).await;

    office.save(json!({"followDepartments": false})).await;
    let sandbox = &office.gateway.app.sandbox;
    let renamed = json!({"name": "Money"});
    sandbox.change_department(FINANCE, renamed).await;
    sandbox.remove_department(NEW).await;
    let run = office.go("run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(about_departments(&office.written()), [""; 0]);
    let kinds = office.kinds(&run).await;
    assert!(
        !kinds.iter().any(|kind| kind.ends_with("Department")),
        "{kinds:?}"
    );

    // With the first run in which they follow again, all of it is done.
    office.save(json!({})).await;
    let run = office.go("run").await;
    assert_eq!(run["counts"]["departmentsChanged"], 1, "{run}");
    assert_eq!(run["counts"]["departmentsRemoved"], 1, "{run}");
    let written = office.written();
    assert_eq!(about_departments(&written).len(), 2, "{written:?}");
}

#[actix_web::test]
async fn of_people_who_change_departments_only_the_protected_one_stays() {
    let mut office = Office::open(true).await;
    office.gateway.app.sandbox.hire(3).await;
    office.go("run").await;
    let rows = office.rows("departments", json!({})).await;
    office.gateway.have_departments(&rows).await;
    office.fill_departments(&office.written()).await;
    let first = json!({"externalId": "user-employee1"});
    let acting = office.rows("members", first).await[0]["userId"]
        .as_i64()
        .unwrap();
    let store = office.gateway.app.store();
    store
        .set_roles(acting, &["admin".to_owned()])
        .await
        .unwrap();
    office.gateway.act_as(acting).await;
    let sales = json!([{"id": SALES, "order": 1, "leader": false}]);
    for number in 1..=3 {
        let person = format!("employee{number}");
        let change = json!({"departments": sales});
        office
            .gateway
            .app
            .sandbox
            .change_person(&person, change)
            .await;
    }
    let run = office.go("run").await;
    let kept = json!({"runId": run["id"], "kind": "leaverKept"});
    let kept = office.rows("findings", kept).await;
    let kept: Vec<_> = kept.iter().map(|row| &row["personId"]).collect();
    assert_eq!(kept, ["user-employee1"], "{run}");

    // The others are recorded, and so not moved again.
    let store = office.gateway.app.store();
    let source = store.directory_sources().await.unwrap().remove(0);
    for number in 2..=3 {
        let key = format!("user-employee{number}");
        let (row, _) = store
            .mirrored_by_key(source.id, &key)
            .await
            .unwrap()
            .unwrap();
        let recorded = json!([{"department": SALES.to_string(), "isOwner": false}]);
        assert_eq!(row.memberships, recorded, "{key}");
    }
}

/// Writes a role of new accounts into the authenticator's options, as a program does that does not ask the
/// gateway. `is_signed` adds the signature that the gateway makes.
async fn give_role(office: &Office, is_signed: bool) {
    use sea_orm::{ActiveModelTrait, Set};
    let app = &office.gateway.server.app;
    let rows = app.store.authenticators().await.unwrap();
    let row = rows.into_iter().find(|row| row.name == "dingtalk").unwrap();
    let mut options = row.options;
    options["newUserRoles"] = json!(["admin"]);
    if is_signed {
        let secrets = app.providers.secrets("dingtalk");
        app.options_key.sign("dingtalk", &mut options, secrets);
    }
    let connection = office.gateway.app.database.connect().await;
    let row = entity::authenticator::ActiveModel {
        id: Set(row.id),
        options: Set(options),
        ..Default::default()
    };
    row.update(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    app.store.forget();
}

#[actix_web::test]
async fn roles_of_new_accounts_count_only_when_they_were_saved_through_the_gateway() {
    let mut office = Office::open(false).await;
    for (is_signed, person, role) in [
        (false, "user-lina", "member"),
        (true, "user-newcomer", "admin"),
    ] {
        give_role(&office, is_signed).await;
        if is_signed {
            let hired = json!({"id": "newcomer", "name": "新人"});
            office.gateway.app.sandbox.hire_person(hired).await;
        }
        let run = office.go("run").await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let rows = office.rows("members", json!({"externalId": person})).await;
        let account = rows[0]["userId"].as_i64().unwrap();
        let roles = office.gateway.app.store().roles_of(account).await.unwrap();
        let names: Vec<_> = roles.iter().map(|(role, _)| role.name.as_str()).collect();
        assert_eq!(names, [role], "{person}");
    }
}
