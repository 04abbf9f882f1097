//! Replays the requests for which the answers of a real NocoBase were recorded, in the same order.
//!
//! `tests/contract/recorded.jsonl` has the exchanges, and `tests/contract/differences.json` those
//! that this server answers differently, and how. Whatever is not listed there must be equal;
//! whatever is listed must differ as described, so that the list cannot go out of date. Connections
//! at `/ws`, in `tests/contract/websocket.jsonl`, are checked with the same list.

mod compare;
mod cookie;
mod differences;
mod ids;
mod record;
mod replay;
mod substitute;
mod tokens;
mod websocket;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use compare::{Rules, differing_places};
use differences::{Difference, DifferenceKind, Differences};
use replay::{Answer, Replay};

use crate::support::TestApp;

/// Why an exchange failed, if it did.
type Verdict = Result<(), String>;

/// The key that signs the tokens of the tested server; the recording's tokens are made with it,
/// too.
const APP_KEY: &str = "the key of the contract tests";

/// How many exchanges were recorded, including connections. Those that are not replayed are listed
/// by name.
const RECORDED: usize = 357;

/// The result of the replay.
#[derive(Default)]
struct Report {
    passed: usize,
    failed: Vec<String>,
    listed: BTreeMap<DifferenceKind, Vec<String>>,
    left_out: Vec<String>,
}

impl Report {
    /// Counts one exchange. `told` is the message if it failed.
    fn count(&mut self, name: &str, listed: Option<&Difference>, verdict: Verdict, told: &str) {
        match (verdict, listed) {
            (Ok(()), None) => self.passed += 1,
            (Ok(()), Some(listed)) => {
                let line = format!("{name}: {}", listed.reason);
                self.listed.entry(listed.kind()).or_default().push(line);
            }
            (Err(why), _) => self.failed.push(format!("{name}: {why}\n    {told}")),
        }
    }
}

#[actix_web::test]
async fn recorded_exchanges_are_answered_alike() {
    let records = record::all();
    let differences = Differences::load();
    let app_key = format!("--app-key={APP_KEY}");
    let app = TestApp::bare(&[
        &app_key,
        "--unsafe-use-default-jwt-secret=true",
        // One recorded request came through a proxy.
        "--trusted-proxies=127.0.0.1/32",
    ]);
    let mut rules = Rules::new(app.database.kind);
    let mut report = Report::default();
    let mut replay = Replay::new(app);
    for record in &records {
        let answer = replay.answer(record, &rules.ids).await;
        let found = differing_places(record, &answer, &mut rules);
        let listed = differences.of(&record.name);
        let verdict = differences::verdict(listed, &found, &answer);
        let told = format!(
            "{} {}\n    theirs {}\n    ours   {}",
            record.method,
            record.path,
            record.summary(),
            answer.summary(),
        );
        report.count(&record.name, listed, verdict, &told);
    }
    let mut names: BTreeSet<_> = records.iter().map(|record| record.name.clone()).collect();
    for (recorded, heard) in websocket::all().await {
        let (theirs, name) = (recorded.heard(), recorded.name);
        let differs = (theirs != heard).then(|| "frames".to_owned());
        let answer = Answer::of_frames(format!("{heard:?}"));
        let listed = differences.of(&name);
        let verdict = differences::verdict(listed, &differs.into_iter().collect(), &answer);
        let told = format!("theirs {theirs:?}\n    ours   {heard:?}");
        report.count(&name, listed, verdict, &told);
        names.insert(name);
    }
    for left in differences.left_out() {
        let both = left.names.iter().filter(|name| names.contains(*name));
        let both = both.map(|name| format!("{name}: left out and replayed"));
        report.failed.extend(both);
        let lines = left.names.iter();
        let lines = lines.map(|name| format!("{name}: {}", left.reason));
        report.left_out.extend(lines);
    }
    assert_eq!(names.len() + report.left_out.len(), RECORDED);
    for name in differences.names().filter(|name| !names.contains(*name)) {
        report.failed.push(format!("{name}: listed, not recorded"));
    }
    for rule in differences.rules().filter(|rule| !rules.was_used(rule)) {
        report
            .failed
            .push(format!("the rule {rule} was not needed"));
    }
    for rule in rules.used().filter(|rule| !differences.has_rule(rule)) {
        report.failed.push(format!("the rule {rule} is not listed"));
    }
    println!("{report}");
    assert!(report.failed.is_empty(), "see the list above");
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for (kind, lines) in &self.listed {
            writeln!(text, "{} {kind}:", lines.len())?;
            for line in lines {
                writeln!(text, "  {line}")?;
            }
        }
        writeln!(text, "{} not replayed:", self.left_out.len())?;
        for line in &self.left_out {
            writeln!(text, "  {line}")?;
        }
        for failure in &self.failed {
            writeln!(text, "FAILED {failure}")?;
        }
        write!(text, "{} passed, {} failed", self.passed, self.failed.len())?;
        for (kind, lines) in &self.listed {
            write!(text, ", {} {kind}", lines.len())?;
        }
        f.write_str(&text)
    }
}
