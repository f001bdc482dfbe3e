## 节点与无法撤销的情形。
dock-refused-no-change = 没有可撤销的更改。
dock-refused-not-configured = { $what } 未由 Tollkeeper 配置。
dock-refused-changed-since = { $what } 之后又被修改过。可在备份中找到先前的内容。
dock-refused-no-node = 没有节点 { $what }。
dock-refused-built-in = { $what } 是内置节点，不能移除。
dock-refused-not-loopback = { $what } 并不指向本机，而 http:// 只用于本机，因此没有发送任何内容。
dock-refused-tls = { $what } 无法证明其身份，没有发送任何内容。请检查网址、本机时钟，以及网络是否拦截加密连接。
dock-refused-too-large = { $what } 的应答过长，未予读取。
dock-node-failed = 应答失败（{ $what }）。
dock-node-silent = 没有应答。
dock-refused-no-command = 此工具不能通过命令获取密钥。请将密钥写入文件，或改用 Claude Code 或 Codex。
dock-refused-model-needed = OpenCode 只列出配置文件中的模型。请填写一个模型。
dock-refused-model-name = 模型名不能含空格和引号。
