//! Passwords in NocoBase's format.
//!
//! NocoBase 2.2.15 stores 16 hexadecimal characters of salt and 48 of key. The key is scrypt (N =
//! 2^14, r = 8, p = 1, 24 bytes) of the password with the salt **as text**.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use scrypt::Params;
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// NocoBase's authenticator type for signing in with a password.
pub const AUTH_TYPE: &str = "Email/Password";

const SALT_CHARS: usize = 16;
const KEY_BYTES: usize = 24;

/// The limit of concurrent hashes. Each takes 16 MB and a whole core for some 50 ms, so at most
/// half of the cores compute hashes: when many people sign in, cores and memory must be left for
/// all other requests.
static AT_ONCE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(limit())));

/// The number of hashes since the start.
static HASHES: AtomicU64 = AtomicU64::new(0);

/// The number of hashes that are being computed now, and the largest number since the start.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST_RUNNING: AtomicUsize = AtomicUsize::new(0);

/// How many hashes this process has computed. Tests use it to check the cost of a sign-in without a
/// clock.
pub fn hashes() -> u64 {
    HASHES.load(Ordering::Relaxed)
}

/// How many hashes may be computed at once.
pub fn limit() -> usize {
    let cores = available_parallelism().map_or(1, NonZero::get);
    (cores / 2).max(1)
}

/// How many hashes are being computed now, whether or not somebody still waits for them.
pub fn running() -> usize {
    RUNNING.load(Ordering::SeqCst)
}

/// The largest number of hashes that were computed at once since the start.
pub fn most_running() -> usize {
    MOST_RUNNING.load(Ordering::SeqCst)
}

/// A hash that is being computed, on a thread that cannot be stopped.
struct Running {
    /// The permit is released when the thread is done, since the caller that waited may be gone
    /// long before.
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
        // The counter decreases before the permit is released, so that the next hash is never
        // counted together with this one.
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A password could not be hashed: there is not enough memory, or the server is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Hashes a new password into its stored form.
pub async fn hash(password: &str) -> Result<String, HashError> {
    let salt = hex::encode(rand::random::<[u8; SALT_CHARS / 2]>());
    let key = derive(password.to_owned(), salt.clone()).await?;
    Ok(format!("{salt}{}", hex::encode(key)))
}

/// Whether a password matches the stored one. It takes the same time when none is stored, so that
/// the duration does not reveal which accounts exist.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool, HashError> {
    let stored = stored.filter(|stored| stored.len() == SALT_CHARS + 2 * KEY_BYTES);
    let (salt, key) = stored
        .and_then(|stored| stored.split_at_checked(SALT_CHARS))
        .unwrap_or(NOBODY);
    let derived = hex::encode(derive(password.to_owned(), salt.to_owned()).await?);
    let equal: bool = derived.as_bytes().ct_eq(key.as_bytes()).into();
    Ok(equal && stored.is_some() && !password.is_empty())
}

/// A salt and a key that no password has.
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
    use crate::domain::test_installation::STORED_PASSWORD;

    #[tokio::test]
    async fn a_hash_of_nocobase_is_accepted() {
        let stored = Some(STORED_PASSWORD);
        assert!(verify("admin123", stored).await.unwrap());
        assert!(!verify("admin124", stored).await.unwrap());
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
