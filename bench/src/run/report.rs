//! Figures beside their targets, as a table or as JSON.

use std::io::Write;

use serde::Serialize;

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    None,
    /// Tollkeeper's share of the bare proxy's figure.
    AtLeast(f64),
    /// Tollkeeper's multiple of the bare proxy's figure.
    AtMost(f64),
    /// The same for what either adds to the direct call.
    AddedAtMost(f64),
    /// Tollkeeper's own figure, at least.
    Absolute(f64),
    /// Tollkeeper's own figure, at most.
    Ceiling(f64),
}

/// One line of the report. A figure that does not exist (a direct call's CPU) is `null`.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    row: &'static str,
    title: &'static str,
    what: String,
    direct: Option<f64>,
    bare: Option<f64>,
    tollkeeper: Option<f64>,
    ratio: Option<f64>,
    target: String,
    met: Option<bool>,
}

impl Figure {
    /// From the medians of the direct call, the bare proxy and tollkeeper.
    pub(super) fn new(
        row: &'static str,
        title: &'static str,
        what: &str,
        medians: [f64; 3],
        target: Target,
    ) -> Self {
        let [direct, mut bare, mut tollkeeper] = medians;
        if let Target::AddedAtMost(_) = target {
            bare -= direct;
            tollkeeper -= direct;
        }
        let ratio = tollkeeper / bare;
        let (text, met) = match target {
            Target::None => (String::new(), None),
            Target::AtLeast(share) => (format!("≥ {share:.2} ×"), Some(ratio >= share)),
            Target::AtMost(most) | Target::AddedAtMost(most) => {
                (format!("≤ {most:.2} ×"), Some(ratio <= most))
            }
            Target::Absolute(least) => (format!("≥ {}", shown(least)), Some(tollkeeper >= least)),
            Target::Ceiling(most) => (format!("≤ {}", shown(most)), Some(tollkeeper <= most)),
        };
        Self {
            row,
            title,
            what: what.to_owned(),
            direct: real(direct),
            bare: real(bare),
            tollkeeper: real(tollkeeper),
            ratio: real(ratio),
            target: text,
            met,
        }
    }
}

/// Prints the figures to the standard output.
pub(super) fn print(figures: &[Figure], as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(figures)?)?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<24} {:<30} {:>10} {:>10} {:>10} {:>7}  {:<10}",
        "row", "figure", "direct", "bare", "tollkeeper", "ratio", "target"
    )?;
    let mut title = "";
    for figure in figures {
        let shown_title = if figure.title == title { "" } else { figure.title };
        title = figure.title;
        let verdict = match figure.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        writeln!(
            out,
            "{:<24} {:<30} {:>10} {:>10} {:>10} {:>7}  {:<10} {}",
            shown_title,
            figure.what,
            optional(figure.direct),
            optional(figure.bare),
            optional(figure.tollkeeper),
            figure.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            figure.target,
            verdict
        )?;
    }
    Ok(())
}

fn real(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), shown)
}

/// Three significant digits or so.
fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_compared_without_the_direct_call() {
        let medians = [100.0, 160.0, 180.0];
        let figure = Figure::new("r", "R", "p50", medians, Target::AddedAtMost(1.5));
        assert_eq!(
            (figure.bare, figure.tollkeeper, figure.met),
            (Some(60.0), Some(80.0), Some(true))
        );
    }

    #[test]
    fn a_figure_that_does_not_exist_is_null() {
        let figure = Figure::new("r", "R", "CPU", [f64::NAN, 1.0, 2.0], Target::AtMost(1.5));
        assert_eq!((figure.direct, figure.met), (None, Some(false)));
    }
}
