//! Requests that two servers could read differently.

use crate::support::TestGateway;
use crate::support::upstream::{ScriptedUpstream, header};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[actix_web::test]
async fn a_request_that_can_be_read_in_two_ways_reaches_nobody() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let requests = [
        // Content-Length and Transfer-Encoding, in both orders.
        format!(
            "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}",
            chunked.len()
        ),
        format!("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunked}"),
        // Two lengths.
        format!(
            "Content-Length: 0\r\nContent-Length: {}\r\n\r\n{smuggled}",
            smuggled.len()
        ),
        format!("Content-Length: 0, {}\r\n\r\n{smuggled}", smuggled.len()),
        // Lengths that are not numbers.
        format!("Content-Length: +0\r\n\r\n{smuggled}"),
        format!("Content-Length: -1\r\n\r\n{smuggled}"),
        format!("Content-Length: 0x5\r\n\r\n{smuggled}"),
        format!("Content-Length : 5\r\n\r\n{smuggled}"),
        // Codings that some servers treat as chunked, and some do not.
        format!("Transfer-Encoding: xchunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: identity, chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: gzip, chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding:\x0bchunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding : chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: \"chunked\"\r\n\r\n{chunked}"),
        // A header on two lines.
        format!("X: 1\r\n Transfer-Encoding: chunked\r\n\r\n{chunked}"),
        // The second Host could belong to either request.
        "Host: y\r\n\r\n".to_owned(),
    ];
    for rest in requests {
        let request = format!("POST /first HTTP/1.1\r\nHost: x\r\n{rest}");
        let answer = gateway.exchange(&request);
        assert!(
            answer.starts_with("HTTP/1.1 400") || answer.is_empty(),
            "{request:?}: {answer}"
        );
        assert_eq!(gateway.upstream.heads(), [""; 0], "{request:?}");
    }
}

#[actix_web::test]
async fn odd_pieces_are_refused_or_written_anew() {
    for (body, is_good) in [
        ("5\r\nhello\r\n0\r\n\r\n", true),
        ("05;name=value\r\nhello\r\n0\r\n\r\n", true),
        ("5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n", true),
        ("5\nhello\n0\n\n", false),
        ("-5\r\nhello\r\n0\r\n\r\n", false),
        ("0x5\r\nhello\r\n0\r\n\r\n", false),
        ("ffffffffffffffffffff\r\nhello\r\n0\r\n\r\n", false),
        ("5\r\nhelloGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", false),
    ] {
        let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
        let answer = gateway.exchange(format!(
            "POST /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
        ));
        let heads = gateway.upstream.heads();
        assert!(
            heads.iter().all(|head| head.starts_with("POST /first ")),
            "{body:?}: {heads:?}"
        );
        if is_good {
            assert!(answer.ends_with("ok"), "{body:?}: {answer}");
            assert_eq!(header(&heads[0], "transfer-encoding").unwrap(), "chunked");
        } else {
            assert!(!answer.contains("HTTP/1.1 200"), "{body:?}: {answer}");
        }
    }
}

#[actix_web::test]
async fn an_answer_that_can_be_read_in_two_ways_is_not_passed_on() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok...",
        "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nX:\r\n y\r\nA\x00: 1\r\n\r\nok",
        "nonsense\r\n\r\n",
    ] {
        let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
        let heard = gateway.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(heard.starts_with("HTTP/1.1 502"), "{answer:?}: {heard}");
    }
    // The answer is framed twice; it is read as chunked, and passed on only as such.
    let both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let gateway = TestGateway::before(ScriptedUpstream::answering(both)).await;
    let heard = gateway.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(
        !heard.to_lowercase().contains("content-length: 3"),
        "{heard}"
    );
}
