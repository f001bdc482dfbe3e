## Models that one can call.
model-lead = What your tokens can call. Prices in USD per million tokens, before the group's factor.
model-search = Search models…
model-empty = No model can be called yet
model-empty-text = A channel in one of your groups brings its models here.
model-none-found = No model matches
model-none-found-text = Try a shorter part of the name.
model-cached = Cached input
model-cache-write = Cache write
model-per-call = Per call
model-window = Context
model-groups = Groups
model-no-price = No price set: calls are refused.
model-try = Try
model-foot = A dash in a cache column: charged at the input price. A token may allow fewer models, and long inputs may have a price of their own.
