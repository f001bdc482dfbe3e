//! What is wrong with a field: the sentence for people, and its name and values for programs that
//! say it in another language.

mod errors;

use domain::money::Nanos;

domain::reasons! {
    /// Why a field is not taken.
    pub(crate) enum Wrong {
        Required = "required", "This field is required.";
        GivenTwice = "given_twice", "This field is given twice: give it once.";
        ParameterGivenTwice = "parameter_given_twice", "This parameter is given twice: give it once.";
        NoSuchField { names: String } = "no_such_field", "There is no such field. The fields are: {names}.";
        NoSuchParameter { names: String } = "no_such_parameter", "There is no such parameter. The parameters are: {names}.";
        Query = "query", "The query is not valid: percent-encode it as UTF-8.";
        Json { reason: String } = "json", "The JSON cannot be read: {reason}.";
        Text = "text", "Expected a text in quotes.";
        HalfACharacter = "half_a_character", "The text holds half a character (a lone surrogate).";
        List = "list", "Expected a list in square brackets.";
        Object = "object", "Expected an object in braces.";
        Length { least: usize, most: usize } = "length", "Expected {least} to {most} characters, not only blanks.";
        ControlCharacters = "control_characters", "The text may not hold control characters such as line breaks.";
        TrueOrFalse = "true_or_false", "Expected true or false.";
        WholeNumber { least: i64, most: i64 } = "whole_number", "Expected a whole number from {least} to {most}.";
        RowNumber = "row_number", "Expected the number of a row, from 1.";
        WholeNumberFromZero = "whole_number_from_zero", "Expected a whole number of 0 or more.";
        NumberTooLarge = "number_too_large", "The number is too large.";
        NegativeAmount = "negative_amount", "Expected 0 or more USD.";
        NoAmount = "no_amount", "Expected more than 0 USD.";
        Amount = "amount", "Expected a decimal number of USD, or a text of one, such as 12.5 or \"12.5\".";
        Rate = "rate", "Expected a decimal number of USD, or a text of one, such as 2.5 or \"2.5\".";
        RateOutOfRange = "rate_out_of_range", "Expected USD from 0 to 1000000.";
        AmountTooFine = "amount_too_fine", "The smallest step is 0.000000001 USD: at most 9 digits after the point.";
        AmountTooLarge = "amount_too_large", "The largest amount is 9223372036 USD.";
        TimeOrNever = "time_or_never", "Expected an RFC 3339 date and time such as \"2026-12-31T23:59:59Z\", or null or -1 for never.";
        Time = "time", "Expected an RFC 3339 date and time in quotes, such as \"2026-12-31T23:59:59Z\".";
        TimeParameter = "time_parameter", "Expected an RFC 3339 date and time such as 2026-12-31T23:59:59Z (write + as %2B).";
        TimeAfterSince = "time_after_since", "Expected a time after since.";
        Day = "day", "Expected a day such as 2026-12-01.";
        OneOf { names: String } = "one_of", "Expected one of {names}.";
        AtMostEntries { most: usize } = "at_most_entries", "Expected at most {most} entries.";
        Cursor = "cursor", "Expected the next_cursor of the page before, unchanged.";
        PathName = "path_name", "The name in the path is not valid UTF-8.";
        Id { prefix: &'static str } = "id", "Expected an id of the form {prefix}_ and 32 hexadecimal digits.";
        Address = "address", "Expected an IPv4 or IPv6 address.";
        AddressRange = "address_range", "Expected an IP address (203.0.113.7, 2001:db8::1) or a CIDR range without host bits (192.168.1.0/24, 2001:db8::/48).";
        Email = "email", "Expected an e-mail address such as ada@example.com.";
        EmailTarget = "email_target", "Expected an e-mail address such as name@example.com.";
        Bytes = "bytes", "Expected at most 1024 bytes.";
        Passphrase = "passphrase", "Expected 12–1024 characters.";
        NoScope = "no_scope", "Name at least one scope.";
        ScopeLacked { scope: &'static str } = "scope_lacked", "The asking key lacks \"{scope}\" itself and cannot give it away.";
        OwnerUnknown = "owner_unknown", "There is no user of this id, or their keys are not yours to make.";
        NoGroup = "no_group", "Name at least one group.";
        UnknownGroup { name: String } = "unknown_group", "There is no group \"{name}\". GET /api/v1/groups lists them; PUT /api/v1/groups/NAME makes one.";
        GroupNotOpen { name: String, groups: String } = "group_not_open", "The group \"{name}\" is not open to the key's owner, who has: {groups}.";
        GroupTwice = "group_twice", "This name is in the list already.";
        GroupName = "group_name", "Expected 1 to 64 characters without blanks around them, and without commas, quotes or slashes.";
        AutoAlone = "auto_alone", "\"auto\" stands alone: it means the owner's own groups in their order.";
        GroupAuto = "group_auto", "\"auto\" stands for the owner's own groups and cannot name one.";
        Multiplier = "multiplier", "Expected a decimal factor from 0 to 1000 with at most 6 digits after the point, such as 1.5 or \"1.5\".";
        AlertScope = "alert_scope", "Expected \"all\", or an object with one of key_id, user_id and tag.";
        ScopeOfDeployment = "scope_of_deployment", "This kind of alert is about the deployment: expected \"all\".";
        NoSuchKey = "no_such_key", "There is no such key here, or it is not yours.";
        NoSuchUser = "no_such_user", "There is no such user here, or it is not yours.";
        RuleKindFixed = "rule_kind_fixed", "A rule's kind is fixed. Make another rule.";
        OperatorsAlerts = "operators_alerts", "Alerts about the deployment are its operators' alone.";
        NoThreshold = "no_threshold", "This kind of alert has no threshold.";
        ThresholdNeeded = "threshold_needed", "This kind of alert needs a threshold.";
        NoSuchDestination = "no_such_destination", "You have no such destination. GET /api/v1/alert-destinations lists yours.";
        DestinationKindFixed = "destination_kind_fixed", "A destination's kind is fixed. Make another destination.";
        OnlyWebhookSecret = "only_webhook_secret", "Only a webhook has a secret.";
        WebhookUrl = "webhook_url", "Expected a URL such as https://hooks.example.com/alerts, without a user name and without #.";
        WebhookPrivate { host: String } = "webhook_private", "Connections to {host} are not allowed: it belongs to this machine or a private network. An operator can allow them with --allow-egress.";
        NoMailServer = "no_mail_server", "No mail server is set here. An operator sets one with --smtp and --smtp-from.";
        OwnEmailOnly = "own_email_only", "Members can have letters sent to their own e-mail address only.";
        CallEnd = "call_end", "Expected an HTTP status from 100 to 599, or completed, client_gone, upstream_cut, failed or reconciled.";
        Provider { names: String } = "provider", "Expected one of {names}, or a preset. Any other OpenAI-like service is openai-compatible.";
        PresetOfNew = "preset_of_new", "A preset fills in a new channel. Edit the fields themselves.";
        BaseUrl = "base_url", "Expected a URL such as https://api.example.com or https://api.example.com/v1.";
        BaseUrlExtras = "base_url_extras", "A base URL has no user name, no ? and no #.";
        AddressPrivate { address: String } = "address_private", "Connections to {address} are not allowed: it belongs to this machine or a private network. Start the gateway with --allow-egress {address} to allow them.";
        ProxyPrivate { host: String } = "proxy_private", "Connections to {host} are not allowed: it belongs to this machine or a private network. Start the gateway with --allow-egress and its address to allow them.";
        Proxy = "proxy", "Expected http://host:port or socks5://host:port, with user:password@ where needed.";
        ProxyLogin = "proxy_login", "A proxy's user name and password have 1 to 255 bytes; percent-encode what is not a letter or a digit.";
        ProxyLoginHidden = "proxy_login_hidden", "This is how another proxy's login is shown. Send the login itself.";
        SecretBound { before: String, origin: String } = "secret_bound", "The stored secret is bound to {before}. Send it again to use it for {origin}.";
        SecretThroughProxy = "secret_through_proxy", "A proxy can read the secret on its way to an http address. Send it again to use it with this proxy.";
        Secret = "secret", "Expected 1 to 8192 visible ASCII characters without blanks.";
        NoSecret = "no_secret", "Give at least one secret.";
        SecretOrSecrets = "secret_or_secrets", "Give secret or secrets, not both.";
        NoModel = "no_model", "Name at least one model.";
        ModelNotListed = "model_not_listed", "This is not one of models: list it there too.";
        ModelName = "model_name", "Expected a model's name of 1 to 200 characters without blanks.";
        ModelNameBlank = "model_name_blank", "Expected a model's name without blanks.";
        ModelPattern = "model_pattern", "Expected a model's name, or a pattern with * such as gpt-5*, without blanks.";
        ModelNotOffered = "model_not_offered", "The channel does not offer this model.";
        DialectNotSpoken = "dialect_not_spoken", "The channel does not speak this one.";
        Dialects = "dialects", "Expected one of chat, responses, messages, gemini.";
        NoDialect = "no_dialect", "Name at least one, or null for the provider's own.";
        ListedTwice = "listed_twice", "This is listed twice: list it once.";
        Headers = "headers", "Expected at most 50 headers, each once in whatever case.";
        HeaderName = "header_name", "This is not a header's name.";
        HeaderOurs = "header_ours", "The gateway sets this header itself; it cannot be overridden.";
        HeaderValue = "header_value", "Expected visible ASCII characters and blanks.";
        ValueOrValues = "value_or_values", "Give value or values, one of the two.";
        PriceHalf = "price_half", "Input and output are set together: a missing price is not 0.";
        PriceNone = "price_none", "Set input and output (USD per million tokens), per_request (USD per call), or both.";
        TierOrder = "tier_order", "List the tiers in rising order of above_input_tokens, each threshold once.";
        WindowZero = "window_zero", "Expected context_window and max_output of at least 1, or null where unknown.";
        StarterData = "starter_data", "The starter list is here: send no data.";
        ImportSource = "import_source", "Expected one of starter, litellm, new-api.";
        Ratios = "ratios", "Expected model_ratio, completion_ratio, cache_ratio, model_price.";
        RatioModel = "ratio_model", "Expected a model_name.";
        OpenOrResolved = "open_or_resolved", "Expected open or resolved.";
        EndTwice = "end_twice", "Give expires_in_seconds or expires_at, not both.";
        KeyFixed = "key_fixed", "This is fixed when the key is made. Make another key instead.";
        QuotaOrDelta = "quota_or_delta", "Give quota or quota_delta, not both.";
        NoId = "no_id", "Expected at least one id.";
        NoKey = "no_key", "Expected at least one key.";
        GroupOrGroups = "group_or_groups", "Give group or groups, not both.";
        Permission { name: String } = "permission", "Unknown permission \"{name}\"; use \"full\", \"inference\", \"read_only\", or a list of chat, completions, responses, messages, embeddings, images, audio, moderations, rerank, models.read, usage.read, account.read.";
        Metadata = "metadata", "Expected an object of at most 16 KiB of JSON.";
        MetadataNumbers = "metadata_numbers", "Expected an object whose numbers fit into 64 bits.";
        NameOrParts = "name_or_parts", "Give name or name_parts, not both.";
        NamePart = "name_part", "Expected letters, digits, dots, underscores and dashes.";
        NoTemplate { name: String } = "no_template", "There is no template \"{name}\". GET /api/v1/key-templates lists yours.";
        QuotaUnlimited = "quota_unlimited", "The key is unlimited: there is no quota to add to. Set quota instead.";
        QuotaBelowZero = "quota_below_zero", "The quota would fall below 0 USD.";
        KeyOrder = "key_order", "Expected one of created_at, name, last_used_at, used, monthly, expires_at, with or without a dash in front.";
        TotpCode = "totp_code", "This is not the app's present code. Check that the clocks of both devices are right.";
        PasswordToReveal = "password_to_reveal", "Send your password to see the value.";
        UsageOfOthers = "usage_of_others", "With an API key, the usage is that key's own. Use a management key to read others'.";
        NoFix = "no_fix", "This finding has no fix that could be applied for you.";
        RefundTooMuch { charged: Nanos, refunded: Nanos, left: Nanos } = "refund_too_much", "The call was charged {charged} USD, of which {refunded} USD were refunded: at most {left} USD can be.";
        TopUpNotPositive = "top_up_not_positive", "A top-up is above zero.";
        BooksFull = "books_full", "The amount is larger than the books can hold.";
    }
}

impl Wrong {
    /// It is none of these.
    pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::OneOf { names: names.into_iter().collect::<Vec<_>>().join(", ") }
    }
}

#[cfg(test)]
pub(crate) mod tests;
