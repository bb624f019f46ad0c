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
};
