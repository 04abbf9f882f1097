//! Measures what a sign-in with a password costs, and how many simultaneous ones slow down other requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::load::{Load, typical};
use crate::report::Report;
use crate::session::{Session, sign_in};
use crate::{Failure, ROUNDS, TURN};

/// The number of sign-ins, or hashes, one after the other.
const TIMES: usize = 40;
/// The number of people who sign in at the same time.
const CROWD: usize = 100;

/// Measures both.
pub async fn measure(report: &mut Report, session: &Session) -> Result<(), Failure> {
    report.heading("sign-in with a password");
    let body = json!({"account": "nocobase", "password": "admin123"});
    // Both are measured in turn and the fastest of each counts, because other work of the machine only makes them slower.
    let (mut whole, mut hash) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TIMES {
        let started = Instant::now();
        sign_in(&session.client, &session.url, &body, "127.0.0.1").await?;
        whole = whole.min(started.elapsed().as_secs_f64() * 1000.0);
        hash = hash.min(scrypt_milliseconds()?);
    }
    report.line("one, ms", &format!("{whole:.1}, of which scrypt {hash:.1}"));
    report.at_most("one, without scrypt, ms", whole - hash, 3.0, 1);
    crowd(report, session).await
}

/// Hashes a password as NocoBase does.
fn scrypt_milliseconds() -> Result<f64, Failure> {
    let parameters = scrypt::Params::new(14, 8, 1)?;
    let mut key = [0; 24];
    let started = Instant::now();
    scrypt::scrypt(b"admin123", b"0123456789abcdef", &parameters, &mut key)?;
    std::hint::black_box(key);
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

async fn crowd(report: &mut Report, session: &Session) -> Result<(), Failure> {
    let mut people = Vec::new();
    for number in 0..CROWD {
        let body = json!({"username": format!("person{number}"), "password": "secret"});
        session.post("users:create", &body).await?;
        people.push(json!({"account": format!("person{number}"), "password": "secret"}));
    }
    let check = Load::of(session, "auth:check", TURN);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let done = Arc::new(AtomicUsize::new(0));
    for _ in 0..ROUNDS {
        alone.push(check.run().await?);
        let stop = Arc::new(AtomicBool::new(false));
        let crowd = people.iter().enumerate().map(|(number, body)| {
            let (session, body) = (session.clone(), body.clone());
            let (stop, done) = (stop.clone(), done.clone());
            actix_web::rt::spawn(
                async move { keep_on(&session, number, &body, &stop, &done).await },
            )
        });
        let crowd: Vec<_> = crowd.collect();
        beside.push(check.run().await?);
        stop.store(true, Ordering::Relaxed);
        for one in crowd {
            one.await?
                .map_err(|error| format!("a sign-in failed: {error}"))?;
        }
    }
    let (alone, beside) = (typical(alone), typical(beside));
    report.line(
        "auth:check alone, requests/s",
        &format!("{:.0} (p99 {:.1} ms)", alone.speed, alone.p99),
    );
    report.line(
        "auth:check beside a hundred who sign in",
        &format!("{:.0} (p99 {:.1} ms)", beside.speed, beside.p99),
    );
    report.line(
        "sign-ins meanwhile",
        &done.load(Ordering::Relaxed).to_string(),
    );
    report.at_least("auth:check beside / alone", beside.speed / alone.speed, 0.5);
    Ok(())
}

/// Signs in again and again.
async fn keep_on(
    session: &Session,
    number: usize,
    body: &Value,
    stop: &AtomicBool,
    done: &AtomicUsize,
) -> Result<(), String> {
    let from = format!("10.0.0.{}", number + 1);
    while !stop.load(Ordering::Relaxed) {
        let signed_in = sign_in(&session.client, &session.url, body, &from).await;
        signed_in.map_err(|error| error.to_string())?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
