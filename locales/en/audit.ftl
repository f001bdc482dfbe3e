## Findings and the audit log.
nav-audit = Audit
audit-lead = Risks in your active tokens, and how to fix them.
audit-findings = Findings
audit-log = Audit log
audit-log-lead = Every write and every log-in, failed ones too. Rows cannot be altered unnoticed.
audit-period = Period
audit-period-week = Last 7 days
audit-period-month = Last 30 days
audit-period-quarter = Last 91 days
audit-severity = Severity
audit-all-severities = All severities
severity-high = High
severity-medium = Medium
severity-low = Low
audit-show-dismissed = Show dismissed
audit-none-title = Nothing to object to
audit-none-text = Every token that works has an end, a limit and an allowlist, and is in use.
audit-dismiss = Dismiss
audit-dismiss-month = Remind in 30 days
audit-dismiss-month-hint = Dismiss it for 30 days
audit-dismissed = Dismissed
audit-dismissed-until = Dismissed until
audit-list-again = List again
audit-notice-fixed = { $name } is fixed, and it is in force.
audit-notice-dismissed = Dismissed: { $name }.
audit-notice-listed-again = Listed again: { $name }.
finding-unused = Unused
finding-unused-text = { $days ->
    [one] Nobody used it for a day. A token that nobody needs can only be stolen.
   *[other] Nobody used it for { $days } days. A token that nobody needs can only be stolen.
}
finding-no-expiry = Never expires
finding-no-expiry-text = { $days ->
    [0] It never ends by itself. If it leaks unnoticed, it works for ever.
    [one] Made a day ago, and it never ends by itself. If it leaks unnoticed, it works for ever.
   *[other] Made { $days } days ago, and it never ends by itself. If it leaks unnoticed, it works for ever.
}
finding-no-ip-allowlist = Works from every address
finding-no-ip-allowlist-text = { $count ->
    [0] It has no IP allowlist.
    [one] It has no IP allowlist. Its last calls came from one address.
   *[other] It has no IP allowlist. Its last calls came from { $count } addresses.
}
finding-no-limit = No spending limit
finding-no-limit-text = Nothing limits what it spends. Its most expensive day in the last { $days } days cost { $amount }.
finding-rotation-overdue = Rotation overdue
finding-rotation-overdue-text = Its value is { $days } days old; it should be rotated every { $due } days.
finding-many-ips = Used from many addresses
finding-many-ips-text = Its last { $calls } calls came from { $count } addresses. One place usually needs one token.
finding-unusual-spend = Unusual spending
finding-unusual-spend-text = It spent { $spent } in this period; usually it is { $usual }.
finding-broad-permissions = Permissions too broad
finding-broad-permissions-text = It may do everything, but its last { $calls } calls needed only a part of that.
fix-disable = Turn off
fix-revoke = Revoke
fix-set-expiry = Let it expire
fix-set-allowlist = Allow the addresses seen
fix-set-limit = Limit a day to
fix-narrow-permissions = Leave only what it used
audit-verify = Verify the chain
audit-sound = { $count ->
    [one] Sound: the row is what was written.
   *[other] Sound: all { $count } rows are what was written.
}
audit-unsound = { $count ->
    [one] A row was altered or is missing.
   *[other] { $count } differences: rows were altered or are missing.
}
audit-hash = The last row's hash. Noted elsewhere, it shows later that nothing before it was altered.
audit-everybody = Everyone
audit-nobody = not logged in
audit-when = When
audit-actor = Who
audit-action = Action
audit-object = Target
audit-fields = Fields
audit-address = From
audit-since = From (UTC)
audit-until = Until
audit-log-none = No entries
audit-log-none-text = Nothing of this kind was done.
audit-any-action = Any action
audit-via = With
audit-log-own-lead = What you did, and what was done to what is yours. Others are shown by name; addresses only where you did it yourself.
