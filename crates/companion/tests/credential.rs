//! What the verb `use` gets of an account, against a simulated site: a whole value or a reason.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set fails its test")]

use companion::accounts::{AccountError, credential};
use companion::accounts::{Accounts, NewAccount, tokens::needs_value};
use companion::credential::{Choice, Credential};
use companion::home::Home;
use companion::nodes;
use companion::sites::SignInKind;
use companion::web::{PATIENCE, Web};
use domain::secret::Secret;
use domain::time::UnixMillis;
use tempfile::TempDir;
use testkit::site::{ACCESS_TOKEN, Conduct, Reveal, SimulatedSite, USER_ID, value_of};

const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

struct Scene {
    site: SimulatedSite,
    accounts: Accounts,
    _home: TempDir,
}

impl Scene {
    async fn set(conduct: Conduct) -> Self {
        let site = SimulatedSite::start(conduct).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let place = Home { config: home.path().join("c"), state: home.path().join("s") };
        let accounts = Accounts::of(place, Web::new(PATIENCE).unwrap());
        let new = NewAccount {
            name: "mine".to_owned(),
            site: site.base_url(),
            sign_in: SignInKind::AccessToken,
            user_id: Some(USER_ID),
            secret: Secret::new(ACCESS_TOKEN.to_owned()),
        };
        accounts.add(new, false, NOW).await.unwrap();
        Self { site, accounts, _home: home }
    }

    async fn credential(
        &self,
        token: &str,
        node: Option<&str>,
    ) -> Result<Credential, AccountError> {
        credential(&self.accounts, &choice(token, node), NOW).await
    }

    async fn why_not(&self, token: &str, node: Option<&str>) -> AccountError {
        self.credential(token, node).await.err().unwrap()
    }
}

fn choice(token: &str, node: Option<&str>) -> Choice {
    Choice { account: "mine".to_owned(), token: token.to_owned(), node: node.map(str::to_owned) }
}

#[tokio::test]
async fn a_value_is_whole_wherever_it_comes_from() {
    for conduct in [
        Conduct::default(),
        Conduct { reveal: Reveal::Batch, ..Conduct::default() },
        Conduct { reveal: Reveal::Nowhere, masked: false, ..Conduct::default() },
        Conduct::older(),
    ] {
        let scene = Scene::set(conduct.clone()).await;
        for token in ["1", "token-1"] {
            let found = scene.credential(token, None).await.unwrap();
            assert_eq!(found.secret.expose(), format!("sk-{}", value_of(1)), "{conduct:?}");
            assert_eq!(found.base_url.as_str(), scene.site.base_url());
        }
        assert!(scene.site.complaints().is_empty(), "{:?}", scene.site.complaints());
    }
}

#[tokio::test]
async fn what_is_masked_or_anothers_is_never_handed_on() {
    for reveal in [Reveal::Nowhere, Reveal::Refused, Reveal::Masked, Reveal::Wrong] {
        let scene = Scene::set(Conduct { reveal, ..Conduct::default() }).await;
        let why = scene.why_not("1", None).await;
        assert!(needs_value(&why), "{reveal:?}: {why}");
        assert!(why.to_string().contains("tollkeeper tokens keep"), "{why}");
        let account = scene.accounts.get("mine").unwrap();
        let token = scene.accounts.token(&account, "1", NOW).await.unwrap();
        let pasted = Secret::new(value_of(1));
        scene.accounts.keep(&account, &token, &pasted).unwrap();
        let found = scene.credential("1", None).await.unwrap();
        assert_eq!(found.secret.expose(), format!("sk-{}", value_of(1)));
    }
}

#[tokio::test]
async fn a_chosen_node_is_where_the_key_goes() {
    let scene = Scene::set(Conduct::default()).await;
    let provider = scene.site.base_url();
    nodes::add(scene.accounts.home(), &provider, "near", "https://near.example/v1").unwrap();
    let found = scene.credential("1", Some("near")).await.unwrap();
    assert_eq!(found.base_url.as_str(), "https://near.example");
    let why = scene.why_not("1", Some("far")).await.to_string();
    assert!(why.contains("has no node far"), "{why}");
}

#[tokio::test]
async fn what_cannot_be_used_is_said() {
    let scene = Scene::set(Conduct::default()).await;
    for (token, says) in [
        ("token-2", "is disabled"),
        ("token-3", "is exhausted"),
        ("token-9", "has no token token-9"),
    ] {
        let why = scene.why_not(token, None).await.to_string();
        assert!(why.contains(says), "{why}");
    }
    let account = scene.accounts.get("mine").unwrap();
    scene.accounts.make(&account, "token-1", NOW).await.unwrap();
    let why = scene.why_not("token-1", None).await.to_string();
    assert!(why.contains("several tokens called token-1") && why.contains("4"), "{why}");
}
