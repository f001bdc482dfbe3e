//! What a channel's number for its kind stands for. Up to 25 both count alike; from there on new-api
//! and one-api gave the same numbers to different services.

use store::new_api::SiteKind;

/// A service that can be reached from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    /// Our kind of provider.
    pub(super) provider: &'static str,
    /// Where it is if the channel does not say; empty: the channel has to.
    pub(super) base_url: &'static str,
    /// The path that the site puts behind a base URL without one, where it is not our own.
    pub(super) path: &'static str,
    /// Whether it is asked to report usage in streams.
    pub(super) ask_usage: bool,
    /// Whether it wants a secret.
    pub(super) needs_secret: bool,
}

/// Services that speak OpenAI's language.
const fn compatible(base_url: &'static str) -> Service {
    let provider = "openai-compatible";
    Service { provider, base_url, path: "", ask_usage: true, needs_secret: true }
}

const OLLAMA: Service = Service { needs_secret: false, ..compatible("http://localhost:11434") };
const MISTRAL: Service = Service { ask_usage: false, ..compatible("https://api.mistral.ai") };
const GLM: Service = Service { path: "/api/paas/v4", ..compatible("https://open.bigmodel.cn") };
const ARK: Service = Service { path: "/api/v3", ..compatible("https://ark.cn-beijing.volces.com") };
const COHERE: Service =
    Service { path: "/compatibility/v1", ..compatible("https://api.cohere.ai") };
const MINIMAX: Service = compatible("https://api.minimax.chat");
const SILICONFLOW: Service = compatible("https://api.siliconflow.cn");
const DEEPSEEK: Service = compatible("https://api.deepseek.com");

/// The service behind a number; none for those that are not reached from here.
pub(super) fn service(kind: SiteKind, number: i64) -> Option<Service> {
    let own = |provider, base_url| Service { provider, ..compatible(base_url) };
    let alike = match number {
        1 => Some(own("openai", "https://api.openai.com")),
        3 => Some(Service { path: "/openai", ..own("azure-openai", "") }),
        6 => Some(compatible("https://api.openaimax.com")),
        7 => Some(compatible("https://api.ohmygpt.com")),
        8 => Some(compatible("")),
        9 => Some(compatible("https://api.caipacity.com")),
        10 => Some(compatible("https://api.aiproxy.io")),
        12 => Some(compatible("https://api.api2gpt.com")),
        13 => Some(compatible("https://api.aigc2d.com")),
        14 => Some(own("anthropic", "https://api.anthropic.com")),
        16 => Some(GLM),
        17 => Some(Service {
            path: "/compatible-mode/v1",
            ..compatible("https://dashscope.aliyuncs.com")
        }),
        19 => Some(compatible("https://api.360.cn")),
        20 => Some(compatible("https://openrouter.ai/api")),
        22 => Some(compatible("https://fastgpt.run/api/openapi")),
        24 => Some(own("gemini", "https://generativelanguage.googleapis.com")),
        25 => Some(compatible("https://api.moonshot.cn")),
        31 => Some(compatible("https://api.lingyiwanwu.com")),
        _ => None,
    };
    alike.or_else(|| match kind {
        SiteKind::NewApi => of_new_api(number),
        SiteKind::OneApi => of_one_api(number),
    })
}

fn of_new_api(number: i64) -> Option<Service> {
    Some(match number {
        4 => OLLAMA,
        26 => GLM,
        34 => COHERE,
        35 => MINIMAX,
        40 => SILICONFLOW,
        42 => MISTRAL,
        43 => DEEPSEEK,
        45 => ARK,
        46 => Service { path: "/v2", ..compatible("https://qianfan.baidubce.com") },
        47 => compatible(""),
        48 => compatible("https://api.x.ai"),
        53 => compatible("https://llm.submodel.ai"),
        _ => return None,
    })
}

fn of_one_api(number: i64) -> Option<Service> {
    Some(match number {
        2 => compatible("https://oa.api2d.net"),
        4 => compatible("https://api.closeai-proxy.xyz"),
        5 => compatible("https://api.openai-sb.com"),
        26 => compatible("https://api.baichuan-ai.com"),
        27 => MINIMAX,
        28 => MISTRAL,
        29 => compatible("https://api.groq.com/openai"),
        30 => OLLAMA,
        32 => compatible("https://api.stepfun.com"),
        35 => COHERE,
        36 => DEEPSEEK,
        39 => compatible("https://api.together.xyz"),
        40 => ARK,
        44 => SILICONFLOW,
        45 => compatible("https://api.x.ai"),
        50 => compatible(""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway::upstream::BaseUrl;

    #[test]
    fn the_same_number_is_another_service_at_the_other() {
        let provider = |kind, number| service(kind, number).map(|it| (it.provider, it.base_url));
        let openai = Some(("openai", "https://api.openai.com"));
        assert_eq!(provider(SiteKind::NewApi, 1), openai);
        assert_eq!(provider(SiteKind::OneApi, 1), openai);
        assert_eq!(service(SiteKind::NewApi, 42), service(SiteKind::OneApi, 28));
        assert_eq!(service(SiteKind::NewApi, 43), service(SiteKind::OneApi, 36));
        assert_eq!(service(SiteKind::OneApi, 42), None, "Vertex AI");
        for number in [0, 2, 5, 11, 15, 18, 23, 33, 37, 41, 57, 100, -1] {
            assert_eq!(service(SiteKind::NewApi, number), None, "{number}");
        }
    }

    #[test]
    fn every_address_is_one() {
        for number in 0..60 {
            for kind in [SiteKind::NewApi, SiteKind::OneApi] {
                let Some(found) = service(kind, number).filter(|it| !it.base_url.is_empty()) else {
                    continue;
                };
                BaseUrl::parse(&format!("{}{}", found.base_url, found.path)).unwrap();
                assert!(!found.base_url.ends_with('/'));
            }
        }
    }
}
