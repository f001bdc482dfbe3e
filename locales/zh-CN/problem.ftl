## API 拒绝的原因，按其代码。
problem-not-found = 此处没有内容，或不属于您。
problem-route-not-found = 此处没有内容，或不属于您。
problem-method-not-allowed = 此处不能执行该操作。
problem-malformed-json = 无法读取提交的内容。
problem-unreadable-body = 提交的内容中途中断。
problem-unsupported-media-type = 不接受这种类型的内容。
problem-request-too-large = 提交的内容超出允许的大小。
problem-invalid-fields = 请更正标出的字段。
problem-invalid-idempotency-key = 无法识别此表单。请重新打开。
problem-idempotency-mismatch = 此表单已用其他内容提交过。请重新打开。
problem-changed-meanwhile = 有人同时修改了它。请关闭后重新查看，再次修改。
problem-already-exists = 已存在。请换一个。
problem-internal-error = 因本部署的内部错误，请求失败。详情见其日志。
problem-database-unavailable = 数据库暂时没有响应。请稍后重试。
problem-cross-origin = 该请求来自其他网站的页面。请在控制台页面上操作。
problem-too-many-attempts = 尝试次数过多。请稍后再试。
problem-wrong-credentials = 用户名或密码不正确。
problem-wrong-code = 验证码不正确或已用过。请等待下一个。
problem-code-required = 需要一次性验证码。
problem-wrong-password = 密码错误。
problem-session-ended = 会话已结束，请重新登录。
problem-session-required = 只有登录的用户才能执行此操作。
problem-proof-required = 请先验证密码。
problem-user-disabled = 此账户已被停用。请联系管理员。
problem-link-unusable = 此链接已使用、已失效或不存在。请索取新的链接。
problem-missing-management-key = 请先登录。
problem-invalid-management-key = 此部署不认识这个管理密钥。
problem-management-key-revoked = 此管理密钥已被吊销。
problem-management-key-expired = 此管理密钥已过期。
problem-api-key-cannot-manage = 令牌用于调用模型，不能用于管理。请使用管理密钥。
problem-operator-only = 您的账户无权执行此操作。
problem-owner-only = 您的账户无权执行此操作。
problem-scope-missing = 您的账户无权执行此操作。
problem-not-the-owner = 只有令牌的所有者才能查看其值。可轮换令牌以换新值。
problem-last-owner = 这是本部署唯一的所有者。请先设置另一位所有者。
problem-key-limit-reached = 所有者的等级最多允许 { $allowance } 个未吊销、未删除的令牌。请吊销或删除一些，或提高等级。
problem-key-revoked = 此令牌已被吊销，无法恢复。请新建一个。
problem-not-rotated = 此令牌从未轮换过，没有旧值。
problem-reveal-off = 此部署只在创建时显示一次值。请轮换令牌以获得新值。
problem-value-not-kept = 没有保存此令牌的值。请轮换令牌以获得新值。
problem-too-many-reveals = 20 分钟内最多可查看 20 个值。请稍后再试。
problem-too-many-templates = 模板数量已达上限 100 个。请先删除一个。
problem-too-many-calls = 该时段内的调用超过 { $most } 次。请分成较短的时段依次退款。
problem-nothing-to-refund = 此次调用已没有可退的金额。
problem-default-group = 默认分组不能删除：新用户和新渠道都从它开始。
problem-unknown-code = 没有这个兑换码。请逐字核对。
problem-totp-off = 尚未启用一次性验证码，恢复码无从生成。请先启用。
problem-nothing-to-confirm = 没有待确认的验证器密钥。请重新开始。
problem-finding-gone = 问题已经解决，无需修复。
problem-too-many-alert-rules = 规则数量已达上限 { $most } 条。请先删除一条。
problem-too-many-alert-destinations = 接收方数量已达上限 { $most } 个。请先删除一个。
problem-alert-destination-in-use = 有规则使用此接收方。请先从规则中移除。
problem-backup-under-way = 正在制作另一个备份。请等待其完成后再试。
problem-code-unusable = { $why ->
    [redeemed] 此兑换码已被兑换。
    [revoked] 此兑换码已被作废。
   *[expired] 此兑换码已过期。
}
problem-group-in-use = { $kind ->
    [channel] 渠道“{ $name }”仍在使用此分组。请先在那里移除。
    [key] 令牌 { $name } 仍在使用此分组。请先在那里移除。
   *[user] 用户 { $name } 仍在使用此分组。请先在那里移除。
}
problem-channel-unusable = { $why ->
    [secret] 此渠道无法使用：本部署的主密钥打不开已保存的密钥。请重新输入密钥。
    [base_url] 此渠道无法使用：Base URL 无效。
    [proxy] 此渠道无法使用：代理地址无效。
   *[unsendable] 此渠道无法使用：密钥或某个请求头含有无法发送的字符。
}
problem-not-a-site = { $why ->
    [not_sqlite] 这不是 SQLite 数据库。new-api 站点的数据库默认名为 one-api.db。
    [broken_off] 数据库不完整：{ $whole } 字节中只有 { $found } 字节。请重新复制。
    [damaged] 数据库已损坏。请重新复制。
    [mysql] 不能直接读取 MySQL 数据库。请先转成 SQLite 文件，例如用 mysql2sqlite。
    [unavailable] 无法打开数据库。
    [units] 站点的 QuotaPerUnit 为 { $units }，无法读取金额。请在站点改正后重新导入。
   *[other] 这不是 new-api 或 one-api 的数据库。
}
