//! What follows from requests that may have changed something in NocoBase.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::{FromRequest, web};
use futures_util::FutureExt;

use super::exchange::{gateway, upstream};
use crate::edge::request_log::RequestLog;
use crate::gateway::answer;

#[actix_web::test]
async fn bindings_are_compared_again_after_a_request_that_may_have_changed_some() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(folder.path()).await;
    for (method, path, expected) in [
        (Method::GET, "/api/users:list", false),
        (Method::POST, "/api/posts:create", false),
        (Method::POST, "/api/users:update", true),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone());
        let (request, mut payload) = request.to_http_parts();
        let payload = web::Payload::from_request(&request, &mut payload).await;
        let (payload, upstream) = (payload.unwrap(), upstream(&gateway));
        let log = RequestLog::now(&request, &gateway.app.config.http);
        let told = Box::pin(answer(gateway.clone(), upstream, request, payload, log)).await;
        assert!(told.status().is_server_error(), "NocoBase is away");
        let asked = gateway.app.store.coverage().asked().now_or_never();
        assert_eq!(asked.is_some(), expected, "{method} {path}");
    }
}
