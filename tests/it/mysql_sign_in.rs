//! The handshake of MySQL 8, which MariaDB does not have.

use std::io::{Read, Write};
use std::process::Command;

use tempfile::TempDir;

use crate::support::Told;
use crate::support::upstream::{Connection, ScriptedUpstream};

/// A packet of the protocol: three bytes of length, a number, and the payload.
fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&length[..3], &[number], payload].concat()
}

/// Reads a packet, and returns its payload.
fn heard(connection: &mut Connection) -> Vec<u8> {
    let mut head = [0; 4];
    connection.stream.read_exact(&mut head).unwrap();
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut payload = vec![0; length.try_into().unwrap()];
    connection.stream.read_exact(&mut payload).unwrap();
    payload
}

/// The greeting of a MySQL 8 without TLS: version 10 of the protocol, 4.1 with plugins,
/// `caching_sha2_password`.
fn greeting() -> Vec<u8> {
    let abilities = 0x0000_0200_u32 | 0x0000_8000 | 0x0008_0000 | 0x0000_0008;
    let abilities = abilities.to_le_bytes();
    let mut greeting = vec![10];
    greeting.extend(b"8.0.36\0");
    greeting.extend(7_u32.to_le_bytes());
    greeting.extend(b"12345678\0");
    greeting.extend(&abilities[..2]);
    greeting.extend([255, 2, 0]);
    greeting.extend(&abilities[2..]);
    greeting.push(21);
    greeting.extend([0; 10]);
    greeting.extend(b"123456789012\0caching_sha2_password\0");
    greeting
}

#[test]
fn without_tls_a_mysql_that_wants_the_password_encrypted_is_explained() {
    let server = ScriptedUpstream::start(|mut connection| {
        let _ = connection.stream.write_all(&packet(0, &greeting()));
        let answer = heard(&mut connection);
        assert!(answer.windows(8).any(|part| part == b"nocobase"));
        assert!(!answer.windows(6).any(|part| part == b"s3cret"));
        // The server has not cached the account, so it asks for more than a digest.
        let _ = connection.stream.write_all(&packet(2, &[1, 4]));
        assert_eq!(
            heard(&mut connection),
            [2],
            "the client asks for the public key"
        );
        let _ = connection.stream.write_all(&packet(4, b"\x01a key"));
        // Nothing that contains the password follows.
        let mut rest = Vec::new();
        let _ = connection.stream.read_to_end(&mut rest);
        assert!(!rest.windows(6).any(|part| part == b"s3cret"));
    });
    let folder = TempDir::new().unwrap();
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_nocobase-dingtalk"));
    doctor
        .arg("doctor")
        .current_dir(folder.path())
        .env_clear()
        .env("RUST_LOG", "error")
        // A program that is a gateway and nothing else looks at its database only when it has a NocoBase.
        .env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:1")
        .env("DB_DIALECT", "mysql")
        .env("DB_HOST", "127.0.0.1")
        .env("DB_PORT", server.address.port().to_string())
        .env("DB_PASSWORD", "s3cret");
    let told = Told::by(&mut doctor);
    assert!(!told.ended_well, "{told:?}");
    let sentence =
        "MySQL wants the password encrypted, which needs TLS here: let the server offer TLS";
    assert!(told.output.contains(sentence), "{told:?}");
    assert!(!told.output.contains("s3cret"), "{told:?}");
}
