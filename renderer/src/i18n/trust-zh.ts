import type { trustEn } from './trust-en.ts';

export const trustZh: { readonly [K in keyof typeof trustEn]: string } = {
  'trust.open': '安装…',
  'trust.title': '信任此代理的证书',
  'trust.text':
    '从这里打开的浏览器已经信任它。其他程序请选择在何处信任。Sessionscope 不会自行更改系统的任何设置：每一步都由您来做。',
  'trust.where': '位置',
  'trust.install': '安装',
  'trust.use': '使用',
  'trust.remove': '撤销信任',
  'trust.copy': '复制命令',
  'trust.fetch': '在其他设备上，请使用此代理并打开 http://sessionscope.local/ 下载证书。',

  'trust.firefox': 'Firefox（所有系统）',
  'trust.firefox.install':
    '设置 → 隐私与安全 → 证书 → 查看证书 → 证书颁发机构 → 导入：选择该文件，并勾选“信任由此证书颁发机构来标识网站”。',
  'trust.firefox.remove': '在同一列表中选择 Sessionscope，然后点“删除或不信任”。',
  'trust.chromiumLinux': 'Linux 上的 Chrome、Chromium、Edge、Brave',
  'trust.chromiumLinux.install':
    '命令需要 certutil（Debian 和 Ubuntu：libnss3-tools；Fedora：nss-tools）。手动操作：设置 → 隐私和安全 → 安全 → 管理证书 → 授权机构 → 导入。snap 版 Chromium 使用 ~/snap/chromium/current/.pki/nssdb。',
  'trust.chromiumLinux.remove': '然后重启浏览器。',
  'trust.windows': 'Windows：Chrome、Edge、Brave 及多数程序',
  'trust.windows.install':
    '仅对您自己的账户有效；Windows 会再次询问。手动操作：打开保存为 DER 的文件 → 安装证书 → 当前用户 → “受信任的根证书颁发机构”。',
  'trust.windows.remove': '手动操作：certmgr.msc → 受信任的根证书颁发机构 → 证书 → Sessionscope → 删除。',
  'trust.macos': 'macOS：Safari、Chrome、Edge、Brave 及多数程序',
  'trust.macos.install':
    '仅对您自己的账户有效；macOS 会询问密码。手动操作：在“钥匙串访问”中打开该文件，再打开证书 → 信任 → “始终信任”。',
  'trust.macos.remove': '然后在“钥匙串访问”的“登录 → 证书”中删除 Sessionscope。',
  'trust.debian': 'Debian、Ubuntu、Mint：整个系统',
  'trust.debian.install': '使用系统列表的程序（curl、wget、git、系统 Python）随后会信任它；浏览器有自己的列表。',
  'trust.debian.remove': '第二条命令会在不含它的情况下重建列表。',
  'trust.fedora': 'Fedora、RHEL、CentOS、openSUSE：整个系统',
  'trust.fedora.install': '在 openSUSE 上文件夹是 /etc/pki/trust/anchors，命令是 update-ca-certificates。',
  'trust.fedora.remove': '第二条命令会在不含它的情况下重建列表。',
  'trust.arch': 'Arch Linux：整个系统',
  'trust.arch.install': '使用系统列表的程序随后会信任它。',
  'trust.arch.remove': '需要同一个文件。',
  'trust.android': 'Android',
  'trust.android.install':
    '在 http://sessionscope.local/ 下载 DER 格式，然后：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书。Chrome 随后会信任它；应用仅在其网络安全配置允许用户证书时才信任。',
  'trust.android.remove': '设置 → 安全 → 加密与凭据 → 用户凭据 → Sessionscope → 移除。',
  'trust.ios': 'iPhone 和 iPad',
  'trust.ios.install':
    '用 Safari 打开 http://sessionscope.local/ 并下载 DER 格式，然后：设置 → 已下载描述文件 → 安装。最后：设置 → 通用 → 关于本机 → 证书信任设置，打开 Sessionscope。',
  'trust.ios.remove': '设置 → 通用 → VPN 与设备管理 → Sessionscope → 移除描述文件。',
  'trust.curl': 'curl',
  'trust.curl.install': '无需安装：每次调用时指明文件。',
  'trust.curl.remove': '没有需要撤销的内容。',
  'trust.python': 'Python：requests、httpx、urllib',
  'trust.python.install':
    '无需安装：变量仅对此 shell 有效。httpx 0.28 及以上版本和 urllib 读取 SSL_CERT_FILE，requests 读取 REQUESTS_CA_BUNDLE。',
  'trust.python.remove': '关闭该 shell，或取消这些变量。',
  'trust.node': 'Node.js',
  'trust.node.install':
    '无需安装：变量仅对此 shell 有效。从 Node 24 起 fetch 和 node:http 会使用代理；更早的版本需要所用库的 agent。',
  'trust.node.remove': '关闭该 shell，或取消这些变量。',
  'trust.java': 'Java',
  'trust.java.install':
    '在当前文件夹中建立独立的信任库；Java 安装自带的保持不变。变量仅对此 shell 有效，也包括 localhost。',
  'trust.java.remove': '删除该信任库。',
  'trust.openssl': 'git、wget 等',
  'trust.openssl.install': '无需安装：每次调用时指明文件。',
  'trust.openssl.remove': '没有需要撤销的内容；关闭 shell 即可忘记变量。',

  'certificate.soon': '它即将到期。在最后一个月内首次启动时会生成新证书；也可以现在就生成，以便自行选择时机。',
  'certificate.ended': '它已到期：浏览器会拒绝它。请生成新证书。',
  'certificate.temporary': '仅在内存中：程序结束后即消失。',
  'certificate.renewed': '此证书在本次启动时生成，因为之前的证书即将到期。请在安装过旧证书的地方安装它，并移除旧证书。',
  'certificate.make': '生成新证书…',
  'certificate.remove': '移除…',
  'certificate.remove.title': '移除证书及其密钥？',
  'certificate.remove.text':
    '它们的文件会在此处删除。程序结束之前会使用另一张仅在内存中的证书；下次启动会生成新证书。在安装过证书的地方它仍然存在：请按“安装…”中各程序的说明在那里撤销。',
  'certificate.remove.do': '移除',
  'certificate.removed': '证书及其密钥已删除。请在安装过它的地方撤销信任。',
};
