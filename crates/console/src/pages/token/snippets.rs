//! Ready-made settings and calls for the clients that people use.

/// A client's name and what to paste.
pub(crate) struct Snippet {
    /// The id of its tab.
    pub(crate) id: &'static str,
    /// The client.
    pub(crate) name: &'static str,
    /// Where it goes, or what it is.
    pub(crate) place: &'static str,
    /// What to paste.
    pub(crate) text: String,
}

/// For this address, value and model.
pub(super) fn snippets(base: &str, key: &str, model: &str) -> Vec<Snippet> {
    vec![
        Snippet {
            id: "curl",
            name: "curl",
            place: "sh",
            text: format!(
                "curl {base}/v1/chat/completions \\\n  -H \"Authorization: Bearer {key}\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"model\": \"{model}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'"
            ),
        },
        Snippet {
            id: "python",
            name: "Python",
            place: "pip install openai",
            text: format!(
                "from openai import OpenAI\n\nclient = OpenAI(\n    base_url=\"{base}/v1\",\n    api_key=\"{key}\",\n)\nanswer = client.chat.completions.create(\n    model=\"{model}\",\n    messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n)\nprint(answer.choices[0].message.content)"
            ),
        },
        Snippet {
            id: "node",
            name: "Node.js",
            place: "npm install openai",
            text: format!(
                "import OpenAI from \"openai\";\n\nconst client = new OpenAI({{\n  baseURL: \"{base}/v1\",\n  apiKey: \"{key}\",\n}});\nconst answer = await client.chat.completions.create({{\n  model: \"{model}\",\n  messages: [{{ role: \"user\", content: \"Hello\" }}],\n}});\nconsole.log(answer.choices[0].message.content);"
            ),
        },
        Snippet {
            id: "claude-code",
            name: "Claude Code",
            place: "~/.claude/settings.json",
            text: format!(
                "{{\n  \"env\": {{\n    \"ANTHROPIC_BASE_URL\": \"{base}\",\n    \"ANTHROPIC_AUTH_TOKEN\": \"{key}\",\n    \"ANTHROPIC_API_KEY\": \"\"\n  }}\n}}"
            ),
        },
        Snippet {
            id: "codex",
            name: "Codex",
            place: "~/.codex/config.toml",
            text: format!(
                "model = \"{model}\"\nmodel_provider = \"tollkeeper\"\n\n[model_providers.tollkeeper]\nname = \"Tollkeeper\"\nbase_url = \"{base}/v1\"\nwire_api = \"responses\"\nexperimental_bearer_token = \"{key}\""
            ),
        },
    ]
}
