//! What this dialect can carry comes back as it went; nothing makes it panic.

use proptest::prelude::*;
use protocol::anthropic_messages::read_answer::read_answer;
use protocol::anthropic_messages::read_request::read_request;
use protocol::anthropic_messages::response::read_whole;
use protocol::anthropic_messages::write_answer::write_answer;
use protocol::anthropic_messages::write_request::{tool_names, write_request};
use protocol::canonical::{Asked, Collector, Request, ToolNames};
use serde_json::json;

use super::made_up::{answer, anything, marks, request};
use super::streams::{events, write};

proptest! {
    #[test]
    fn a_request_comes_back(request in request().prop_filter("four marks", |r| marks(r) <= 4)) {
        let names = tool_names(&request);
        let (body, lost) = write_request(&request, &names, &request.model, 1).unwrap();
        prop_assert!(lost.is_empty(), "{:?}", lost);
        let (again, lost) = read_request(&body).unwrap();
        prop_assert!(lost.is_empty(), "{:?}", lost);
        prop_assert_eq!(again, request);
    }

    #[test]
    fn an_answer_comes_back(answer in answer()) {
        let request = Request::default();
        let asked = Asked { request: &request, call: "call_1", now: 0 };
        let body = write_answer(&answer, asked);
        prop_assert_eq!(read_answer(&body, &ToolNames::default()).unwrap(), answer.clone());
        let whole = read_whole(&body).unwrap();
        prop_assert_eq!(whole.usage, Ok(answer.usage));

        let stream = write(answer.clone().into_events());
        let mut collector = Collector::default();
        events(&stream, true).into_iter().for_each(|event| collector.take(event));
        prop_assert_eq!(collector.finish().unwrap(), answer);
    }

    #[test]
    fn nothing_panics(value in anything(), bytes: Vec<u8>) {
        let body = value.to_string();
        for body in [body.as_bytes(), &bytes] {
            if let Ok((request, _)) = read_request(body) {
                let _ = write_request(&request, &tool_names(&request), "claude-opus-4-8", 100);
            }
            let _ = read_answer(body, &ToolNames::default());
            let _ = read_whole(body);
        }
        let wrapped = json!({"model": "m", "messages": [{"role": "user", "content": [value]}]});
        if let Ok((request, _)) = read_request(wrapped.to_string().as_bytes()) {
            let _ = write_request(&request, &tool_names(&request), "m", 100);
        }
        let stream = format!("data: {body}\n\ndata: {body}\n\n");
        write(events(stream.as_bytes(), true));
    }
}
