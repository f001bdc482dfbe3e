//! A tool × a key × a node × a model: what there is to choose from, what it would change, doing it.
//!
//! The preview is made with the key as its list shows it, so that looking costs no question at the
//! site; a key that stands in the tool's file already is read there. Only applying asks for the value.

use companion::accounts::tokens::Freshness;
use companion::accounts::{self, Account};
use companion::base_url::BaseUrl;
use companion::companion::{Companion, Request};
use companion::credential::{Choice, Credential, Site};
use companion::nodes::{self, Latency, Node};
use companion::plan::{Plan, PlannedFile};
use companion::sites::mask::fits;
use companion::sites::{Token, TokenStatus};
use companion::tools::{self, SecretCommand, Tool, Warning};
use companion::verify::Answer;
use console::look::{Html, diff};
use domain::secret::Secret;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

use crate::app::{App, Settings};
use crate::form::Form;
use crate::page::{Message, Problem};

/// What can be chosen, and what is.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) accounts: Vec<Account>,
    pub(crate) account: Option<Account>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) token: Option<Token>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) node: Option<Node>,
    /// How soon the nodes answered, where the person asked for that.
    pub(crate) measured: Vec<Latency>,
    pub(crate) model: Option<String>,
    /// The tool asks us for the key; its file holds none.
    pub(crate) no_secret: bool,
}

/// What would change.
pub(crate) struct Preview {
    pub(crate) files: Vec<PreviewedFile>,
    pub(crate) warnings: Vec<Warning>,
    /// What the person agrees to by applying.
    pub(crate) agreed: String,
}

pub(crate) struct PreviewedFile {
    pub(crate) path: PathBuf,
    pub(crate) diff: Option<Html>,
    /// A change that no line of the file shows.
    pub(crate) unseen: Option<Message>,
    /// Values of ours that somebody else changed, and that stay.
    pub(crate) left: Vec<String>,
}

/// Whether a token may be chosen.
pub(crate) fn usable(token: &Token) -> bool {
    matches!(token.status, TokenStatus::Active | TokenStatus::NotUsed | TokenStatus::Unknown)
}

impl Options {
    /// What the form says; where it says nothing that there is, the first.
    pub(crate) async fn of(app: &App, tool: &dyn Tool, form: &Form) -> (Self, Option<Problem>) {
        let no_secret = tool.asks_commands() && !form.text("no_secret").is_empty();
        let mut options = Self { model: form.given("model"), no_secret, ..Self::default() };
        let filled = options.fill(app, form).await;
        if tool.needs_model() && options.model.is_none() {
            options.model = options.models().first().cloned();
        }
        (options, filled.err())
    }

    async fn fill(&mut self, app: &App, form: &Form) -> Result<(), Problem> {
        let accounts = app.accounts();
        self.accounts = accounts.list()?;
        let wanted = form.text("account");
        let account = self.accounts.iter().find(|it| it.name == wanted);
        let Some(account) = account.or(self.accounts.first()).cloned() else { return Ok(()) };
        self.account = Some(account.clone());
        self.nodes = nodes::list(app.home(), &account.provider())?;
        let node = self.nodes.iter().find(|it| it.name == form.text("node"));
        self.node = node.or(self.nodes.first()).cloned();
        if form.text("step") == "quickest" {
            self.measured = measured(app, self.nodes.clone()).await;
            self.node = nodes::best(&self.measured).map(|it| it.node.clone()).or(self.node.take());
        }
        let kept = accounts.tokens(&account, Freshness::WhenOld, app.now()).await?;
        self.tokens = kept.list.tokens;
        let usable: Vec<&Token> = self.tokens.iter().filter(|it| usable(it)).collect();
        let token = usable.iter().find(|it| it.id == form.text("token")).or(usable.first());
        self.token = token.map(|token| (*token).clone());
        Ok(())
    }

    /// The models that the key names, to choose from.
    pub(crate) fn models(&self) -> &[String] {
        self.token.as_ref().and_then(|token| token.models.as_deref()).unwrap_or_default()
    }

    pub(crate) fn is_account(&self, name: &str) -> bool {
        self.account.as_ref().is_some_and(|chosen| chosen.name == name)
    }

    pub(crate) fn is_token(&self, id: &str) -> bool {
        self.token.as_ref().is_some_and(|chosen| chosen.id == id)
    }

    pub(crate) fn is_node(&self, name: &str) -> bool {
        self.node.as_ref().is_some_and(|chosen| chosen.name == name)
    }

    /// How soon a node answered, if it was asked.
    pub(crate) fn latency(&self, name: &str) -> Option<u64> {
        self.measured.iter().find(|it| it.node.name == name)?.p50_ms
    }

    fn choice(&self) -> Option<Choice> {
        Some(Choice {
            account: self.account.as_ref()?.name.clone(),
            token: self.token.as_ref()?.id.clone(),
            node: self.node.as_ref().map(|node| node.name.clone()),
        })
    }

    /// A credential with the key as lists show it.
    async fn stand_in(&self, app: &App) -> Result<Option<Credential>, Problem> {
        let (Some(account), Some(token), Some(node)) = (&self.account, &self.token, &self.node)
        else {
            return Ok(None);
        };
        let secret = match &token.masked {
            Some(masked) => Secret::new(masked.clone()),
            None => app.accounts().value(account, token).await?,
        };
        let (kind, account) = (account.kind.name().to_owned(), account.name.clone());
        let site = Site::Account { kind, account, token: token.name.clone() };
        Ok(Some(Credential { base_url: BaseUrl::new(&node.url.to_string())?, secret, site }))
    }
}

/// How often a node is asked.
const TRIES: usize = 3;

/// How soon nodes answer.
pub(crate) async fn measured(app: &App, nodes: Vec<Node>) -> Vec<Latency> {
    let mut measured = Vec::new();
    // One after the other: they would slow each other down.
    for node in nodes {
        measured.push(nodes::measure(&app.settings().web, node, TRIES).await);
    }
    measured
}

/// What would change; `None` while something is still to be chosen.
pub(crate) async fn preview(
    app: &App,
    tool: &'static dyn Tool,
    options: &Options,
) -> Result<Option<Preview>, Problem> {
    if tool.needs_model() && options.model.is_none() {
        return Ok(None);
    }
    let Some(mut credential) = options.stand_in(app).await? else { return Ok(None) };
    let settings = app.settings();
    let (around, places) = (&settings.surroundings, &settings.places);
    let warnings = tools::warnings(tool, &credential.base_url, around, places);
    let (model, no_secret) = (options.model.clone(), options.no_secret);
    let masked = options.token.as_ref().and_then(|token| token.masked.clone());
    app.with_companion(move |app, companion| {
        let written = companion.written_key(tool, &credential.site);
        let same = |secret: &Secret| masked.is_some_and(|mask| fits(secret.expose(), &mask));
        if let Some(secret) = written.filter(same) {
            credential.secret = secret;
        }
        let plan = planned(app, companion, tool, &credential, model, no_secret)?;
        Ok(Some(of_plan(&plan, warnings)))
    })
    .await
}

fn planned(
    app: &App,
    companion: &Companion<'_>,
    tool: &'static dyn Tool,
    credential: &Credential,
    model: Option<String>,
    no_secret: bool,
) -> Result<Plan, Problem> {
    let Settings { program, surroundings, .. } = app.settings();
    let command = match program {
        Some(program) if no_secret => Some(SecretCommand::of(program.clone(), tool, surroundings)),
        None if no_secret => return Err(Problem::new("this program's own path is not known")),
        _ => None,
    };
    let request = Request { tool, credential, model, command };
    Ok(companion.plan_use(&request, app.now().get())?)
}

/// A plan as a page shows it.
pub(crate) fn of_plan(plan: &Plan, warnings: Vec<Warning>) -> Preview {
    let text: String = plan.files.iter().map(PlannedFile::diff).collect();
    let files = plan.files.iter().map(|file| {
        let change = file.diff();
        let change = without_names(&change);
        let unseen = match file.seen.bytes == file.wanted {
            true if file.changes() => Some(Message("dock-mode-changes")),
            false if !change.contains("@@") => Some(Message("dock-secret-changes")),
            _ => None,
        };
        PreviewedFile {
            path: file.seen.path.clone(),
            diff: (file.changes() && unseen.is_none()).then(|| diff(change)),
            unseen,
            left: file.without_us.left.iter().map(ToString::to_string).collect(),
        }
    });
    Preview { files: files.collect(), warnings, agreed: hex::encode(Sha256::digest(text)) }
}

/// A diff without the two lines that name the file, which stands above it.
fn without_names(diff: &str) -> &str {
    match diff.match_indices('\n').nth(1) {
        Some((at, _)) if diff.starts_with("---") => diff.get(at + 1..).unwrap_or_default(),
        _ => diff,
    }
}

/// How applying went.
pub(crate) enum Applied {
    /// Written, read again, and taken by the node.
    Done(Option<Answer>),
    /// The files changed since the person looked.
    LookAgain,
    /// Only the person can give the key's value.
    NeedsValue(Problem),
}

/// Does what the person agreed to; takes it back where the node refuses the key.
pub(crate) async fn apply(
    app: &App,
    tool: &'static dyn Tool,
    options: &Options,
    agreed: &str,
) -> Result<Applied, Problem> {
    let Some(choice) = options.choice() else { return Ok(Applied::LookAgain) };
    match preview(app, tool, options).await? {
        Some(preview) if preview.agreed == agreed => {}
        _ => return Ok(Applied::LookAgain),
    }
    let credential = match accounts::credential(&app.accounts(), &choice, app.now()).await {
        Err(error) if accounts::tokens::needs_value(&error) => {
            return Ok(Applied::NeedsValue(error.into()));
        }
        found => found?,
    };
    let (model, no_secret) = (options.model.clone(), options.no_secret);
    app.with_companion(move |app, companion| {
        let plan = planned(app, companion, tool, &credential, model, no_secret)?;
        companion.apply(&plan, Some(&credential), app.now().get())?;
        match companion.verify(&plan, tool, Some(app.settings().probe.as_ref())) {
            Ok(answer) => Ok(Applied::Done(answer)),
            Err(error) => {
                let back = companion.plan_undo()?;
                companion.apply(&back, None, app.now().get())?;
                Err(Problem::from(error).taken_back())
            }
        }
    })
    .await
}
