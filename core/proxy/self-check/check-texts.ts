/** The words of the check page. Keys are used by the page and by its script. */
export type CheckTexts = Readonly<Record<keyof typeof english, string>>;

const english = {
  language: 'en',
  title: 'Sessionscope: is everything set up?',
  lead: 'This page came through Sessionscope. The lines below check themselves.',
  direct:
    'This is the address of the proxy, and your browser asked it directly. Set it as the proxy for HTTP and HTTPS.',
  address: 'Address of the proxy',
  checks: 'Checks',
  working: 'checking…',
  good: 'good',
  bad: 'needs you',
  http: 'HTTP passes through the proxy',
  httpBad: 'The proxy did not answer. Look whether Sessionscope still runs and whether an extension blocks the check.',
  httpsPage: 'This page came by HTTPS. Open http://sessionscope.local/ to check HTTP too.',
  https: 'HTTPS passes and the certificate is trusted',
  httpsBad:
    'The browser does not trust the certificate of Sessionscope. Open a browser from Sessionscope, or download the certificate below and add it to this browser:',
  localhost: 'Requests to localhost pass through the proxy',
  localhostBad: 'This browser goes past the proxy for addresses of this computer.',
  localhostGone:
    'The check could not reach this computer. Look whether an extension blocks it, then load the page again.',
  seenAs: 'An application on this computer sees you as',
  recording: 'Traffic is being recorded',
  recordingUnknown: 'The proxy did not say. Load the page again.',
  recordingBad: 'Recording is paused. Press the record button in Sessionscope to go on.',
  ready: 'Everything is ready. Open your application in a new tab.',
  certificate: 'Certificate',
  certificatePem: 'Download as PEM (Firefox, Linux, tools)',
  certificateDer: 'Download as DER (Windows, macOS)',
  certificateNote:
    'Made on this computer, for this installation only. Remove it from the browser when you no longer need it. Fingerprint (SHA-256):',
  whole: 'The settings of Sessionscope have the steps for every browser, system and language.',
  firefoxCertificate:
    'Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import; tick “identify websites”.',
  chromiumCertificate:
    'Chrome, Edge, Brave: Settings, Privacy and security, Security, Manage certificates; import it as a trusted authority.',
  windowsCertificate:
    'Windows: open the downloaded DER file, Install Certificate, Current User, “Trusted Root Certification Authorities”.',
  macCertificate: 'macOS: open the downloaded DER file in Keychain Access, open it there, Trust, “Always Trust”.',
  androidCertificate:
    'Android: Settings, Security, Encryption & credentials, Install a certificate, CA certificate; choose the DER file.',
  iosCertificate:
    'iPhone, iPad: download the DER file, Settings, Profile Downloaded, Install; then General, About, Certificate Trust Settings.',
  firefoxLocalhost: 'Firefox: open about:config and set network.proxy.allow_hijacking_localhost to true.',
  chromiumLocalhost: 'Chrome, Edge, Brave: start the browser with --proxy-bypass-list="<-loopback>".',
  safariLocalhost: 'Safari always does so. Use the name of this computer instead of localhost, or another browser.',
  next: 'Where to go',
  none: 'No application is known yet. Type the address of yours in the address bar.',
};

const chinese: CheckTexts = {
  language: 'zh-CN',
  title: 'Sessionscope：一切就绪了吗？',
  lead: '此页面经由 Sessionscope 送达。下列各项会自动检查。',
  direct: '这是代理的地址，而浏览器直接访问了它。请把它设置为 HTTP 和 HTTPS 代理。',
  address: '代理地址',
  checks: '检查',
  working: '检查中…',
  good: '正常',
  bad: '需要处理',
  http: 'HTTP 经过代理',
  httpBad: '代理没有回应。请查看 Sessionscope 是否仍在运行，以及是否有扩展程序阻止了检查。',
  httpsPage: '此页面通过 HTTPS 打开。请打开 http://sessionscope.local/ 以同时检查 HTTP。',
  https: 'HTTPS 经过代理，证书受信任',
  httpsBad: '浏览器不信任 Sessionscope 的证书。请从 Sessionscope 打开浏览器，或下载下面的证书并添加到此浏览器：',
  localhost: '对 localhost 的请求经过代理',
  localhostBad: '此浏览器访问本机地址时绕过了代理。',
  localhostGone: '无法连接到本机。请查看是否有扩展程序阻止了请求，然后重新加载页面。',
  seenAs: '本机上的应用看到的地址',
  recording: '正在记录流量',
  recordingUnknown: '代理没有回应。请重新加载页面。',
  recordingBad: '记录已暂停。请在 Sessionscope 中按下记录按钮继续。',
  ready: '一切就绪。请在新标签页中打开您的应用。',
  certificate: '证书',
  certificatePem: '下载 PEM（Firefox、Linux、工具）',
  certificateDer: '下载 DER（Windows、macOS）',
  certificateNote: '在本机生成，仅用于此安装。不再需要时请从浏览器中移除。指纹（SHA-256）：',
  whole: 'Sessionscope 的设置中有各浏览器、系统和语言的步骤。',
  firefoxCertificate: 'Firefox：设置 → 隐私与安全 → 查看证书 → 证书颁发机构 → 导入；勾选“标识网站”。',
  chromiumCertificate: 'Chrome、Edge、Brave：设置 → 隐私和安全 → 安全 → 管理证书；导入为受信任的颁发机构。',
  windowsCertificate: 'Windows：打开下载的 DER 文件 → 安装证书 → 当前用户 → “受信任的根证书颁发机构”。',
  macCertificate: 'macOS：在“钥匙串访问”中打开下载的 DER 文件，再打开证书 → 信任 → “始终信任”。',
  androidCertificate: 'Android：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书；选择 DER 文件。',
  iosCertificate: 'iPhone、iPad：下载 DER 文件，设置 → 已下载描述文件 → 安装；然后 通用 → 关于本机 → 证书信任设置。',
  firefoxLocalhost: 'Firefox：打开 about:config，将 network.proxy.allow_hijacking_localhost 设为 true。',
  chromiumLocalhost: 'Chrome、Edge、Brave：启动浏览器时加上 --proxy-bypass-list="<-loopback>"。',
  safariLocalhost: 'Safari 总是如此。请用本机名称代替 localhost，或使用其他浏览器。',
  next: '前往',
  none: '尚无已知应用。请在地址栏输入您的应用地址。',
};

/** English, or 简体中文 where the browser prefers Chinese over English. */
export function textsFor(acceptLanguage: string | undefined): CheckTexts {
  for (const range of (acceptLanguage ?? '').toLowerCase().split(',')) {
    if (/^\s*zh\b/.test(range)) return chinese;
    if (/^\s*en\b/.test(range)) return english;
  }
  return english;
}
