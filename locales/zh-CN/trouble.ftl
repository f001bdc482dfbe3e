## What went wrong, and what to do.
trouble-title = 操作未成功
trouble-home = 返回概览
trouble-offline = 服务器没有响应。请检查网络后重试。
trouble-signed-out = 会话已结束，请重新登录。
trouble-cross-origin = 该请求来自其他网站的页面。请在控制台页面上操作。
trouble-not-found-title = 未找到
trouble-not-found = 没有这个页面。
trouble-bad-form = 无法读取表单。请返回后重试。
trouble-fault = 因本部署的内部错误，请求失败。详情见其日志。
