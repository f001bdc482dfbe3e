//! `tollkeeper tiers`: how many keys users of each tier may have.

use super::verb::{Family, Flag, Verb};

const LIMITS: &[Flag] = &[
    Flag::number("standard", "Keys of a standard user, or none: no limit").at("standard.key_limit"),
    Flag::number("professional", "Keys of a professional user").at("professional.key_limit"),
    Flag::number("enterprise", "Keys of an enterprise user").at("enterprise.key_limit"),
];

pub(super) const FAMILY: Family = Family {
    name: "tiers",
    about: "Tiers of users on a running gateway: list, set",
    verbs: &[
        Verb::get("list", "/api/v1/tiers", "List the tiers").rows(&["name", "key_limit"]),
        Verb::put("set", "/api/v1/tiers", "Set how many keys users may have; nobody loses one")
            .flags(&[LIMITS])
            .rows(&["name", "key_limit"]),
    ],
    families: &[],
};
