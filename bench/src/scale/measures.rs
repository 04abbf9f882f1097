//! The requests that are measured at each size.

use serde_json::json;

use super::fill::AUTHENTICATORS;
use super::people::{LINKED, People, STRANGERS, SUBJECT};
use crate::Failure;
use crate::process::Process;

/// The password of an account that signs in with its e-mail address.
const PASSWORD: &str = "a long enough password";
/// That address as it is stored, and as somebody types it.
const EMAIL: [&str; 2] = ["Ada.Lovelace@corp.example", "ada.lovelace@corp.example"];

/// A request to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Check,
    FirstCheck,
    Bound,
    Linked,
    SignedUp,
    Refused,
    Password,
    CreateUser,
    Users,
    LastUsers,
    BoundUsers,
    LastBoundUsers,
    Audit,
}

use Measure as M;

/// The requests to a standalone server.
pub const STANDALONE: [Measure; 13] = [
    M::Check,
    M::Bound,
    M::Linked,
    M::SignedUp,
    M::FirstCheck,
    M::Refused,
    M::Password,
    M::CreateUser,
    M::Users,
    M::LastUsers,
    M::BoundUsers,
    M::LastBoundUsers,
    M::Audit,
];
/// The requests that the gateway answers by itself.
pub const GATEWAY: [Measure; 5] = [M::Bound, M::Linked, M::SignedUp, M::Refused, M::Audit];

impl Measure {
    /// The name that is printed.
    pub fn name(self) -> &'static str {
        match self {
            M::Check => "auth:check",
            M::FirstCheck => "auth:check, the first of a session",
            M::Bound => "bound sign-in",
            M::Linked => "first sign-in, linked by phone",
            M::SignedUp => "first sign-in, signed up",
            M::Refused => "refused sign-in",
            M::Password => "password sign-in",
            M::CreateUser => "users:create",
            M::Users => "users:list, first page",
            M::LastUsers => "users:list, last page",
            M::BoundUsers => "authenticators/…/users:list, first page",
            M::LastBoundUsers => "authenticators/…/users:list, last page",
            M::Audit => "dingtalkAudit:list, first page",
        }
    }

    /// The bar, as a multiple of the time with the smallest database; none if the time is only printed.
    pub fn bar(self) -> Option<f64> {
        match self {
            M::Users | M::BoundUsers | M::Audit => Some(3.0),
            M::LastUsers | M::LastBoundUsers => None,
            _ => Some(2.0),
        }
    }
}

/// A server with this number of accounts, and its clients.
pub struct Subject<'a> {
    people: &'a People,
    server: &'a Process,
    gateway: bool,
    root: String,
    asked: usize,
    first_check: Option<f64>,
    last_page: [u64; 2],
}

impl<'a> Subject<'a> {
    /// A server that is ready to be measured.
    pub async fn at(
        people: &'a People,
        server: &'a Process,
        gateway: bool,
    ) -> Result<Self, Failure> {
        let visitor = people.visitor(&server.url, 0);
        let root = visitor.sign_in(AUTHENTICATORS[0].0, SUBJECT).await?.token;
        if !gateway {
            let body = json!({"username": "ada", "email": EMAIL[0], "password": PASSWORD});
            visitor.create(&root, "users:create", &body).await?;
        }
        Ok(Self {
            people,
            server,
            gateway,
            root,
            asked: 0,
            first_check: None,
            last_page: [1; 2],
        })
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> Result<u64, Failure> {
        self.server.resident()
    }

    /// Measures a request for the `round`th time. Returns the time in milliseconds.
    pub async fn measure(&mut self, what: Measure, round: u64) -> Result<f64, Failure> {
        self.asked += 1;
        let visitor = self.people.visitor(&self.server.url, self.asked);
        let [(open, _), (strict, _)] = AUTHENTICATORS;
        let bound = format!("authenticators/{open}/users:list?pageSize=20");
        let list = async |path: String| visitor.ask(&self.root, &path).await;
        let took = match what {
            M::Check => visitor.ask(&self.root, "auth:check").await?.0,
            M::FirstCheck => self.first_check.take().ok_or("nobody signed in")?,
            M::Bound => visitor.sign_in(open, SUBJECT).await?.took,
            M::Linked | M::SignedUp => {
                let numbers = if what == M::Linked { LINKED } else { STRANGERS };
                let person = format!("employee{}", numbers.start + round);
                let arrival = visitor.sign_in(open, &person).await?;
                if what == M::SignedUp && !self.gateway {
                    self.first_check = Some(visitor.ask(&arrival.token, "auth:check").await?.0);
                }
                arrival.took
            }
            M::Refused => visitor.is_refused(strict, "lina").await?,
            M::Password => visitor.sign_in_with_password(EMAIL[1], PASSWORD).await?,
            M::CreateUser => {
                let body = json!({"username": format!("new{round}"), "email": format!("new{round}@corp.example")});
                visitor.create(&self.root, "users:create", &body).await?
            }
            M::Users => {
                let (took, answer) = list("users:list?pageSize=20".to_owned()).await?;
                self.last_page[0] = pages(&answer)?;
                took
            }
            M::LastUsers => {
                list(format!("users:list?pageSize=20&page={}", self.last_page[0]))
                    .await?
                    .0
            }
            M::BoundUsers => {
                let (took, answer) = list(bound).await?;
                self.last_page[1] = pages(&answer)?;
                took
            }
            M::LastBoundUsers => list(format!("{bound}&page={}", self.last_page[1])).await?.0,
            M::Audit => {
                list("dingtalkAudit:list?pageSize=20&sort=-id".to_owned())
                    .await?
                    .0
            }
        };
        Ok(took)
    }
}

fn pages(answer: &serde_json::Value) -> Result<u64, Failure> {
    let pages = answer.pointer("/meta/totalPage");
    Ok(pages
        .and_then(serde_json::Value::as_u64)
        .ok_or("no totalPage")?)
}
