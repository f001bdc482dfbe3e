## What happened, in a sentence.
alert-said-soft-limit = 令牌“{ $name }”{ $window ->
    [day] 今日
    [month] 本月
   *[total] 累计
}已用 { $used }，达到提醒阈值 { $limit }。
alert-said-usage = 令牌“{ $name }”已用 { $used }，占{ $window ->
    [day] 日限额
    [month] 月限额
   *[total] 总限额
} { $limit } 的 { $percent }%。
alert-said-balance = “{ $name }”的余额为 { $available }，低于 { $threshold }。
alert-said-expiring = 令牌“{ $name }”将于 { $end }过期。
alert-said-anomaly-spend = 令牌“{ $name }”在 { $hour } 起的一小时内花费 { $now }，过去 30 天中最高的一小时为 { $past }。
alert-said-anomaly-requests = 令牌“{ $name }”在 { $hour } 起的一小时内调用 { $now } 次，过去 30 天中最多的一小时为 { $past } 次。
alert-said-channel = 渠道“{ $name }”不可用，没有一个密钥能用：{ $trouble }。
alert-said-suspect = 渠道“{ $name }”有 { $count } 次调用的用量数据缺失或离谱，已按估算扣费，其中包括 { $call }。当日不再就此提醒。
