//! The server's process is killed while people sign in.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join_all, join3};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::copies::copy_again_and_again;
use super::{account_of, rows, seed, size, visitor};
use crate::support::{Answer, Browser, Place, Process};

/// Browsers at the same time.
const BROWSERS: usize = 8;
/// A killed server's transactions may stand in the way of the next one for a moment.
const REFUSALS: usize = 5;
/// Between one answer and the next: somewhere in there the process ends.
const LATEST: Duration = Duration::from_millis(15);

/// A session that somebody was given.
struct Given {
    person: String,
    token: String,
}

/// A sign-in from the button to the session; nothing when the server ended meanwhile.
pub(super) async fn sign_in(
    place: &Place,
    browser: &mut Browser,
    person: &str,
    from: &str,
) -> Result<Answer, reqwest::Error> {
    let headers = [("x-authenticator", "dingtalk"), ("x-forwarded-for", from)];
    let path = "/api/dingtalk:getAuthUrl";
    let body = Some(json!({"redirect": null}));
    let begun = browser.try_send(Method::POST, path, &headers, body).await?;
    let begun: Value = begun.json();
    let url = begun["data"].as_str().expect("a sign-in begins");
    let location = place.sandbox.choose(url, person).await;
    // The address of a server that may be gone; the path is the same at the next one.
    let (_, path) = location.split_once("/api/").unwrap();
    let path = format!("/api/{path}");
    browser.try_send(Method::GET, &path, &headers, None).await
}

/// Signs in until it works, however often the server ends.
async fn insist(
    place: &Place,
    template: &Browser,
    server: &watch::Sender<SocketAddr>,
    person: String,
    from: &str,
) -> Given {
    let mut refusals = 0;
    loop {
        let mut address = server.subscribe();
        let mut browser = template.fresh_at(*address.borrow_and_update());
        match sign_in(place, &mut browser, &person, from).await {
            Ok(answer) => {
                if let Some(session) = answer.session() {
                    let token = session["token"].as_str().unwrap().to_owned();
                    return Given { person, token };
                }
                refusals += 1;
                assert!(refusals < REFUSALS, "{answer:?} {}", place.log());
            }
            // The next server is not there yet, or is already.
            Err(_) => address.changed().await.unwrap(),
        }
    }
}

/// Kills the server this often, each time some moments after one more of so many sign-ins.
async fn kill_again_and_again(
    place: &Place,
    mut process: Process,
    server: &watch::Sender<SocketAddr>,
    mut done: watch::Receiver<usize>,
    mut moments: Vec<(usize, Duration)>,
) -> Process {
    moments.sort_unstable();
    for (after, pause) in moments {
        done.wait_for(|done| *done >= after).await.unwrap();
        tokio::time::sleep(pause).await;
        process.kill();
        process = place.start();
        server.send_replace(process.address);
    }
    process
}

#[actix_web::test]
async fn whenever_the_server_is_killed_no_account_is_doubled_or_half_and_no_session_lost() {
    let (sign_ins, kills, people) = (size(120, 2000), size(12, 200), size(40, 700));
    let copies = size(6, 100);
    let mut random = StdRng::seed_from_u64(seed());
    let place = Place::new();
    place.sandbox.hire(people).await;
    let first = place.start();
    place.open(&first).await;

    let template = Browser::at(first.address);
    let server = watch::Sender::new(first.address);
    let done = watch::Sender::new(0);
    // The last kills come before the last browsers are through, so each meets somebody.
    let moments = (0..kills).map(|_| {
        let after = random.random_range(0..sign_ins.saturating_sub(BROWSERS));
        (after, random.random_range(Duration::ZERO..LATEST))
    });
    let moments = moments.collect();
    let copies = (0..copies).map(|_| random.random_range(0..sign_ins.saturating_sub(BROWSERS)));
    let copies = copies.collect();
    let who: Vec<usize> = (0..sign_ins)
        .map(|_| random.random_range(1..=people))
        .collect();
    let next = AtomicUsize::new(0);
    let browsers = (0..BROWSERS).map(|_| async {
        let mut given = Vec::new();
        while let Some(who) = who.get(next.fetch_add(1, Ordering::Relaxed)) {
            let person = format!("employee{who}");
            let from = visitor(done.borrow().to_owned());
            given.push(insist(&place, &template, &server, person, &from).await);
            done.send_modify(|done| *done += 1);
        }
        given
    });
    let killer = kill_again_and_again(&place, first, &server, done.subscribe(), moments);
    let copier = copy_again_and_again(&place, done.subscribe(), copies);
    let (given, last, copies) = join3(join_all(browsers), killer, copier).await;

    let bound = rows::check(&place.database).await;
    let given: Vec<_> = given.into_iter().flatten().collect();
    assert_eq!(given.len(), sign_ins);
    let mut browser = template.fresh_at(last.address);
    for Given { person, token } in &given {
        let answer = browser.get_as(token, "/api/auth:check").await;
        let account = answer.json()["data"]["id"].as_i64();
        assert_eq!(
            account,
            Some(account_of(token)),
            "{person}: {}",
            answer.text
        );
        assert_eq!(account, bound.get(&format!("user-{person}")).copied());
    }
    let came: std::collections::BTreeSet<_> = given.iter().map(|given| &given.person).collect();
    assert_eq!(bound.len(), came.len(), "an account for each who came");
    println!(
        "{sign_ins} sign-ins of {} people, {kills} kills, {copies} copies",
        came.len()
    );
}
