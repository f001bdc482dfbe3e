//! The table of the data plane's routes, for descriptions and for hints.

/// A route, its variable parts in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
}

const fn route(method: &'static str, path: &'static str) -> Route {
    Route { method, path }
}

/// Every route of the data plane, but for `GET /v1/responses`, which only says that there are no
/// WebSockets.
pub const ROUTES: &[Route] = &[
    route("POST", "/v1/chat/completions"),
    route("POST", "/v1/completions"),
    route("POST", "/v1/embeddings"),
    route("POST", "/v1/responses"),
    route("GET", "/v1/responses/{id}"),
    route("DELETE", "/v1/responses/{id}"),
    route("GET", "/v1/responses/{id}/input_items"),
    route("POST", "/v1/responses/{id}/cancel"),
    route("POST", "/v1/messages"),
    route("POST", "/v1/messages/count_tokens"),
    route("POST", "/v1beta/models/{model}:generateContent"),
    route("POST", "/v1beta/models/{model}:streamGenerateContent"),
    route("POST", "/v1beta/models/{model}:countTokens"),
    route("POST", "/v1beta/models/{model}:embedContent"),
    route("POST", "/v1beta/models/{model}:batchEmbedContents"),
    route("POST", "/v1/models/{model}:generateContent"),
    route("POST", "/v1/models/{model}:streamGenerateContent"),
    route("POST", "/v1/models/{model}:countTokens"),
    route("POST", "/v1/models/{model}:embedContent"),
    route("POST", "/v1/models/{model}:batchEmbedContents"),
    route("GET", "/v1/models"),
    route("GET", "/v1/models/{model}"),
    route("GET", "/v1beta/models"),
    route("GET", "/v1beta/models/{model}"),
    route("HEAD", "/"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Endpoint, Operation, endpoint};
    use http::Method;
    use std::collections::HashSet;

    fn at(route: &Route) -> Option<Endpoint> {
        let path = route.path.replace("{model}", "m").replace("{id}", "resp_1");
        endpoint(&Method::from_bytes(route.method.as_bytes()).unwrap(), &path, None)
    }

    #[test]
    fn every_route_of_the_table_is_served() {
        for route in ROUTES {
            let found = at(route).unwrap_or_else(|| panic!("{route:?}"));
            let refused =
                matches!(found, Endpoint::Unknown(_) | Endpoint::Other(..) | Endpoint::Socket);
            assert!(!refused, "{route:?}: {found:?}");
        }
    }

    /// A new operation does not compile here until it is counted, and fails until it has a route.
    #[test]
    fn every_operation_has_a_route() {
        let number = |operation: &Operation| match operation {
            Operation::Chat => 0,
            Operation::Completions => 1,
            Operation::Embeddings => 2,
            Operation::Responses => 3,
            Operation::Messages => 4,
            Operation::CountTokens => 5,
            Operation::Generate { stream: false, .. } => 6,
            Operation::Generate { stream: true, .. } => 7,
            Operation::GeminiCountTokens(_) => 8,
            Operation::GeminiEmbed { batch: false, .. } => 9,
            Operation::GeminiEmbed { batch: true, .. } => 10,
        };
        let mut found = HashSet::new();
        for route in ROUTES {
            if let Some(Endpoint::Call(operation)) = at(route) {
                assert!(route.path.ends_with(operation.route()), "{route:?}");
                found.insert(number(&operation));
            }
        }
        assert_eq!(found.len(), 11);
    }
}
