//! What became of a send, in NocoBase's log.
//!
//! NocoBase's line says that the message is in the inbox. Where somebody got nothing at the provider, it becomes a
//! failure, with a sentence that says for whom and why.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::message::State;
use entity::{forwarded_send, message};
use sha2::{Digest, Sha256};

use super::notification_writer::NotificationWriter;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::domain::message::{explanation, short_hex};
use crate::locale::Locale;
use crate::store::{Store, StoreError};

/// Sends that one step looks at.
const MOST: u64 = 100;
/// When is looked what became of a send: what failed at once, what the provider says after seconds, and what it says
/// after minutes. NocoBase writes its line after its rows.
const LOOKS: [TimeDelta; 3] = [
    TimeDelta::seconds(3),
    TimeDelta::seconds(40),
    TimeDelta::seconds(400),
];
/// Looks after which a line that cannot be written is given up.
const MOST_LOOKS: i64 = 8;
/// People whom a sentence names.
const NAMED: usize = 5;

/// What a report needs.
#[derive(Clone, Copy)]
pub struct Reporting<'a> {
    /// What is kept.
    pub store: &'a Store,
    /// The time.
    pub clock: &'a Clock,
    /// Who writes the log.
    pub notification_writer: &'a dyn NotificationWriter,
    /// What people call the provider; a key of the files in `locale/`.
    pub provider: &'a str,
}

/// By this a send and its line in the log are known to be the same.
pub fn digest(title: &str, content: &str) -> String {
    let mut hash = Sha256::new();
    for text in [title, content] {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    short_hex(hash)
}

/// When a send is looked at for the first time.
pub fn first_look_ms(clock: &Clock) -> i64 {
    (clock.now() + LOOKS[0]).timestamp_millis()
}

/// One step: writes what became of sends that are due.
pub async fn report(around: Reporting<'_>) -> Result<(), StoreError> {
    let Reporting { store, clock, .. } = around;
    for send in store.due_sends(MOST).await? {
        let looks = usize::try_from(send.looks).unwrap_or_default();
        let next = LOOKS.get(looks + 1).or(LOOKS.last()).copied();
        let next = clock.now() + next.unwrap_or_default();
        if !store.take_send(&send, next.timestamp_millis()).await? {
            continue;
        }
        let is_written = look(around, &send).await?;
        let is_last = looks + 1 >= LOOKS.len();
        let gives_up = send.looks + 1 >= MOST_LOOKS;
        if is_last && gives_up && !is_written {
            log::warn!(
                "NocoBase's log does not say what became of a message of channel {:?}: its line was not found, or \
                 somebody still waits for it",
                send.channel
            );
        }
        if is_last && (is_written || gives_up) {
            store.forget_send(&send.send_id).await?;
        }
    }
    Ok(())
}

/// Writes what is known by now. True when the log says all of it.
async fn look(around: Reporting<'_>, send: &forwarded_send::Model) -> Result<bool, StoreError> {
    let store = around.store;
    let account = store.user(send.account_id).await?;
    let language = account.and_then(|account| account.app_lang);
    let locale = language.as_deref().map(Locale::of).unwrap_or_default();
    let rows = store.messages_of(&send.send_id).await?;
    let is_all = !rows.iter().any(|row| row.state.waits());
    let Some(reason) = reason(around, locale, &rows).await? else {
        return Ok(is_all);
    };
    if send.reason.as_ref() == Some(&reason) {
        return Ok(is_all);
    }
    match around
        .notification_writer
        .record_failure(send, &reason)
        .await
    {
        Ok(true) => {
            store.remember_reason(&send.send_id, &reason).await?;
            Ok(is_all)
        }
        Ok(false) => Ok(false),
        Err(error) => {
            log::warn!(
                "NocoBase's log does not say that messages did not arrive: {}",
                Chain(&*error)
            );
            Ok(false)
        }
    }
}

/// Why somebody got nothing, for people: a sentence for each reason, with names. Nothing when everybody has it.
async fn reason(
    around: Reporting<'_>,
    locale: Locale,
    rows: &[message::Model],
) -> Result<Option<String>, StoreError> {
    let mut groups: BTreeMap<(&'static str, Option<&str>), Vec<i64>> = BTreeMap::new();
    for row in rows {
        let said = match row.state {
            State::NotBound => (
                "{{count}} of {{total}} receivers are not bound to {{provider}}",
                None,
            ),
            State::Left => (
                "{{count}} of {{total}} receivers have left, or the app may not see them",
                None,
            ),
            State::Unknown => (
                "{{count}} of {{total}} receivers may have got it in {{provider}}, or not",
                None,
            ),
            State::Failed => (
                "{{count}} of {{total}} receivers got nothing in {{provider}}",
                row.reason.as_deref(),
            ),
            State::Claimed | State::Sending | State::Sent | State::Delivered => continue,
        };
        groups.entry(said).or_default().push(row.user_id);
    }
    let mut sentences = Vec::new();
    for ((text, code), users) in groups {
        let sentence = locale
            .text(text)
            .replace("{{count}}", &users.len().to_string())
            .replace("{{total}}", &rows.len().to_string())
            .replace("{{provider}}", locale.text(around.provider));
        let why = code.map(|code| format!(" ({})", locale.text(explanation(code))));
        let names = names(around.store, &users).await?;
        sentences.push(format!("{sentence}{}: {names}", why.unwrap_or_default()));
    }
    Ok((!sentences.is_empty()).then(|| sentences.join("; ")))
}

/// The first of these accounts by name.
async fn names(store: &Store, users: &[i64]) -> Result<String, StoreError> {
    let first = users.get(..NAMED).unwrap_or(users);
    let names = store.account_names(first.to_vec()).await?;
    let name_of = |id| names.get(id).cloned();
    let mut told: Vec<_> = first.iter().filter_map(name_of).collect();
    if users.len() > NAMED {
        told.push("…".to_owned());
    }
    Ok(told.join(", "))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::forwarding::NotificationWriterError;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::{NewMessage, NewSend, NewUser};

    /// A log with a line of the send, or without.
    struct Log {
        has_line: bool,
        told: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl NotificationWriter for Log {
        async fn remove_from_inbox(
            &self,
            _: i64,
            _: &[String],
        ) -> Result<(), NotificationWriterError> {
            Ok(())
        }

        async fn record_failure(
            &self,
            _: &forwarded_send::Model,
            reason: &str,
        ) -> Result<bool, NotificationWriterError> {
            self.told.lock().unwrap().push(reason.to_owned());
            Ok(self.has_line)
        }
    }

    /// What is written about a send that so many people did not get, with so many looks and an hour between
    /// them, after which it is forgotten.
    async fn told(has_line: bool, people: usize, looks: usize) -> Vec<String> {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let clock = store.clock().clone();
        let mut rows = Vec::new();
        for number in 1..=people {
            let nickname = Some(format!("n{number}"));
            let new = NewUser {
                nickname,
                ..NewUser::default()
            };
            rows.push(NewMessage {
                user_id: installation.account(new).await.id,
                receiver: None,
                state: State::NotBound,
                reason: None,
                due_ms: None,
            });
        }
        let send = NewSend {
            send_id: "s".to_owned(),
            authenticator: "company".to_owned(),
            way: "robot",
            title: "t".to_owned(),
            digest: "d".to_owned(),
            requested_by_id: None,
            kept: None,
            followed: Some(forwarded_send::Model {
                send_id: "s".to_owned(),
                channel: "news".to_owned(),
                received_ms: 0,
                digest: digest("t", "c"),
                account_id: FIRST,
                looks: 0,
                due_ms: first_look_ms(&clock),
                reason: None,
            }),
        };
        store.claim_messages(&send, &rows, &[]).await.unwrap();
        let log = Log {
            has_line,
            told: Mutex::default(),
        };
        let around = Reporting {
            store,
            clock: &clock,
            notification_writer: &log,
            provider: "Company",
        };
        for _ in 0..looks {
            clock.advance(TimeDelta::hours(1));
            assert_eq!(store.due_sends(1).await.unwrap().len(), 1);
            report(around).await.unwrap();
            // The next look comes later.
            assert_eq!(store.due_sends(1).await.unwrap(), []);
        }
        clock.advance(TimeDelta::hours(1));
        assert_eq!(store.due_sends(1).await.unwrap(), [], "it is forgotten");
        log.told.into_inner().unwrap()
    }

    #[tokio::test]
    async fn a_line_that_the_log_does_not_have_is_looked_for_eight_times() {
        assert_eq!(told(false, 1, 8).await.len(), 8);
    }

    #[tokio::test]
    async fn a_reason_is_written_once_and_names_five_people() {
        let five = "5 of 5 receivers are not bound to Company: n1, n2, n3, n4, n5";
        assert_eq!(told(true, 5, 3).await, [five]);
        let six = "6 of 6 receivers are not bound to Company: n1, n2, n3, n4, n5, …";
        assert_eq!(told(true, 6, 3).await, [six]);
    }

    #[test]
    fn a_send_is_looked_at_after_three_seconds() {
        let clock = Clock::system();
        clock.stop();
        let now = clock.now().timestamp_millis();
        assert_eq!(first_look_ms(&clock), now + 3000);
    }
}
