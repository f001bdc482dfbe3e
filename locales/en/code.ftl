## Redemption codes.
code-nav = Redemption codes
code-lead = Codes that turn into balance, once. Only fingerprints are stored.
code-create = Make codes
code-empty-title = No codes yet
code-empty-text = Make codes of a fixed worth, hand them out, and see who redeemed which.
code-code = Code
code-worth = Worth
code-redeemed = Redeemed
code-status-open = Open
code-status-redeemed = Redeemed
code-count = { $count ->
    [one] { $count } code
   *[other] { $count } codes
}
code-create-title = Make redemption codes
code-create-lead = The values are shown once, on the next step.
code-amount = Worth of each
code-amount-hint = In USD.
code-how-many = How many
code-how-many-hint = 1 to 1,000.
code-note-hint = For you, such as a campaign or a customer.
code-created-title = { $count ->
    [one] { $count } code made
   *[other] { $count } codes made
}
code-copy-text = They cannot be shown again after you close this.
code-was-shown = These codes were made before, and their values were shown then.
code-revoke-title = Revoke this code?
code-revoke-warning = Nobody can redeem it any more. It stays listed.
code-notice-revoked = The code is revoked.
