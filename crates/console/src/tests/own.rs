//! Pages of what is everybody's own: whole in both languages, and the ways of their forms.

use http::header::{LOCATION, SET_COOKIE};

use super::pages::{get, post};

pub(super) const PAGES: &[&str] = &[
    "/console/usage",
    "/console/usage?range=24h&status=200&client_ip=10.4.1.17",
    "/console/usage?by=model&live=on",
    "/console/usage?by=key&range=at&since=2026-11-01T00:00",
    "/console/usage?by=key&wait=on",
    "/console/usage?by=key&key_id=key_1",
    "/console/usage/call_1",
    "/console/models",
    "/console/models?q=nothing",
    "/console/playground?model=gpt-5-mini",
    "/console/wallet",
    "/console/alerts",
    "/console/alerts?state=open",
    "/console/settings",
    "/console/settings/security",
    "/console/settings/sessions",
    "/console/settings/keys",
    "/console/settings/keys/new",
    "/console/settings/keys/mgk_1/revoke",
    "/console/settings/alerts",
    "/console/settings/alerts/rules/new",
    "/console/settings/alerts/destinations/new",
    "/console/settings/alerts/destinations/aldest_1/deliveries",
];

#[tokio::test]
async fn every_page_is_whole_in_both_languages() {
    for role in ["owner", "member", "new"] {
        for language in ["en", "zh-CN"] {
            for path in PAGES {
                let page = get(role, path, language).await;
                let what = format!("{path} for {role} in {language}");
                assert_eq!(page.status, 200, "{what}");
                assert!(page.text.contains(&format!("<html lang=\"{language}\"")), "{what}");
                for bad in ["<script>", " style=", " onclick", "<style", "<b>", "<img src=x"] {
                    assert!(!page.text.contains(bad), "{bad} in {what}");
                }
                for id in [">log-", ">wallet-", ">model-", ">alert-", ">settings-", "{$", "{ $"] {
                    assert!(!page.text.contains(id), "{id} in {what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_bill_is_explained_with_every_digit() {
    let page = get("owner", "/console/usage/call_1", "en").await;
    for part in [
        "40,000",
        "$0.00468",
        "$0.01200",
        "$0.02028",
        "$3.00 per 1M",
        "$0.30 per 1M",
        "anthropic-main",
        "leaked key",
        "overloaded",
        "412 ms",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_request_id_leads_to_its_call() {
    let answer = get("owner", "/console/usage?id=%20call_7%20", "en").await;
    assert_eq!((answer.status, answer.header(LOCATION)), (303, "/console/usage/call_7"));
}

#[tokio::test]
async fn a_ranking_of_many_calls_is_loaded_behind_its_page() {
    let slow = "/console/usage?by=key&#38;wait=on";
    for language in ["en", "zh-CN"] {
        let page = get("owner", "/console/usage?by=key", language).await;
        assert!(page.text.contains(&format!("data-pending hx-get=\"{slow}\"")), "{language}");
        assert!(page.text.contains("hx-select=\"#ranking\""), "{language}");
        // Without a script, a link leads there; and where it fails, that is said, with the same link.
        assert_eq!(page.text.matches(&format!("href=\"{slow}\"")).count(), 2, "{language}");
        assert!(!page.text.contains("<div id=\"ranking\">"), "{language}");
        // All of it is summed at once: of models, none is left out.
        assert!(page.text.contains("<strong>$298.65<"), "{language}");
        let ranked = get("owner", "/console/usage?by=key&wait=on", language).await;
        assert!(ranked.text.contains("<div id=\"ranking\"><ul class=\"ranks\">"), "{language}");
        assert!(!ranked.text.contains("data-pending"), "{language}");
        assert!(ranked.text.contains("<strong>$298.65<"), "{language}");
    }
    // Of one token, or of few calls, it is there at once.
    for (role, path) in
        [("owner", "/console/usage?by=key&key_id=key_1"), ("new", "/console/usage?by=key")]
    {
        let page = get(role, path, "en").await;
        assert!(page.text.contains("<div id=\"ranking\">"), "{role}");
        assert!(!page.text.contains("data-pending"), "{role}");
    }
}

#[tokio::test]
async fn the_bell_counts_what_nobody_acknowledged() {
    assert_eq!(get("owner", "/console/alerts/count", "en").await.text, "1");
    assert_eq!(get("new", "/console/alerts/count", "en").await.text, "");
    let form = "back=/console";
    let done = post("/console/alerts/alr_1/acknowledge", form, false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console"));
}

#[tokio::test]
async fn one_time_codes_need_the_password_and_a_first_code() {
    let wrong = post("/console/settings/security/totp", "password=wrong", false).await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.text.contains("The password is wrong.") && !wrong.text.contains("class=\"qr\""));
    let begun = post("/console/settings/security/totp", "password=right", false).await;
    assert!(begun.text.contains("class=\"qr\"") && begun.text.contains("JBSWY3DPEHPK3PXP"));
    let form = "secret=JBSWY3DPEHPK3PXP&url=otpauth://totp/x&code=";
    let refused = post("/console/settings/security/totp/confirm", &format!("{form}1"), false).await;
    assert!(refused.text.contains("not the app") && refused.text.contains("class=\"qr\""));
    let done =
        post("/console/settings/security/totp/confirm", &format!("{form}123+456"), false).await;
    assert!(done.text.contains("AAAA-BBBB-CCCC-DDDD"));
}

#[tokio::test]
async fn secrets_are_shown_once_in_a_dialog_that_stays() {
    let form = "name=ci&scopes=keys:read&expires=90";
    let key = post("/console/settings/keys/new", form, true).await;
    assert!(key.text.contains("mk-Sample0Value") && key.text.contains("data-keep"));
    let form = "name=ops&kind=webhook&address=https://hooks.example.com";
    let secret = post("/console/settings/alerts/destinations/new", form, true).await;
    assert!(secret.text.contains("whsec_c2FtcGxl") && secret.text.contains("data-keep"));
}

#[tokio::test]
async fn one_call_is_refunded_by_an_operator() {
    for language in ["en", "zh-CN"] {
        let page = get("owner", "/console/usage/call_1/refund", language).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("name=\"amount\"") && !page.text.contains(">log-"));
    }
    assert_eq!(get("member", "/console/usage/call_1/refund", "en").await.status, 404);
    assert!(!get("member", "/console/usage/call_1", "en").await.text.contains("/refund"));
    assert!(get("owner", "/console/usage/call_1", "en").await.text.contains("/call_1/refund"));
    let done = post("/console/usage/call_1/refund", "amount=&reason=late", false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/usage/call_1"));
}

#[tokio::test]
async fn a_rule_is_edited_as_it_is() {
    for language in ["en", "zh-CN"] {
        let page = get("owner", "/console/settings/alerts/rules/alrule_1/edit", language).await;
        // By its name, with what tells it from others of that name.
        let watched = "value=\"prod-webapp-api-2026-01 (sk-9fQ2…Xa4c)\" list=";
        let (rate, one) = ("value=\"80\"", "<option value=\"key\" selected");
        for part in [watched, rate, one, "value=\"aldest_1\" checked"] {
            assert!(page.text.contains(part), "{part} in {language}");
        }
        assert!(!page.text.contains(">settings-"), "{language}");
    }
    let to = "/console/settings/alerts/rules/alrule_1/edit";
    let form = "kind=usage_threshold&scope=all&threshold=";
    assert!(post(to, form, false).await.text.contains("id=\"error-threshold\""));
    // A token that nobody has is told beside its field, in words.
    let nobody = "kind=usage_threshold&scope=key&key=nobody&threshold=90&etag=1";
    let told = post(to, nobody, false).await.text;
    assert!(told.contains("id=\"error-key\"") && told.contains("no token of this name"));
    let offered = get("owner", "/console/settings/alerts/rules/keys?key=prod", "en").await.text;
    assert!(offered.contains("<option value=\"prod-webapp-api-2026-01 (sk-9fQ2…Xa4c)\">"));
    let done = post(to, &format!("{form}90&etag=1"), false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/settings/alerts"));
}

#[tokio::test]
async fn a_rule_and_a_destination_are_deleted_after_a_question() {
    let list = get("owner", "/console/settings/alerts", "en").await.text;
    for (path, name) in [("rules/alrule_1", "Limit nearly used"), ("destinations/aldest_1", "ops")]
    {
        let path = format!("/console/settings/alerts/{path}/delete");
        assert!(list.contains(&format!("href=\"{path}\" data-dialog")), "{path}");
        assert!(!list.contains(&format!("action=\"{path}\"")), "{path} asks nothing");
        let ask = get("owner", &path, "en").await.text;
        assert!(ask.contains(&format!("method=\"post\" action=\"{path}\"")), "{path}");
        assert!(ask.contains(name), "{path} does not say what goes");
        assert!(!get("owner", &path, "zh-CN").await.text.contains(">settings-"), "{path}");
    }
    let done = post("/console/settings/alerts/rules/alrule_1/delete", "", false).await;
    assert_eq!((done.status, done.header(LOCATION)), (303, "/console/settings/alerts"));
    // A rule names this one.
    let kept = post("/console/settings/alerts/destinations/aldest_1/delete", "", true).await;
    assert!(kept.text.contains("Take it out of the rule first.") && kept.text.contains("ops"));
    let gone = get("owner", "/console/settings/alerts/rules/alrule_9/delete", "en").await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_wrong_code_is_told_beside_its_input() {
    let page = post("/console/wallet/redeem", "code=XXXX", false).await;
    assert!(page.text.contains("id=\"error-code\" role=\"alert\">There is no such code"));
}

#[tokio::test]
async fn the_profile_is_followed_by_the_browser() {
    let form = "name=Wei&language=zh-CN&theme=dark&etag=1";
    let done = post("/console/settings", form, false).await;
    assert_eq!(done.status, 303);
    let cookies = done.head.headers().get_all(SET_COOKIE);
    let cookies: Vec<&str> = cookies.iter().map(|it| it.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|it| it.starts_with("tollkeeper_theme=dark")), "{cookies:?}");
}

#[tokio::test]
async fn a_chart_leads_to_a_day_and_the_way_leads_back() {
    let page = get("owner", "/console", "en").await;
    let link = page.text.split("<a href=\"/console/usage?").find_map(|rest| {
        let link = rest.split('"').next()?;
        link.contains("by=hour").then(|| format!("/console/usage?{}", link.replace("&#38;", "&")))
    });
    let link = link.expect("a column is a link");
    assert!(link.contains("range=at") && link.contains("was=30d"), "{link}");
    let day = get("owner", &link, "en").await;
    assert_eq!(day.status, 200);
    assert!(day.text.contains("class=\"way\"") && day.text.contains("Last 30 days</a>"));
    // An hour of it leads to the models that were called in it, and keeps the way.
    assert!(day.text.contains("by=model") && day.text.contains("was=30d%7E2026"), "{link}");
    let odd = "/console/usage?range=at&since=2026-11-01T00:00&was=~~//evil~javascript:alert(1)";
    let page = get("owner", odd, "en").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("href=\"javascript") && !page.text.contains("href=\"//evil"));
}
