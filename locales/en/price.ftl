## Prices of models.
price-nav = Prices
price-lead = What models cost, in USD. A model without a price is refused: a missing price is never 0.
price-import = Import
price-create = Add price
price-save = Save price
price-set = Set price
price-none = No price
price-missing-title = { $count ->
    [one] { $count } model has no price
   *[other] { $count } models have no price
}
price-missing-text = Your channels serve them, but calls are refused until they have a price.
price-missing-more = and { $count } more
price-missing-import = { $count ->
    [one] Preview the list price of { $count } model
   *[other] Preview the list prices of { $count } models
}
price-empty-title = No prices yet
price-empty-text = Start from the vendors' list prices, or bring a price file of your own. You see what would change before anything does.
price-search = Search models…
price-all = All models
price-served = Served by channels
price-none-found = No price matches
price-input = Input
price-cached = Cached input
price-write = Cache write
price-write-1h = Cache write, 1 h
price-output = Output
price-per-request = Per request
price-image = Per image
price-audio = Per audio minute
price-context = Context window
price-max-output = Longest output
price-source = Source
price-list-price = List price
price-own = Custom
price-unit = USD per million tokens
price-version = Version
price-count = { $count ->
    [one] { $count } price
   *[other] { $count } prices
}
price-edit-title = Edit price
price-create-title = Add price
price-form-lead = Holds for calls that are admitted from now on. Calls before keep theirs.
price-model-hint = As callers name it.
price-model-needed = Give the model's name, without blanks.
price-starter-known = The vendor's list price of { $date }.
price-starter-source = See the source
price-per-million = Per million tokens. 0 is free.
price-output-hint = Reasoning included.
price-empty-hint = Empty: cached input and cache writes cost what input costs; other classes are refused.
price-more = More classes
price-more-text = requests, images, audio, long inputs
price-tiers = Long inputs
price-tiers-hint = Prices that replace the base ones when the whole input is longer. Empty rows are left out.
price-tier-above = Input tokens over
price-delete = Delete
price-delete-named = Delete the price of { $name }
price-delete-title = Delete the price of { $name }?
price-delete-warning = From now on its calls are refused. What was charged stays in the books.
price-delete-unused = No channel serves it
price-import-title = Import prices
price-import-lead = All or nothing, after a preview. Prices that differ are left alone unless you say otherwise.
price-source-starter = Starter list
price-source-ratios = new-api ratios
price-source-hint = The vendors' list prices of this release; LiteLLM's price file; or the ratios of a new-api or one-api site.
price-file = File
price-file-hint = JSON. Or paste it below.
price-paste = Content
price-only-served = Only models that my channels serve
price-overwrite = Replace prices that differ
price-preview = Preview
price-import-data-needed = Choose a file or paste its content.
price-import-not-json = This is not JSON.
price-import-none-served = No channel serves a model yet.
price-import-new = New
price-import-new-note = had no price
price-import-differs = Differ
price-import-replaced = Replaced
price-import-left = Left alone
price-import-same = Unchanged
price-import-same-note = the same already
price-import-skipped = Skipped
price-import-skipped-note = not usable, see below
price-import-change = Change
price-import-confirm = { $count ->
    [one] Import { $count } price
   *[other] Import { $count } prices
}
price-import-nothing = Nothing would change.
price-import-back = Change the selection
price-notice-saved = The price of { $name } is in force.
price-notice-deleted = The price of { $name } is deleted.
price-notice-imported = Imported prices: { $name }.
