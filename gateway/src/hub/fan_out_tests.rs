//! The thread that writes, on real sockets; and how fast it is beside a loop that does nothing but write.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Bytes;
use mio::{Events, Interest, Poll, Token};
use papertape_engine::{InstrumentId, Price, Qty};

use super::super::numbers::Mark;
use super::super::outbox::Wrote;
use super::super::update::{Body, Update};
use super::*;

const TOPIC: Topic = Topic::MarketData(InstrumentId(0));

/// Bytes of a frame in the measured runs.
const FRAME: usize = 132;

/// Updates that are told and not heard by everybody, in the measured runs.
const IN_FLIGHT: u64 = 64;

fn told(n: u64, bytes: Vec<u8>) -> Told {
    let body = Body::MarketData(Price(1), Qty(1));
    let update = Update { topic: TOPIC, epoch: 7, n, conflated: 0, mark: Mark::default(), market: None, body };
    let frames = Frames { bytes: bytes.into(), count: 1 };
    Told { updates: Arc::from([Arc::new(update)]), encoding: Encoding::Json, frames }
}

/// Both ends of so many connections: ours, and those who read.
fn connections(count: usize) -> (Vec<TcpStream>, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pair = |_| {
        let reader = TcpStream::connect(address).unwrap();
        let (ours, _) = listener.accept().unwrap();
        ours.set_nodelay(true).unwrap();
        ours.set_nonblocking(true).unwrap();
        (ours, reader)
    };
    (0..count).map(pair).unzip()
}

/// What the task of a connection does beside its conversation.
async fn pump(stream: Arc<tokio::net::TcpStream>, outbox: Arc<Outbox>) {
    loop {
        match outbox.write() {
            Ok(Wrote::All(_)) => poll_fn(|context| outbox.poll_changed(context)).await,
            Ok(Wrote::Blocked(_)) => stream.writable().await.unwrap(),
            Err(_) => return,
        }
    }
}

/// The thread, alone.
fn started() -> (Handle, JoinHandle<()>, Deliveries) {
    let (fan_out, deliveries) = FanOut::new(Arc::new(Metrics::new(Vec::new()))).unwrap();
    let runtime = fan_out.runtime().clone();
    (runtime, fan_out.start(|| std::future::ready(())).unwrap(), deliveries)
}

/// Lets them listen.
fn join_all(runtime: &Handle, deliveries: &Deliveries, ours: Vec<TcpStream>) -> Vec<Arc<Outbox>> {
    let inside = runtime.enter();
    let open = |stream| {
        let stream = Arc::new(tokio::net::TcpStream::from_std(stream).unwrap());
        let outbox = Arc::new(Outbox::new(Arc::clone(&stream)));
        runtime.spawn(pump(stream, Arc::clone(&outbox)));
        outbox
    };
    let outboxes: Vec<_> = ours.into_iter().map(open).collect();
    drop(inside);
    for (outbox, id) in outboxes.iter().zip(1..) {
        let (connection, outbox) = (ConnectionId(id), Arc::clone(outbox));
        let frames = Frames { bytes: Bytes::from_static(b"hello"), count: 1 };
        let join = Delivery::Join { connection, outbox, topic: TOPIC, encoding: Encoding::Json, frames };
        assert!(deliveries.blocking_send(join).is_ok());
    }
    outboxes
}

fn tell(deliveries: &Deliveries, n: u64, bytes: Vec<u8>) {
    assert!(deliveries.blocking_send(Delivery::Told(vec![told(n, bytes)])).is_ok());
}

#[test]
fn everybody_gets_the_same_bytes_in_order_and_who_left_gets_no_more() {
    let (runtime, thread, deliveries) = started();
    let (ours, mut readers) = connections(40);
    let outboxes = join_all(&runtime, &deliveries, ours);
    (1..=3).for_each(|n| tell(&deliveries, n, vec![b'0' + n as u8]));
    let left = Delivery::Leave {
        connection: ConnectionId(1),
        outbox: Arc::clone(&outboxes[0]),
        topic: TOPIC,
        frames: Frames { bytes: Bytes::from_static(b"bye"), count: 1 },
    };
    assert!(deliveries.blocking_send(left).is_ok());
    assert!(deliveries.blocking_send(Delivery::Forget(ConnectionId(2), vec![TOPIC])).is_ok());
    tell(&deliveries, 4, b"4".to_vec());
    for (index, reader) in readers.iter_mut().enumerate() {
        let expected = ["hello123bye", "hello123"].get(index).unwrap_or(&"hello1234");
        let mut heard = vec![0; expected.len()];
        reader.read_exact(&mut heard).unwrap();
        assert_eq!(heard, expected.as_bytes(), "reader {index}");
    }
    drop((deliveries, outboxes));
    thread.join().unwrap();
    for (index, mut reader) in readers.into_iter().enumerate() {
        assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0, "reader {index} got more");
    }
}

/// Reads everything that comes, and counts it.
struct Drain {
    bytes: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Drain {
    fn start(readers: Vec<TcpStream>) -> Self {
        let (bytes, is_over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (counted, over) = (Arc::clone(&bytes), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || drain(readers, &counted, &over));
        Self { bytes, is_over, thread }
    }

    fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        self.thread.join().unwrap();
    }
}

fn drain(readers: Vec<TcpStream>, bytes: &AtomicU64, is_over: &AtomicBool) {
    let mut poll = Poll::new().unwrap();
    let nonblocking = readers.into_iter().map(|reader| {
        reader.set_nonblocking(true).unwrap();
        mio::net::TcpStream::from_std(reader)
    });
    let mut readers: Vec<_> = nonblocking.collect();
    for (index, reader) in readers.iter_mut().enumerate() {
        poll.registry().register(reader, Token(index), Interest::READABLE).unwrap();
    }
    let (mut events, mut buffer) = (Events::with_capacity(1_024), vec![0; 64 << 10]);
    while !is_over.load(Ordering::Acquire) {
        poll.poll(&mut events, Some(std::time::Duration::from_millis(50))).unwrap();
        for event in &events {
            while let Ok(count) = readers[event.token().0].read(&mut buffer)
                && count > 0
            {
                bytes.fetch_add(count as u64, Ordering::Release);
            }
        }
    }
}

/// Updates that everybody has.
fn heard(bytes: &AtomicU64, begun: u64, readers: usize) -> u64 {
    (bytes.load(Ordering::Acquire) - begun) / (FRAME * readers) as u64
}

/// Delivered messages a second of the thread.
fn measure_fan_out(readers: usize, updates: u64) -> f64 {
    let (runtime, thread, deliveries) = started();
    let (ours, theirs) = connections(readers);
    let outboxes = join_all(&runtime, &deliveries, ours);
    let drain = Drain::start(theirs);
    let hello = (5 * readers) as u64;
    while drain.bytes.load(Ordering::Acquire) < hello {
        std::thread::yield_now();
    }
    let (begun, mut sent) = (Instant::now(), 0);
    while sent < updates {
        let room = IN_FLIGHT - (sent - heard(&drain.bytes, hello, readers));
        for _ in 0..room {
            sent += 1;
            tell(&deliveries, sent, vec![b'x'; FRAME]);
        }
        std::thread::yield_now();
    }
    while heard(&drain.bytes, hello, readers) < updates {
        std::thread::yield_now();
    }
    let took = begun.elapsed();
    drop((deliveries, outboxes));
    thread.join().unwrap();
    drain.stop();
    (updates * readers as u64) as f64 / took.as_secs_f64()
}

/// The same of a loop that writes what is due to each socket, and does nothing else.
fn measure_bare(readers: usize, updates: u64) -> f64 {
    let (mut ours, theirs) = connections(readers);
    let drain = Drain::start(theirs);
    let (mut told, mut written) = (0, vec![0_usize; readers]);
    let frames = vec![b'x'; FRAME * IN_FLIGHT as usize];
    let begun = Instant::now();
    while heard(&drain.bytes, 0, readers) < updates {
        let room = IN_FLIGHT - (told - heard(&drain.bytes, 0, readers));
        told = (told + room).min(updates);
        for (stream, written) in ours.iter_mut().zip(&mut written) {
            let due = told as usize * FRAME - *written;
            if due > 0 {
                match stream.write(&frames[..due.min(frames.len())]) {
                    Ok(count) => *written += count,
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
                }
            }
        }
    }
    let rate = (updates * readers as u64) as f64 / begun.elapsed().as_secs_f64();
    drain.stop();
    rate
}

#[test]
#[ignore = "a measurement: run it alone, optimised, with --nocapture"]
fn measured_beside_a_bare_loop() {
    for (readers, updates) in [(100, 40_000), (1_000, 6_000)] {
        for _ in 0..5 {
            let (bare, ours) = (measure_bare(readers, updates), measure_fan_out(readers, updates));
            println!(
                "{readers} readers, {IN_FLIGHT} in flight: bare {bare:.0}/s, feed {ours:.0}/s, {:.2}",
                ours / bare
            );
        }
    }
}
