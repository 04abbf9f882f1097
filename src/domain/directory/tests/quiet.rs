//! What a run asks the database when nothing has changed.

use entity::directory_run::State;

use super::world::World;

/// So many people are on two pages and the beginning of a third.
const PEOPLE: usize = 401;
const PAGES: usize = 3;

#[tokio::test]
async fn a_run_with_no_change_asks_once_for_each_page_of_people_and_writes_nothing() {
    let world = World::new().await;
    let store = &world.installation.store;
    world.company.department("1", None);
    for number in 0..PEOPLE {
        let phone = format!("13800000{number:03}");
        world
            .company
            .hire(&format!("p{number}"), Some(&phone), &["1"]);
    }
    let first = world.run().await;
    assert_eq!(first.counts["created"], PEOPLE);
    // What the first run wrote is copied for look-ups, which the server does beside runs.
    store.copy_new_accounts().await.unwrap();

    let heard = store.heard();
    let second = world.run().await;
    assert_eq!(second.state, State::Succeeded);
    let heard = heard.take();
    // The row of the run, and its lease.
    let of_run =
        |sql: &&String| sql.contains("dingtalk_directory_runs") || sql.contains("dingtalk_leases");
    let others: Vec<_> = heard.iter().filter(|sql| !of_run(sql)).collect();
    let writes = others.iter().filter(|sql| !sql.starts_with("SELECT"));
    assert_eq!(writes.count(), 0, "{others:#?}");
    let pages = others.iter().filter(|sql| sql.contains("\"person\" IN ("));
    assert_eq!(pages.count(), PAGES, "{others:#?}");
    // The recorded departments, and how many people are recorded.
    assert_eq!(others.len(), PAGES + 2, "{others:#?}");
}
