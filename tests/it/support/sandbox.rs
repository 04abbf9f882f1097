//! The sandbox, and the switches of its control API.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use dingtalk_sandbox::{Sandbox, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// A running sandbox.
pub struct TestSandbox {
    pub address: SocketAddr,
    http: reqwest::Client,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl TestSandbox {
    /// Starts a sandbox on any free port.
    pub fn start() -> Self {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts another one instead of one that was stopped. It knows nothing of what the other one did.
    pub fn start_again(&mut self) {
        *self = Self::start_on(self.address);
    }

    fn start_on(listen: SocketAddr) -> Self {
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let settings = Settings {
                    listen,
                    ..Settings::default()
                };
                let sandbox = Sandbox::bind(settings).expect("the sandbox starts");
                send.send((sandbox.address(), sandbox.handle())).unwrap();
                sandbox.run().await.expect("the sandbox serves");
            });
        });
        let (address, handle) = receive.recv().expect("the sandbox starts");
        // A connection from the pool may be closed just when it is used again.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0);
        let http = http.build().unwrap();
        Self {
            address,
            http,
            handle,
            thread: Some(thread),
        }
    }

    pub fn url(&self) -> Url {
        format!("http://{}", self.address).parse().unwrap()
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("http://{}/_sandbox/{path}", self.address);
        let response = self
            .http
            .request(method, url)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Signs in at the login page, and returns the address to which the browser is sent.
    pub async fn choose(&self, authorization_url: &str, person: &str) -> String {
        self.return_with(authorization_url, json!({"person": person}))
            .await
    }

    /// Like [`TestSandbox::choose`], with further parameters for the return.
    pub async fn return_with(&self, authorization_url: &str, mut wishes: Value) -> String {
        wishes["authorizationUrl"] = json!(authorization_url);
        let answer = self.control(Method::POST, "sign-in", wishes).await;
        answer["location"].as_str().unwrap().to_owned()
    }

    /// A code of the login page, without opening it.
    pub async fn code(&self, person: &str, kind: &str) -> String {
        let answer = self
            .control(
                Method::POST,
                "codes",
                json!({"person": person, "kind": kind}),
            )
            .await;
        answer["code"].as_str().unwrap().to_owned()
    }

    /// A code that a page of this app got inside DingTalk.
    pub async fn in_app_code(&self, person: &str, client_id: &str) -> String {
        let body = json!({"person": person, "kind": "jsapi", "clientId": client_id});
        let answer = self.control(Method::POST, "codes", body).await;
        answer["code"].as_str().unwrap().to_owned()
    }

    /// Makes the next calls of an endpoint fail; all of them if `times` is null.
    pub async fn fault(&self, endpoint: &str, fault: &str, times: Value, delay_ms: u64) {
        let body =
            json!({"endpoint": endpoint, "fault": fault, "times": times, "delayMs": delay_ms});
        self.control(Method::POST, "faults", body).await;
    }

    /// Makes the next call of an endpoint fail as described.
    pub async fn next_fault(&self, fault: Value) {
        self.control(Method::POST, "faults", fault).await;
    }

    /// From now on each call fails with this probability, in a way that depends on the seed.
    pub async fn bad_day(&self, probability: f64, seed: u64) {
        let body = json!({"probability": probability, "seed": seed});
        self.control(Method::PUT, "faults", body).await;
    }

    /// Adds the employees `employee1` to `employee{count}`.
    pub async fn hire(&self, count: usize) {
        self.control(Method::POST, "people", json!({"count": count}))
            .await;
    }

    /// Somebody leaves the organization.
    pub async fn dismiss(&self, id: &str) {
        self.control(Method::POST, &format!("people/{id}/dismiss"), json!({}))
            .await;
    }

    /// Somebody comes back, with another userid.
    pub async fn rehire(&self, id: &str) {
        self.control(Method::POST, &format!("people/{id}/rehire"), json!({}))
            .await;
    }

    /// There is another department.
    pub async fn add_department(&self, department: Value) {
        self.control(Method::POST, "departments", department).await;
    }

    /// A generated company takes the place of all people and departments.
    pub async fn generate(&self, company: Value) {
        self.control(Method::PUT, "company", company).await;
    }

    /// A department gets another name or place.
    pub async fn change_department(&self, id: i64, change: Value) {
        let path = format!("departments/{id}");
        self.control(Method::PATCH, &path, change).await;
    }

    /// An empty department is removed.
    pub async fn remove_department(&self, id: i64) {
        let path = format!("departments/{id}");
        self.control(Method::DELETE, &path, json!({})).await;
    }

    /// The sandbox ids of the people in a department.
    pub async fn people_of(&self, department: i64) -> Vec<String> {
        let people = self.control(Method::GET, "people", json!({})).await;
        let people = people.as_array().unwrap().iter();
        let is_there = |person: &&Value| {
            let mut departments = person["departments"].as_array().unwrap().iter();
            departments.any(|one| one["id"] == department)
        };
        let people = people.filter(is_there);
        people
            .map(|person| person["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Somebody with an `id`, and whatever differs from an ordinary employee.
    pub async fn hire_person(&self, person: Value) {
        self.control(Method::POST, "people", person).await;
    }

    /// Sets how the application is told of events.
    pub async fn subscribe(&self, push: Value) {
        let path = format!("apps/{}/subscription", dingtalk_sandbox::seed::CLIENT_ID);
        self.control(Method::PUT, &path, json!({"push": push}))
            .await;
    }

    /// Has the sandbox send each callback once, and list what is not answered.
    pub async fn give_up_at_once(&self) {
        self.control(Method::PUT, "events", json!({"retriesMs": []}))
            .await;
    }

    /// Sets how events are sent; what is left out is as at the start.
    pub async fn send_events(&self, how: Value) {
        self.control(Method::PUT, "events", how).await;
    }

    /// The open connections of the Stream.
    pub async fn streams(&self) -> Vec<Value> {
        let rows = self.control(Method::GET, "stream", json!({})).await;
        rows.as_array().unwrap().clone()
    }

    /// Ends all connections of the Stream: `disconnect` says so before, `abrupt` does not.
    pub async fn close_streams(&self, how: &str) {
        self.control(Method::POST, "stream/close", json!({"how": how}))
            .await;
    }

    /// Tells an event of choice.
    pub async fn tell(&self, event_type: &str, data: Value) {
        let body = json!({"eventType": event_type, "data": data});
        self.control(Method::POST, "events", body).await;
    }

    /// Each event that was told, and what became of it.
    pub async fn events(&self) -> Vec<Value> {
        let rows = self.control(Method::GET, "events", json!({})).await;
        rows.as_array().unwrap().clone()
    }

    pub async fn clear_faults(&self) {
        self.control(Method::DELETE, "faults", json!({})).await;
    }

    /// Ends the sandbox before the test does.
    pub async fn stop(&self) {
        // The sandbox reports that it has stopped before its worker closes the connections, and
        // would still answer over an open one. So this waits until one is closed.
        let mut kept = TcpStream::connect(self.address).await.unwrap();
        let request = b"GET /_sandbox/requests HTTP/1.1\r\nhost: sandbox\r\n\r\n";
        kept.write_all(request).await.unwrap();
        let mut answer = [0; 12];
        kept.read_exact(&mut answer).await.unwrap();
        self.handle.stop(false).await;
        // An error is an end, too.
        let _ = kept.read_to_end(&mut Vec::new()).await;
    }

    pub async fn advance_seconds(&self, seconds: i64) {
        self.control(Method::POST, "clock", json!({"advanceSeconds": seconds}))
            .await;
    }

    pub async fn revoke_tokens(&self) {
        self.control(Method::POST, "tokens/revoke", json!({})).await;
    }

    pub async fn change_person(&self, id: &str, patch: Value) {
        self.control(Method::PATCH, &format!("people/{id}"), patch)
            .await;
    }

    /// The most receivers of one application in a minute.
    pub async fn limit_receivers(&self, per_minute: u32) {
        let limits = json!({"perMinute": per_minute});
        self.control(Method::PUT, "messages", limits).await;
    }

    pub async fn change_app(&self, change: Value) {
        let path = format!("apps/{}", dingtalk_sandbox::seed::CLIENT_ID);
        self.control(Method::PUT, &path, change).await;
    }

    /// How often an endpoint was called.
    pub async fn calls(&self, path: &str) -> u64 {
        let rows = self.control(Method::GET, "requests", json!({})).await;
        let rows = rows
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["path"] == path);
        rows.map(|row| row["count"].as_u64().unwrap()).sum()
    }
}

impl Drop for TestSandbox {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
