## 价格为何未导入，按 API 给出的名称。
price-skip-twice = 重复列出，以第一项为准。
price-skip-name = 不是有效的模型名：应为 1 到 200 个字符，不含空格。
price-skip-half = 输入和输出价格须一起设置：缺少价格不等于 0。
price-skip-no-token-price = 没有按 Token 计的输入和输出价格。
price-skip-zero = 价格为 0，在该文件中通常表示未知。若确实免费，请手动设置。
price-skip-no-price = 没有按 Token 或按次的价格。
price-skip-tier-order = 阶梯没有由低到高排列，或起点重复。
price-skip-window-zero = 上下文窗口或最大输出为 0。
price-skip-ratio = { $ratio } 不是不小于 0 的数字。
price-skip-too-dear = 价格高于 1000000 美元 / 百万 Token。
price-skip-no-ratio = 既没有 model_ratio，也没有 model_price。
price-skip-no-completion-ratio = 没有 completion_ratio：new-api 内置的倍率不在文件中。
price-skip-ratio-zero = 倍率为 0。若确实免费，请手动设置价格。
price-skip-no-object = 该项不是花括号中的对象。
price-skip-no-rate = { $field } 不是价格：{ $shown }。
price-skip-mode = 模式“{ $mode }”不只按 Token 计费。
