## Why a price is not imported, by the name that the API gives it.
price-skip-twice = It is listed twice: the first entry counts.
price-skip-name = This is no model's name of 1 to 200 characters without blanks.
price-skip-half = Input and output are set together: a missing price is not 0.
price-skip-no-token-price = It has no price per token of input and output.
price-skip-zero = Its prices are 0, which there often means unknown. Set it by hand if it is free.
price-skip-no-price = It has no price per token or per call.
price-skip-tier-order = Its tiers are not in rising order, each threshold once.
price-skip-window-zero = Its context window or its longest output is 0.
price-skip-ratio = Its { $ratio } is no number of 0 or more.
price-skip-too-dear = It is dearer than 1000000 USD per million tokens.
price-skip-no-ratio = It has neither a model_ratio nor a model_price.
price-skip-no-completion-ratio = It has no completion_ratio: the one that is built into new-api is not in the file.
price-skip-ratio-zero = Its ratio is 0. Set its price by hand if it is free.
price-skip-no-object = Its entry is not an object in braces.
price-skip-no-rate = { $field } is no price: { $shown }.
price-skip-mode = Its mode "{ $mode }" is not billed by tokens alone.
