## Models that one can call.
model-lead = 您的令牌可以调用的模型。价格为每百万 Token 的美元数，未乘分组倍率。
model-search = 搜索模型…
model-empty = 还没有可调用的模型
model-empty-text = 当您的分组中有渠道时，它提供的模型会显示在这里。
model-none-found = 没有符合条件的模型
model-none-found-text = 试试名称中更短的一段。
model-cached = 缓存输入
model-cache-write = 缓存写入
model-per-call = 按次
model-window = 上下文
model-groups = 分组
model-no-price = 未设置价格：在设置之前调用会被拒绝。
model-try = 试用
model-foot = 缓存一栏中的“—”表示按输入价格计。令牌可能只允许部分模型；长输入可能另有价格。
