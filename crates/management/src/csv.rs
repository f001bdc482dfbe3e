//! Comma-separated values (RFC 4180) that no spreadsheet takes for formulas.

/// A cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'t> {
    /// A text of our own making, such as a number or a date.
    Plain(&'t str),
    /// A text that somebody else wrote.
    Foreign(&'t str),
}

/// A line of cells, with its end.
pub(crate) fn line<'t>(cells: impl Iterator<Item = Cell<'t>>) -> String {
    let mut line = String::new();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            line.push(',');
        }
        push(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

fn push(line: &mut String, cell: Cell<'_>) {
    let (text, begins_formula) = match cell {
        Cell::Plain(text) => (text, false),
        // Spreadsheets pass over blanks in front.
        Cell::Foreign(text) => (
            text,
            text.trim_start()
                .starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
                || text.starts_with(['\t', '\r', '\n']),
        ),
    };
    let quoted = begins_formula || text.contains(['"', ',', '\r', '\n', '\t', ';']);
    if quoted {
        line.push('"');
    }
    if begins_formula {
        line.push('\'');
    }
    if quoted {
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_quotes_has_them() {
        let cells = [Cell::Plain("-1"), Cell::Foreign("a,\"b\""), Cell::Foreign("")];
        assert_eq!(line(cells.into_iter()), "-1,\"a,\"\"b\"\"\",\r\n");
    }

    #[test]
    fn formulas_are_texts() {
        for text in ["=1+1", "+1", "-1", "@sum", " =1", "\t=1", "＝1"] {
            let written = line(std::iter::once(Cell::Foreign(text)));
            assert!(written.starts_with("\"'"), "{written}");
        }
    }
}
