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
