## Presets of channels, by their names.
preset-title-tollkeeper = Another Tollkeeper
preset-title-new-api = A new-api or one-api site
preset-note-azure-openai = The base URL is https://RESOURCE.openai.azure.com/openai (the v1 API); models are deployments: map them.
preset-note-qwen = A key works in the region that it was made in.
preset-note-mistral = Streams report their usage unasked.
preset-note-openrouter = Models are named vendor/model: map them, or offer them under these names.
preset-note-ollama = A machine of your own: --allow-egress must name its address. Its context window is set at Ollama.
preset-note-vllm = A machine of your own: --allow-egress must name its address.
preset-note-tollkeeper = The secret is a key (sk-…) of the other one.
preset-note-new-api = One-api and older sites take chat alone: say so in dialects.
preset-elsewhere-anthropic-format = Anthropic's format: a channel of its own.
preset-elsewhere-beijing = China (Beijing): keys and prices of its own.
preset-elsewhere-virginia = United States (Virginia).
preset-elsewhere-china = China: keys and prices of its own.
