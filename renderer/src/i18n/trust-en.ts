/** How the certificate is trusted by each kind of program, and how that is taken back. */
export const trustEn = {
  'trust.open': 'Install it…',
  'trust.title': 'Trust the certificate of this proxy',
  'trust.text':
    'Browsers that were opened from here trust it already. For other programs choose where it is to be trusted. Sessionscope changes nothing of your system by itself: each step is yours.',
  'trust.where': 'Where',
  'trust.install': 'Install',
  'trust.use': 'Use',
  'trust.remove': 'Take it back',
  'trust.copy': 'Copy the commands',
  'trust.fetch': 'On another device, use the proxy and open http://sessionscope.local/ to download the certificate.',

  'trust.firefox': 'Firefox (all systems)',
  'trust.firefox.install':
    'Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import: choose the file and tick “Trust this CA to identify websites”.',
  'trust.firefox.remove': 'In the same list select Sessionscope, then “Delete or Distrust”.',
  'trust.chromiumLinux': 'Chrome, Chromium, Edge, Brave on Linux',
  'trust.chromiumLinux.install':
    'The commands need certutil (Debian and Ubuntu: libnss3-tools; Fedora: nss-tools). By hand: Settings, Privacy and security, Security, Manage certificates, Authorities, Import. A Chromium from a snap reads ~/snap/chromium/current/.pki/nssdb instead.',
  'trust.chromiumLinux.remove': 'Then restart the browser.',
  'trust.windows': 'Windows: Chrome, Edge, Brave and most programs',
  'trust.windows.install':
    'For your own account only; Windows asks once more. By hand: open the file saved as DER, Install Certificate, Current User, “Trusted Root Certification Authorities”.',
  'trust.windows.remove':
    'By hand: certmgr.msc, Trusted Root Certification Authorities, Certificates, Sessionscope, Delete.',
  'trust.macos': 'macOS: Safari, Chrome, Edge, Brave and most programs',
  'trust.macos.install':
    'For your own account only; macOS asks for your password. By hand: open the file in Keychain Access, open it there, Trust, “Always Trust”.',
  'trust.macos.remove': 'Then delete Sessionscope in Keychain Access, login, Certificates.',
  'trust.debian': 'Debian, Ubuntu, Mint: the whole system',
  'trust.debian.install':
    'Programs that use the system’s list (curl, wget, git, Python of the system) trust it then; browsers have lists of their own.',
  'trust.debian.remove': 'The second command builds the list anew without it.',
  'trust.fedora': 'Fedora, RHEL, CentOS, openSUSE: the whole system',
  'trust.fedora.install': 'On openSUSE the folder is /etc/pki/trust/anchors and the command update-ca-certificates.',
  'trust.fedora.remove': 'The second command builds the list anew without it.',
  'trust.arch': 'Arch Linux: the whole system',
  'trust.arch.install': 'Programs that use the system’s list trust it then.',
  'trust.arch.remove': 'Needs the same file.',
  'trust.android': 'Android',
  'trust.android.install':
    'Download it as DER at http://sessionscope.local/, then Settings, Security, Encryption & credentials, Install a certificate, CA certificate. Chrome trusts it then; an app only if its network security configuration allows certificates of the user.',
  'trust.android.remove': 'Settings, Security, Encryption & credentials, User credentials, Sessionscope, Remove.',
  'trust.ios': 'iPhone and iPad',
  'trust.ios.install':
    'Open http://sessionscope.local/ in Safari and download it as DER, then Settings, Profile Downloaded, Install. At last Settings, General, About, Certificate Trust Settings: switch Sessionscope on.',
  'trust.ios.remove': 'Settings, General, VPN & Device Management, Sessionscope, Remove Profile.',
  'trust.curl': 'curl',
  'trust.curl.install': 'Nothing is installed: the file is named in each call.',
  'trust.curl.remove': 'There is nothing to take back.',
  'trust.python': 'Python: requests, httpx, urllib',
  'trust.python.install':
    'Nothing is installed: the variables hold for this shell. httpx of version 0.28 or later and urllib read SSL_CERT_FILE, requests reads REQUESTS_CA_BUNDLE.',
  'trust.python.remove': 'Close the shell, or unset the variables.',
  'trust.node': 'Node.js',
  'trust.node.install':
    'Nothing is installed: the variables hold for this shell. fetch and node:http use the proxy from Node 24 on; older ones need an agent of their library.',
  'trust.node.remove': 'Close the shell, or unset the variables.',
  'trust.java': 'Java',
  'trust.java.install':
    'Makes a trust store of its own in the current folder; the one of the Java installation stays as it is. The variables hold for this shell, localhost included.',
  'trust.java.remove': 'Removes that trust store.',
  'trust.openssl': 'git, wget and others',
  'trust.openssl.install': 'Nothing is installed: the file is named in each call.',
  'trust.openssl.remove': 'There is nothing to take back; close the shell to forget the variables.',

  'certificate.soon':
    'It ends soon. At the first start in its last month a new one is made; make one now to choose the moment.',
  'certificate.ended': 'It has ended: browsers refuse it. Make a new one.',
  'certificate.temporary': 'In memory only: it is gone when the program ends.',
  'certificate.renewed':
    'It was made at this start because the one before was about to end. Install it where you had installed the old one, and remove that.',
  'certificate.make': 'Make a new one…',
  'certificate.remove': 'Remove…',
  'certificate.remove.title': 'Remove the certificate and its key?',
  'certificate.remove.text':
    'Their files are deleted here. Until the program ends another one is used that is only in memory; the next start makes a new one. Where you had installed the certificate it stays: take it back there, as “Install it…” says for each program.',
  'certificate.remove.do': 'Remove it',
  'certificate.removed': 'The certificate and its key are deleted. Take it back where you had installed it.',
} as const;
