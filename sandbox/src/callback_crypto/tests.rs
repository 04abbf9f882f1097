//! Tests with the messages that DingTalk has published and two more. One of these has a key with
//! ignored bits that are set, and a text of multi-byte characters.

use super::{CallbackKeys, CryptoError};

struct Vector {
    token: &'static str,
    aes_key: &'static str,
    owner: &'static str,
    signature: &'static str,
    timestamp: &'static str,
    nonce: &'static str,
    message: &'static str,
    encrypted: &'static str,
}

impl Vector {
    fn keys(&self) -> CallbackKeys {
        CallbackKeys::new(self.token, self.aes_key, self.owner).unwrap()
    }
}

const VECTORS: [Vector; 6] = [
    Vector {
        token: "sandboxToken01",
        aes_key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        owner: "dingsandboxappkey0001",
        signature: "d1c56256f77159d0541f9da1b41112bdee29acea",
        timestamp: "1700000000123",
        nonce: "Nonce8Aa",
        message: r#"{"EventType":"user_add_org","EventTime":1700000000000,"CorpId":"dingsandboxcorp0001","BizId":"1700000000000","eventId":"0f3c7f0e5b0d4c2f9a1b2c3d4e5f6071","timeStamp":"1700000000000","userId":["user0001","用户0002"]}"#,
        encrypted: "Q3stYC6hdFzMh9T8HCvyDJy0eSpTVIcVEbMbMZL8E+3+xWW0/wWmdanTscJSwvb0z/4wCj94TsbU5DLhhOxm/iS5ZU5WNZnrNo2ffUp60lsefQZ9EsJE6ujbaqesaQeb0uOAjblTpGVd5kR+Bg5JEBYwYW2EbEUNXSJudFv/POTmASR9f+66NgTHRJ5bwM5rHJNYF9mBjHt8rDcm7sEQbRh65RBJPP/k/Fv753Wew2wGFjSTHp3bzuJp6PXE6sBKr2gQTHeB7sCDGKfv1LSpVVF7Uatuxab2V38uS6uny8VTyVo6rJHYPl8Ahfl7JbIm99WgyUXihCLewTDFMXOoRSaMhcUSH1UelpR9d+QqHLcXjBKTejskPvwreBhSIiu6",
    },
    Vector {
        token: "T0kenForReply",
        aes_key: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE",
        owner: "dingsandboxcorp0001",
        signature: "c01b62db96c77bb4d8e909fe972df669439b5dc8",
        timestamp: "1700000001456",
        nonce: "replyNonce16char",
        message: "success",
        encrypted: "viJJ6M763/3e8ZI+qvWV5JVlwOEKeE6NVBLujMr73gC+PnXyiyCxlH8ROohoIl/vRaV3fg3KR1PI+o3tadOMqw==",
    },
    Vector {
        token: "123456",
        aes_key: "1234567890123456789012345678901234567890123",
        owner: "dingsnotzck6pm5veliw",
        signature: "9a95a004dd16f5c307e849b994173f76aa26e5eb",
        timestamp: "1614767836",
        nonce: "A7Co0cJLMzIDtMMI",
        message: "success",
        encrypted: "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
    },
    Vector {
        token: "mryue",
        aes_key: "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
        owner: "ding6ccabc44d2c8d38b",
        signature: "03044561471240d4a14bb09372dfcfd4fd0e40cb",
        timestamp: "1608001896814",
        nonce: "WL4PK6yA",
        message: r#"{"EventType":"check_url"}"#,
        encrypted: "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
    },
    Vector {
        token: "123456",
        aes_key: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
        owner: "suite4xxxxxxxxxxxxxxx",
        signature: "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        timestamp: "1445827045067",
        nonce: "nEXhMP4r",
        message: r#"{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}"#,
        encrypted: "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
    },
    Vector {
        token: "tokenxxxx",
        aes_key: "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus",
        owner: "dingxxxxxx",
        signature: "f36f4ba5337d426c7d4bca0dbcb06b3ddc1388fc",
        timestamp: "1605695694141",
        nonce: "WelUQl6bCqcBa2fM",
        message: "success",
        encrypted: "X1VSe9cTJUMZu60d3kyLYTrBq5578ZRJtteU94wG0Q4Uk6E/wQYeJRIC0/UFW5Wkya1Ihz9oXAdLlyC9TRaqsQ==",
    },
];

#[test]
fn the_known_messages_are_read() {
    for vector in VECTORS {
        let read = vector.keys().decrypt(
            vector.signature,
            vector.timestamp,
            vector.nonce,
            vector.encrypted,
        );
        assert_eq!(read.as_deref(), Ok(vector.message));
    }
}

#[test]
fn the_two_with_known_random_bytes_are_made() {
    let random = [b"0123456789abcdef", b"fedcba9876543210"];
    for (vector, random) in VECTORS.iter().zip(random) {
        let keys = vector.keys();
        assert_eq!(keys.encrypt(vector.message, *random), vector.encrypted);
        let signature = keys.sign(vector.timestamp, vector.nonce, vector.encrypted);
        assert_eq!(signature, vector.signature);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let [vector, other, ..] = &VECTORS;
    let read = |keys: &CallbackKeys, signature: &str, encrypted: &str| {
        keys.decrypt(signature, vector.timestamp, vector.nonce, encrypted)
    };
    let keys = vector.keys();
    let forged = read(&keys, other.signature, vector.encrypted);
    assert_eq!(forged, Err(CryptoError::Signature));
    let foreign = CallbackKeys::new(vector.token, vector.aes_key, "dingother").unwrap();
    let foreign = read(&foreign, vector.signature, vector.encrypted);
    assert_eq!(foreign, Err(CryptoError::Owner));
    let cut = vector.encrypted.get(..64).unwrap();
    let signature = keys.sign(vector.timestamp, vector.nonce, cut);
    assert_eq!(read(&keys, &signature, cut), Err(CryptoError::Decrypt));
    let short = CallbackKeys::new("token", "short", "owner").err();
    assert_eq!(short, Some(CryptoError::Key));
}
