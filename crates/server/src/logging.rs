//! Structured logs on standard error: no prompt, no answer and no secret at any level.

use tracing_subscriber::EnvFilter;

use crate::config::Resolved;

/// Starts logging as the settings say. A second start changes nothing.
///
/// # Errors
/// When the level or the format is not one of those allowed.
pub fn start(resolved: &Resolved) -> Result<(), String> {
    let level = resolved.text("log-level").unwrap_or("info");
    let filter = EnvFilter::try_new(level)
        .map_err(|_| format!("log-level = {level:?}: expected error, warn, info, debug or trace, or a filter such as info,gateway=debug"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    // A second subscriber in one process is refused by the library; the first stays.
    let _ = match resolved.text("log-format").unwrap_or("text") {
        "text" => {
            builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
        }
        "json" => builder.json().flatten_event(true).with_current_span(false).try_init(),
        other => return Err(format!("log-format = {other:?}: expected text or json")),
    };
    Ok(())
}
