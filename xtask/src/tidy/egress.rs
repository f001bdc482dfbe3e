//! One way out: on the server's side nobody but the gateway's upstream and egress names the HTTP
//! client.

use super::tree::{Finding, Tree};

const SERVER_SIDE: &[&str] = &[
    "crates/domain/",
    "crates/protocol/",
    "crates/store/",
    "crates/ledger/",
    "crates/gateway/",
    "crates/alerts/",
    "crates/management/",
    "crates/server/",
];
const DOORS: &[&str] = &["crates/gateway/src/upstream", "crates/gateway/src/egress"];
const CLIENTS: &[&str] =
    &["hyper_util::client", "hyper::client", "hyper_rustls", "reqwest::", "TcpStream::connect"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let inside = SERVER_SIDE.iter().any(|side| file.path.starts_with(side));
        let door = DOORS.iter().any(|door| file.path.starts_with(door));
        if !inside || door || file.path.contains("/tests/") {
            continue;
        }
        for (line, code) in file.code_lines() {
            if let Some(client) = CLIENTS.iter().find(|client| code.contains(*client)) {
                let message = format!("`{client}` belongs in gateway::egress or gateway::upstream");
                findings.push(file.finding(line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_way_out_is_found() {
        let text = "use hyper_util::client::legacy::Client;\n";
        let tree = Tree::of(&[
            ("crates/gateway/src/upstream.rs", text),
            ("crates/testkit/src/client.rs", text),
            ("crates/management/src/test.rs", text),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/management/src/test.rs"]);
    }
}
