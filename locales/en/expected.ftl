## What an input expects, where the API's own words are not in the page's language.
expected-name = Give 1 to 100 characters on one line.
expected-email = Give an e-mail address such as ada@example.com.
expected-password = Give at least 8 characters.
expected-amount = Give an amount in US dollars, such as 12.50.
expected-number = Give a whole number within its range.
expected-decimal = Give a decimal number, such as 1.5.
expected-time = Give a date and time in the future.
expected-addresses = Give IP addresses or ranges, such as 10.4.0.0/16.
expected-models = Give model names without blanks, each once.
expected-model-map = Map only models that are listed above.
expected-groups = Give names of groups that there are.
expected-url = Give an address that may be used, such as https://api.example.com.
expected-secret = Give visible ASCII characters without blanks.
expected-tags = Give short tags, each once.
expected-object = Give a JSON object in braces, at most 16 KiB.
expected-passphrase = Give 12 to 1024 characters.
