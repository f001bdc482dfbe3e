//! `tollkeeper groups`: what keys route through, and the factor on prices there.

use super::verb::{Family, Flag, Verb};

const GROUP: (&str, &str, &str) = ("group", "GROUP", "The group's name");

pub(super) const FAMILY: Family = Family {
    name: "groups",
    about: "Groups on a running gateway: list, set, delete",
    verbs: &[
        Verb::get("list", "/api/v1/groups", "List groups").rows(&[
            "name",
            "multiplier",
            "created_at",
        ]),
        Verb::put("set", "/api/v1/groups/{group}", "Make a group, or set its factor")
            .names(&[GROUP])
            .flags(&[&[Flag::text("multiplier", "The factor on prices, 0 to 1000").required()]]),
        Verb::delete(
            "delete",
            "/api/v1/groups/{group}",
            "Delete a group that nothing names any more",
        )
        .names(&[GROUP])
        .asks("Delete the group {group}?")
        .says("The group {group} is deleted."),
    ],
    families: &[],
};
