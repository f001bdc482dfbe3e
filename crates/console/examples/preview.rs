//! The console on sample answers, to look at pages while they are made:
//! `cargo run -p tollkeeper-console --example preview -- 127.0.0.1:8088 [owner|member|new]`

use axum::Router;
use console::{Settings, samples};
use std::sync::Arc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = arguments.first().map_or("127.0.0.1:8088", String::as_str);
    let role = match arguments.get(1).map(String::as_str) {
        Some("member") => "member",
        Some("new") => "new",
        _ => "owner",
    };
    let settings = Settings {
        public_url: None,
        version: "preview".to_owned(),
        keeps_values: true,
        demo: None,
        clock: Arc::new(samples::now),
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{address}/console");
    let pages: Router = console::router(samples::api(role), settings);
    loop {
        let (stream, _) = listener.accept().await?;
        let pages = hyper_util::service::TowerToHyperService::new(pages.clone());
        tokio::spawn(async move {
            let server =
                hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
            let stream = hyper_util::rt::TokioIo::new(stream);
            let _ = server.serve_connection(stream, pages).await;
        });
    }
}
