//! The reader takes exactly what serde_json takes.

use proptest::prelude::*;
use protocol::json::{JsonError, Kind, MAX_DEPTH, Reader, validate};
use serde::de::IgnoredAny;
use serde_json::Value;

/// serde_json's verdict. Its `Value` has limits of its own on numbers and escapes that the
/// grammar does not have, so that the question goes to the part that only checks the grammar.
fn serde_takes(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// A walk that descends everywhere instead of skipping.
fn walk(bytes: &[u8]) -> Result<(), JsonError> {
    fn value(reader: &mut Reader<'_>) -> Result<(), JsonError> {
        match reader.kind()? {
            Kind::Object => {
                let mut members = reader.object()?;
                while members.next(reader)?.is_some() {
                    value(reader)?;
                }
            }
            Kind::Array => {
                let mut elements = reader.array()?;
                while elements.next(reader)? {
                    value(reader)?;
                }
            }
            Kind::String => {
                reader.string()?;
            }
            Kind::Boolean => {
                reader.boolean()?;
            }
            Kind::Number | Kind::Null => {
                reader.skip()?;
            }
        }
        Ok(())
    }
    let mut reader = Reader::new(bytes)?;
    value(&mut reader)?;
    reader.finish()
}

pub(super) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,90}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..3_u8, any::<u8>(), 0..40_usize);
    (any_value(), any::<bool>(), proptest::collection::vec(change, 0..4)).prop_map(
        |(value, pretty, changes)| {
            let mut bytes = match pretty {
                true => serde_json::to_vec_pretty(&value).unwrap(),
                false => serde_json::to_vec(&value).unwrap(),
            };
            let marks = b"{}[]\",:\\ \n\t0123456789.eE+-truefalsn\x01\x80";
            for (place, action, byte, mark) in changes {
                let byte = marks.get(mark).copied().unwrap_or(byte);
                let place = place.index(bytes.len() + 1);
                match action {
                    0 => bytes.insert(place, byte),
                    1 if place < bytes.len() => bytes[place] = byte,
                    _ if place < bytes.len() => drop(bytes.remove(place)),
                    _ => bytes.truncate(place / 2),
                }
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn valid_json_is_taken(value in any_value()) {
        prop_assert_eq!(validate(&serde_json::to_vec(&value).unwrap()), Ok(()));
        prop_assert_eq!(walk(&serde_json::to_vec_pretty(&value).unwrap()), Ok(()));
    }

    #[test]
    fn mutated_json_is_judged_alike(bytes in mutated()) {
        prop_assert_eq!(validate(&bytes).is_ok(), serde_takes(&bytes), "{:?}", validate(&bytes));
        let offset = |result: Result<(), JsonError>| result.err().map(|error| error.offset);
        prop_assert_eq!(offset(walk(&bytes)), offset(validate(&bytes)));
    }

    #[test]
    fn fragments_are_judged_alike(text in r#"[\[\]{}",: \\u0-9a-f.eE+\-tnrsl]{0,14}"#) {
        prop_assert_eq!(validate(text.as_bytes()).is_ok(), serde_takes(text.as_bytes()));
    }

    #[test]
    fn numbers_are_judged_alike(text in r"[-+]?[0-9]{0,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
        prop_assert_eq!(validate(text.as_bytes()).is_ok(), serde_takes(text.as_bytes()));
    }

    #[test]
    fn strings_are_decoded_and_measured(text: String) {
        let plain = serde_json::to_string(&text).unwrap();
        let escaped: String = text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        for json in [plain, format!("\"{escaped}\"")] {
            let mut reader = Reader::new(json.as_bytes()).unwrap();
            let read = reader.string().unwrap();
            prop_assert_eq!(read.decode().unwrap(), text.as_str());
            prop_assert_eq!(read.span.range(), 0..json.len());
            prop_assert_eq!(read.size(), protocol::estimate::TextSize::of(text.as_bytes()));
        }
    }
}

#[test]
fn depth_is_capped() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let most = MAX_DEPTH as usize;
    assert_eq!(validate(nested(most).as_bytes()), Ok(()));
    assert_eq!(walk(nested(most).as_bytes()), Ok(()));
    let error = validate(nested(most + 1).as_bytes()).unwrap_err();
    assert_eq!(error.offset, most);
    assert!(validate("{\"a\":".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn errors_name_the_byte() {
    let said = |text: &[u8]| validate(text).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            said(b""),
            said(b"{\"a\":1,}"),
            said(b"[1 2]"),
            said(b"\"a\nb\""),
            said(b"\"\\x\""),
            said(b"\"\\u12g4\""),
            said(b"01"),
            said(b"{} {}"),
            said(b"\"\xff\""),
            said(b"tru"),
            said(b"{\"a\" 1}"),
        ]
        .join("\n"),
        @r"
    the text ends where a value was expected at byte 0
    a key was expected at byte 7
    a comma or the end of the array was expected at byte 3
    a control character must be escaped in a string at byte 2
    unknown escape in a string at byte 1
    a \u escape needs four hexadecimal digits at byte 1
    something follows the end of the value at byte 1
    something follows the end of the value at byte 3
    the text is not valid UTF-8 at byte 1
    a value was expected at byte 0
    a colon was expected at byte 5
    "
    );
}
