## 审计发现与审计日志。
nav-audit = 审计
audit-lead = 可用令牌中的风险，以及处理办法。
audit-findings = 风险项
audit-log = 审计日志
audit-log-lead = 每次写入和每次登录，失败的也在内。任何改动都会被发现。
audit-period = 时段
audit-period-week = 最近 7 天
audit-period-month = 最近 30 天
audit-period-quarter = 最近 91 天
audit-severity = 严重级别
audit-all-severities = 全部级别
severity-high = 高
severity-medium = 中
severity-low = 低
audit-show-dismissed = 显示已忽略的
audit-none-title = 没有发现问题
audit-none-text = 每个可用令牌都有期限、限额和白名单，并且在使用中。
audit-dismiss = 忽略
audit-dismiss-month = 30 天后提醒
audit-dismiss-month-hint = 忽略 30 天
audit-dismissed = 已忽略
audit-dismissed-until = 忽略至
audit-list-again = 重新列出
audit-notice-fixed = { $name } 已修复，立即生效。
audit-notice-dismissed = 已忽略：{ $name }。
audit-notice-listed-again = 已重新列出：{ $name }。
finding-unused = 闲置
finding-unused-text = 已有 { $days } 天无人使用。没人需要的令牌只会被盗用。
finding-no-expiry = 永不过期
finding-no-expiry-text = { $days ->
    [0] 它不会自行失效。一旦悄悄泄露，就会一直可用。
   *[other] 创建已 { $days } 天，且不会自行失效。一旦悄悄泄露，就会一直可用。
}
finding-no-ip-allowlist = 任何地址都能用
finding-no-ip-allowlist-text = { $count ->
    [0] 没有 IP 白名单。
   *[other] 没有 IP 白名单。最近的调用来自 { $count } 个地址。
}
finding-no-limit = 没有花费限额
finding-no-limit-text = 花费没有任何限制。最近 { $days } 天里最贵的一天花了 { $amount }。
finding-rotation-overdue = 该轮换了
finding-rotation-overdue-text = 它的值已用 { $days } 天，应每 { $due } 天轮换一次。
finding-many-ips = 来源地址过多
finding-many-ips-text = 最近 { $calls } 次调用来自 { $count } 个地址。一处通常只需一个令牌。
finding-unusual-spend = 花费异常
finding-unusual-spend-text = 本时段花费 { $spent }，以往通常为 { $usual }。
finding-broad-permissions = 权限过宽
finding-broad-permissions-text = 它什么都能做，但最近 { $calls } 次调用只用到一部分权限。
fix-disable = 停用
fix-revoke = 吊销
fix-set-expiry = 设置期限
fix-set-allowlist = 只允许已见地址
fix-set-limit = 每日限额
fix-narrow-permissions = 只保留用过的权限
audit-verify = 校验链条
audit-sound = 完好：全部 { $count } 行与写入时一致。
audit-unsound = { $count } 处不符：有记录被改动或缺失。
audit-hash = 最后一行的哈希。另行记下它，日后可证明之前的内容未被改动。
audit-everybody = 所有人
audit-nobody = 未登录
audit-when = 时间
audit-actor = 操作者
audit-action = 操作
audit-object = 对象
audit-fields = 字段
audit-address = 来源
audit-since = 从（UTC）
audit-until = 到
audit-log-none = 没有记录
audit-log-none-text = 没有这类操作。
audit-any-action = 所有操作
audit-via = 凭据
audit-log-own-lead = 您的操作，以及对您的令牌和账户所做的更改。他人的操作只显示名称，地址只显示您自己的。
