//! `tollkeeper keys templates`: terms under a name, for keys that are made after them.

use super::terms::{BILLING_METHOD, TERMS};
use crate::commands::verb::{Family, Flag, IF_MATCH, Verb};

const TEMPLATE: (&str, &str, &str) = ("template", "TEMPLATE", "The template's name");

const LIFE: &[Flag] = &[
    BILLING_METHOD,
    Flag::number("expires-in-seconds", "How long such a key lives; not with --expires-at"),
];

pub(super) const FAMILY: Family = Family {
    name: "templates",
    about: "Templates for keys: your own, and those that everybody has",
    verbs: &[
        Verb::get("list", "/api/v1/key-templates", "List templates")
            .rows(&["name", "built_in", "fields"]),
        Verb::get("get", "/api/v1/key-templates/{template}", "Show a template").names(&[TEMPLATE]),
        Verb::put("set", "/api/v1/key-templates/{template}", "Make or replace a template of yours")
            .names(&[TEMPLATE])
            .flags(&[LIFE, TERMS, IF_MATCH]),
        Verb::delete("delete", "/api/v1/key-templates/{template}", "Delete a template of yours")
            .names(&[TEMPLATE])
            .flags(&[IF_MATCH])
            .asks("Delete the template {template}?")
            .says("The template {template} is deleted."),
    ],
    families: &[],
};
