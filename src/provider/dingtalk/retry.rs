//! Repetition of calls while DingTalk is busy.

use std::time::Duration;

use super::error::DingTalkError;
use crate::chain::Chain;

/// How often a call that only reads is tried.
const TRIES: u32 = 3;
/// The pause before the second attempt; it doubles before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Repeats a call that only reads while DingTalk is busy. The pauses grow and vary at random.
pub async fn retrying<T, F>(call: impl Fn() -> F) -> Result<T, DingTalkError>
where
    F: Future<Output = Result<T, DingTalkError>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match call().await {
            Err(error) if error.is_passing() => {
                log::info!("asking DingTalk again: {}", Chain(&error));
            }
            answer => return answer,
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
        pause *= 2;
    }
    call().await
}
