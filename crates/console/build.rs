//! Bundles, hashes and compresses the assets, and gathers the messages, so that the program holds
//! them ready to be sent and nothing is worked out at run time.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What is served, from which files in which order, and as what.
const BUNDLES: &[(&str, &str, &str, &[&str])] = &[
    (
        "console",
        "css",
        "text/css; charset=utf-8",
        &[
            "vendor/basecoat/basecoat.css",
            "layout.css",
            "components.css",
            "pages.css",
            "tokens.css",
            "account.css",
            "operator.css",
        ],
    ),
    ("theme", "js", "text/javascript; charset=utf-8", &["theme.js"]),
    (
        "console",
        "js",
        "text/javascript; charset=utf-8",
        &[
            "vendor/htmx/htmx.min.js",
            "vendor/basecoat/basecoat.min.js",
            "vendor/basecoat/dropdown-menu.min.js",
            "vendor/basecoat/tabs.min.js",
            "vendor/basecoat/command.min.js",
            "console.js",
            "focus.js",
            "zoom.js",
            "refusal.js",
            "try.js",
            "playground.js",
        ],
    ),
    ("icons", "svg", "image/svg+xml", &["icons.svg"]),
    ("favicon", "svg", "image/svg+xml", &["favicon.svg"]),
];

const LANGUAGES: &[(&str, &str)] = &[("ENGLISH", "en"), ("CHINESE", "zh-CN")];

fn main() -> Result<()> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=../../locales");
    let assets = assets(&root.join("assets"), &out)?;
    std::fs::write(out.join("assets.rs"), assets)?;
    std::fs::write(out.join("messages.rs"), messages(&root.join("../../locales"))?)?;
    Ok(())
}

fn assets(from: &Path, out: &Path) -> Result<String> {
    let mut table = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    let mut names = String::new();
    for (name, kind, content_type, files) in BUNDLES {
        let mut bytes = Vec::new();
        for file in *files {
            let path = from.join(file);
            bytes.extend(std::fs::read(&path).with_context(|| path.display().to_string())?);
            bytes.push(b'\n');
        }
        let hash = hex::encode(Sha256::digest(&bytes));
        let hash = hash.get(..12).unwrap_or_default();
        let served = format!("{name}-{hash}.{kind}");
        for (ending, content) in
            [("", bytes.clone()), (".br", brotli(&bytes)?), (".gz", gzip(&bytes)?)]
        {
            std::fs::write(out.join(format!("{name}.{kind}{ending}")), content)?;
        }
        let include = |ending: &str| {
            format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.{kind}{ending}\"))")
        };
        writeln!(
            table,
            "    Asset {{ name: {served:?}, content_type: {content_type:?}, plain: {}, brotli: {}, gzip: {} }},",
            include(""),
            include(".br"),
            include(".gz"),
        )?;
        let constant = format!("{name}_{kind}").to_uppercase();
        writeln!(
            names,
            "/// The address of {name}.{kind}.\npub(crate) const {constant}: &str = \"/assets/{served}\";"
        )?;
    }
    table.push_str("];\n");
    table.push_str(&names);
    Ok(table)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

/// Every file of a language's directory, so that a page can bring its own.
fn messages(from: &Path) -> Result<String> {
    let mut code = String::new();
    for (constant, language) in LANGUAGES {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(from.join(language))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "ftl"));
        paths.sort();
        writeln!(code, "/// The messages of {language}.\nconst {constant}: &[&str] = &[")?;
        for path in paths {
            writeln!(code, "    include_str!({:?}),", path.display().to_string())?;
        }
        code.push_str("];\n");
    }
    Ok(code)
}
