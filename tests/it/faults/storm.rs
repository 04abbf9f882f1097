//! DingTalk fails at random while people sign in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use super::{rows, seed, size, visitor};
use crate::support::{Browser, Holdings, Place};

/// Browsers at the same time.
const BROWSERS: usize = 48;
/// Of all calls this part fails.
const FAILING: f64 = 0.3;
/// The server gives DingTalk 20 seconds in all; the rest is for a machine that does other things.
const DEADLINE: Duration = Duration::from_mins(1);

/// What a process may hold more of at the end than after a quarter: pools breathe. Of each browser a
/// connection to the server and one from there to DingTalk may be open at one moment and not at the
/// other; one file for each refused sign-in would be more than that.
const MORE_FILES: usize = 2 * BROWSERS;
const MORE_THREADS: usize = 16;
const MORE_MEMORY_KB: usize = 24 * 1024;

/// One sign-in; what the person is told, or `in`.
async fn outcome(place: &Place, mut browser: Browser, person: &str, from: &str) -> String {
    let headers = [("x-authenticator", "dingtalk"), ("x-forwarded-for", from)];
    let body = Some(json!({"redirect": null}));
    let path = "/api/dingtalk:getAuthUrl";
    let begun = browser.send(Method::POST, path, &headers, body).await;
    let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
    let location = place.sandbox.choose(&url, person).await;
    let answer = browser.send(Method::GET, &location, &headers, None).await;
    if answer.session().is_some() {
        return "in".to_owned();
    }
    answer.failure().expect("a refusal says why")
}

#[actix_web::test]
async fn when_a_third_of_the_calls_fail_everybody_is_let_in_or_told_and_nothing_leaks() {
    let (sign_ins, people) = (size(400, 20_000), size(40, 300));
    let place = Place::new();
    place.sandbox.hire(people).await;
    let server = place.start();
    place.open(&server).await;
    place.sandbox.bad_day(FAILING, seed()).await;

    let template = Browser::at(server.address);
    let next = AtomicUsize::new(0);
    let browsers = |until: usize| {
        let (next, place, template, server) = (&next, &place, &template, &server);
        (0..BROWSERS).map(move |_| async move {
            let mut outcomes = BTreeMap::<String, usize>::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= until {
                    return outcomes;
                }
                let person = format!("employee{}", number % people + 1);
                let browser = template.fresh_at(server.address);
                let from = visitor(number);
                let outcome = timeout(DEADLINE, outcome(place, browser, &person, &from)).await;
                *outcomes.entry(outcome.expect("in time")).or_default() += 1;
            }
        })
    };
    let mut outcomes = join_all(browsers(sign_ins / 4)).await;
    let before = server.holdings();
    next.store(sign_ins / 4, Ordering::Relaxed);
    outcomes.extend(join_all(browsers(sign_ins)).await);
    let after = server.holdings();

    let mut total = BTreeMap::<String, usize>::new();
    for (outcome, count) in outcomes.into_iter().flatten() {
        *total.entry(outcome).or_default() += count;
    }
    println!("{total:?}, held {before:?} and then {after:?}");
    assert_eq!(total.values().sum::<usize>(), sign_ins);
    let clear = [
        "in",
        "DINGTALK_UNAVAILABLE",
        "DINGTALK_MISCONFIGURED",
        "DINGTALK_NOT_MEMBER",
        // A proxy that blocks calls answers in words that are none of DingTalk's.
        "DINGTALK_REFUSED",
    ];
    assert!(
        total
            .keys()
            .all(|outcome| clear.contains(&outcome.as_str())),
        "{total:?} {}",
        place.log()
    );
    assert!(total.contains_key("in") && total.len() > 1, "{total:?}");
    assert!(holds_no_more(before, after), "{before:?} {after:?}");
    let bound = rows::check(&place.database).await;
    assert!(bound.len() <= people);

    // And when DingTalk is well again, so is everybody.
    place.sandbox.clear_faults().await;
    let browser = template.fresh_at(server.address);
    let from = visitor(0);
    let told = outcome(&place, browser, "employee1", &from).await;
    assert_eq!(told, "in", "{}", place.log());
}

fn holds_no_more(before: Holdings, after: Holdings) -> bool {
    after.files <= before.files + MORE_FILES
        && after.threads <= before.threads + MORE_THREADS
        && after.memory_kb <= before.memory_kb + before.memory_kb / 4 + MORE_MEMORY_KB
}
