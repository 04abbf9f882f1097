//! Tests of what a browser keeps of the sign-ins that it has begun.

use serde_json::json;
use uuid::Uuid;

use super::*;

#[test]
fn a_browser_keeps_the_newest_few() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let mut pending = PendingSignIns::default();
    let states: Vec<_> = (0..9)
        .map(|_| pending.begin("corp", "/admin", now))
        .collect();
    assert_eq!(pending.0.len(), AT_ONCE);
    assert!(pending.find(&states[3]).is_none());
    assert!(
        states[4..]
            .iter()
            .all(|state| pending.find(state).is_some())
    );
    pending.begin("corp", "/admin", now + TimeDelta::minutes(LIFETIME_MINUTES));
    assert_eq!(pending.0.len(), 1, "expired ones go first");
}

#[test]
fn long_targets_leave_room_for_fewer() {
    let now = DateTime::UNIX_EPOCH;
    let mut pending = PendingSignIns::default();
    for _ in 0..3 {
        pending.begin("corp", &"/a".repeat(500), now);
    }
    assert_eq!(pending.0.len(), 1);
    pending.begin("corp", "/admin", now);
    assert_eq!(pending.0.len(), 2);
}

#[test]
fn states_are_long_and_never_the_same() {
    let mut pending = PendingSignIns::default();
    let now = DateTime::UNIX_EPOCH;
    let (one, two) = (pending.begin("a", "/", now), pending.begin("a", "/", now));
    assert_ne!(one, two);
    assert_eq!(
        BASE64_URL_SAFE_NO_PAD.decode(one).unwrap().len(),
        STATE_BYTES
    );
}

#[test]
fn what_just_fits_is_kept_and_the_mark_of_a_session_takes_room_too() {
    let now = DateTime::UNIX_EPOCH;
    let session: SessionMark =
        serde_json::from_value(json!({"user_id": 1, "jti": Uuid::nil()})).unwrap();
    let mut pending = PendingSignIns::default();
    // 4 bytes of the name, 396 of the target and 100 of the mark.
    let target = format!("/{}", "a".repeat(395));
    for _ in 0..4 {
        pending.begin_binding("corp", &target, session.clone(), now);
    }
    assert_eq!(pending.0.len(), 3);
}

#[test]
fn of_a_long_target_the_page_is_remembered_when_it_is_short() {
    let remembered = |target: &str| {
        let mut pending = PendingSignIns::default();
        pending.begin("corp", target, DateTime::UNIX_EPOCH);
        let mut used = pending.0.remove(0);
        used.use_up();
        assert!(used.used);
        used.target
    };
    let query = |bytes: usize| format!("/admin?{}", "x".repeat(bytes - 7));
    assert_eq!(remembered(&query(256)), query(256));
    assert_eq!(remembered(&query(257)), "/admin");
    let page = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
    assert_eq!(remembered(&format!("{}?x=1", page(256))), page(256));
    assert_eq!(remembered(&format!("{}?x=1", page(257))), "");
}

#[test]
fn each_sign_in_has_a_name_that_does_not_reveal_its_state() {
    let now = DateTime::UNIX_EPOCH;
    let mut pending = PendingSignIns::default();
    let state = pending.begin("corp", "/admin", now);
    pending.begin("corp", "/admin", now);
    let names: Vec<_> = pending.iter().map(PendingSignIn::name).collect();
    assert_ne!(names[0], names[1]);
    assert_eq!(names[0].len(), 16);
    assert!(!state.contains(&names[0]));
}
