//! Cache breakpoints: Anthropic takes four ("Prompt caching", limits).

use serde_json::{Map, Value};

const MOST: usize = 4;

/// Keeps the last breakpoints, in the order in which the provider reads: tools, system, messages.
pub(super) fn keep_last(body: &mut Map<String, Value>) {
    let mut seen = 0;
    each_marked(body, |_| seen += 1);
    let mut surplus = seen.max(MOST) - MOST;
    each_marked(body, |block| {
        if surplus > 0 {
            surplus -= 1;
            block.remove("cache_control");
        }
    });
}

fn each_marked(body: &mut Map<String, Value>, mut look: impl FnMut(&mut Map<String, Value>)) {
    for field in ["tools", "system", "messages"] {
        for element in elements(body.get_mut(field)) {
            let Value::Object(element) = element else {
                continue;
            };
            if element.contains_key("cache_control") {
                look(element);
            }
            for block in elements(element.get_mut("content")) {
                if let Value::Object(block) = block
                    && block.contains_key("cache_control")
                {
                    look(block);
                }
            }
        }
    }
}

fn elements(value: Option<&mut Value>) -> &mut [Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        _ => &mut [],
    }
}
