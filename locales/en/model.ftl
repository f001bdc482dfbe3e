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
model-no-price = No price is set: calls are refused until there is one.
model-try = Try
model-foot = A dash means that the price of input holds. A token may allow fewer models, and long inputs may have a price of their own.
