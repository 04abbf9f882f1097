//! A server in NocoBase's place that sends exactly what its script says, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// Longer than anything takes that is not stuck.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does with a connection.
type Script = dyn Fn(Connection) + Send + Sync;

/// The server.
pub struct ScriptedUpstream {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

impl ScriptedUpstream {
    /// Starts the server; the script handles each connection.
    pub fn start(script: impl Fn(Connection) + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), script)
    }

    /// Like [`ScriptedUpstream::start`], at a given address.
    pub fn start_at(
        address: SocketAddr,
        script: impl Fn(Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let connections = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(AtomicBool::new(false));
        let script: Arc<Script> = Arc::new(script);
        let (all, count, end) = (heads.clone(), connections.clone(), ended.clone());
        let all_bodies = bodies.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let stream = stream.unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let connection = Connection {
                    stream,
                    heads: all.clone(),
                    bodies: all_bodies.clone(),
                };
                let script = script.clone();
                thread::spawn(move || script(connection));
            }
        });
        Self {
            address,
            heads,
            bodies,
            connections,
            ended,
        }
    }

    /// Answers every request on a connection with these bytes.
    pub fn answering(answer: &str) -> Self {
        let answer = answer.to_owned();
        Self::start(move |mut connection| {
            while let Some(request) = connection.request() {
                connection.body(&request);
                connection.say(&answer);
            }
        })
    }

    /// The heads of the requests that came, in the order in which they came.
    pub fn heads(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.clone()
    }

    /// The bodies of requests that were read whole by `Connection::body`, and were not empty.
    pub fn bodies(&self) -> Vec<String> {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for ScriptedUpstream {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The listener waits for a connection, so this opens one.
        drop(TcpStream::connect(self.address));
    }
}

/// One connection.
pub struct Connection {
    pub stream: TcpStream,
    heads: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Connection {
    /// The head of the next request; nothing when there is none.
    pub fn request(&mut self) -> Option<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if !matches!(self.stream.read(&mut byte), Ok(1)) {
                return None;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.push(head.clone());
        Some(head)
    }

    /// The body that belongs to a head.
    pub fn body(&mut self, head: &str) -> Vec<u8> {
        let body = self.read_body(head);
        if !body.is_empty() {
            let text = String::from_utf8_lossy(&body).into_owned();
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            bodies.push(text);
        }
        body
    }

    fn read_body(&mut self, head: &str) -> Vec<u8> {
        if let Some(length) = header(head, "content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            // In some scripts the client disconnects here.
            let _ = self.stream.read_exact(&mut body);
            return body;
        }
        if header(head, "transfer-encoding").is_none() {
            return Vec::new();
        }
        let mut body = Vec::new();
        while let Some(piece) = self.chunk() {
            body.extend(piece);
        }
        body
    }

    /// One piece of a chunked body; nothing at its end.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = usize::from_str_radix(self.line()?.trim(), 16).ok()?;
        let mut piece = vec![0; size];
        self.stream.read_exact(&mut piece).ok()?;
        self.line()?;
        (size > 0).then_some(piece)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            self.stream.read_exact(&mut byte).ok()?;
            line.push(byte[0]);
        }
        String::from_utf8(line).ok()
    }

    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // The other end may be gone, which some tests need.
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Resets the connection, which the other end cannot mistake for an orderly end.
    pub fn reset(self) {
        reset(&self.stream);
    }
}

/// Makes a connection end with a reset when it is dropped.
fn reset(stream: &TcpStream) {
    use socket2::SockRef;
    SockRef::from(stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

/// The value of a header.
pub fn header(head: &str, name: &str) -> Option<String> {
    headers(head, name).into_iter().next()
}

/// The values of a header.
pub fn headers(head: &str, name: &str) -> Vec<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}

/// A signal from a script to a test, or the other way round.
pub fn signal() -> (mpsc::Sender<()>, Arc<Mutex<mpsc::Receiver<()>>>) {
    let (sender, receiver) = mpsc::channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

/// Waits for the signal.
pub fn wait_for(signal: &Mutex<mpsc::Receiver<()>>) {
    let receiver = signal.lock().unwrap_or_else(PoisonError::into_inner);
    receiver.recv_timeout(PATIENCE).expect("it comes");
}

/// A client that sends and receives bytes.
pub struct Raw(pub TcpStream);

impl Raw {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.0.write_all(bytes.as_ref());
        self
    }

    /// Reads until this text has arrived, and returns everything.
    pub fn hear_until(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        let mut byte = [0];
        while !heard.ends_with(end.as_bytes()) {
            match self.0.read(&mut byte) {
                Ok(1) => heard.push(byte[0]),
                other => panic!("{other:?} after {:?}", String::from_utf8_lossy(&heard)),
            }
        }
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Resets the connection, which the server cannot mistake for an orderly end.
    pub fn reset(self) {
        reset(&self.0);
    }

    /// Reads until the connection ends, orderly or not.
    pub fn hear_all(&mut self) -> String {
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = self.0.read(&mut buffer) {
            heard.extend(&buffer[..read]);
        }
        String::from_utf8_lossy(&heard).into_owned()
    }
}
