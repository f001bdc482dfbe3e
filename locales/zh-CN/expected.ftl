## 输入框的要求；API 自身的说明只有英文。
expected-name = 请输入 1 到 100 个字符，不可换行。
expected-email = 请输入邮箱地址，例如 ada@example.com。
expected-password = 请输入至少 8 个字符。
expected-amount = 请输入以美元计的金额，例如 12.50。
expected-number = 请输入允许范围内的整数。
expected-decimal = 请输入小数，例如 1.5。
expected-time = 请输入将来的日期和时间。
expected-addresses = 请输入 IP 地址或网段，例如 10.4.0.0/16。
expected-models = 请输入不含空格的模型名，每个一次。
expected-model-map = 只能映射上面已列出的模型。
expected-groups = 请输入已有的分组名。
expected-url = 请输入允许使用的地址，例如 https://api.example.com。
expected-secret = 请输入可见的 ASCII 字符，不含空格。
expected-tags = 请输入简短的标签，每个一次。
expected-object = 请输入花括号中的 JSON 对象，不超过 16 KiB。
expected-passphrase = 请输入 12 至 1024 个字符。
