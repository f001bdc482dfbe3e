//! Tables as spreadsheets write and read them: what is pasted, and what is handed out.

/// The rows of a pasted table, with the line that each begins on. Cells are parted by commas, or by
/// tabs where the first line has some, as spreadsheets copy them. Empty lines are left out.
pub(super) fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let head = text.lines().next().unwrap_or_default();
    let sign = if head.contains('\t') { '\t' } else { ',' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut first) = (false, 1, 1);
    let mut end = |row: &mut Vec<String>, cell: &mut String, first: usize| {
        row.push(std::mem::take(cell).trim().to_owned());
        let row = std::mem::take(row);
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push((first, row));
        }
    };
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        match c {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\n' if !quoted => {
                end(&mut row, &mut cell, first);
                line += 1;
                first = line;
            }
            c if c == sign && !quoted => row.push(std::mem::take(&mut cell).trim().to_owned()),
            c => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
        }
    }
    end(&mut row, &mut cell, first);
    rows
}

/// A cell of ours. What a spreadsheet would take for a formula gets an apostrophe in front, as in
/// the files that the API writes.
pub(super) fn cell(text: &str) -> String {
    let begins =
        |signs: &[char], text: &str| text.chars().next().is_some_and(|c| signs.contains(&c));
    let formula = begins(&['=', '+', '-', '@', '＝', '＋', '－', '＠'], text.trim_start())
        || begins(&['\t', '\r', '\n'], text);
    if !formula && !text.contains([',', '"', '\n', '\r', ';']) {
        return text.to_owned();
    }
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_tables_are_read_as_spreadsheets_write_them() {
        let text = "name,tags\r\na,\"x, y\"\r\n\r\n\"say \"\"hi\"\"\nthere\" , z\nlast";
        let read = rows(text);
        let cells: Vec<Vec<&str>> =
            read.iter().map(|(_, row)| row.iter().map(String::as_str).collect()).collect();
        assert_eq!(
            cells,
            [vec!["name", "tags"], vec!["a", "x, y"], vec!["say \"hi\"\nthere", "z"], vec!["last"]]
        );
        let lines: Vec<usize> = read.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 4, 6]);
        assert_eq!(
            rows("name\ttags\na,b\tc"),
            [
                (1, vec!["name".to_owned(), "tags".to_owned()]),
                (2, vec!["a,b".to_owned(), "c".to_owned()])
            ]
        );
        assert!(rows(" \n\n").is_empty());
        assert_eq!(rows("\"never closed\n").len(), 1);
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        for text in ["=1+1", " @SUM(A1)", "-1", "\t=1", "＝1"] {
            assert_eq!(cell(text), format!("\"'{text}\""), "{text:?}");
        }
    }
}
