/** 实验的标题与理由，按实验的标识。引擎以英语给出；没有译文的实验显示英语。 */
export const experimentsZh: Readonly<Record<string, { readonly title: string; readonly why: string }>> = {
  'idle-expiry': {
    title: '会话在规定的时间内未使用后被拒绝',
    why: '捡到打开的浏览器或窃得 cookie 的人，可以一直用到会话结束。',
  },
  'idle-limit': {
    title: '实际的空闲期限不长于规定的时间',
    why: '写错或用错单位的 timeout，要等上一天才看得出来。',
  },
  'cookie-alone': {
    title: '没有 cookie 时会话不被接受',
    why: '除 cookie 以外用来识别访问者的东西比它更久：地址、另一个 cookie、缓存。',
  },
  'record-alone': {
    title: '没有记录时会话不被接受',
    why: '在服务器上结束会话必须真正结束它：内存或 cookie 中的副本会继续有效。',
  },
  'absolute-lifetime': {
    title: '无论怎样使用，会话在绝对期限结束',
    why: '否则，被窃取并一直使用的会话永远不会结束。',
  },
  'address-change': {
    title: '来自另一个地址的会话按策略处理',
    why: '窃得的 cookie 会在别处使用；而手机的地址总在变化。',
  },
  'forwarding-headers': {
    title: '不相信访问者自己写的转发标头',
    why: '任何人都可以写 X-Forwarded-For：相信它的地址检查可以绕过。',
  },
  logout: {
    title: '退出登录后会话不再被接受',
    why: '只删除 cookie 的退出登录，会把会话留给持有副本的人。',
  },
  'unknown-id': {
    title: '不是应用发出的标识不被接受，也不被采用',
    why: '采用外来标识的应用，让攻击者可以选择受害者的标识。',
  },
  'forged-id': {
    title: '伪造的标识不被接受',
    why: '只比较一部分的标识，或可以互相推测的标识，能够伪造。',
  },
  'malformed-id': {
    title: '格式错误的标识被拒绝，且不出错',
    why: '用作键或名称之前没有检查的内容，迟早会弄坏什么。',
  },
  'oversized-id': {
    title: '过长的标识被拒绝，且不出错',
    why: '比列或文件名所允许的更长、又没有检查的标识，会以错误或截断告终。',
  },
  'path-like-id': {
    title: '像路径的标识不会通向会话',
    why: '未经检查就用作文件名的标识，可以在任何地方读写文件。',
  },
  'session-fixation': {
    title: '登录时更换会话 ID，登录前的 ID 不再有效',
    why: '在登录前把 ID 植入浏览器的人，登录后就会以该用户的身份登录。',
  },
  'id-entropy': {
    title: '会话 ID 是随机的，至少 128 位',
    why: '可以猜到的 ID 不需要窃取。',
  },
  'cookie-attributes': {
    title: '会话 cookie 具有保护它的属性',
    why: '没有这些属性，脚本能读取 cookie，其他网站能发送它，它还会通过明文连接传输。',
  },
  'id-in-url': {
    title: '会话 ID 不出现在地址中，也不接受来自地址的 ID',
    why: '地址会留在日志、历史记录和发给其他网站的 Referer 中。',
  },
  'cache-control': {
    title: '登录用户的页面不被任何缓存保存',
    why: '退出后按返回键仍会显示它们，中间的缓存还会把它们交给别人。',
  },
  'http-downgrade': {
    title: '会话不通过明文 http 使用',
    why: '一次 http 请求就会把 cookie 泄露给沿途所有人。',
  },
  'user-agent': {
    title: '会话是否绑定登录时的 User-Agent',
    why: '复制的 cookie 会在另一个浏览器中使用；该字段同样可以复制，所以只能起阻碍作用。',
  },
  jwt: {
    title: '未经签发者签名的令牌不被接受，并且令牌会过期',
    why: '能伪造令牌的人可以随时成为任何用户。',
  },
  'published-key': {
    title: '会话不是用公开的密钥生成的',
    why: '知道密钥的人可以写出任何用户的会话；示例和默认值中的密钥人人皆知。',
  },
  'csrf-logout': {
    title: '其他网站不能让用户退出',
    why: '其他网站能触发的请求会以用户的名义执行。',
  },
  'logout-by-get': {
    title: '其他网站的链接或图片不能让用户退出',
    why: '浏览器会为任何页面的链接和图片发送 GET 请求，并随链接发送 Lax cookie。',
  },
  'csrf-request': {
    title: '其他网站不能以用户的名义发送该请求',
    why: '用户登录期间访问的其他网站页面会更改其数据。',
  },
  reauthentication: {
    title: '敏感变更会再次要求密码',
    why: '捡到打开的浏览器的人只要改掉找回密码的地址，就拥有了账号。',
  },
  'lost-updates': {
    title: '同时到达的请求所做的更改都被保留',
    why: '每个请求都读取整个会话再写回：其间他人写入的内容会丢失。',
  },
  'remember-me': {
    title: '记住用户的 cookie 也随退出而失效',
    why: '它比会话更长久：复制了它的人会再次登录。',
  },
  'second-login': {
    title: '同一用户同时有效的会话不多于策略规定的数量',
    why: '遗忘在其他机器上的会话一直有效，其中的窃贼不会被发现。',
  },
  'privilege-change': {
    title: '会话权限变化时更换 ID',
    why: '之前已知的 ID 不应在之后变得更有价值。',
  },
  'clear-site-data': {
    title: '退出时清除浏览器为应用保存的内容',
    why: '浏览器的页面、存储和缓存会让下一个用户看到前一个用户的操作。',
  },
  'logout-everywhere': {
    title: '退出所有会话会结束该用户的其他会话',
    why: '怀疑被盗的用户会结束所有会话，其中包括窃贼的会话。',
  },
  'password-change': {
    title: '修改密码是否结束该用户的其他会话',
    why: '如果被窃取的会话在改密码后仍有效，修改就毫无用处。',
  },
  'disabled-user': {
    title: '停用账号会结束其会话',
    why: '离职的员工或被封禁的账号会在打开的会话中继续操作。',
  },
};
