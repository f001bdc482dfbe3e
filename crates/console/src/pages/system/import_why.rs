//! Why something of a site is not taken over as it was, in the visitor's language: by the code that
//! the API gives beside its sentence.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::language::{Message, Words};

/// A remark of the API on one thing of the site.
#[derive(Debug, Deserialize)]
pub(super) struct Remark {
    pub(super) kind: String,
    pub(super) name: String,
    code: String,
    values: BTreeMap<String, String>,
    /// The API's own words.
    why: String,
}

impl Remark {
    /// The sentence for its code, else the API's own.
    pub(super) fn said(&self, words: Words) -> String {
        match message(&self.code) {
            Some(message) => words.say_with(message, &self.values),
            None => self.why.clone(),
        }
    }
}

fn message(code: &str) -> Option<Message> {
    Some(match code {
        "may_lack_changes" => Message("import-why-may-lack-changes"),
        "option_unreadable" => Message("import-why-option-unreadable"),
        "opens_no_group" => Message("import-why-opens-no-group"),
        "ratios_unreadable" => Message("import-why-ratios-unreadable"),
        "special_groups" => Message("import-why-special-groups"),
        "factors_between_groups" => Message("import-why-factors-between-groups"),
        "no_ratios" => Message("import-why-no-ratios"),
        "other_units" => Message("import-why-other-units"),
        "prices_unreadable" => Message("import-why-prices-unreadable"),
        "group_name" => Message("import-why-group-name"),
        "factor_unreadable" => Message("import-why-factor-unreadable"),
        "factor_cut" => Message("import-why-factor-cut"),
        "factor_out_of_range" => Message("import-why-factor-out-of-range"),
        "no_factor" => Message("import-why-no-factor"),
        "other_factor" => Message("import-why-other-factor"),
        "user_deleted" => Message("import-why-user-deleted"),
        "joined" => Message("import-why-joined"),
        "email_taken" => Message("import-why-email-taken"),
        "email_invalid" => Message("import-why-email-invalid"),
        "user_group_missing" => Message("import-why-user-group-missing"),
        "balance_negative" => Message("import-why-balance-negative"),
        "balance_too_large" => Message("import-why-balance-too-large"),
        "key_deleted" => Message("import-why-key-deleted"),
        "key_value" => Message("import-why-key-value"),
        "owner_missing" => Message("import-why-owner-missing"),
        "value_twice" => Message("import-why-value-twice"),
        "quota_too_large" => Message("import-why-quota-too-large"),
        "end_unreadable" => Message("import-why-end-unreadable"),
        "expired_early" => Message("import-why-expired-early"),
        "used_up_early" => Message("import-why-used-up-early"),
        "key_status" => Message("import-why-key-status"),
        "limit_unreadable" => Message("import-why-limit-unreadable"),
        "limited_to_none" => Message("import-why-limited-to-none"),
        "model_with_star" => Message("import-why-model-with-star"),
        "addresses_unreadable" => Message("import-why-addresses-unreadable"),
        "addresses_left_off" => Message("import-why-addresses-left-off"),
        "auto_of_nothing" => Message("import-why-auto-of-nothing"),
        "owners_group_missing" => Message("import-why-owners-group-missing"),
        "key_group_missing" => Message("import-why-key-group-missing"),
        "group_not_open_here" => Message("import-why-group-not-open-here"),
        "group_not_open_there" => Message("import-why-group-not-open-there"),
        "channel_type" => Message("import-why-channel-type"),
        "no_address" => Message("import-why-no-address"),
        "address_unusable" => Message("import-why-address-unusable"),
        "address_refused" => Message("import-why-address-refused"),
        "no_secret" => Message("import-why-no-secret"),
        "some_secrets" => Message("import-why-some-secrets"),
        "no_model" => Message("import-why-no-model"),
        "some_models" => Message("import-why-some-models"),
        "mapping_unreadable" => Message("import-why-mapping-unreadable"),
        "channel_groups_missing" => Message("import-why-channel-groups-missing"),
        "proxy" => Message("import-why-proxy"),
        "switched_off_there" => Message("import-why-switched-off-there"),
        "deployments" => Message("import-why-deployments"),
        "parameters_lost" => Message("import-why-parameters-lost"),
        "headers_lost" => Message("import-why-headers-lost"),
        "status_codes_lost" => Message("import-why-status-codes-lost"),
        "system_prompt_lost" => Message("import-why-system-prompt-lost"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_reason_is_told_in_the_language_of_the_page() {
        let remark = |code: &str| -> Remark {
            serde_json::from_value(serde_json::json!({
                "kind": "channel", "name": "a", "code": code,
                "values": {"taken": "2", "count": "3"}, "why": "As the API says it.",
            }))
            .unwrap()
        };
        let chinese = Words::of(Language::Chinese);
        assert_eq!(remark("some_models").said(chinese), "3 个模型中导入了 2 个。");
        let english = Words::of(Language::English);
        assert_eq!(remark("some_models").said(english), "2 of its 3 models are taken over.");
        assert_eq!(remark("something_new").said(chinese), "As the API says it.");
    }
}
