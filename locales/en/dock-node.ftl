## What the dock says of nodes and of what cannot be taken back.
dock-refused-no-change = There is no change to take back.
dock-refused-not-configured = { $what } is not configured by Tollkeeper.
dock-refused-changed-since = { $what } was changed since. An earlier state is among the backups.
dock-refused-no-node = There is no node { $what }.
dock-refused-built-in = { $what } is built in and stays.
dock-refused-not-loopback = { $what } does not lead to this machine, and over http:// nothing is sent elsewhere.
dock-refused-tls = { $what } cannot prove who it is; nothing was sent. Check the URL, this machine’s clock, and whether the network opens encrypted connections.
dock-refused-too-large = The answer of { $what } is too long; it was not read.
dock-node-failed = It failed with { $what }.
dock-node-silent = No answer came.
dock-refused-no-command = This tool cannot take its key from a command. Let the key stand in the file, or use Claude Code or Codex.
dock-refused-model-needed = OpenCode lists only the models that stand in its file. Name one.
dock-refused-model-name = A model’s name holds no blanks and no quotation marks.
