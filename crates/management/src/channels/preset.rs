//! Services that are known here: what a channel to one of them needs, but its secret and models.

use domain::dialect::Dialect;
use serde::Serialize;
use utoipa::ToSchema;

/// A service, and how it is reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelPreset)]
pub(crate) struct Preset {
    /// The name for `preset`.
    #[schema(value_type = String)]
    pub(super) name: &'static str,
    /// What people call it.
    #[schema(value_type = String)]
    title: &'static str,
    /// The kind of provider.
    #[schema(value_type = String)]
    pub(super) provider: &'static str,
    /// Where it is; null where that is everybody's own.
    #[schema(value_type = Option<String>)]
    pub(super) base_url: Option<&'static str>,
    /// The wire formats that it takes there.
    #[schema(value_type = Vec<String>)]
    pub(super) dialects: &'static [Dialect],
    /// The same service under other addresses.
    elsewhere: &'static [Elsewhere],
    /// Whether it is asked to report usage in streams; some report it always and refuse the asking.
    pub(super) ask_usage: bool,
    /// Whether it wants a secret.
    pub(super) needs_secret: bool,
    /// What there is to know.
    #[schema(value_type = String)]
    notes: &'static str,
}

/// Another address of a service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelPresetElsewhere)]
pub(crate) struct Elsewhere {
    /// Where.
    #[schema(value_type = String)]
    base_url: &'static str,
    /// The wire formats that it takes there.
    #[schema(value_type = Vec<String>)]
    dialects: &'static [Dialect],
    /// For whom or what.
    #[schema(value_type = String)]
    note: &'static str,
    /// The note's name, for programs that say it in another language.
    #[schema(value_type = String)]
    code: &'static str,
}

impl Preset {
    /// The preset of a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The wire formats under an address: those of the one that it is known by, if it is.
    pub(super) fn dialects_at(&self, base_url: &str) -> &'static [Dialect] {
        let plain = base_url.trim_end_matches('/');
        let known = self.elsewhere.iter().find(|other| other.base_url == plain);
        known.map_or(self.dialects, |other| other.dialects)
    }
}

const CHAT: &[Dialect] = &[Dialect::Chat];
const MESSAGES: &[Dialect] = &[Dialect::Messages];
const CHAT_AND_RESPONSES: &[Dialect] = &[Dialect::Chat, Dialect::Responses];
const ALL: &[Dialect] = &[Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini];

/// What most of them have in common.
const COMPATIBLE: Preset = Preset {
    name: "",
    title: "",
    provider: "openai-compatible",
    base_url: None,
    dialects: CHAT,
    elsewhere: &[],
    ask_usage: true,
    needs_secret: true,
    notes: "",
};

/// Every preset, in the order in which they are listed.
pub(crate) static PRESETS: &[Preset] = &[
    Preset {
        name: "openai",
        title: "OpenAI",
        provider: "openai",
        base_url: Some("https://api.openai.com"),
        dialects: CHAT_AND_RESPONSES,
        ..COMPATIBLE
    },
    Preset {
        name: "anthropic",
        title: "Anthropic",
        provider: "anthropic",
        base_url: Some("https://api.anthropic.com"),
        dialects: MESSAGES,
        ..COMPATIBLE
    },
    Preset {
        name: "gemini",
        title: "Google Gemini",
        provider: "gemini",
        base_url: Some("https://generativelanguage.googleapis.com"),
        dialects: &[Dialect::Gemini],
        ..COMPATIBLE
    },
    Preset {
        name: "azure-openai",
        title: "Azure OpenAI",
        provider: "azure-openai",
        dialects: CHAT_AND_RESPONSES,
        notes: "The base URL is https://RESOURCE.openai.azure.com/openai (the v1 API); models are deployments: map them.",
        ..COMPATIBLE
    },
    Preset {
        name: "deepseek",
        title: "DeepSeek",
        base_url: Some("https://api.deepseek.com"),
        elsewhere: &[Elsewhere {
            base_url: "https://api.deepseek.com/anthropic",
            dialects: MESSAGES,
            note: "Anthropic's format: a channel of its own.",
            code: "anthropic_format",
        }],
        ..COMPATIBLE
    },
    Preset {
        name: "qwen",
        title: "Qwen (Alibaba Cloud Model Studio, DashScope)",
        base_url: Some("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        elsewhere: &[
            Elsewhere {
                base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
                dialects: CHAT,
                note: "China (Beijing): keys and prices of its own.",
                code: "beijing",
            },
            Elsewhere {
                base_url: "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
                dialects: CHAT,
                note: "United States (Virginia).",
                code: "virginia",
            },
            Elsewhere {
                base_url: "https://dashscope-intl.aliyuncs.com/apps/anthropic",
                dialects: MESSAGES,
                note: "Anthropic's format: a channel of its own.",
                code: "anthropic_format",
            },
        ],
        notes: "A key works in the region that it was made in.",
        ..COMPATIBLE
    },
    Preset {
        name: "kimi",
        title: "Kimi (Moonshot AI)",
        base_url: Some("https://api.moonshot.ai/v1"),
        elsewhere: &[
            Elsewhere {
                base_url: "https://api.moonshot.cn/v1",
                dialects: CHAT,
                note: "China: keys and prices of its own.",
                code: "china",
            },
            Elsewhere {
                base_url: "https://api.moonshot.ai/anthropic",
                dialects: MESSAGES,
                note: "Anthropic's format: a channel of its own.",
                code: "anthropic_format",
            },
        ],
        ..COMPATIBLE
    },
    Preset {
        name: "glm",
        title: "GLM (Z.ai, Zhipu)",
        base_url: Some("https://api.z.ai/api/paas/v4"),
        elsewhere: &[
            Elsewhere {
                base_url: "https://open.bigmodel.cn/api/paas/v4",
                dialects: CHAT,
                note: "China: keys and prices of its own.",
                code: "china",
            },
            Elsewhere {
                base_url: "https://api.z.ai/api/anthropic",
                dialects: MESSAGES,
                note: "Anthropic's format: a channel of its own.",
                code: "anthropic_format",
            },
        ],
        ..COMPATIBLE
    },
    Preset {
        name: "xai",
        title: "xAI",
        base_url: Some("https://api.x.ai"),
        dialects: CHAT_AND_RESPONSES,
        ..COMPATIBLE
    },
    Preset {
        name: "mistral",
        title: "Mistral AI",
        base_url: Some("https://api.mistral.ai"),
        ask_usage: false,
        notes: "Streams report their usage unasked.",
        ..COMPATIBLE
    },
    Preset {
        name: "openrouter",
        title: "OpenRouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        notes: "Models are named vendor/model: map them, or offer them under these names.",
        ..COMPATIBLE
    },
    Preset {
        name: "groq",
        title: "Groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        ..COMPATIBLE
    },
    Preset {
        name: "ollama",
        title: "Ollama",
        base_url: Some("http://127.0.0.1:11434"),
        needs_secret: false,
        notes: "A machine of your own: --allow-egress must name its address. Its context window is set at Ollama.",
        ..COMPATIBLE
    },
    Preset {
        name: "vllm",
        title: "vLLM",
        base_url: Some("http://127.0.0.1:8000"),
        needs_secret: false,
        notes: "A machine of your own: --allow-egress must name its address.",
        ..COMPATIBLE
    },
    Preset {
        name: "tollkeeper",
        title: "Another Tollkeeper",
        provider: "tollkeeper",
        dialects: ALL,
        notes: "The secret is a key (sk-…) of the other one.",
        ..COMPATIBLE
    },
    Preset {
        name: "new-api",
        title: "A new-api or one-api site",
        provider: "new-api",
        dialects: ALL,
        notes: "One-api and older sites take chat alone: say so in dialects.",
        ..COMPATIBLE
    },
];

#[cfg(test)]
mod tests {
    use super::super::provider::KINDS;
    use super::*;
    use crate::wrong::tests::check;
    use gateway::catalog::default_dialects;
    use gateway::upstream::BaseUrl;

    #[test]
    fn every_preset_is_whole() {
        for (at, preset) in PRESETS.iter().enumerate() {
            let name = preset.name;
            assert!(PRESETS.iter().take(at).all(|earlier| earlier.name != name), "{name}");
            assert!(KINDS.contains(&preset.provider) && !preset.title.is_empty(), "{name}");
            assert!(!preset.dialects.is_empty(), "{name}");
            let addresses =
                preset.base_url.into_iter().chain(preset.elsewhere.iter().map(|e| e.base_url));
            for address in addresses {
                BaseUrl::parse(address).unwrap();
                assert!(!address.ends_with('/'), "{address}");
            }
            // What a preset says must be what the kind says where both do.
            if preset.provider != "openai-compatible" {
                assert_eq!(preset.dialects, default_dialects(preset.provider), "{name}");
            }
        }
        assert!(
            KINDS.iter().all(|kind| *kind == "openai-compatible" || Preset::named(kind).is_some())
        );
    }

    #[test]
    fn a_known_address_brings_its_own_dialects() {
        let deepseek = Preset::named("deepseek").unwrap();
        assert_eq!(deepseek.dialects_at("https://api.deepseek.com/anthropic/"), MESSAGES);
        assert_eq!(deepseek.dialects_at("https://proxy.example"), CHAT);
    }

    #[test]
    fn every_note_is_told_in_every_language() {
        let mut notes: Vec<(&str, &str)> = PRESETS
            .iter()
            .map(|preset| (preset.name, preset.notes))
            .filter(|(_, note)| !note.is_empty())
            .collect();
        notes.sort_unstable();
        check("preset-note", "preset.ftl", &notes);
        let places = PRESETS.iter().flat_map(|preset| preset.elsewhere);
        let mut places: Vec<_> = places.map(|place| (place.code, place.note)).collect();
        places.sort_unstable();
        places.dedup();
        check("preset-elsewhere", "preset.ftl", &places);
    }
}
