//! Messages whose cipher texts are known: two that other programs made and read, and four of DingTalk's pages and
//! libraries.

use super::*;

/// A message with everything that is known of it.
struct Vector {
    token: &'static str,
    key: &'static str,
    owner: &'static str,
    signature: &'static str,
    timestamp: &'static str,
    nonce: &'static str,
    message: &'static str,
    encrypted: &'static str,
}

const VECTORS: [Vector; 6] = [
    Vector {
        token: "sandboxToken01",
        key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        owner: "dingsandboxappkey0001",
        signature: "d1c56256f77159d0541f9da1b41112bdee29acea",
        timestamp: "1700000000123",
        nonce: "Nonce8Aa",
        message: r#"{"EventType":"user_add_org","EventTime":1700000000000,"CorpId":"dingsandboxcorp0001","BizId":"1700000000000","eventId":"0f3c7f0e5b0d4c2f9a1b2c3d4e5f6071","timeStamp":"1700000000000","userId":["user0001","用户0002"]}"#,
        encrypted: "Q3stYC6hdFzMh9T8HCvyDJy0eSpTVIcVEbMbMZL8E+3+xWW0/wWmdanTscJSwvb0z/4wCj94TsbU5DLhhOxm/iS5ZU5WNZnrNo2ffUp60lsefQZ9EsJE6ujbaqesaQeb0uOAjblTpGVd5kR+Bg5JEBYwYW2EbEUNXSJudFv/POTmASR9f+66NgTHRJ5bwM5rHJNYF9mBjHt8rDcm7sEQbRh65RBJPP/k/Fv753Wew2wGFjSTHp3bzuJp6PXE6sBKr2gQTHeB7sCDGKfv1LSpVVF7Uatuxab2V38uS6uny8VTyVo6rJHYPl8Ahfl7JbIm99WgyUXihCLewTDFMXOoRSaMhcUSH1UelpR9d+QqHLcXjBKTejskPvwreBhSIiu6",
    },
    Vector {
        token: "T0kenForReply",
        key: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE",
        owner: "dingsandboxcorp0001",
        signature: "c01b62db96c77bb4d8e909fe972df669439b5dc8",
        timestamp: "1700000001456",
        nonce: "replyNonce16char",
        message: "success",
        encrypted: "viJJ6M763/3e8ZI+qvWV5JVlwOEKeE6NVBLujMr73gC+PnXyiyCxlH8ROohoIl/vRaV3fg3KR1PI+o3tadOMqw==",
    },
    Vector {
        token: "123456",
        key: "1234567890123456789012345678901234567890123",
        owner: "dingsnotzck6pm5veliw",
        signature: "9a95a004dd16f5c307e849b994173f76aa26e5eb",
        timestamp: "1614767836",
        nonce: "A7Co0cJLMzIDtMMI",
        message: "success",
        encrypted: "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
    },
    Vector {
        token: "mryue",
        key: "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
        owner: "ding6ccabc44d2c8d38b",
        signature: "03044561471240d4a14bb09372dfcfd4fd0e40cb",
        timestamp: "1608001896814",
        nonce: "WL4PK6yA",
        message: r#"{"EventType":"check_url"}"#,
        encrypted: "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
    },
    Vector {
        token: "123456",
        key: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
        owner: "suite4xxxxxxxxxxxxxxx",
        signature: "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        timestamp: "1445827045067",
        nonce: "nEXhMP4r",
        message: r#"{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}"#,
        encrypted: "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
    },
    Vector {
        token: "tokenxxxx",
        key: "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus",
        owner: "dingxxxxxx",
        signature: "f36f4ba5337d426c7d4bca0dbcb06b3ddc1388fc",
        timestamp: "1605695694141",
        nonce: "WelUQl6bCqcBa2fM",
        message: "success",
        encrypted: "X1VSe9cTJUMZu60d3kyLYTrBq5578ZRJtteU94wG0Q4Uk6E/wQYeJRIC0/UFW5Wkya1Ihz9oXAdLlyC9TRaqsQ==",
    },
];

fn keys(token: &str, key: &str) -> CallbackKeys {
    CallbackKeys::new(CallbackSecrets { token, key }).unwrap()
}

#[test]
fn known_messages_are_signed_and_read() {
    for known in VECTORS {
        let keys = keys(known.token, known.key);
        let (timestamp, nonce, encrypted) = (known.timestamp, known.nonce, known.encrypted);
        assert_eq!(keys.sign(timestamp, nonce, encrypted), known.signature);
        assert!(keys.is_signed(known.signature, timestamp, nonce, encrypted));
        let read = keys.decrypt(encrypted).unwrap();
        assert_eq!(read, (known.message.to_owned(), known.owner.to_owned()));
    }
}

#[test]
fn known_messages_are_written_byte_by_byte() {
    let random = [*b"0123456789abcdef", *b"fedcba9876543210"];
    for (known, random) in VECTORS.iter().zip(random) {
        let keys = keys(known.token, known.key);
        let written = keys.encrypt(known.message, known.owner, random);
        assert_eq!(written, known.encrypted);
    }
}

#[test]
fn a_part_that_is_another_has_another_signature() {
    let known = &VECTORS[0];
    let keys = keys(known.token, known.key);
    let signed = |signature: &str, timestamp: &str, nonce: &str, encrypted: &str| {
        keys.is_signed(signature, timestamp, nonce, encrypted)
    };
    let (s, t, n, e) = (
        known.signature,
        known.timestamp,
        known.nonce,
        known.encrypted,
    );
    assert!(signed(s, t, n, e));
    assert!(!signed(s, "1700000000124", n, e));
    assert!(!signed(s, t, "Nonce8Ab", e));
    assert!(!signed(s, t, n, VECTORS[1].encrypted));
    assert!(!signed(s.strip_suffix('a').unwrap(), t, n, e));
    assert!(!signed("", t, n, e));
}

#[test]
fn what_is_cut_off_or_changed_is_not_read() {
    let known = &VECTORS[0];
    let keys = keys(known.token, known.key);
    let bytes = BASE64.decode(known.encrypted).unwrap();
    for length in 0..bytes.len() {
        let cut = BASE64.encode(&bytes[..length]);
        // Where a block ends, the last byte may happen to be one of padding; the owner is another then.
        if let Ok((_, owner)) = keys.decrypt(&cut) {
            assert_ne!(owner, known.owner);
        }
    }
    let mut changed = bytes.clone();
    let last = changed.last_mut().unwrap();
    *last ^= 1;
    assert!(keys.decrypt(&BASE64.encode(changed)).is_err());
    for text in ["", "=", "no Base64!", "AAAA"] {
        assert_eq!(keys.decrypt(text), Err(CallbackRefusal::Unreadable));
    }
    let broken_into_lines = known.encrypted.replace('a', "a\n");
    assert_ne!(broken_into_lines, known.encrypted);
    assert_eq!(keys.decrypt(&broken_into_lines).unwrap().0, known.message);
}

#[test]
fn every_length_of_padding_is_read() {
    let known = &VECTORS[1];
    let keys = keys(known.token, known.key);
    for length in 0..70 {
        let message = "x".repeat(length);
        let written = keys.encrypt(&message, "owner", [7; RANDOM]);
        assert_eq!(keys.decrypt(&written).unwrap(), (message, "owner".into()));
    }
}

#[test]
fn tokens_and_keys_that_dingtalk_makes_none_of_are_refused() {
    let good = VECTORS[0].key;
    let new = |token, key| CallbackKeys::new(CallbackSecrets { token, key });
    assert!(new("abc", good).is_some());
    for (token, key) in [
        ("", good),
        ("ab", good),
        ("a b", good),
        ("abc", ""),
        ("abc", good.strip_prefix('a').unwrap()),
        ("abc", "bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG+"),
    ] {
        assert!(new(token, key).is_none(), "{token} {key}");
    }
}
