//! Files as people have them: each base in several spellings of line ends, indentation and marks.

/// A file of a tool.
pub(crate) struct Sample {
    pub(crate) tool: &'static str,
    pub(crate) file: usize,
    pub(crate) bytes: Vec<u8>,
}

const CLAUDE: &[&str] = &[
    "",
    " \n\n",
    "{}",
    "{ }\n",
    "{\n}\n",
    "{\"env\":{}}",
    "{\"model\":\"opus\",\"env\":{\"A\":\"1\",\"B\":\"2\"}}",
    "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://old.example\",\n    \"ANTHROPIC_API_KEY\": \"sk-ant-old\"\n  }\n}\n",
    "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\" : \"http:\\/\\/old\\u002eexample\",\n    \"MAX\": \"1\"\n  },\n  \"n\": [1.0, 1e3, -0, 1E+2, 0.10]\n}\n",
    "{\n  \"permissions\": {\n    \"allow\": [\"Bash(git *)\", \"Read(~/x/**)\"],\n    \"deny\": [\"WebFetch\"],\n    \"defaultMode\": \"acceptEdits\"\n  },\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Bash\", \"hooks\": [ { \"type\": \"command\", \"command\": \"check \\\"$X\\\"\" } ] }\n    ]\n  }\n}\n",
    "{\n  \"mcpServers\": {\n    \"db\": { \"command\": \"npx\", \"args\": [\"-y\", \"db-mcp\"], \"env\": { \"TOKEN\": \"abc\" } }\n  },\n  \"apiKeyHelper\": \"/opt/bin/key --of me\",\n  \"statusLine\": { \"type\": \"command\", \"command\": \"date\" }\n}\n",
    "{ \"apiKeyHelper\": \"x\" }",
    "{\n  \"a\": \"\u{4f60}\u{597d} \u{1f600} \\ud83d\\ude00\",\n\n\n  \"b\": null,\n  \"env\": {\n\n    \"X\": \"\"\n\n  },\n  \"z\": {}\n}",
    "{\"env\":{\"X\":\"{\\\"a\\\":1}\"},\n \"c\":[\n1,\n2 ]   }\n\n\n",
];

const CODEX: &[&str] = &[
    "",
    "# my settings\n",
    "#:schema https://example.com/codex.json\nmodel = \"gpt-5\"\n",
    "model = 'gpt-5' # mine\napproval_policy = \"on-request\"\n\n[mcp_servers.db]\ncommand = \"npx\"\nargs = [\"-y\", \"db\"] # both\n",
    "[features]\nweb_search = true\n\n[[hooks]]\nname = \"a\"\n\n[[hooks]]\nname = \"b\"\n",
    "# head\n\n[tui]\ntheme = \"dark\" # yes\n",
    "model_provider = \"openai\"\nmodel = \"o3\"\n[model_providers.azure]\nname = \"Azure\"\nbase_url = \"https://a\"\n[model_providers.azure.query_params]\nv = \"1\"\n",
    "model_providers = { x = { name = \"X\", base_url = \"http://x\" } }\n",
    "model_providers.x.name = \"X\"\nmodel_providers.x.base_url = \"http://x\"\nn = 0x1F\nf = 1_000.50\n",
    "[model_providers.tollkeeper]\nname = \"By hand\"\nbase_url = \"https://gateway/v1\"\nenv_key = \"TOLLKEEPER_KEY\"\n",
    "[a.b.c]\nd = 1\n[a]\nz = 2\n[model_providers]\n[a.x]\nq = '''\n[not.a.header]\n'''\n",
    "profile = \"work\"\n[profiles.work]\nmodel = \"x\"\n  [profiles.home]\n  model = \"y\"\n[projects.\"/src/a b\"]\ntrust_level = \"trusted\"",
    "when = 1979-05-27T07:32:00Z\nlist = [\n  1, # one\n  2,\n]\n[x]\n",
    "\n\n[only]\n# a comment at the end",
];

const DOTENV: &[&str] = &[
    "",
    "# keys\nGOOGLE_CLOUD_PROJECT=x\n",
    "export GEMINI_API_KEY=\"AIza-old\" # mine\nOTHER='a\nGEMINI_API_KEY=not this\n'\n",
    "GEMINI_API_KEY = old\nGOOGLE_GEMINI_BASE_URL=https://old\n\n\nLAST=`x`",
    "not a line\n=\nA=1\n A=2\n",
];

const GEMINI: &[&str] = &[
    "{\n  // how to sign in\n  \"security\": { \"auth\": { \"selectedType\": \"oauth-personal\" } }\n}\n",
    "{\n  \"ui\": { \"theme\": \"x\" } // last\n}\n",
    "{ /* nothing yet */ }\n",
    "{\"security\":{\"auth\":{}}}",
];

const OPENCODE: &[&str] = &[
    "{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"theme\": \"x\",\n}\n",
    "{\n  // mine\n  \"provider\": {\n    \"a\": { \"npm\": \"b\", }, // c\n  },\n  \"mcp\": { \"d\": { \"type\": \"local\", \"command\": [\"e\", \"f\"] } }\n}\n",
    "{\"model\":\"a/b\",\"provider\":{\"tollkeeper\":{\"npm\":\"mine\"}}}",
    "{\n  \"agent\": {},\n  /* a */ \"model\": \"x/y\" /* b */\n  /* c */\n}\n",
];

/// All of them.
pub(crate) fn corpus() -> Vec<Sample> {
    let mut samples = Vec::new();
    let kinds: [(&str, usize, &[&str]); 5] = [
        ("claude-code", 0, CLAUDE),
        ("codex", 0, CODEX),
        ("gemini-cli", 0, DOTENV),
        ("gemini-cli", 1, GEMINI),
        ("opencode", 0, OPENCODE),
    ];
    for (tool, file, bases) in kinds {
        for base in bases {
            let mut texts = vec![(*base).to_owned()];
            texts.push(base.replace('\n', "\r\n"));
            texts.push(base.replace("\n  ", "\n\t"));
            texts.push(base.trim_end().to_owned());
            texts.push(format!("\u{feff}{base}"));
            texts.sort();
            texts.dedup();
            let bytes = texts.into_iter().map(String::into_bytes);
            samples.extend(bytes.map(|bytes| Sample { tool, file, bytes }));
        }
    }
    samples
}
