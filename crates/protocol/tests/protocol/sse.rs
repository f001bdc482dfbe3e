//! However a stream is cut, the events are the same and no byte is lost.

use bytes::Bytes;
use proptest::prelude::*;
use protocol::sse::{Event, EventTooLarge, Splitter};

/// The events of a stream that comes in these chunks.
pub(super) fn events<'a>(
    limit: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Event>, EventTooLarge> {
    let mut splitter = Splitter::new(limit);
    let mut events = Vec::new();
    for chunk in chunks {
        splitter.feed(Bytes::copy_from_slice(chunk));
        while let Some(event) = splitter.next_event()? {
            events.push(event);
        }
    }
    events.extend(splitter.finish()?);
    Ok(events)
}

fn cut(bytes: &[u8], mut places: Vec<usize>) -> Vec<&[u8]> {
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut rest = bytes;
    let mut taken = 0;
    for place in places {
        let (chunk, after) = rest.split_at(place - taken);
        chunks.push(chunk);
        rest = after;
        taken = place;
    }
    chunks.push(rest);
    chunks
}

fn texts(events: &[Event]) -> Vec<Option<&str>> {
    events.iter().map(|event| event.data().map(|data| std::str::from_utf8(data).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_chunking_gives_the_same(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("\n"), Just("\r\n"), Just("\r"), Just("data: a"), Just("data:b"), Just(":c"),
                Just("event: e"), Just("data"), Just("\u{FEFF}"), Just(" "), Just("id: 1"),
                Just("data: x\n\n"), Just("data: y\r\n\r\n"), Just("é"),
            ],
            0..24,
        ),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        limit in prop_oneof![Just(usize::MAX), 1..40_usize],
    ) {
        let bytes = pieces.concat().into_bytes();
        let whole = events(limit, [&bytes[..]]);
        let places = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
        let chunked = events(limit, cut(&bytes, places));
        prop_assert_eq!(&chunked, &whole);
        prop_assert_eq!(&events(limit, bytes.chunks(1)), &whole);
        if let Ok(whole) = whole {
            let joined: Vec<u8> = whole.iter().flat_map(|event| event.bytes.to_vec()).collect();
            prop_assert_eq!(joined, bytes);
            let complete = whole.iter().rev().skip(1).all(|event| event.complete);
            prop_assert!(complete);
        }
    }
}

#[test]
fn fields_are_read_as_the_standard_says() {
    let stream = b"\xEF\xBB\xBFdata: one\n\nevent: x\ndata:two\ndata\ndata:  three\nid: 7\n: c\n\n: ping\n\nretry: 1\r\rdata:four";
    let events = events(usize::MAX, [&stream[..]]).unwrap();
    assert_eq!(
        texts(&events),
        [Some("one"), Some("two\n\n three"), None, None, None, Some("four")]
    );
    assert_eq!(events[1].name(), Some(&b"x"[..]));
    assert_eq!(events[2].bytes, ": ping\n");
    assert_eq!(events[3].bytes, "\n");
    assert!(events[4].complete && !events[5].complete);
}

#[test]
fn an_event_within_a_chunk_is_not_copied() {
    let chunk = Bytes::from_static(b"data: a\n\ndata: b\n\n");
    let mut splitter = Splitter::default();
    splitter.feed(chunk.clone());
    let first = splitter.next_event().unwrap().unwrap();
    let second = splitter.next_event().unwrap().unwrap();
    assert_eq!(first.bytes.as_ptr(), chunk.as_ptr());
    assert_eq!(second.bytes.as_ptr(), chunk[9..].as_ptr());
    assert_eq!(splitter.next_event().unwrap(), None);
    assert_eq!(splitter.finish().unwrap(), None);
}

#[test]
fn a_comment_is_not_held_back() {
    let mut splitter = Splitter::default();
    splitter.feed(Bytes::from_static(b": keep-alive\n"));
    assert_eq!(splitter.next_event().unwrap().unwrap().bytes, ": keep-alive\n");
}

#[test]
fn a_large_event_is_refused_however_it_comes() {
    let event = b"data: 0123456789\n\n";
    assert!(events(event.len(), [&event[..]]).is_ok());
    let limit = event.len() - 1;
    assert_eq!(events(limit, [&event[..]]), Err(EventTooLarge { limit }));
    assert_eq!(events(limit, event.chunks(1)), Err(EventTooLarge { limit }));
}
