## The frame, and words that many pages use.
skip-to-content = Skip to content
nav-label = Main
nav-toggle = Show or hide the navigation
nav-overview = Overview
nav-tokens = Tokens
nav-usage = Logs
nav-models = Models
nav-playground = Playground
nav-wallet = Wallet
nav-settings = Settings
nav-admin = Admin
nav-reference = API reference
crumbs-label = Breadcrumbs
palette-open = Search or jump to…
palette-title = Command palette
palette-placeholder = Type a page or an action…
palette-empty = Nothing found.
palette-pages = Pages
palette-actions = Actions
balance-title = Balance
appearance = Language and theme
language = Language
theme = Theme
theme-light = Light
theme-dark = Dark
theme-auto = Same as the system
user-menu = Account of { $name }
log-out = Log out
copy = Copy
copied = Copied
close = Close
cancel = Cancel
save = Save changes
edit = Edit
enable = Enable
disable = Disable
on = On
off = Off
search = Search
selected = selected
tick-all = Select all
see-all = See all
unlimited = Unlimited
filters-more = Filters
filters-clear = Clear filters
pager-first = First page
pager-next = Next
form-required = This is needed.
window-day = day
window-month = month
window-total = total
chart-peak = Highest day: { $amount }
chart-zoom = Click a column to look into it, or drag over several.

time-just-now = just now
time-minutes-ago = { $count } min ago
time-hours-ago = { $count } h ago
time-days-ago = { $count ->
    [1] yesterday
   *[other] { $count } days ago
}
time-in-minutes = in { $count } min
time-in-hours = in { $count } h
time-in-days = { $count ->
    [1] tomorrow
   *[other] in { $count } days
}
time-milliseconds = { $count } ms
time-seconds = { $count } s

status-active = Active
status-not-used = Not used yet
status-disabled = Disabled
status-expired = Expired
status-exhausted = Exhausted
status-limit-reached = Limit reached
status-revoked = Revoked
status-unknown = Unknown
palette-theme = Theme: { $name }
palette-words-light = theme light bright day mode colour color appearance 浅色 亮色 主题
palette-words-dark = theme dark black night mode colour color appearance 深色 暗色 夜间 主题
palette-words-auto = theme auto system device mode colour color appearance 跟随系统 自动 主题
palette-words-language = language chinese english 中文 汉语 英文 英语 语言 切换
palette-words-password = password two-factor 2fa totp code 密码 两步验证
palette-words-log-out = log out sign out logout exit quit 退出 登出 注销
