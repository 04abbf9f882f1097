//! Sign-in with user name and password, in NocoBase's format.
//!
//! NocoBase 2.2.15 stores 16 hexadecimal characters of salt and 48 of key, where the key is scrypt
//! (N = 2^14, r = 8, p = 1, 24 bytes) of the password with the salt **as text**.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use scrypt::Params;
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The authenticator type that NocoBase gives it.
pub const AUTH_TYPE: &str = "Email/Password";

const SALT_CHARS: usize = 16;
const KEY_BYTES: usize = 24;

/// Each hash takes 16 MB and all of a core for some 50 ms: no more at a time than half of the cores,
/// so that a crowd that signs in leaves cores and memory to everybody else.
static AT_ONCE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(limit())));

/// Hashes since the start.
static HASHES: AtomicU64 = AtomicU64::new(0);

/// Hashes that are being computed, and how many there were at one time since the start.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST_RUNNING: AtomicUsize = AtomicUsize::new(0);

/// How many hashes this process has computed: what signing in costs, and so what a test can hold
/// it to without a clock.
pub fn hashes() -> u64 {
    HASHES.load(Ordering::Relaxed)
}

/// How many hashes are computed at one time at most.
pub fn limit() -> usize {
    let cores = available_parallelism().map_or(1, NonZero::get);
    (cores / 2).max(1)
}

/// How many hashes are being computed, whether or not somebody still waits for them.
pub fn running() -> usize {
    RUNNING.load(Ordering::SeqCst)
}

/// How many hashes were computed at one time at most since the start.
pub fn most_running() -> usize {
    MOST_RUNNING.load(Ordering::SeqCst)
}

/// A hash that is being computed, on a thread that nothing stops.
struct Running {
    /// Given back when the thread is done: whoever waited for the hash may be gone long before.
    _permit: OwnedSemaphorePermit,
}

impl Running {
    fn with(permit: OwnedSemaphorePermit) -> Self {
        let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
        MOST_RUNNING.fetch_max(running, Ordering::SeqCst);
        Self { _permit: permit }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Before the permit is: the next one is never counted beside this one.
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A password could not be hashed: the machine lacks memory, or the server is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// The stored form of a new password.
pub async fn hash(password: &str) -> Result<String, HashError> {
    let salt = hex::encode(rand::random::<[u8; SALT_CHARS / 2]>());
    let key = derive(password.to_owned(), salt.clone()).await?;
    Ok(format!("{salt}{}", hex::encode(key)))
}

/// Whether a password is the stored one. Takes the same time when there is none, so that nobody
/// learns by the clock which accounts exist.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool, HashError> {
    let stored = stored.filter(|stored| stored.len() == SALT_CHARS + 2 * KEY_BYTES);
    let (salt, key) = stored
        .and_then(|stored| stored.split_at_checked(SALT_CHARS))
        .unwrap_or(NOBODY);
    let derived = hex::encode(derive(password.to_owned(), salt.to_owned()).await?);
    let equal: bool = derived.as_bytes().ct_eq(key.as_bytes()).into();
    Ok(equal && stored.is_some() && !password.is_empty())
}

/// Salt and key that no password has.
const NOBODY: (&str, &str) = ("0000000000000000", "");

async fn derive(password: String, salt: String) -> Result<[u8; KEY_BYTES], HashError> {
    HASHES.fetch_add(1, Ordering::Relaxed);
    let permit = AT_ONCE.clone().acquire_owned().await;
    let permit = permit.map_err(|_| HashError)?;
    tokio::task::spawn_blocking(move || {
        let _running = Running::with(permit);
        let parameters = Params::new(14, 8, 1).map_err(|_| HashError)?;
        let mut key = [0; KEY_BYTES];
        scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &parameters, &mut key)
            .map_err(|_| HashError)?;
        Ok(key)
    })
    .await
    .map_err(|_| HashError)?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with another implementation (Node's scryptSync) for the password `admin123`.
    const STORED: &str = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae";

    #[tokio::test]
    async fn a_hash_of_nocobase_is_accepted() {
        assert!(verify("admin123", Some(STORED)).await.unwrap());
        assert!(!verify("admin124", Some(STORED)).await.unwrap());
    }

    #[tokio::test]
    async fn nothing_matches_no_password() {
        for stored in [None, Some(""), Some("0000000000000000"), Some("ü")] {
            assert!(!verify("", stored).await.unwrap());
            assert!(!verify("admin123", stored).await.unwrap());
        }
        let empty = hash("").await.unwrap();
        assert!(!verify("", Some(&empty)).await.unwrap());
    }

    #[tokio::test]
    async fn a_new_hash_has_its_own_salt() {
        let (one, two) = (hash("secret").await.unwrap(), hash("secret").await.unwrap());
        assert_ne!(one, two);
        assert!(verify("secret", Some(&one)).await.unwrap());
    }
}
