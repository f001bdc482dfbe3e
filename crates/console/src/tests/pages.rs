//! Every page in both languages: all words are there, nothing inline, data stays text. And the
//! ways of forms: errors beside their fields, the value shown once, who is sent where.

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, SET_COOKIE};
use http::{Request, Response};
use http_body_util::BodyExt;
use std::sync::Arc;
use tower::ServiceExt;

use crate::samples;
use crate::settings::Settings;

pub(super) const PAGES: &[&str] = &[
    "/console",
    "/console/token",
    "/console/token?q=none&status=active&sort=name",
    "/console/token?sort=-monthly",
    "/console/token/new",
    "/console/token/key_0",
    "/console/token/key_1",
    "/console/token/key_0/edit",
    "/console/token/new?template=development",
    "/console/token/bulk",
    "/console/token/template",
    "/console/token/template/edit",
    "/console/token/template/edit?name=development",
    "/console/token/template/edit?name=batch%20%3Cb%3E",
    "/console/token/template/delete?name=batch",
    "/console/token/key_7",
    "/console/token/key_1/rotate",
    "/console/token/key_1/rotate/end",
    "/console/token/key_0/reveal",
    "/console/token/key_0/leaked",
    "/console/token/key_0/refund",
    "/console/audit",
    "/console/audit?severity=high&dismissed=true",
    "/console/usage/token?key_id=key_1&range=30d",
    "/console/audit/log",
    "/console/audit/verify",
    "/console/token/key_6/revoke",
    "/console/token/key_6/delete",
    "/console/_gallery",
    "/console/login",
    "/console/setup",
    "/console/invite",
    "/console/reset",
    "/console/nowhere",
    "/console/token/key_none",
];

pub(super) fn console(role: &'static str) -> Router {
    let settings = Settings {
        public_url: Some("https://gw.example.com".to_owned()),
        version: "0.0.0".to_owned(),
        keeps_values: true,
        demo: None,
        clock: Arc::new(samples::now),
    };
    crate::router(samples::api(role), settings)
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: Response<()>,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn header(&self, name: http::HeaderName) -> &str {
        self.head.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(super) async fn send(role: &'static str, request: Request<Body>) -> Answer {
    send_to(&console(role), request).await
}

async fn send_to(console: &Router, request: Request<Body>) -> Answer {
    let response = console.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status.as_u16(), head: Response::from_parts(parts, ()), text }
}

pub(super) async fn get(role: &'static str, path: &str, language: &str) -> Answer {
    let request = Request::get(path).header("accept-language", language);
    send(role, request.body(Body::empty()).unwrap()).await
}

pub(super) async fn post(path: &str, form: &str, partial: bool) -> Answer {
    let mut request = Request::post(path).header("sec-fetch-site", "same-origin");
    if partial {
        request = request.header("hx-request", "true");
    }
    send("owner", request.body(Body::from(form.to_owned())).unwrap()).await
}

/// A form of this kind to a console that stays the same.
pub(super) async fn post_to(
    console: &Router,
    path: &str,
    form: &str,
    kind: &str,
    language: &str,
) -> Answer {
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header("accept-language", language)
        .header("content-type", kind);
    send_to(console, request.body(Body::from(form.to_owned())).unwrap()).await
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages() {
    for role in ["owner", "member", "new"] {
        for language in ["en", "zh-CN"] {
            for path in PAGES {
                let page = get(role, path, language).await;
                let what = format!("{path} for {role} in {language}");
                let missing = path.ends_with("nowhere") || path.ends_with("none");
                assert_eq!(page.status, if missing { 404 } else { 200 }, "{what}");
                assert!(page.text.contains(&format!("<html lang=\"{language}\"")), "{what}");
                for bad in ["<script>", " style=", " onclick", "<style", "<b>", "<img src=x"] {
                    assert!(!page.text.contains(bad), "{bad} in {what}");
                }
                // A message without words is shown as its id.
                for id in [
                    ">token-",
                    ">nav-",
                    ">overview-",
                    ">time-",
                    ">trouble-",
                    ">audit-",
                    ">finding-",
                    ">fix-",
                    ">leak-",
                    ">change-",
                    ">action-",
                    "{$",
                    "{ $",
                ] {
                    assert!(!page.text.contains(id), "{id} in {what}");
                }
                let policy = page.header(CONTENT_SECURITY_POLICY);
                assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
            }
        }
    }
}

#[tokio::test]
async fn the_list_says_what_is_left_whose_it_is_and_where_it_routes() {
    for (language, left, unlimited, never, spent, automatic, nearly) in [
        (
            "en",
            "$446.8955 left",
            "Unlimited",
            "Never Expires",
            "$53.1045 of $500.00 / month",
            "Automatic",
            "Nearly used up",
        ),
        (
            "zh-CN",
            "剩余 $446.8955",
            "不限",
            "永不过期",
            "已用 $53.1045 · 月限额 $500.00",
            "自动",
            "即将用尽",
        ),
    ] {
        let list = get("owner", "/console/token", language).await.text;
        for part in
            [left, unlimited, never, spent, automatic, nearly, "$212.4180", "premium, default"]
        {
            assert!(list.contains(part), "{part} in {language}");
        }
        assert_eq!(list.matches(nearly).count(), 1, "{language}");
        // Whose it is, for who sees everybody's.
        assert!(
            list.contains("href=\"/console/user/usr_2\"")
                && list.contains("Ada &#60;Acme&#62; Partner")
        );
        let own = get("member", "/console/token", language).await.text;
        assert!(own.contains(left) && !own.contains("/console/user/"), "{language}");
    }
}

#[tokio::test]
async fn the_palette_finds_what_a_person_types() {
    let page = get("owner", "/console", "en").await.text;
    let palette = page.split("id=\"palette-menu\"").nth(1).unwrap();
    for (typed, does) in [
        ("dark", "name=\"theme\" value=\"dark\""),
        ("深色", "name=\"theme\" value=\"dark\""),
        ("theme", "name=\"theme\" value=\"light\""),
        ("language", "name=\"language\" value=\"zh-CN\""),
        ("password", "href=\"/console/settings/security\""),
    ] {
        let item = palette.split("role=\"menuitem\"").find(|item| item.contains(does));
        let keywords = item.unwrap().split("data-keywords=\"").nth(1).unwrap();
        assert!(keywords.split('"').next().unwrap().contains(typed), "{typed}");
    }
}

#[tokio::test]
async fn the_months_dearest_tokens_lead_to_all_of_them_in_that_order() {
    let page = get("owner", "/console", "en").await;
    let panel = page.text.split("Top tokens this month").nth(1).unwrap();
    let panel = panel.split("</section>").next().unwrap();
    assert!(panel.contains("href=\"/console/token?sort=-monthly\""), "{panel}");
    assert!(panel.contains("$53.1045") && panel.contains("4,211 calls"), "{panel}");
    // Not what nothing was charged to.
    assert!(!panel.contains("demo-partner-acme"), "{panel}");
    let list = get("owner", "/console/token?sort=-monthly", "en").await;
    let head = "href=\"/console/token?sort=monthly\" data-order=\"descending\">Used this month";
    assert!(list.text.contains(head));
    assert!(list.text.contains("$38.9027 this month") && list.text.contains("$38.9027 used"));
    // A row that is switched goes on saying it.
    let row = post("/console/token/key_1/disable", "from=row&used=month", true).await;
    assert!(row.text.contains("$38.9027 this month"));
    let row = post("/console/token/key_1/disable", "from=row", true).await;
    assert!(!row.text.contains("this month") && row.text.contains("$38.9027 used"));
    let empty = get("new", "/console", "en").await;
    assert!(empty.text.contains("Nothing was charged this month yet."));
}

#[tokio::test]
async fn who_is_not_logged_in_logs_in_and_comes_back() {
    let answer = get("", "/console/token?q=a", "en").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header(LOCATION), "/console/login?next=%2Fconsole%2Ftoken%3Fq%3Da");
}

#[tokio::test]
async fn the_choice_of_a_token_keeps_what_else_is_filtered() {
    let page = get("owner", "/console/usage/token?range=30d&status=200", "en").await;
    for part in ["range=30d", "status=200", "key_id=key_1"] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    // A status that is not among those to choose from is shown all the same.
    let page = get("owner", "/console/usage?status=200", "en").await;
    assert!(page.text.contains("<option selected>200</option>"), "{}", page.text);
}

#[tokio::test]
async fn a_token_s_own_page_says_what_is_left_as_the_list_does() {
    let page = get("owner", "/console/token/key_0", "en").await;
    let stat = "$446.90</span><span class=\"stat-note\">of $500.00 / month";
    assert!(page.text.contains(stat), "{}", page.text);
}

#[tokio::test]
async fn days_are_written_as_people_read_them() {
    let prices = get("owner", "/console/price", "zh-CN").await.text;
    assert!(prices.contains("2026年10月1日") && !prices.contains("2026-10-01"), "{prices}");
    let findings = get("owner", "/console/audit", "zh-CN").await.text;
    assert!(findings.contains("2027年2月20日") && !findings.contains("2027-02-20"), "{findings}");
}

#[tokio::test]
async fn nothing_without_a_name_is_asked_about() {
    for path in ["/console/group/delete", "/console/token/template/delete"] {
        assert_eq!(get("owner", path, "en").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn where_only_a_form_goes_the_page_above_opens() {
    for (form, page) in [
        ("/console/logout", "/console"),
        ("/console/token/actions", "/console/token"),
        ("/console/token/key_1/disable", "/console/token/key_1"),
        ("/console/settings/security/totp", "/console/settings/security"),
    ] {
        let answer = get("owner", form, "en").await;
        assert_eq!((answer.status, answer.header(LOCATION)), (303, page));
        assert_eq!(get("owner", page, "en").await.status, 200);
    }
    assert_eq!(post("/console/token/key_1", "", false).await.status, 405);
}

#[tokio::test]
async fn logging_in_asks_for_a_code_where_it_must() {
    let wrong = post("/console/login", "login=a&password=wrong", false).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("Name or password is wrong."));
    assert!(!wrong.text.contains("wrong\""), "a password is never sent back");
    let asked = post("/console/login", "login=a&password=right", false).await;
    assert!(asked.text.contains("name=\"code\""));
    let form = "login=a&password=right&code=123456&next=/console/token";
    let done = post("/console/login", form, false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/token"));
    assert_eq!(done.header(SET_COOKIE), "tollkeeper_session=s");
    let evil = format!("{form}&next=x").replace("next=/console/token", "next=//evil.example");
    assert_eq!(post("/console/login", &evil, false).await.header(LOCATION), "/console");
}

#[tokio::test]
async fn a_wrong_field_is_named_beside_its_input() {
    let form = "name=kept&permissions=full&ip_allowlist=nonsense&expires=never";
    let page = post("/console/token/new", form, false).await;
    assert!(page.text.contains("id=\"error-ip_allowlist\" role=\"alert\">Expected an address"));
    assert!(page.text.contains("value=\"kept\""));
}

#[tokio::test]
async fn the_value_is_shown_once_with_snippets() {
    let page = post("/console/token/new", "name=made&permissions=full", true).await;
    assert!(page.text.starts_with("<dialog"));
    for part in ["sk-4Rk1vQ0xYt7b", "https://gw.example.com/v1", "ANTHROPIC_AUTH_TOKEN", "wire_api"]
    {
        assert!(page.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn new_values_and_reports_are_shown_once() {
    let rotated = post("/console/token/key_0/rotate", "grace_seconds=3600", true).await;
    assert!(rotated.text.contains("Token rotated") && rotated.text.contains("data-keep"));
    let revealed = post("/console/token/key_0/reveal", "password=right-one", true).await;
    assert!(revealed.text.contains("sk-revealed") && !revealed.text.contains("right-one"));
    let leaked = post("/console/token/key_0/leaked", "since=24&replace=yes", true).await;
    for part in ["sk-replacement", "203.0.113.9", "The balance is frozen."] {
        assert!(leaked.text.contains(part), "{part}");
    }
    let refunded =
        post("/console/token/key_0/refund", "since=2026-11-01T00:00&reason=r", false).await;
    assert_eq!((refunded.status, refunded.header(LOCATION)), (303, "/console/token/key_0"));
}

#[tokio::test]
async fn the_navigation_counts_open_findings() {
    let count = get("owner", "/console/audit/count", "en").await;
    assert_eq!(count.text, "8");
    assert_eq!(count.header(http::header::CACHE_CONTROL), "private, max-age=60");
}

#[tokio::test]
async fn tokens_without_an_allowance_are_counted_behind_the_page() {
    assert_eq!(get("owner", "/console/token/count", "en").await.text, "7");
}

#[tokio::test]
async fn findings_are_fixed_and_put_aside_with_a_click() {
    let form = "fix=set_limit&period=week&back=/console/audit%3Fperiod%3Dweek";
    let fixed = post("/console/audit/findings/no_limit.key_1/fix", form, false).await;
    assert_eq!((fixed.status, fixed.header(LOCATION)), (303, "/console/audit?period=week"));
    let form = "until=month&name=a&back=//evil.example";
    let dismissed = post("/console/audit/findings/no_limit.key_1/dismiss", form, false).await;
    assert_eq!((dismissed.status, dismissed.header(LOCATION)), (303, "/console"));
}

#[tokio::test]
async fn many_tokens_are_made_and_shown_once() {
    let form = "source=numbers&count=2&pattern=team-%23";
    let made = post("/console/token/bulk", form, true).await;
    for part in ["2 tokens created", "team-1", "sk-sample1", "data:text/csv", "data-keep"] {
        assert!(made.text.contains(part), "{part}");
    }
    let form = "source=table&table=name,quota%0Agood,1%0Abad,much";
    let refused = post("/console/token/bulk", form, true).await;
    assert!(refused.text.contains("Line 3, quota: Expected an amount."), "{}", refused.text);
    assert!(refused.text.contains("bad,much"));
    let form = "source=numbers&count=0&pattern=";
    assert!(post("/console/token/bulk", form, true).await.text.contains("error-count"));
}

#[tokio::test]
async fn templates_are_made_edited_and_deleted() {
    let page = get("owner", "/console/token/template/edit?name=batch%20%3Cb%3E", "en").await;
    assert!(page.text.contains("<option value=\"7\" selected"));
    let form = "name=night&permissions=inference&expires=30&tags=night";
    let made = post("/console/token/template/edit", form, false).await;
    assert_eq!((made.status, made.header(LOCATION)), (303, "/console/token/template"));
    let form = "name=development&permissions=inference";
    let refused = post("/console/token/template/edit", form, false).await;
    assert!(refused.text.contains("There is a template of this name."));
    let form = "name=development&editing=yes&permissions=full";
    assert_eq!(post("/console/token/template/edit", form, false).await.status, 303);
    assert_eq!(post("/console/token/template/delete", "name=night", false).await.status, 303);
}

#[tokio::test]
async fn what_breaks_something_asks_first() {
    let asked = post("/console/token/actions", "ids=key_0&ids=key_1&action=revoke", true).await;
    assert!(asked.text.contains("Revoke 2 tokens?"));
    assert!(asked.text.contains("Claude-Code-Work-PC"));
    let form = "ids=key_0&ids=key_1&action=revoke&sure=yes";
    let done = post("/console/token/actions", form, false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/token"));
    assert!(done.header(SET_COOKIE).starts_with("tollkeeper_notice="));
}

#[tokio::test]
async fn the_switch_answers_with_its_row() {
    let row = post("/console/token/key_1/disable", "from=row", true).await;
    assert!(row.text.starts_with("<tr id=\"row-key_1\""), "{}", row.text);
    assert!(row.head.headers()["hx-trigger"].to_str().unwrap().contains("toast"));
}

#[tokio::test]
async fn a_write_of_another_site_is_refused() {
    let request =
        Request::post("/console/token/key_1/revoke").header("sec-fetch-site", "cross-site");
    assert_eq!(send("owner", request.body(Body::empty()).unwrap()).await.status, 403);
}

#[tokio::test]
async fn assets_are_kept_for_good() {
    let page = get("owner", "/console", "en").await;
    let at = page.text.find("/assets/console-").unwrap();
    let address = page.text[at..].split('"').next().unwrap();
    let asset = get("owner", address, "en").await;
    assert_eq!(asset.status, 200);
    assert!(asset.head.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(get("owner", "/assets/none.css", "en").await.status, 404);
}

/// Old and new values, on the log and on a token's own page, with nothing but HTML.
#[tokio::test]
async fn changes_are_read_before_and_after() {
    for path in ["/console/audit/log", "/console/token/key_1"] {
        for role in ["owner", "member"] {
            let page = get(role, path, "en").await.text;
            assert!(page.contains("<details class=\"entry\">"), "{path}: {page}");
            for part in [
                "<dt>Monthly limit</dt><dd><del>$10.00",
                "$25.50",
                "<del>1 Jan 2027 00:00:00 UTC",
                "<del>old</del><ins class=\"came\">claude-sonnet-4-5</ins>",
                "and 1 as before",
                "<dt>Value</dt><dd><span class=\"muted\">changed, value not shown",
                "<details class=\"folded\"><summary>long long",
                "<dt>a_new_field</dt>",
                "&#60;i&#62;short",
                "/console/audit/log?number=10",
                "Ada &#60;b&#62;",
            ] {
                assert!(page.contains(part), "{part} is not on {path}");
            }
        }
    }
    let page = get("owner", "/console/audit/log", "zh-CN").await.text;
    assert!(page.contains("<dt>每月限额</dt>") && page.contains("批量操作令牌"), "{page}");
    assert!(page.contains("停用：否 → 是"), "as Chinese is punctuated");
}

/// Names stand where the log has ids, and what was sent is told in words.
#[tokio::test]
async fn the_audit_log_says_what_things_are_called() {
    let page = get("owner", "/console/audit/log", "en").await.text;
    for part in [
        "title=\"key_1 +29\">Claude-Code-Work-PC +29</span>",
        "title=\"usr_2\">Ada Lovelace</span>",
        "<span class=\"mono\" title=\"gpt-5\">gpt-5</span>",
        "<dd>Role: Admin, Name: &#60;script&#62;</dd>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    // A member is not told who others are.
    let page = get("member", "/console/audit/log", "en").await.text;
    assert!(page.contains("title=\"usr_2\">usr_2</span>"), "{page}");
}
