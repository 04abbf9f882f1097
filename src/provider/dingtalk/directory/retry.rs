//! Repetition of calls in the background, where nobody waits for the answer.

use std::time::Duration;

use crate::chain::Chain;
use crate::provider::dingtalk::error::DingTalkError;

/// The pauses before each repetition. Most of DingTalk's limits last a second, and some a few
/// minutes.
const PAUSES: [Duration; 8] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(30),
];

/// Repeats a call that only reads while DingTalk is busy, away or throttling. The pauses grow, vary
/// at random, and add up to about a minute.
pub async fn with_retries<T, F>(call: impl Fn() -> F) -> Result<T, DingTalkError>
where
    F: Future<Output = Result<T, DingTalkError>>,
{
    for pause in PAUSES {
        match call().await {
            Err(error) if may_pass(&error) => {
                log::info!("asking DingTalk again: {}", Chain(&error));
            }
            answer => return answer,
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
    }
    call().await
}

fn may_pass(error: &DingTalkError) -> bool {
    use DingTalkError as E;
    matches!(
        error,
        E::Throttled(_) | E::Busy(_) | E::Banned(_) | E::Unreachable(_) | E::NoAnswer(_)
    )
}
