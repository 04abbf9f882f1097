//! A gateway that was started before NocoBase.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::SecondsFormat;
use entity::system_setting;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::upstream::ScriptedUpstream;
use crate::support::{Place, Process, as_of_nocobase, eventually};

/// When a NocoBase with another database was installed.
const OTHER: &str = "2020-01-01T00:00:00.000Z";

/// A gateway, and a NocoBase that answers its questions when it is told to start.
struct Office {
    gateway: Process,
    nocobase: ScriptedUpstream,
    /// How many questions for the date of installation came since NocoBase has started, plus one; 0 before.
    asked: Arc<AtomicUsize>,
    place: Place,
}

impl Office {
    /// `installed` is what NocoBase says when it is asked for the first time, the second time, and so on. Nothing
    /// stands for the truth, and the last one for all further times.
    async fn open(installed: &'static [Option<&'static str>]) -> Self {
        let place = Place::new();
        place.start().stop();
        let connection = place.database.connect().await;
        as_of_nocobase(&connection).await;
        let row = system_setting::Entity::find().one(&connection).await;
        let truth = row.unwrap().unwrap().created_at;
        let truth = truth.to_rfc3339_opts(SecondsFormat::Millis, true);
        connection.into_inner().close().await.unwrap();
        let dialect = place.database.kind.dialect();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let nocobase = ScriptedUpstream::start(move |mut connection| {
            while let Some(head) = connection.request() {
                let body = match (count.load(Ordering::SeqCst), head.split(' ').nth(1)) {
                    (0, _) => Value::Null,
                    (_, Some("/api/app:getInfo")) => {
                        json!({"data": {"version": "2.2.15", "database": {"dialect": dialect}}})
                    }
                    (_, Some("/api/systemSettings:get")) => {
                        let time = count.fetch_add(1, Ordering::SeqCst).min(installed.len());
                        let said = installed[time - 1].unwrap_or(&truth);
                        json!({"data": {"createdAt": said}})
                    }
                    _ => json!({"errors": [{"message": "no", "code": "NOT_EXIST_USER"}]}),
                };
                let body = body.to_string();
                let (status, length) = (if body == "null" { 503 } else { 200 }, body.len());
                connection.say(format!(
                    "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                ));
            }
        });
        let mut program = place.program(&["serve"]);
        program.env("NOCOBASE_UPSTREAM_URL", nocobase.url());
        Self {
            gateway: place.start_with(program),
            nocobase,
            asked,
            place,
        }
    }

    fn start_nocobase(&self) {
        self.asked.store(1, Ordering::SeqCst);
    }

    /// Whether the check went on to its last question, that of the secret.
    fn is_checked(&self) -> bool {
        let heads = self.nocobase.heads();
        heads.iter().any(|head| head.contains("auth:check"))
    }
}

#[actix_web::test]
async fn a_gateway_ends_when_the_nocobase_that_comes_later_has_another_database() {
    let mut office = Office::open(&[Some(OTHER)]).await;
    assert_eq!(office.gateway.ended_well(), None);
    office.start_nocobase();
    eventually("the gateway ends", async || {
        office.gateway.ended_well().is_some()
    })
    .await;
    assert_eq!(office.gateway.ended_well(), Some(false));
    let log = office.place.log();
    assert!(log.contains("NocoBase uses another database"), "{log}");
}

#[actix_web::test]
async fn a_nocobase_whose_first_answer_came_too_early_is_asked_again() {
    let mut office = Office::open(&[Some(OTHER), None]).await;
    office.start_nocobase();
    eventually("NocoBase is found fit", async || office.is_checked()).await;
    office.gateway.stop();
}
