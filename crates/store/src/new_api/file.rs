//! A site's database as bytes or as a file.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;

use super::{Site, SiteError, sqlite};

/// What every SQLite file begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
const HEAD: usize = 100;
/// Where the head says how the file is written and read, and what it says of the write-ahead log.
const MODES: std::ops::Range<usize> = 18..20;
const LOGGED: [u8; 2] = [2, 2];
const PLAIN: [u8; 2] = [1, 1];

/// Reads what was sent. No file is made of it.
pub(super) fn read_bytes(mut bytes: Vec<u8>) -> Result<Site, SiteError> {
    check_head(&bytes)?;
    // A database without a file of its own has no log beside it, so it must not ask for one.
    let logged = bytes.get(MODES) == Some(&LOGGED);
    if let Some(modes) = bytes.get_mut(MODES).filter(|_| logged) {
        modes.copy_from_slice(&PLAIN);
    }
    let mut connection = Connection::open_in_memory().map_err(sqlite::failed)?;
    let size = bytes.len();
    connection
        .deserialize_read_exact("main", bytes.as_slice(), size, true)
        .map_err(sqlite::failed)?;
    drop(bytes);
    sqlite::read(&connection, logged)
}

/// Reads a file where it is, with the log beside it, and never writes it.
pub(super) fn read_path(path: &Path) -> Result<Site, SiteError> {
    let unavailable =
        |error: std::io::Error| SiteError::Unavailable(format!("{}: {error}", path.display()));
    let mut head = Vec::with_capacity(HEAD);
    let file = std::fs::File::open(path).map_err(unavailable)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(&file, HEAD as u64), &mut head)
        .map_err(unavailable)?;
    if !head.starts_with(MAGIC) {
        return Err(SiteError::NotSqlite);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| SiteError::Unavailable(error.to_string()))?;
    sqlite::read(&connection, false)
}

/// The site as a file's bytes.
pub(super) fn write_bytes(site: &Site) -> Result<Vec<u8>, SiteError> {
    let connection = Connection::open_in_memory().map_err(sqlite::failed)?;
    sqlite::write(&connection, site).map_err(sqlite::failed)?;
    Ok(connection.serialize("main").map_err(sqlite::failed)?.to_vec())
}

/// Refuses what is no SQLite file, or not all of one.
fn check_head(bytes: &[u8]) -> Result<(), SiteError> {
    let number = |range: std::ops::Range<usize>| {
        let part = bytes.get(range).unwrap_or_default();
        part.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    if bytes.len() < HEAD || !bytes.starts_with(MAGIC) {
        return Err(SiteError::NotSqlite);
    }
    let page = match number(16..18) {
        1 => 65_536,
        size => size,
    };
    // The count holds if the same release wrote it that changed the file last.
    let pages = if number(24..28) == number(92..96) { number(28..32) } else { 0 };
    let (whole, found) = (page * pages, bytes.len() as u64);
    if found < whole { Err(SiteError::BrokenOff { whole, found }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_api::SiteKind;

    fn made(text: &str) -> Vec<u8> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(text).unwrap();
        connection.serialize("main").unwrap().to_vec()
    }

    const ONE_API: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password TEXT, quota BIGINT, \"group\" TEXT);
        CREATE TABLE tokens (id INTEGER PRIMARY KEY, user_id INT, \"key\" TEXT, remain_quota BIGINT, unlimited_quota NUMERIC);
        CREATE TABLE channels (id INTEGER PRIMARY KEY, type INT, \"key\" TEXT, models TEXT);
        CREATE TABLE options (\"key\" TEXT, value TEXT);
        INSERT INTO users VALUES (1, 'root', 'hash', 500000, 'default');
        INSERT INTO tokens VALUES (1, 1, 'k', 5, 1);
        INSERT INTO options VALUES ('GroupRatio', '{}'), ('SMTPToken', 'secret');";

    fn refusal(bytes: Vec<u8>) -> String {
        read_bytes(bytes).err().unwrap().to_string()
    }

    #[test]
    fn what_an_import_needs_is_read_and_nothing_else() {
        let site = read_bytes(made(ONE_API)).unwrap();
        assert_eq!(site.kind, SiteKind::OneApi);
        let [user] = site.users.as_slice() else { panic!("one user") };
        assert_eq!((user.number("quota"), user.text("group")), (Some(500_000), "default"));
        assert!(!user.has("password") && !user.has("deleted_at"));
        assert_eq!(site.tokens[0].switch("unlimited_quota"), Some(true));
        assert_eq!(site.options.keys().collect::<Vec<_>>(), ["GroupRatio"]);
        let again = read_bytes(site.to_bytes().unwrap()).unwrap();
        assert_eq!((again.kind, again.users[0].text("username")), (SiteKind::OneApi, "root"));
        assert_eq!(again.tokens[0].number("remain_quota"), Some(5));
        let new = format!("{ONE_API} ALTER TABLE channels ADD COLUMN auto_ban INT;");
        let new = read_bytes(made(&new)).unwrap();
        assert_eq!(new.kind, SiteKind::NewApi);
        assert_eq!(read_bytes(new.to_bytes().unwrap()).unwrap().kind, SiteKind::NewApi);
    }

    #[test]
    fn what_is_no_site_is_refused() {
        assert!(refusal(Vec::new()).contains("not an SQLite database"));
        assert!(refusal(b"{}".repeat(100)).contains("not an SQLite database"));
        let mut only_a_head = MAGIC.to_vec();
        only_a_head.resize(4_096, 7);
        refusal(only_a_head);
        let whole = made(ONE_API);
        for length in [101, 4_096, whole.len() - 1] {
            assert!(refusal(whole[..length].to_vec()).contains("breaks off"), "{length}");
        }
        assert!(refusal(made("CREATE TABLE a (b)")).contains("no table users"));
        let other = ONE_API.replace("quota BIGINT, \"group\"", "name TEXT, \"group\"");
        assert!(refusal(made(&other)).contains("no column quota"));
        let computed = ONE_API.replace("quota BIGINT,", "quota BIGINT, x AS (zeroblob(9)),");
        assert!(refusal(made(&computed)).contains("users computes columns"));
        let view = "CREATE TABLE t (id, username, quota); CREATE VIEW users AS SELECT * FROM t;";
        assert!(refusal(made(view)).contains("no table users"));
    }

    #[test]
    fn no_value_is_larger_than_memory_is_for() {
        let large = format!("{ONE_API} UPDATE options SET value = zeroblob(17000000);");
        assert!(refusal(made(&large)).contains("too big"));
    }

    /// Values of keys are sorted; nothing of that lies on the disk.
    #[test]
    fn nothing_is_kept_in_temporary_files() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(ONE_API).unwrap();
        sqlite::read(&connection, false).unwrap();
        let kept: i64 = connection.query_row("PRAGMA temp_store", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 2);
    }

    /// Whatever the bytes are, reading them ends with a site or with words.
    #[test]
    fn damage_anywhere_is_no_more_than_a_refusal() {
        let whole = made(ONE_API);
        for at in (0..whole.len()).step_by(37) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            let _ = read_bytes(damaged);
        }
    }

    #[test]
    fn a_file_with_a_log_says_that_changes_may_be_missing() {
        let mut bytes = made(ONE_API);
        assert!(!read_bytes(bytes.clone()).unwrap().may_lack_changes);
        bytes[MODES].copy_from_slice(&LOGGED);
        assert!(read_bytes(bytes).unwrap().may_lack_changes);
    }

    #[tokio::test]
    async fn a_file_is_read_where_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("one-api.db");
        let writer = Connection::open(&path).unwrap();
        // What is still in the log beside the file is read as well.
        writer.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        writer.execute_batch(ONE_API).unwrap();
        let place = path.to_str().unwrap();
        assert_eq!(Site::at(place).await.unwrap().users.len(), 1);
        let missing = Site::at("/nowhere/one-api.db").await.err().unwrap();
        assert!(matches!(missing, SiteError::Unavailable(_)));
        for mysql in ["mysql://me:pw@db/one", "me:pw@tcp(db:3306)/one"] {
            assert!(matches!(Site::at(mysql).await.err().unwrap(), SiteError::MySql));
        }
    }
}
