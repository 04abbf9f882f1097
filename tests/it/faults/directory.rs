//! Runs of a directory whose process is killed, in a server without a NocoBase.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use entity::{user, user_authenticator};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{seed, size};
use crate::support::{Browser, Place};

const RUN: [&str; 3] = ["directory", "run", "dingtalk"];
/// People who get another name before each kill, so that each run has something to do.
const RENAMED: usize = 3;

/// A company of so many people, and a source that copies all of them.
async fn company(people: usize) -> Place {
    let place = Place::new();
    let company = json!({"people": people, "departments": size(3, 20), "seed": 1});
    place.sandbox.generate(company).await;
    let server = place.start();
    place.open(&server).await;
    let mut root = Browser::at(server.address);
    let token = root.sign_in_as_root().await;
    let source = json!({
        "authenticator": "dingtalk",
        "options": {"safetyLimitPercent": 100},
    });
    let path = "/api/dingtalkDirectory:saveSource";
    let saved = root.post_as(&token, path, source).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    place
}

/// How often there is an account with each nickname and binding.
async fn accounts(place: &Place) -> BTreeMap<(Option<String>, Option<String>), usize> {
    let connection = place.database.connect().await;
    let users = user::Entity::find().all(&connection).await.unwrap();
    let bindings = user_authenticator::Entity::find().all(&connection).await;
    connection.into_inner().close().await.unwrap();
    let subjects: BTreeMap<i64, String> = bindings
        .unwrap()
        .into_iter()
        .map(|row| (row.user_id, row.uuid))
        .collect();
    let mut counts = BTreeMap::new();
    for user in users {
        let subject = subjects.get(&user.id).cloned();
        *counts.entry((user.nickname, subject)).or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn whenever_a_run_is_killed_the_next_ones_end_as_if_nobody_had_disturbed_any() {
    let (people, kills) = (size(60, 2000), size(8, 200));
    let mut random = StdRng::seed_from_u64(seed());
    let calm = company(people).await;
    let begun = Instant::now();
    let told = calm.run(&RUN);
    assert!(told.ended_well, "{told:?}");
    let lasts = begun.elapsed();

    let place = company(people).await;
    let mut killed = 0;
    for kill in 0..kills {
        for _ in 0..RENAMED {
            let id = format!("p{}", random.random_range(1..=people));
            let name: Value = json!({"name": format!("Renamed {kill}")});
            for one in [&calm, &place] {
                one.sandbox.change_person(&id, name.clone()).await;
            }
        }
        let mut program = place.program(&RUN);
        program.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = program.spawn().unwrap();
        // The first one is killed while it starts, so one is killed for sure.
        if kill > 0 {
            tokio::time::sleep(random.random_range(Duration::ZERO..lasts)).await;
        }
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        // Those of the process that was killed end half a minute later.
        place.database.have_leases_end(0).await;
    }
    for one in [&calm, &place] {
        let told = one.run(&RUN);
        assert!(told.ended_well, "{told:?}");
    }
    println!("{killed} of {kills} runs were killed");
    assert!(killed > 0, "no run was killed");
    let all = accounts(&place).await;
    assert_eq!(all, accounts(&calm).await);
    assert_eq!(all.len(), people + 1, "each person has one account");
    let renamed = |name: &Option<String>| {
        name.as_ref()
            .is_some_and(|name| name.starts_with("Renamed"))
    };
    assert!(all.keys().any(|(name, _)| renamed(name)), "{all:?}");
}
