## Tokens, which the API calls keys.
token-lead = Credentials for your apps and tools. Each has its own limits; all draw on one balance.
token-create = Create token
token-count = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
token-count-more = { $count } on this page
token-allowance = Tokens allowed
token-allowance-tier = by your tier
token-search = Search by name…
token-all-statuses = All statuses
token-all-groups = All groups
token-tag = Tag
token-model = Model
token-group = Group
token-none-found = No token matches
token-none-found-text = Try another name, or take away a filter.
token-none-yet = None so far
token-none-yet-text = Not all tokens were looked at yet.
token-search-on = Search on
token-empty-title = Create your first token
token-empty-text = A token is what an app or a tool calls models with. Give each its own: then you see what it spends, and can end one without touching the others.
token-token = Token
token-status = Status
token-used = Used
token-last-used = Last used
token-never-used = Never
token-ip-allowlist = IP allowlist
token-ip-rules = { $count } rules
token-expires = Expires
token-never-expires = Never expires
token-created = Created
token-tick = Select { $name }
token-switch = { $name } works
token-switch-hint = Turn the token on or off; it takes effect at once
token-more = More for { $name }
token-open = Open
token-copy-id = Copy id
token-revoke = Revoke
token-delete = Delete
token-of-day = of { $amount } today
token-of-month = of { $amount } / month
token-of-total = of { $amount } total
token-of-daily-requests = of { $count } calls today
token-of-monthly-requests = of { $count } calls this month

token-create-title = Create token
token-create-lead = Only a fingerprint is stored. The value is shown once, on the next step.
token-edit-title = Edit token
token-edit-lead = Changes are in force as soon as they are saved. The value stays the same.
token-name = Name
token-name-hint = Say where it is used: environment, project, purpose.
token-permissions = Permissions
token-permissions-full = Full
token-permissions-inference = Inference
token-permissions-read-only = Read-only
token-permissions-custom = Custom
token-billing = Billing
token-billing-usage = By usage
token-billing-per-request = Per request
token-billing-by-model = By model
token-billing-hint = Fixed once the token is created.
token-monthly-limit = Monthly limit
token-limit-hint = In USD. It holds exactly, also under parallel calls. Empty: no limit of its own.
token-in-days = In { $count } days
token-expires-at = At a time…
token-expires-hint = A token that has expired works again once this is extended. Times are UTC.
token-models = Models
token-models-hint = Names and patterns with *. Empty: all that you can reach.
token-ip-hint = Addresses and ranges, v4 and v6. Empty: from anywhere.
token-groups = Groups
token-groups-hint = Routed in this order; auto: your own groups.
token-advanced = More limits and tags
token-advanced-text = daily limit, rates, alerts, metadata
token-quota = Total limit
token-quota-hint = For the token's whole life. Empty: unlimited.
token-daily-limit = Daily limit
token-daily-requests = Calls a day
token-monthly-requests = Calls a month
token-rpm = Requests a minute
token-tpm = Tokens a minute
token-parallel = Parallel calls
token-max-tokens = Output tokens per call
token-when-short = Near a limit
token-when-short-lower = Shorten the answer
token-when-short-refuse = Refuse the call
token-soft-limit = Alert at
token-soft-limit-hint = Tells you, and never refuses.
token-soft-window = Alert window
token-tags = Tags
token-tags-hint = Parted by commas.
token-metadata = Metadata
token-metadata-hint = A JSON object of your own.
token-owner = Owner
token-owner-hint = Whose balance pays. Empty: yours.

token-created-title = Token created
token-copy-now = Copy it now.
token-copy-now-text = It cannot be shown again after you close this.
token-value-was-shown = This token was created before, and its value was shown then. It cannot be shown again.
token-saved-it = I have saved it
token-revoke-title = Revoke { $name }?
token-revoke-warning = This is final. Every app and tool that uses it fails from now on, and calls under way are cut off. Its usage stays in the books.
token-delete-title = Delete { $name }?
token-delete-warning = This is final. It is revoked at once and taken off the list: every app and tool that uses it fails from now on. Its usage stays in the books.
token-revoke-several-title = { $count ->
    [one] Revoke { $count } token?
   *[other] Revoke { $count } tokens?
}
token-delete-several-title = { $count ->
    [one] Delete { $count } token?
   *[other] Delete { $count } tokens?
}
token-this-month = This month
token-notice-saved = { $name } is saved and in force.
token-notice-enabled = { $name } works again.
token-notice-disabled = { $name } is disabled. Its calls are refused.
token-notice-revoked = { $name } is revoked.
token-notice-deleted = { $name } is deleted.
token-notice-several-enabled = Enabled: { $name }.
token-notice-several-disabled = Disabled: { $name }.
token-notice-several-revoked = Revoked: { $name }.
token-notice-several-deleted = Deleted: { $name }.

token-used-ever = Used in total
token-remaining = Remaining
token-remaining-quota = of its total limit
token-remaining-balance = bounded by the balance
token-limits = Limits
token-no-limits = It has no limits of its own.
token-no-calls = No calls yet. Paste it into a client and make one.
token-terms = Settings
token-all-models = All that the owner can reach
token-any-ip = From anywhere
token-by-model = By model
