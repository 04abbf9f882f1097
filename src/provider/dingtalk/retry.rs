//! Patience with a busy DingTalk.

use std::time::Duration;

use super::error::DingTalkError;

/// Tries of a call that reads, when DingTalk is busy.
const TRIES: u32 = 3;
/// Pause before the second try; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Repeats a call that only reads while DingTalk is busy, with growing, uneven pauses.
pub async fn retrying<T, F>(call: impl Fn() -> F) -> Result<T, DingTalkError>
where
    F: Future<Output = Result<T, DingTalkError>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match call().await {
            Err(error) if error.is_passing() => log::info!("asking DingTalk again: {error}"),
            answer => return answer,
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
        pause *= 2;
    }
    call().await
}
