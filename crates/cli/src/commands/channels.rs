//! `tollkeeper channels`: upstream accounts on a running gateway.

use super::verb::{Family, Flag, IDEMPOTENCY_KEY, IF_MATCH, Show, Verb};

const CHANNEL: (&str, &str, &str) = ("channel", "CHANNEL", "The channel's id (chn_…)");

const FIELDS: &[Flag] = &[
    Flag::text("name", "What it is called"),
    Flag::text("preset", "A known service: fills in what is not said (see `channels presets`)"),
    Flag::text("provider", "Whose interface it speaks, such as openai or anthropic"),
    Flag::text("base-url", "Where it is"),
    Flag::secrets(
        "secret",
        ["secret-stdin", "secret-file"],
        "What it is authorised with; several lines take turns",
    )
    .at("secrets"),
    Flag::list("models", "Names of models"),
    Flag::pairs("model-map", "What the upstream calls a model; repeatable"),
    Flag::list("groups", "The groups that it belongs to"),
    Flag::number("priority", "Higher is tried first").at("priority"),
    Flag::number("weight", "Share among channels of the same priority"),
    Flag::list("dialects", "The wire formats it takes: chat, responses, messages, gemini"),
    Flag::json("headers", "File with a JSON object of headers that are added to each call"),
    Flag::secret("proxy", ["proxy-stdin", "proxy-file"], "The proxy's URL, which may hold a login"),
    Flag::switch("no-proxy", "null", "No proxy").at("proxy"),
    Flag::number("connect-ms", "Milliseconds until it is connected, or none")
        .at("timeouts.connect_ms"),
    Flag::number("first-byte-ms", "Until the first byte, or none").at("timeouts.first_byte_ms"),
    Flag::number("idle-ms", "Between two bytes, or none").at("timeouts.idle_ms"),
    Flag::number("total-ms", "For the whole call, or none").at("timeouts.total_ms"),
    Flag::bool("ask-usage", "Whether it is asked to report usage in streams"),
    Flag::list("tags", "Labels, or none"),
    Flag::bool("disabled", "Switched off"),
];

const TESTED: &[Flag] = &[
    Flag::text("model", "One of its models; the first where nothing is said"),
    Flag::text("dialect", "One of its wire formats; the first where nothing is said"),
];

pub(super) const FAMILY: Family = Family {
    name: "channels",
    about: "Channels on a running gateway: list, make, edit, test; presets for new ones",
    verbs: &[
        Verb::get("list", "/api/v1/channels", "List channels").rows(&[
            "id", "name", "provider", "base_url", "models", "groups", "priority", "weight",
            "disabled",
        ]),
        Verb::get("get", "/api/v1/channels/{channel}", "Show a channel and how its secrets are")
            .names(&[CHANNEL]),
        Verb::post("create", "/api/v1/channels", "Make a channel")
            .flags(&[FIELDS, IDEMPOTENCY_KEY]),
        Verb::patch(
            "edit",
            "/api/v1/channels/{channel}",
            "Edit a channel; what is not said stays as it is",
        )
        .names(&[CHANNEL])
        .flags(&[FIELDS, IF_MATCH]),
        Verb::delete("delete", "/api/v1/channels/{channel}", "Delete a channel")
            .names(&[CHANNEL])
            .flags(&[IF_MATCH])
            .asks("Delete the channel {channel}?")
            .says("The channel {channel} is deleted."),
        Verb::post(
            "test",
            "/api/v1/channels/{channel}/test",
            "Ask the upstream for a few tokens with each secret; it is in nobody's books",
        )
        .names(&[CHANNEL])
        .flags(&[TESTED])
        .show(Show::Rows("secrets", &["masked", "ok", "status", "latency_ms", "error"]))
        .well("ok", "true"),
        Verb::get("presets", "/api/v1/channel-presets", "List the services that are known here")
            .rows(&["name", "provider", "base_url"]),
    ],
    families: &[],
};
