//! Whether NocoBase may change accounts or bindings when it gets a request.

use actix_web::HttpRequest;
use actix_web::http::Method;

/// Words in the addresses of actions that do: `users`, `usersAuthenticators`,
/// `authenticators/…/users`, `userData`, `auth:signUp`. Signing in changes no account.
const NAMES: [&str; 2] = ["user", "signUp"];

/// Whether a request may change accounts or bindings. The answer is only a guess: changes that it
/// misses are found by the next reconciliation, which runs by itself.
pub fn may_happen_by(request: &HttpRequest) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS];
    let path = request.path();
    !reads.contains(request.method()) && NAMES.iter().any(|name| path.contains(name))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn who_reads_changes_nobody_and_who_changes_pages_changes_nobody_either() {
        for (method, path, may) in [
            (Method::POST, "/api/users:update", true),
            (Method::DELETE, "/api/users/1", true),
            (Method::POST, "/api/authenticators/ding/users:add", true),
            (Method::POST, "/api/auth:signUp", true),
            (Method::GET, "/api/users:list", false),
            (Method::HEAD, "/api/users", false),
            (Method::OPTIONS, "/api/users:update", false),
            (Method::POST, "/api/auth:signIn", false),
            (Method::POST, "/api/posts:create", false),
        ] {
            let request = TestRequest::with_uri(path).method(method.clone());
            let found = may_happen_by(&request.to_http_request());
            assert_eq!(found, may, "{method} {path}");
        }
    }
}
