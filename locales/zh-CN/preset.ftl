## 渠道预设，按其名称。
preset-title-tollkeeper = 另一个 Tollkeeper
preset-title-new-api = new-api 或 one-api 站点
preset-note-azure-openai = Base URL 为 https://RESOURCE.openai.azure.com/openai（v1 API）；模型即部署，请做模型映射。
preset-note-qwen = 密钥只能用于创建它的区域。
preset-note-mistral = 流式应答无需请求即报告用量。
preset-note-openrouter = 模型名形如 vendor/model：请做模型映射，或直接以此名提供。
preset-note-ollama = 自有机器：--allow-egress 须包含其地址。上下文窗口在 Ollama 中设置。
preset-note-vllm = 自有机器：--allow-egress 须包含其地址。
preset-note-tollkeeper = 密钥填对方的令牌（sk-…）。
preset-note-new-api = One-api 和较旧的站点只支持 chat，请在协议中注明。
preset-elsewhere-anthropic-format = Anthropic 格式：请另建渠道。
preset-elsewhere-beijing = 中国（北京）：密钥和价格各自独立。
preset-elsewhere-virginia = 美国（弗吉尼亚）。
preset-elsewhere-china = 中国：密钥和价格各自独立。
