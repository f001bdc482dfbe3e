## Import of a new-api or one-api site.
import-title = Move a site over
import-lead = Users, tokens, channels, groups and prices of a new-api or one-api site. Clients keep their tokens.
import-file = The site's database
import-file-hint = The SQLite file, called one-api.db by default, at most 64 MiB. Stop the site before you copy it. Nothing is made before you have seen the preview.
import-file-needed = Choose the file.
import-too-large = The file is larger than 64 MiB. Use the command below: it sends only what is needed.
import-gone = The file is no longer kept. Choose it again.
import-refused = Nothing was imported. { $why }
import-overwrite = Replace factors of groups and prices that differ
import-preview = Preview
import-what = What is taken over
import-what-users = with balance, role and group; without a password
import-what-tokens = with their values, quotas, ends and restrictions
import-what-channels = with secrets, models and groups
import-what-prices = from the ratios that the site has changed
import-large = A database in MySQL: write it to an SQLite file first. A larger one, or one in PostgreSQL: on the command line,
import-found = Found: a { $site } site
import-confirm = { $count ->
    [one] Import { $count } thing
   *[other] Import all { $count } things
}
import-nothing = Nothing would change: all of it is here.
import-back = Choose another file
import-done = { $count ->
    [one] { $count } thing is made and in force.
   *[other] { $count } things are made and in force.
}
import-next = Tokens work from now on. Test the channels, give models without a price one, and send users a link to choose a password: their page has it under Reset.
import-count-note = { $here } here already, { $left } left out
import-users = Users
import-users-text = Without a password: a reset link lets each choose one.
import-tokens = Tokens
import-tokens-text = They work with the values that their holders know.
import-channels = Channels
import-groups = Groups
import-prices = Prices
import-name = Name
import-kind = Kind
import-kind-site = Site
import-kind-group = Group
import-kind-user = User
import-kind-key = Token
import-kind-channel = Channel
import-why = Why
import-role = Role
import-balance = Balance
import-owner = Owner
import-quota = Quota left
import-expires = Expires
import-never = Never
import-off = Switched off
import-provider = Provider
import-models = Models
import-secrets = Secrets
import-factor = Factor
import-per-call = Per call
import-left-out = Left out
import-left-out-text = These are not made.
import-notes = Not quite as it was
import-notes-text = These are made, with a difference.
import-unpriced = { $count ->
    [one] { $count } model has no price
   *[other] { $count } models have no price
}
import-unpriced-text = Calls of them are refused until they have one.
import-prices-skipped = Prices that are left out
import-existing = Here already
