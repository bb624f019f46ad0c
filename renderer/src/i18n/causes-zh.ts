/** 会话结束原因的中文文本，按原因的 id；引擎给出的具体句子保持英文。一个测试检查没有缺少的。 */
export const causesZh: Readonly<
  Record<string, { readonly title: string; readonly why: string; readonly remedy: string }>
> = {
  'browser-said-no': {
    title: '浏览器没有带上这个 Cookie，并说明了原因',
    why: '只有当属性、页面和设置都允许时，浏览器才会保存和发送 Cookie。',
    remedy: '修改原因所指的属性，或从允许该 Cookie 的地方发送请求。',
  },
  'speculative-request': {
    title: '由预取引起',
    why: '浏览器和框架会在点击之前获取链接；用 GET 就能完成的注销或登录会因此被执行。',
    remedy: '让注销和登录只接受 POST，或拒绝带有 Sec-Purpose: prefetch 的请求，并把这些链接标为不预取。',
  },
  'login-replaced': {
    title: '登录给出了新的 id',
    why: '为防止会话固定，登录应当更新 id：旧的按设计结束。',
    remedy: '无需处理，这是正确的行为。',
  },
  'oauth-state-lost': {
    title: '登录尝试的 Cookie 没有回来',
    why: '通过身份提供方登录时，state 或 PKCE 的值保存在 Cookie 中，直到浏览器返回。若提供方从自己的站点用表单回传而 Cookie 是 SameSite=Lax，或登录在另一个浏览器中完成，或被第二个标签页替换，它就会缺失。',
    remedy:
      '若提供方使用 form_post，请设置 SameSite=None; Secure；否则用 Lax，并设在回调所在的主机上；每次尝试各用一个。',
  },
  'set-cookie-withheld': {
    title: '登录没有设置 Cookie',
    why: '应用要设置 Secure Cookie 却认为请求是普通 http 时，会默默地省略它：TLS 在前面终止，而应用不信任代理。也可能是中间环节去掉了 Set-Cookie。',
    remedy:
      '让应用信任代理（Express：app.set("trust proxy", 1)；Django：SECURE_PROXY_SSL_HEADER），并让代理发送 X-Forwarded-Proto。',
  },
  'device-bound': {
    title: '设备绑定会话：短期 Cookie 会被更新',
    why: '设备绑定会话（DBSC）的 Cookie 按设计寿命很短；浏览器通过证明持有密钥来更新它。更新失败或被跳过时，表现为 Cookie 缺失。',
    remedy: '查看更新它的请求：除 2xx 和带质询的 403 之外的回应都会结束会话，或使它没有 Cookie。',
  },
  'other-profile': {
    title: '另一个浏览器或配置文件',
    why: '每个浏览器、配置文件和隐私窗口都有自己的 Cookie。',
    remedy: '在那个浏览器中也登录，或在已登录的浏览器中打开页面。',
  },
  'browser-capped': {
    title: 'Safari 的限制，或 WebView 自己的 Cookie 存储',
    why: 'Safari 会在七天后结束由脚本设置的 Cookie（带跟踪参数的链接之后为一天）；应用中的每个 WebView 都有自己的 Cookie 存储。',
    remedy: '在回应中用 HttpOnly 设置 Cookie；让应用中的登录在系统浏览器中打开。',
  },
  'other-application': {
    title: '同一主机上的另一个应用设置了这个 Cookie',
    why: 'Cookie 不区分端口：同一主机上使用同一名称的两个应用会互相覆盖会话。',
    remedy: '给每个应用自己的主机（NAME.localhost 无需设置即可使用）或自己的 Cookie 名称。',
  },
  'other-host': {
    title: '同一主机的另一个名称',
    why: '对浏览器来说，localhost、127.0.0.1 和 [::1]，以及带与不带 www. 的名称是不同的主机，各有自己的 Cookie。',
    remedy: '在链接、重定向、地址栏和应用设置中始终使用同一个名称。',
  },
  'cached-page': {
    title: '缓存显示了旧页面：什么也没有丢失',
    why: '共享缓存、Service Worker 或浏览器本身显示了登录之前或属于他人的页面。',
    remedy: '对依赖登录的页面回应 Cache-Control: private, no-store，或 Vary: Cookie。',
  },
  'shared-cache': {
    title: '缓存给出了别人的 Set-Cookie',
    why: '共享缓存若保存了带 Set-Cookie 的回应，就会把一个访问者的会话给所有人。',
    remedy: '凡是设置会话的回应都用 Cache-Control: private 或 no-store，并让缓存跳过带 Set-Cookie 的回应。',
  },
  'header-too-large': {
    title: 'Cookie 头部过大',
    why: '服务器和代理拒绝过大的头部：nginx 每行 8 kB，Node 总共 16 kB，Apache 每行 8 kB。',
    remedy: '在 Cookie 中少存内容，删除过时的 Cookie，或提高作出回应的那一部分的限制。',
  },
  'column-too-small': {
    title: '数据超过了存储中的位置',
    why: '列（MySQL 的 TEXT 和 BLOB 为 64 kB）或存储的限制会拒绝或截断记录；之前保存的仍在，或者什么也读不出来。',
    remedy: '加大该列（MEDIUMBLOB），并在会话中少存内容。',
  },
  'without-credentials': {
    title: '没有凭据的 fetch',
    why: '除非写明 credentials: "include" 且回应允许，fetch() 不会向另一个来源发送 Cookie。',
    remedy: '使用 fetch(url, { credentials: "include" })，并回应 Access-Control-Allow-Credentials: true 和确切的来源。',
  },
  'domain-not-rewritten': {
    title: '本机上收到了另一站点的 Domain',
    why: '开发代理或重写规则原样转发服务器的回应：其 Domain 是真实站点，而浏览器在 localhost。',
    remedy: '让代理改写它（Vite：cookieDomainRewrite: ""），或在开发时不设置 Domain。',
  },
  'refused-at-storing': {
    title: '浏览器没有接受这个 Cookie',
    why: '违反规则（前缀、大小、http 上的 Secure、公共后缀、控制字符、没有 Secure 的 SameSite=None）的 Set-Cookie 会被默默丢弃。',
    remedy: '修正规则所指的属性；Cookie 选项卡会显示浏览器如何看待每个更改。',
  },
  'cookie-ran-out': {
    title: 'Cookie 在浏览器中过期了',
    why: '无论服务器上还保存着什么，Max-Age 和 Expires 都会在浏览器中结束 Cookie。',
    remedy: '给 Cookie 更长的 Max-Age，或在每个回应中重新设置，使使用能延长它。',
  },
  'not-covered': {
    title: '路径、域、Secure 或 SameSite 使 Cookie 没有发送',
    why: 'Cookie 只随其路径、域、协议和 SameSite 所覆盖的请求发送。',
    remedy: '用 Path=/ 并为需要它的主机设置 Cookie；在 https 上用 Secure；SameSite 按导航方式选择。',
  },
  'csrf-look-alike': {
    title: '防伪造请求的检查失败：什么也没有丢失',
    why: '缺少或错误的 CSRF 令牌会得到 403、419 或 422，常写着“会话已过期”，而会话仍然有效。',
    remedy: '随请求发送页面中的令牌；长时间停顿后先重新加载表单再提交。',
  },
  'deletion-missed': {
    title: '注销什么也没有删除',
    why: '只有名称、域和路径都相同的 Set-Cookie 才能删除 Cookie；否则浏览器会保留它。',
    remedy: '用设置时的 Path 和 Domain 删除 Cookie，并在服务器上也结束会话。',
  },
  'rotation-race': {
    title: '并行请求带着旧的 id',
    why: '更新 id（或刷新令牌）时，正在进行的请求仍带着旧值；后到者被拒绝，或它的回应删除了先到者的 Cookie。',
    remedy: '更新后几秒内仍接受旧 id，一次只让一个请求更新，并且不要在对旧 id 的回应中删除 Cookie。',
  },
  'lost-update': {
    title: '两个回应同时到来：最后的 Set-Cookie 生效',
    why: '数据在 Cookie 中时，每个回应都设置全部内容。两个请求同时进行时，后到的回应会撤销另一个的更改。',
    remedy: '把会被同时更改的内容放在服务器上，或只在更改它的回应中设置 Cookie。',
  },
  unreadable: {
    title: '记录无法再读取',
    why: '升级后类被改名或格式改变，之前保存的内容无法加载。',
    remedy: '在旧记录过期之前保留旧的类，或在部署时清空存储。',
  },
  'payload-ran-out': {
    title: '值本身已经过期',
    why: '签名的值自带期限（JWT 的 exp、签名 Cookie 的时间戳），无论浏览器还发送什么。',
    remedy: '在它结束之前更新，或给它更长的期限。',
  },
  'record-idle': {
    title: '记录因太久未使用而被删除',
    why: '框架会在某个请求或任务中删除未使用时间超过限制的记录。',
    remedy: '提高限制，或在页面打开时保持会话活动。',
  },
  'logged-out': {
    title: '注销',
    why: '注销会删除 Cookie 或其记录，或给浏览器一个匿名 id。',
    remedy: '若是用户注销则无需处理。否则找出是什么调用了注销：之前的页面、预取、图片中的链接。',
  },
  'node-store': {
    title: '只有部分服务器认识这个会话',
    why: '把会话保存在自己内存或磁盘中的服务器只认识在它那里开始的会话；没有会话粘性的负载均衡会把请求发给任意一台。',
    remedy: '把会话放在所有服务器共享的存储中（Redis、数据库），或让负载均衡把每个会话发给同一台服务器。',
  },
  'key-per-worker': {
    title: '每个工作进程使用自己的密钥',
    why: '程序启动时随机生成的密钥在各工作进程之间不同：每个只接受自己签名的值。',
    remedy: '从程序外部（环境变量、机密）给所有工作进程同一个密钥，不要在启动时用 os.urandom。',
  },
  'companion-ended': {
    title: '同属一个会话的另一个 Cookie 先结束了',
    why: '一个会话可能由几个 Cookie 携带（令牌与刷新令牌、分段、签名、缓存副本），各有自己的期限。',
    remedy: '让同一会话的 Cookie 一起结束，刷新令牌最后，并始终一起设置。',
  },
  'record-emptied': {
    title: '登录信息被从记录中取走',
    why: '记录还在，而说明谁已登录的内容被移除：由注销，或由把旧状态写到新状态上的请求（更新丢失）。',
    remedy: '若不是注销，让同一会话的请求依次等待，或只保存已更改的内容。',
  },
  'renewal-lost': {
    title: '更新后的 Cookie 没有到达浏览器',
    why: '被中止的回应可能已在服务器上更改了 id；浏览器继续使用旧的。',
    remedy: '更新后几秒内仍接受旧 id，并在没有人会中止的回应中更新。',
  },
  'other-secret': {
    title: '由另一个密钥签名',
    why: '部署、重启或使用自己密钥的另一工作进程会使之前签名的所有值失效。',
    remedy: '把密钥放在程序之外，所有工作进程和部署相同；更换时保留旧密钥用于读取。',
  },
  'twin-cookie': {
    title: '两个同名的 Cookie',
    why: '路径或域不同的两个同名 Cookie 会一起发送，而应用读取了其中错误的一个。',
    remedy: '到处用同一个 Path 和 Domain 设置 Cookie，并用设置时的属性删除另一个。',
  },
  'script-changed': {
    title: '脚本或用户在浏览器中更改了 Cookie',
    why: '没有 HttpOnly 的 Cookie 可以被页面的任何脚本或手动写入。',
    remedy: '用 HttpOnly 设置 Cookie，使脚本无法接触。',
  },
  'logged-out-elsewhere': {
    title: '在另一个浏览器中注销',
    why: '许多应用在用户的一个会话注销时结束其所有会话，或提供这一选项。',
    remedy: '若用户有意如此则无需处理；否则让注销只结束调用它的会话。',
  },
  'credentials-changed': {
    title: '用户的密码或权限已更改',
    why: '框架把会话与密码绑定（Django 在会话中保存其哈希）：密码更改后，用户的所有会话都会结束。',
    remedy: '更新进行更改的那个会话（Django：update_session_auth_hash），并告诉用户其他会话会结束。',
  },
  'store-emptied': {
    title: '存储被清空',
    why: '部署、没有磁盘副本的存储重启，或某个任务一次删除了所有会话。',
    remedy: '使存储在部署和重启后保留（发布目录之外的文件夹、有磁盘副本的 Redis）。',
  },
  'neighbour-cleanup': {
    title: '另一个程序的清理删除了记录',
    why: '共用文件夹或表的应用会互相清理：最短的限制生效（PHP 的 gc_maxlifetime、系统任务）。',
    remedy: '给每个应用自己的文件夹或表，或让所有应用使用相同的限制。',
  },
  'store-evicted': {
    title: '存储提前丢弃了记录',
    why: '有内存限制的存储（设置了 maxmemory 的 Redis、Memcached）在满时会删除尚未过期的键。',
    remedy: '给存储更多内存，或把会话与缓存分开并使用 maxmemory-policy noeviction。',
  },
  'too-many-sessions': {
    title: '别处的登录结束了它',
    why: '限制用户会话数量的应用会在下一次登录时结束最旧的会话。',
    remedy: '提高一个用户的会话数量，或在登录时告诉用户另一个会话会结束。',
  },
  'record-removed': {
    title: '记录被删除',
    why: '记录会因别处的注销、任务、被清空的存储或每个用户的会话数量限制而消失。',
    remedy: '查找是什么删除记录：另一个浏览器中的注销、清理任务、清空存储的部署。',
  },
  'visitor-changed': {
    title: '地址或 User-Agent 改变了',
    why: '有些应用会结束来自与开始时不同地址或浏览器的会话。',
    remedy: '不要把会话与地址绑定：移动网络和代理会改变地址。需要时改为再次询问密码。',
  },
  'application-restarted': {
    title: '应用被重新启动',
    why: '进程内存中的会话和启动时生成的密钥会随进程结束。',
    remedy: '把会话保存在进程之外的存储中，把密钥放在程序之外。',
  },
  'stale-page': {
    title: '这里被拒绝，别处被接受',
    why: '某个页面或地址可能需要的不只是会话：另一个角色、刚完成的登录。',
    remedy: '查看该地址对用户的要求：角色、第二因素、几分钟之内的登录。',
  },
  'store-refused': {
    title: '记录从未写入',
    why: '已满、内存不足或只读的存储会拒绝写入；应用往往仍然正常回应登录。',
    remedy: '查看应用在那一刻写入的日志，以及存储的空间和权限。',
  },
  'too-many-cookies': {
    title: '同一站点的 Cookie 过多',
    why: '浏览器为一个站点保存约 180 个 Cookie；超过后最旧的会消失，会话也在其中。',
    remedy: '删除不再需要的 Cookie，并把其内容保存在会话中。',
  },
  'clock-skew': {
    title: '服务器与浏览器的时钟不一致',
    why: 'Expires 是服务器的时刻。若回应没有可用来校正的 Date，时钟落后的服务器会设置已经过期的 Cookie。',
    remedy: '校准服务器的时钟，并给 Cookie 设置不需要时钟的 Max-Age。',
  },
  'browser-restarted': {
    title: '其间浏览器被关闭',
    why: '没有 Max-Age 和 Expires 的 Cookie 只存在到浏览器关闭为止。',
    remedy: '若登录应在浏览器重启后保留，请给 Cookie 设置 Max-Age。',
  },
  'ended-by-application': {
    title: '应用结束了它',
    why: '应用会因自己的原因结束会话：密码更改、会话数量限制、加载时的错误。',
    remedy: '连接应用的存储：记录发生了什么决定答案。',
  },
};
