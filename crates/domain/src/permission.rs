//! What a key may do.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One right of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Permission {
    /// Chat completions.
    Chat = 1,
    /// Text completions.
    Completions = 1 << 1,
    /// Responses.
    Responses = 1 << 2,
    /// Anthropic messages and Gemini content.
    Messages = 1 << 3,
    /// Embeddings.
    Embeddings = 1 << 4,
    /// Image generation and editing.
    Images = 1 << 5,
    /// Speech and transcription.
    Audio = 1 << 6,
    /// Moderations.
    Moderations = 1 << 7,
    /// Reranking.
    Rerank = 1 << 8,
    /// The list of models.
    ModelsRead = 1 << 9,
    /// The key's usage.
    UsageRead = 1 << 10,
    /// The owner's account.
    AccountRead = 1 << 11,
}

impl Permission {
    /// Every permission, in the order in which they are listed.
    pub const ALL: [Self; 12] = [
        Self::Chat,
        Self::Completions,
        Self::Responses,
        Self::Messages,
        Self::Embeddings,
        Self::Images,
        Self::Audio,
        Self::Moderations,
        Self::Rerank,
        Self::ModelsRead,
        Self::UsageRead,
        Self::AccountRead,
    ];

    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::Embeddings => "embeddings",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::Moderations => "moderations",
            Self::Rerank => "rerank",
            Self::ModelsRead => "models.read",
            Self::UsageRead => "usage.read",
            Self::AccountRead => "account.read",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let name = if name == "completion" { "completions" } else { name };
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }
}

/// A set of rights: a preset (`full`, `inference`, `read_only`) or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permissions(u16);

impl Permissions {
    /// Every call and every read.
    pub const FULL: Self = Self(0xFFF);
    /// Every call, and the list of models.
    pub const INFERENCE: Self = Self(0x3FF);
    /// Usage, models and account; no call.
    pub const READ_ONLY: Self = Self(0xE00);

    /// Whether the set holds a right.
    #[must_use]
    pub const fn allow(self, permission: Permission) -> bool {
        self.0 & permission as u16 != 0
    }

    /// Whether every right of `other` is in this set.
    #[must_use]
    pub const fn cover(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The set as text: a preset's name, or names joined by commas.
    #[must_use]
    pub fn to_text(self) -> String {
        self.preset().map_or_else(|| self.names().collect::<Vec<_>>().join(","), str::to_owned)
    }

    /// Reads what [`Permissions::to_text`] wrote, and any list of names.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn from_names<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, UnknownPermission> {
        let mut set = 0;
        for name in names {
            set |= match name {
                "full" => Self::FULL.0,
                "inference" => Self::INFERENCE.0,
                "read_only" => Self::READ_ONLY.0,
                other => Permission::from_name(other)
                    .ok_or_else(|| UnknownPermission(other.to_owned()))?
                    as u16,
            };
        }
        Ok(Self(set))
    }

    fn preset(self) -> Option<&'static str> {
        match self {
            Self::FULL => Some("full"),
            Self::INFERENCE => Some("inference"),
            Self::READ_ONLY => Some("read_only"),
            _ => None,
        }
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        Permission::ALL
            .into_iter()
            .filter(move |permission| self.allow(*permission))
            .map(Permission::name)
    }
}

/// A name that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown permission {0:?}; use \"full\", \"inference\", \"read_only\", or a list of chat, completions, responses, messages, embeddings, images, audio, moderations, rerank, models.read, usage.read, account.read"
)]
pub struct UnknownPermission(pub String);

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.preset() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.collect_seq(self.names()),
        }
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Permissions;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "a preset (\"full\", \"inference\", \"read_only\") or a list of permissions",
                )
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Permissions, E> {
                Permissions::from_names([text]).map_err(E::custom)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Permissions, A::Error> {
                let mut names: Vec<String> = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Permissions::from_names(names.iter().map(String::as_str))
                    .map_err(serde::de::Error::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_and_lists_survive_json() {
        for json in
            [r#""full""#, r#""inference""#, r#""read_only""#, r#"["chat","usage.read"]"#, "[]"]
        {
            let set: Permissions = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&set).unwrap(), json);
        }
    }

    #[test]
    fn read_only_calls_no_model() {
        assert!(Permission::ALL[..9].iter().all(|call| !Permissions::READ_ONLY.allow(*call)));
        assert!(Permissions::READ_ONLY.allow(Permission::UsageRead));
        assert!(!Permissions::INFERENCE.allow(Permission::UsageRead));
        assert!(Permissions::FULL.cover(Permissions::INFERENCE));
        assert!(!Permissions::READ_ONLY.cover(Permissions::INFERENCE));
    }

    #[test]
    fn the_manuals_name_for_completions_is_taken() {
        let set: Permissions = serde_json::from_str(r#"["chat","completion"]"#).unwrap();
        assert!(set.allow(Permission::Completions));
        assert!(serde_json::from_str::<Permissions>(r#"["everything"]"#).is_err());
    }
}
