//! Repeating a transaction that overlapped with another one.

use std::future::Future;

/// How often a transaction is tried when others are in the way.
const ATTEMPTS: usize = 3;

/// Repeats an attempt that failed because another transaction did something at the same time. On a
/// database on which transactions overlap, that one may have bound the same person or account; the
/// next attempt sees what it did.
pub(super) async fn repeated<T, E, Fut>(
    attempt: impl Fn() -> Fut,
    is_overlap: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if is_overlap(&error) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}
