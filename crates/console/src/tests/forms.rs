//! No id stands twice, neither in a page nor in a page with a dialog over it: a button that names its
//! form by an id would send the other form, and a label would lead to the other input.

use axum::body::Body;
use http::Request;
use std::collections::BTreeSet;

use super::pages::{get, post, send};
use super::{operator, own, pages};

/// The ids of some markup, each once.
fn ids(text: &str, what: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for rest in text.split(" id=\"").skip(1) {
        let id = rest.split('"').next().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} twice in {what}");
    }
    ids
}

/// What opens as a dialog from a page.
fn dialogs(text: &str) -> BTreeSet<String> {
    let links = text.split("<a ").filter_map(|rest| rest.split('>').next());
    let links = links.filter(|link| link.contains("data-dialog"));
    let addresses = links.filter_map(|link| link.split("href=\"").nth(1)?.split('"').next());
    addresses.map(|address| address.replace("&#38;", "&")).collect()
}

async fn part(path: &str) -> String {
    let request = Request::get(path).header("hx-request", "true");
    send("owner", request.body(Body::empty()).unwrap()).await.text
}

#[tokio::test]
async fn a_dialog_has_no_id_of_the_page_under_it() {
    let all = [pages::PAGES, own::PAGES, operator::PAGES, operator::LATER].concat();
    let mut over = BTreeSet::new();
    let mut twice = Vec::new();
    // The gallery shows inputs by the names that forms have.
    for path in all.into_iter().filter(|path| *path != "/console/_gallery") {
        let page = get("owner", path, "en").await;
        let of_page = ids(&page.text, path);
        if page.text.contains("class=\"dialog-page\"") {
            // There is no place for a dialog here, and what is sent is answered by a page.
            assert!(!of_page.contains("dialog"), "{path}");
            assert!(page.text.contains("class=\"dialog-page\" hx-disable"), "{path}");
            continue;
        }
        for address in dialogs(&page.text) {
            let dialog = part(&address).await;
            assert!(dialog.starts_with("<dialog"), "{address} of {path}: {dialog}");
            let of_dialog = ids(&dialog, &address);
            let shared = of_page.intersection(&of_dialog);
            twice.extend(shared.map(|id| format!("{id} of {address} over {path}")));
            over.insert(address);
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
    assert!(over.len() > 20, "{over:?}");
}

#[tokio::test]
async fn a_form_that_was_opened_as_a_page_is_corrected_in_the_page() {
    for (path, form, id, wrong) in [
        (
            "/console/token/new",
            "name=a&ip_allowlist=nonsense&expires=never",
            "terms",
            "ip_allowlist",
        ),
        ("/console/token/bulk", "source=numbers&count=0&pattern=", "bulk", "count"),
    ] {
        let page = post(path, form, false).await.text;
        assert!(ids(&page, path).contains(id), "{path}");
        assert!(page.contains("<html") && !page.contains("data-shown"), "{path}");
        assert!(page.contains(&format!("id=\"error-{wrong}\"")), "{path}");
        assert_eq!(page.matches(&format!("form=\"{id}\"")).count(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_time_to_end_at_is_given_and_lies_ahead() {
    let ends = |at: &str| format!("name=a&permissions=full&expires=at&expires_at={at}");
    let wrong = "id=\"error-expires_at\" role=\"alert\">";
    for path in ["/console/token/new", "/console/token/template/edit"] {
        let empty = post(path, &ends(""), true).await.text;
        assert!(empty.contains(&format!("{wrong}Choose the date")), "{path}: {empty}");
        let past = post(path, &ends("2020-01-01T00:00"), true).await.text;
        assert!(past.contains(&format!("{wrong}This time lies in the past")), "{path}: {past}");
        let ahead = post(path, &ends("2099-01-01T00:00"), true).await.text;
        assert!(!ahead.contains(wrong), "{path}: {ahead}");
    }
    // A token that there is may have ended, and may be ended.
    let path = "/console/token/key_0/edit";
    assert!(post(path, &ends(""), true).await.text.contains(wrong));
    assert!(!post(path, &ends("2020-01-01T00:00"), true).await.text.contains(wrong));
}
