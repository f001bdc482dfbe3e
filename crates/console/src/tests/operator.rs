//! The pages of owners and admins: whole in both languages, hidden from everybody else, and careful
//! with money and secrets.

use http::header::{LOCATION, SET_COOKIE};

use super::pages::{console, get, post, post_to};

pub(super) const PAGES: &[&str] = &[
    "/console/channel",
    "/console/channel/new",
    "/console/channel/new?preset=openai",
    "/console/channel/new?preset=other",
    "/console/price",
    "/console/price?q=GPT&served=yes",
    "/console/price?q=none",
    "/console/price/edit",
    "/console/price/edit?model=claude-sonnet-4-5",
    "/console/price/edit?model=gpt-5-nano",
    "/console/price/delete?model=gpt-5",
    "/console/price/import",
    "/console/user",
    "/console/user/new",
    "/console/user/usr_1",
    "/console/user/usr_3",
    "/console/user/usr_4/edit",
    "/console/user/usr_2/topup",
    "/console/user/usr_2/freeze",
    "/console/user/usr_2/reset",
    "/console/group",
    "/console/group/edit",
    "/console/group/edit?name=premium",
    "/console/group/delete?name=premium",
    "/console/code",
    "/console/code/new",
    "/console/code/rdm_1/revoke",
    "/console/system",
    "/console/system?verify=books",
];

/// Pages of things that a new deployment does not have.
pub(super) const LATER: &[&str] = &[
    "/console/channel/chn_1",
    "/console/channel/chn_3",
    "/console/channel/chn_1/edit",
    "/console/channel/chn_2/delete",
    "/console/system/doubt/call_77/settle",
    "/console/system/doubt/call_77/release",
];

#[tokio::test]
async fn every_page_is_whole_in_both_languages() {
    for role in ["owner", "admin", "new"] {
        for language in ["en", "zh-CN"] {
            let later = if role == "new" { &[] } else { LATER };
            for path in PAGES.iter().chain(later) {
                let page = get(role, path, language).await;
                let what = format!("{path} for {role} in {language}");
                assert_eq!(page.status, 200, "{what}");
                assert!(page.text.contains(&format!("<html lang=\"{language}\"")), "{what}");
                for bad in ["<script>", " style=", " onclick", "<style", "<b>", "{$", "{ $"] {
                    assert!(!page.text.contains(bad), "{bad} in {what}");
                }
                // A message without words is shown as its id.
                for area in [
                    "channel", "price", "user", "group", "code", "system", "import", "token", "nav",
                ] {
                    assert!(!page.text.contains(&format!(">{area}-")), "{area} in {what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn to_a_member_they_do_not_exist() {
    for path in PAGES.iter().chain(LATER) {
        assert_eq!(get("member", path, "en").await.status, 404, "{path}");
    }
    let home = get("member", "/console", "en").await;
    assert!(!home.text.contains("/console/channel"), "the navigation hides them too");
    assert!(get("admin", "/console", "en").await.text.contains("/console/channel"));
}

#[tokio::test]
async fn errors_of_a_channel_stand_beside_their_inputs_and_no_secret_comes_back() {
    let form = "name=kept&base_url=nonsense&secrets=sk-very-secret&models=a&model_map=fast+%3D+b";
    let page = post("/console/channel/new", form, true).await;
    assert!(page.text.contains("id=\"error-base_url\" role=\"alert\">Expected an address."));
    assert!(page.text.contains("id=\"error-model_map\" role=\"alert\">fast: This is not"));
    assert!(page.text.contains("id=\"error-secrets\" role=\"alert\">Expected visible"));
    assert!(page.text.contains("value=\"kept\"") && !page.text.contains("sk-very-secret"));
}

#[tokio::test]
async fn a_test_answers_beside_its_button_or_on_the_channel_page() {
    let part = post("/console/channel/chn_1/test", "", true).await;
    assert!(part.text.contains("Works, 412") && part.text.contains("refuses the secret"));
    assert!(!part.text.contains("<html") && !part.text.contains("<script>"));
    let page = post("/console/channel/chn_1/test", "model=gpt-5", false).await;
    assert!(page.text.contains("<html") && page.text.contains("Works, 412"));
}

#[tokio::test]
async fn deleting_a_channel_names_what_nothing_else_serves() {
    let page = get("owner", "/console/channel/chn_2/delete", "en").await;
    assert!(page.text.contains("1 model is served by no other channel"));
    assert!(page.text.contains("claude-sonnet-4-5"));
    let gone = post("/console/channel/chn_2/delete", "", false).await;
    assert_eq!((gone.status, gone.header(LOCATION)), (303, "/console/channel"));
}

#[tokio::test]
async fn models_without_a_price_come_first() {
    let page = get("owner", "/console/price", "en").await;
    assert!(page.text.contains("4 models have no price"), "{}", page.text);
    let missing = page.text.find("model=gpt-5-nano").unwrap();
    assert!(missing < page.text.find("class=\"grid prices\"").unwrap());
}

#[tokio::test]
async fn an_import_is_previewed_before_it_is_done() {
    let form = "source=litellm&data=%7B%22a%22%3A1%7D&overwrite=yes";
    let page = post("/console/price/import", form, false).await;
    assert!(page.text.contains("Import 2 prices"), "one is new, one is replaced");
    assert!(page.text.contains("<s class=\"muted\">$0.25</s> $0.30"), "the old one goes");
    assert!(page.text.contains("<span>—</span>"), "what stays is said once");
    let kept = post("/console/price/import", "source=litellm&data=%7B%22a%22%3A1%7D", false).await;
    assert!(kept.text.contains("<s class=\"muted\">$0.30</s> $0.25"), "what is left alone stays");
    assert!(page.text.contains("value=\"{&#34;a&#34;:1}\""), "the file is sent again");
    let done = post("/console/price/import", &format!("{form}&sure=yes"), false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/price"));
    let wrong = post("/console/price/import", "source=litellm&data=nonsense", false).await;
    assert!(wrong.text.contains("id=\"error-data\" role=\"alert\">This is not JSON."));
}

#[tokio::test]
async fn a_price_needs_a_model_that_is_a_name() {
    let page = post("/console/price/edit", "model=a+b&input=1", true).await;
    assert!(page.text.contains("id=\"error-model\""));
    let done = post("/console/price/edit", "model=made&input=1&output=2", false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/price"));
}

#[tokio::test]
async fn money_goes_in_once() {
    let form = get("owner", "/console/user/usr_2/topup", "en").await;
    let key = form.text.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(key.starts_with("console-"));
    let again = get("owner", "/console/user/usr_2/topup", "en").await;
    assert!(!again.text.contains(&format!("\"{key}\"")), "each form has a key of its own");
    let wrong = post("/console/user/usr_2/topup", &format!("once={key}&amount=-1"), true).await;
    assert!(wrong.text.contains("id=\"error-amount\""));
    assert!(wrong.text.contains(&format!("\"{key}\"")), "a corrected form keeps its key");
    let done = post("/console/user/usr_2/topup", &format!("once={key}&amount=$25.5"), false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/user/usr_2"));
}

#[tokio::test]
async fn links_and_codes_are_shown_once_with_their_whole_address() {
    let page = post("/console/user/new", "name=New&role=member", true).await;
    assert!(page.text.contains("https://gw.example.com/console/invite#a41b2c"));
    let page = post("/console/user/usr_2/reset", "remove_totp=yes", true).await;
    assert!(page.text.contains("https://gw.example.com/console/reset#5f1c"));
    let page = post("/console/code/new", "amount=25&count=4&expires=90", true).await;
    assert!(page.text.contains("Kx7P-0aaa-bbbb-cccc-dddd-9wQ2"));
    assert!(page.text.contains("data:text/csv"));
}

#[tokio::test]
async fn a_group_in_use_is_not_deleted_and_says_so() {
    let page = post("/console/group/delete", "name=in-use", true).await;
    assert!(page.text.contains("still names this group"));
    let done = post("/console/group/delete", "name=spare", false).await;
    assert!(done.header(SET_COOKIE).contains("group-notice-deleted"));
}

#[tokio::test]
async fn a_backup_is_for_the_owner_and_the_passphrase_is_typed_twice() {
    let card = "action=\"/console/system/backup#backup\"";
    assert!(get("owner", "/console/system", "en").await.text.contains(card));
    assert!(!get("admin", "/console/system", "en").await.text.contains(card));
    let to = "/console/system/backup";
    let page = post(to, "passphrase=one+of+them&again=another&password=right", false).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("id=\"error-again\"") && !page.text.contains("one of them"));
    let page = post(to, "passphrase=the+same&again=the+same&password=wrong", false).await;
    assert!(page.text.contains("id=\"error-password\""), "{}", page.text);
    let file = post(to, "passphrase=the+same&again=the+same&password=right", false).await;
    assert_eq!((file.status, file.text.as_str()), (200.try_into().unwrap(), "TOLLKEEPER BACKUP"));
}

const IMPORT: &str = "/console/system/import";

/// The form with a file as a browser sends it.
fn with_file(file: &str) -> String {
    format!(
        "--x\r\nContent-Disposition: form-data; name=\"overwrite\"\r\n\r\nyes\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"one-api.db\"\r\nContent-Type: application/octet-stream\r\n\r\n{file}\r\n--x--\r\n"
    )
}

#[tokio::test]
async fn a_site_is_imported_after_its_preview_and_its_file_is_sent_once() {
    let console = console("owner");
    for language in ["en", "zh-CN"] {
        let page = get("owner", IMPORT, language).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("type=\"file\"") && !page.text.contains(">import-"));
        let kind = "multipart/form-data; boundary=x";
        let preview =
            post_to(&console, IMPORT, &with_file("SQLite format 3"), kind, language).await;
        assert_eq!(preview.status, 200);
        for shown in ["alice@example.com", "OpenAI main", "hand-made", "claude-sonnet-4-5", "×0.8"]
        {
            assert!(preview.text.contains(shown), "{shown} in {}", preview.text);
        }
        for bad in ["<script>", " style=", ">import-", "SQLite format 3"] {
            assert!(!preview.text.contains(bad), "{bad} in {language}");
        }
        let name = preview.text.split("name=\"held\" value=\"").nth(1).unwrap();
        let name = name.split('"').next().unwrap();
        assert!(preview.text.contains("name=\"overwrite\" value=\"yes\""));
        let form = format!("held={name}&overwrite=yes&sure=yes");
        let url_encoded = "application/x-www-form-urlencoded";
        let done = post_to(&console, IMPORT, &form, url_encoded, language).await;
        assert!(done.text.contains("data-tone=\"good\"") && !done.text.contains("name=\"sure\""));
        let again = post_to(&console, IMPORT, &form, url_encoded, language).await;
        assert!(again.text.contains("id=\"error-file\" role=\"alert\""), "{}", again.text);
    }
}

#[tokio::test]
async fn an_import_says_what_is_wrong_with_the_file() {
    let console = console("owner");
    let kind = "multipart/form-data; boundary=x";
    let none = post_to(&console, IMPORT, &with_file(""), kind, "en").await;
    assert!(none.text.contains("id=\"error-file\" role=\"alert\">Choose the file."));
    let other = post_to(&console, IMPORT, &with_file("nonsense"), kind, "en").await;
    assert!(other.text.contains("This is not a database of new-api"));
    let large = with_file(&"x".repeat(65 << 20));
    let large = post_to(&console, IMPORT, &large, kind, "en").await;
    assert!(large.text.contains("larger than 64 MiB"));
    let broken = post_to(&console, IMPORT, "--x", kind, "en").await;
    assert_eq!(broken.status, 400);
}

#[tokio::test]
async fn only_an_owner_imports_a_site() {
    for role in ["member", "admin"] {
        assert_eq!(get(role, IMPORT, "en").await.status, 404, "{role}");
    }
    assert!(get("owner", "/console/system", "en").await.text.contains(IMPORT));
    assert!(!get("admin", "/console/system", "en").await.text.contains(IMPORT));
    assert!(get("new", "/console", "en").await.text.contains(IMPORT));
}
