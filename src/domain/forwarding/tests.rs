//! Which messages a process forwards and when, on a store with NocoBase's inbox and without a
//! server.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::domain::identity_provider::Providers;
use crate::domain::test_installation::TestInstallation;
use crate::domain::test_provider::{AUTH_TYPE, TestProvider};

/// NocoBase's table of channels.
pub(super) const CHANNELS: &str = r#"CREATE TABLE "notificationChannels"
    ("name" text PRIMARY KEY, "title" text, "notificationType" text, "options" json)"#;
/// What becomes of each message here: nobody is bound.
const ONE: [(Way, State); 1] = [(Way::WorkNotification, State::NotBound)];
const SECOND: i64 = 1000;
const DAY: i64 = 24 * 60 * 60 * SECOND;

/// An office whose NocoBase has notifications. Its clock stands still.
struct Office {
    installation: TestInstallation,
    providers: Providers,
}

impl Office {
    /// An office with the channels `news`, `more` and `others`, none of which is forwarded.
    async fn open() -> Self {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        store.clock().stop();
        for statement in [
            CHANNELS,
            r#"INSERT INTO "notificationChannels" ("name", "notificationType") VALUES
               ('news', 'in-app-message'), ('more', 'in-app-message'), ('others', 'in-app-message')"#,
            r#"CREATE TABLE "notificationInAppMessages" ("id" text PRIMARY KEY, "userId" bigint, "channelName" text,
               "title" text, "content" text, "receiveTimestamp" bigint, "options" json)"#,
        ] {
            store.execute(statement).await;
        }
        Self {
            installation,
            providers: Providers::new(vec![Arc::new(TestProvider::default())]),
        }
    }

    /// An office whose messages from `news` are forwarded from now on.
    async fn with_news() -> Self {
        let office = Self::open().await;
        office.enable_authenticator().await;
        office.forward("news").await;
        office
    }

    fn store(&self) -> &Store {
        &self.installation.store
    }

    fn now(&self) -> i64 {
        self.store().clock().now().timestamp_millis()
    }

    fn pass(&self, ms: i64) {
        self.store().clock().advance(TimeDelta::milliseconds(ms));
    }

    async fn enable_authenticator(&self) {
        let added = self
            .store()
            .add_authenticator("company", AUTH_TYPE, true, json!({}));
        added.await;
    }

    /// An administrator chooses a channel.
    async fn forward(&self, channel: &str) {
        let chosen = self.store().forward_channel(channel, "company", None);
        chosen.await.unwrap();
    }

    /// NocoBase writes a message with this time.
    async fn message(&self, id: &str, channel: &str, at: i64) {
        let insert = format!(
            r#"INSERT INTO "notificationInAppMessages" VALUES ('{id}', 1, '{channel}', 'A title', '{id}', {at}, NULL)"#
        );
        self.store().execute(&insert).await;
    }

    /// NocoBase writes messages of a channel that is not forwarded, so many that reading could
    /// begin after the first of them.
    async fn crowd(&self) {
        let insert = r#"
            WITH RECURSIVE "numbers" ("n") AS
            (SELECT 1 UNION ALL SELECT "n" + 1 FROM "numbers" WHERE "n" < 1001)
            INSERT INTO "notificationInAppMessages"
            SELECT 'crowd-' || "n", 1, 'others', NULL, NULL, 1, NULL FROM "numbers""#;
        self.store().execute(insert).await;
    }

    /// A step of a process, so many milliseconds later: what became of each message.
    async fn step(&self, forwarder: &mut Forwarder, passes: i64) -> Vec<(Way, State)> {
        self.pass(passes);
        let around = ForwardingContext {
            messengers: Messengers {
                store: self.store(),
                vault: &self.installation.vault,
                providers: &self.providers,
            },
            clock: self.store().clock(),
            origin: None,
            notification_writer: None,
        };
        Box::pin(forwarder.step(around)).await.unwrap()
    }

    /// Whether it is known of a message that a process took it.
    async fn is_claimed(&self, id: &str) -> bool {
        let ids = [id.to_owned()];
        self.store().claimed_among(&ids).await.unwrap().contains(id)
    }
}

#[tokio::test]
async fn one_process_sends_each_message_once_until_another_leads() {
    let office = Office::with_news().await;
    let (mut one, mut other) = (Forwarder::default(), Forwarder::default());
    assert_eq!(office.step(&mut one, 0).await, []);
    assert!(one.looked() > Duration::ZERO);
    office.message("first", "news", office.now()).await;
    office.message("elsewhere", "others", office.now()).await;
    assert_eq!(office.step(&mut other, 0).await, [], "one of them leads");
    assert_eq!(office.step(&mut one, SECOND).await, ONE);
    assert_eq!(office.step(&mut one, SECOND).await, []);

    one.give_up(office.store()).await.unwrap();
    assert!(!one.leads() && !other.leads());
    office.message("second", "news", office.now()).await;
    assert_eq!(office.step(&mut other, 5 * SECOND).await, ONE);
    assert!(other.leads());
}

#[tokio::test]
async fn whoever_leads_again_reads_at_once_what_administrators_have_set() {
    let office = Office::with_news().await;
    let mut forwarder = Forwarder::default();
    office.step(&mut forwarder, 0).await;
    office.step(&mut forwarder, 20 * SECOND - 1).await;
    let taken = r#"UPDATE "dingtalk_leases" SET "holder" = 'another'"#;
    office.store().execute(taken).await;
    office.message("first", "news", office.now()).await;
    assert_eq!(office.step(&mut forwarder, 1).await, []);
    assert!(!forwarder.leads());
    assert_eq!(forwarder.looked(), Duration::ZERO, "nothing was read");
    let given_back = r#"DELETE FROM "dingtalk_leases""#;
    office.store().execute(given_back).await;
    assert_eq!(office.step(&mut forwarder, 5 * SECOND).await, ONE);
}

#[tokio::test]
async fn a_step_reads_the_inbox_and_the_rest_only_when_it_is_time() {
    let office = Office::with_news().await;
    let mut forwarder = Forwarder::default();
    office.step(&mut forwarder, 0).await;
    let heard = office.store().heard();
    office.step(&mut forwarder, SECOND).await;
    let asked = heard.take();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("notificationInAppMessages"), "{asked:?}");

    // Channels are read every ten seconds, and old claims are forgotten every forty-five.
    for (passes, reads_channels, forgets_claims) in [
        (9 * SECOND - 1, false, false),
        (1, true, false),
        (35 * SECOND - 1, true, false),
        (1, true, true),
        (1, false, false),
    ] {
        office.step(&mut forwarder, passes).await;
        let asked = heard.take().join("\n");
        let has = |table: &str| asked.contains(table);
        assert_eq!(has("notificationChannels"), reads_channels, "{asked}");
        assert_eq!(has("dingtalk_message_claims"), forgets_claims, "{asked}");
    }
}

#[tokio::test]
async fn the_place_where_the_next_process_begins_is_kept_with_what_was_sent_and_with_time() {
    let office = Office::with_news().await;
    let chosen = office.now();
    let mut forwarder = Forwarder::default();
    let mark = async || office.store().channels_mark().await.unwrap();
    office.step(&mut forwarder, 0).await;
    assert_eq!(mark().await, Some(chosen));
    office.message("first", "news", chosen + SECOND).await;
    assert_eq!(office.step(&mut forwarder, SECOND).await, ONE);
    assert_eq!(mark().await, Some(chosen + SECOND));
    // Rows that NocoBase writes five minutes late are still read.
    assert_eq!(office.step(&mut forwarder, 600 * SECOND).await, []);
    assert_eq!(mark().await, Some(office.now() - 300 * SECOND));
}

#[tokio::test]
async fn a_message_that_waits_is_sent_however_many_came_after_it() {
    let office = Office::open().await;
    office.forward("news").await;
    office.message("waits", "news", office.now()).await;
    office.crowd().await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 0).await, []);
    office.enable_authenticator().await;
    assert_eq!(office.step(&mut forwarder, SECOND).await, ONE);
}

#[tokio::test]
async fn a_channel_that_is_chosen_later_is_read_however_many_messages_came_before() {
    let office = Office::with_news().await;
    // NocoBase's clock is ahead.
    let at = office.now() + 30 * SECOND;
    office.message("ahead", "more", at).await;
    office.crowd().await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 0).await, []);
    office.forward("more").await;
    assert_eq!(office.step(&mut forwarder, 10 * SECOND).await, ONE);
}

#[tokio::test]
async fn what_came_while_nobody_forwarded_is_sent() {
    let office = Office::with_news().await;
    let hour = 60 * 60 * SECOND;
    office.message("first", "news", office.now() + hour).await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 5 * hour).await, ONE);
}

#[tokio::test]
async fn of_months_in_which_nobody_forwarded_only_the_last_days_are_sent() {
    let office = Office::with_news().await;
    let begin = office.now();
    office.message("too-old", "news", begin + SECOND).await;
    office.message("first", "news", begin + 90 * DAY).await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 92 * DAY).await, ONE);
    assert!(!office.is_claimed("too-old").await);
}

#[tokio::test]
async fn what_was_written_while_the_clock_was_ahead_stops_nothing() {
    let office = Office::open().await;
    office.enable_authenticator().await;
    office.pass(DAY);
    office.forward("news").await;
    let mut before = Forwarder::default();
    office.step(&mut before, 0).await;
    before.give_up(office.store()).await.unwrap();
    office.pass(-DAY);
    office.message("first", "news", office.now()).await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 0).await, ONE);
}

#[tokio::test]
async fn it_is_known_for_a_day_which_messages_were_sent() {
    let office = Office::with_news().await;
    office.message("first", "news", office.now()).await;
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 0).await, ONE);
    let minute = 60 * SECOND;
    for (passes, is_known) in [(DAY - minute, true), (minute, true), (minute, false)] {
        office.step(&mut forwarder, passes).await;
        assert_eq!(office.is_claimed("first").await, is_known, "{passes}");
    }
}

#[tokio::test]
async fn nothing_is_sent_again_after_a_long_time_in_which_nobody_forwarded() {
    let office = Office::with_news().await;
    // NocoBase's clock is five minutes ahead.
    let ahead = 300 * SECOND;
    office.message("first", "news", office.now() + ahead).await;
    let mut before = Forwarder::default();
    assert_eq!(office.step(&mut before, 0).await, ONE);
    assert_eq!(office.step(&mut before, ahead).await, []);
    before.give_up(office.store()).await.unwrap();
    let mut forwarder = Forwarder::default();
    assert_eq!(office.step(&mut forwarder, 3 * DAY).await, []);
}
