## The frame, and words that many pages use.
skip-to-content = 跳到正文
nav-label = 主导航
nav-toggle = 显示或隐藏导航
nav-overview = 概览
nav-tokens = 令牌
nav-usage = 日志
nav-models = 模型
nav-playground = 试用
nav-wallet = 钱包
nav-settings = 设置
nav-admin = 管理
nav-reference = API 文档
crumbs-label = 当前位置
palette-open = 搜索或跳转…
palette-title = 命令面板
palette-placeholder = 输入页面或操作…
palette-empty = 没有找到。
palette-pages = 页面
palette-actions = 操作
balance-title = 余额
appearance = 语言与主题
language = 语言
theme = 主题
theme-light = 浅色
theme-dark = 深色
theme-auto = 跟随系统
user-menu = { $name } 的账户
log-out = 退出登录
copy = 复制
copied = 已复制
close = 关闭
cancel = 取消
save = 保存更改
edit = 编辑
enable = 启用
disable = 停用
on = 已启用
off = 已停用
search = 搜索
selected = 项已选
tick-all = 全选
see-all = 查看全部
unlimited = 不限
filters-more = 筛选
filters-clear = 清除筛选
pager-first = 第一页
pager-next = 下一页
form-required = 此项必填。
window-day = 天
window-month = 月
window-total = 总计
chart-peak = 单日最高：{ $amount }
chart-zoom = 点击一列查看详情，或拖选多列。

time-just-now = 刚刚
time-minutes-ago = { $count } 分钟前
time-hours-ago = { $count } 小时前
time-days-ago = { $count ->
    [1] 昨天
   *[other] { $count } 天前
}
time-in-minutes = { $count } 分钟后
time-in-hours = { $count } 小时后
time-in-days = { $count ->
    [1] 明天
   *[other] { $count } 天后
}
time-milliseconds = { $count } 毫秒
time-seconds = { $count } 秒

status-active = 正常
status-not-used = 未使用
status-disabled = 已停用
status-expired = 已过期
status-exhausted = 额度用尽
status-limit-reached = 已达限额
status-revoked = 已吊销
status-unknown = 未知
palette-theme = 主题：{ $name }
palette-words-light = 浅色 亮色 白天 主题 外观 模式 theme light bright day
palette-words-dark = 深色 暗色 黑夜 夜间 主题 外观 模式 theme dark night
palette-words-auto = 自动 跟随系统 主题 外观 模式 theme auto system
palette-words-language = 语言 中文 英文 英语 切换 language chinese english
palette-words-password = 密码 两步验证 验证码 password 2fa totp
palette-words-log-out = 退出 登出 注销 log out sign out logout exit
