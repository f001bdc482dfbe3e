//! `tollkeeper dock`: who comes in, and the whole journey through its forms.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::client::raw::exchange;
use testkit::site::{ACCESS_TOKEN, Conduct, Reveal, value_of};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::stage::person::Person;

const CLAUDE: &str = "person/.claude/settings.json";
const PATIENCE: Duration = Duration::from_secs(30);

/// The running page, and the browser's cookie.
struct Dock {
    _process: Child,
    address: SocketAddr,
    code: String,
    cookie: String,
}

impl Dock {
    async fn start(person: &Person) -> anyhow::Result<Self> {
        let mut command = person.command(&["dock", "--no-open", "--json"]);
        let mut process = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let stdout = process.stdout.take().context("no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("it said nothing")?;
        let said: Value = serde_json::from_str(&line)?;
        let address: SocketAddr = said["listen"].as_str().context("no address")?.parse()?;
        let url = said["url"].as_str().context("no URL")?;
        let (_, code) = url.split_once('#').context("no code")?;
        let (code, cookie) = (code.to_owned(), String::new());
        Ok(Self { _process: process, address, code, cookie })
    }

    async fn entered(person: &Person) -> anyhow::Result<Self> {
        let mut dock = Self::start(person).await?;
        let answer = dock.post("/session", &[("code", &dock.code.clone())]).await?;
        ensure!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        let cookie = header(&answer, "set-cookie").context("no cookie")?;
        ensure!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        dock.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(dock)
    }

    async fn ask(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<String> {
        let mut head = format!("{line} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        Ok(String::from_utf8(exchange(self.address, head.as_bytes(), PATIENCE).await?)?)
    }

    async fn get(&self, path: &str) -> anyhow::Result<String> {
        let host = self.address.to_string();
        let headers = [("host", host.as_str()), ("cookie", &self.cookie)];
        self.ask(&format!("GET {path}"), &headers, "").await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let host = self.address.to_string();
        let origin = format!("http://{host}");
        let headers =
            [("host", host.as_str()), ("cookie", &self.cookie), ("origin", origin.as_str())];
        self.ask(&format!("POST {path}"), &headers, &encoded(fields)).await
    }

    /// A form that leads on, and the page that it leads to.
    async fn done(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let answer = self.post(path, fields).await?;
        ensure!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
        self.get(header(&answer, "location").context("no location")?).await
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let pairs = answer.lines().take_while(|line| !line.is_empty());
    pairs
        .filter_map(|line| line.split_once(": "))
        .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
}

/// What the person agrees to.
fn agreed(page: &str) -> anyhow::Result<String> {
    let (_, rest) = page.split_once("name=\"agreed\" value=\"").context("nothing to agree to")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn only_this_machines_browser_with_the_code_comes_in() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let dock = Dock::start(&person).await?;
    let host = dock.address.to_string();
    let origin = format!("http://{host}");
    // Before the code was handed in there is the gate, whatever is asked for.
    for path in ["/", "/accounts", "/accounts/mine", "/nothing"] {
        let gate = dock.get(path).await?;
        ensure!(gate.starts_with("HTTP/1.1 401"), "{path}: {gate}");
        ensure!(!gate.contains("mine<"), "{gate}");
        let policy = header(&gate, "content-security-policy").unwrap_or_default();
        ensure!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        ensure!(!policy.contains("unsafe"), "{policy}");
    }
    let wrong = dock.post("/session", &[("code", "0")]).await?;
    ensure!(wrong.starts_with("HTTP/1.1 403") && header(&wrong, "set-cookie").is_none(), "{wrong}");
    // A page elsewhere cannot hand it in either.
    let body = encoded(&[("code", &dock.code)]);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let evil = dock.ask("POST /session", &[("host", &host), (name, value)], &body).await?;
        ensure!(evil.starts_with("HTTP/1.1 403") && !evil.contains("set-cookie"), "{evil}");
    }
    let dock = Dock { cookie: cookie_of(&dock).await?, ..dock };
    let again = dock.ask("POST /session", &[("host", &host), ("origin", &origin)], &body).await?;
    ensure!(again.starts_with("HTTP/1.1 403") && !again.contains("set-cookie"), "{again}");
    ensure!(dock.get("/accounts").await?.starts_with("HTTP/1.1 200"));
    // A name of somebody else's that points here.
    for name in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        let headers = [("host", name), ("cookie", dock.cookie.as_str())];
        let answer = dock.ask("GET /accounts", &headers, "").await?;
        ensure!(answer.starts_with("HTTP/1.1 421") && !answer.contains("mine"), "{name}: {answer}");
    }
    // A write that no page of ours asked for, with the cookie.
    let cookie = dock.cookie.as_str();
    for extra in [
        vec![],
        vec![("origin", "null")],
        vec![("origin", "http://127.0.0.1:1")],
        vec![("origin", origin.as_str()), ("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
    ] {
        let headers = [vec![("host", host.as_str()), ("cookie", cookie)], extra.clone()].concat();
        let answer = dock.ask("POST /accounts/mine/remove", &headers, "").await?;
        ensure!(answer.starts_with("HTTP/1.1 403"), "{extra:?}: {answer}");
    }
    let other = [("host", host.as_str()), ("cookie", "tollkeeper_dock=0"), ("origin", &origin)];
    let answer = dock.ask("POST /accounts/mine/remove", &other, "").await?;
    ensure!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    ensure!(dock.get("/accounts").await?.contains("/accounts/mine"), "it was removed");
    let outside = person.failure(&["dock", "--listen", "0.0.0.0:0", "--no-open"], "").await?;
    ensure!(outside.contains("this machine alone"), "{outside}");
    Ok(())
}

async fn cookie_of(dock: &Dock) -> anyhow::Result<String> {
    let answer = dock.post("/session", &[("code", &dock.code)]).await?;
    let cookie = header(&answer, "set-cookie").with_context(|| answer.clone())?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_person_goes_all_the_way_through_the_forms() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let file = person.home().join(CLAUDE);
    let before = "{\n  \"theme\": \"dark\"\n}\n";
    std::fs::create_dir_all(person.home().join("person/.claude"))?;
    std::fs::write(&file, before)?;
    let dock = Dock::entered(&person).await?;
    ensure!(dock.get("/tools/codex").await?.contains("No account yet"));
    let url = person.site.base_url();
    let add = |name: &'static str, id: &'static str| {
        let secret = ("secret", ACCESS_TOKEN);
        [("name", name), ("site", "url"), ("sign_in", "token"), ("user_id", id), secret]
    };
    let with_url = |fields: [(&'static str, &'static str); 5]| {
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        fields.push(("url", &url));
        fields
    };
    for (name, id, says) in [
        ("mine", "x", "user_id\" role=\"alert\">The user id is a number"),
        ("m/n", "3", "name\" role=\"alert\">A name has 1 to 64"),
    ] {
        let refused = dock.post("/accounts", &with_url(add(name, id))).await?;
        ensure!(refused.starts_with("HTTP/1.1 422") && refused.contains(says), "{refused}");
        ensure!(!refused.contains("class=\"callout\""), "it is said above too: {refused}");
        ensure!(!refused.contains(ACCESS_TOKEN), "the secret came back");
    }
    let keys = dock.done("/accounts", &with_url(add("mine", "3"))).await?;
    for shown in ["mine is added", "$10.00", "token-1", "sim-small", "/tools/codex?account=mine"] {
        ensure!(keys.contains(shown), "{shown}: {keys}");
    }
    let asked = person.asked("GET", "/api/token/");
    dock.done("/accounts/mine/refresh", &[]).await?;
    ensure!(person.asked("GET", "/api/token/") > asked);
    dock.done("/accounts/mine/check-in", &[]).await?;
    let node = [("provider", url.as_str()), ("name", "near"), ("url", url.as_str())];
    ensure!(dock.done("/nodes", &node).await?.contains("near is added"));
    let measured = dock.post("/nodes/test", &[("provider", &url)]).await?;
    ensure!(measured.contains("3/3") && measured.contains("quickest"), "{measured}");

    let shown = dock.get("/tools/claude-code?account=mine&token=1&node=near").await?;
    ensure!(shown.contains("ANTHROPIC_AUTH_TOKEN") && !shown.contains(&value_of(1)), "{shown}");
    ensure!(person.asked("POST", "/api/token/") == 0, "looking asked the site for the value");
    let agreement = agreed(&shown)?;
    let choice = |agreed: &str, step: &str| {
        [("account", "mine"), ("token", "1"), ("node", "near"), ("model", "sim-small")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .chain([("agreed".to_owned(), agreed.to_owned()), ("step".to_owned(), step.to_owned())])
            .collect::<Vec<_>>()
    };
    let submit = async |agreed: &str, step: &str| {
        let fields = choice(agreed, step);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        dock.post("/tools/claude-code", &fields).await
    };
    // The model was not in what was agreed to.
    let again = submit(&agreement, "apply").await?;
    ensure!(again.contains("look again") && std::fs::read_to_string(&file)? == before, "{again}");
    let preview = submit("", "preview").await?;
    ensure!(preview.contains("sim-small") && std::fs::read_to_string(&file)? == before);
    let done = submit(&agreed(&preview)?, "apply").await?;
    ensure!(done.starts_with("HTTP/1.1 200") && done.contains("lists 2 models"), "{done}");
    ensure!(!done.contains(&value_of(1)), "{done}");
    ensure!(std::fs::read_to_string(&file)?.contains(&value_of(1)));
    let same = submit("", "preview").await?;
    ensure!(same.contains("Nothing changes.") && !same.contains("The token changes"), "{same}");
    let other = dock.get("/tools/claude-code?account=mine&token=2&node=near").await?;
    ensure!(!other.contains("Nothing changes."), "{other}");
    let tools = dock.get("/").await?;
    ensure!(tools.contains("In force") && tools.contains("mine/token-1"), "{tools}");
    ensure!(dock.get("/backups").await?.contains("settings.json"));

    let ask = dock.get("/tools/claude-code/clear").await?;
    let unagreed = dock.post("/tools/claude-code/clear", &[("agreed", "0")]).await?;
    ensure!(unagreed.starts_with("HTTP/1.1 200") && std::fs::read_to_string(&file)? != before);
    let agreement = agreed(&ask)?;
    let cleared = dock.done("/tools/claude-code/clear", &[("agreed", &agreement)]).await?;
    ensure!(cleared.contains("is as it was before"), "{cleared}");
    ensure!(std::fs::read_to_string(&file)? == before);
    let agreement = agreed(&dock.get("/undo").await?)?;
    dock.done("/undo", &[("agreed", &agreement)]).await?;
    ensure!(std::fs::read_to_string(&file)?.contains(&value_of(1)));
    dock.done("/accounts/mine/remove", &[]).await?;
    ensure!(dock.get("/accounts").await?.contains("An account is your sign-in"));
    person.was_polite()
}

#[tokio::test]
async fn a_hidden_value_is_asked_for_and_kept() -> anyhow::Result<()> {
    let person =
        Person::with_account(Conduct { reveal: Reveal::Nowhere, ..Conduct::default() }).await?;
    let dock = Dock::entered(&person).await?;
    let agreement = agreed(&dock.get("/tools/claude-code?account=mine&token=1").await?)?;
    let fields = [("account", "mine"), ("token", "1"), ("agreed", &agreement), ("step", "apply")];
    let asked = dock.post("/tools/claude-code", &fields).await?;
    ensure!(asked.contains("action=\"/accounts/mine/keep\""), "{asked}");
    ensure!(!person.home().join(CLAUDE).exists());
    let keep = [("token", "1"), ("tool", "claude-code"), ("value", &value_of(1))];
    let back = dock.done("/accounts/mine/keep", &keep).await?;
    ensure!(back.contains("name=\"agreed\""), "{back}");
    let done = dock.post("/tools/claude-code", &fields).await?;
    ensure!(done.contains("lists 2 models"), "{done}");
    Ok(())
}

#[tokio::test]
async fn it_speaks_chinese_and_keeps_the_choice() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let dock = Dock::entered(&person).await?;
    let answer = dock.post("/preferences", &[("language", "zh-CN"), ("back", "//evil")]).await?;
    ensure!(header(&answer, "location") == Some("/"), "{answer}");
    let chosen = header(&answer, "set-cookie").unwrap_or_default();
    let chosen = chosen.split(';').next().unwrap_or_default();
    let dock = Dock { cookie: format!("{}; {chosen}", dock.cookie), ..dock };
    for path in ["/", "/accounts", "/nodes", "/backups"] {
        let page = dock.get(path).await?;
        ensure!(page.contains("lang=\"zh-CN\"") && !page.contains(">dock-"), "{path}: {page}");
    }
    let refused = dock.post("/link", &[("link", "ccswitch://v1/other"), ("name", "a")]).await?;
    ensure!(refused.contains("id=\"error-link\" role=\"alert\">这不是完整的"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_file_holds_no_token_if_the_person_wants_that() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let dock = Dock::entered(&person).await?;
    let query = "account=mine&token=1&no_secret=yes";
    let shown = dock.get(&format!("/tools/claude-code?{query}")).await?;
    ensure!(shown.contains("apiKeyHelper"), "{shown}");
    let fields = [("account", "mine"), ("token", "1"), ("no_secret", "yes")];
    let agreement = agreed(&shown)?;
    let apply = [&fields[..], &[("agreed", agreement.as_str()), ("step", "apply")]].concat();
    let done = dock.post("/tools/claude-code", &apply).await?;
    ensure!(done.contains("lists 2 models"), "{done}");
    let written = std::fs::read_to_string(person.home().join(CLAUDE))?;
    ensure!(written.contains("apiKeyHelper") && !written.contains(&value_of(1)), "{written}");
    ensure!(person.text(&["secret", "claude-code"]).await?.contains(&value_of(1)));
    // A tool that cannot ask for it gets it in its file; one that needs a model gets the token's first.
    let gemini = dock.get(&format!("/tools/gemini-cli?{query}")).await?;
    ensure!(
        gemini.contains("+GEMINI_API_KEY=") && !gemini.contains("name=\"no_secret\""),
        "{gemini}"
    );
    let opencode = dock.get(&format!("/tools/opencode?{query}")).await?;
    ensure!(opencode.contains("tollkeeper/sim-small"), "{opencode}");
    let url = person.site.base_url();
    dock.done("/nodes", &[("provider", &url), ("name", "near"), ("url", &url)]).await?;
    let quickest = [&fields[..], &[("step", "quickest")]].concat();
    let measured = dock.post("/tools/claude-code", &quickest).await?;
    ensure!(measured.matches(" ms</option>").count() == 2, "{measured}");
    Ok(())
}
