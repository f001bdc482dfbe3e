## The wallet: balance, ledger, codes.
wallet-lead = What you have, how long it lasts, and every line of the books.
wallet-frozen = This balance is frozen: no call is made until an operator thaws it.
wallet-lasts = Lasts for about
wallet-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
wallet-rate = at { $amount } a day, the mean of 7 days
wallet-no-rate = nothing was spent in the past 7 days
wallet-per-day = Spent a day
wallet-per-day-note = mean of the past 7 days
wallet-spent = Spent
wallet-credited = Credited
wallet-ever = since the account was created
wallet-reserved = { $amount } is set aside for calls under way.
wallet-held = { $amount } is held for calls in doubt.
wallet-redeem = Redeem a code
wallet-code = Code
wallet-redeem-button = Redeem
wallet-redeem-hint = Upper and lower case, blanks and hyphens do not matter. The balance rises at once.
wallet-unknown-code = There is no such code. Check it letter by letter.
wallet-redeemed = { $name } was added to your balance.
wallet-ledger = Ledger
wallet-ledger-lead = Never changed, never deleted
wallet-empty = No entries yet
wallet-empty-text = Top-ups, codes, refunds and the sums of calls are booked here.
wallet-kind = What
wallet-note = Note
wallet-transaction = Transaction
wallet-amount = Amount
wallet-count = { $count } on this page
wallet-kind-topup = Top-up
wallet-kind-usage = Usage
wallet-kind-refund = Refund
wallet-kind-redemption = Code redeemed
