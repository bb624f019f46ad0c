/** What the commands below need to know. */
export interface TrustContext {
  /** Path of the certificate file, PEM. */
  readonly file: string;
  /** `127.0.0.1:8640` */
  readonly proxy: string;
}

interface TrustPart {
  readonly id: string;
  /** Commands that do it, line by line; none where it is done by hand. */
  install?(context: TrustContext): readonly string[];
  remove?(context: TrustContext): readonly string[];
  /** How to use it with the proxy, where that is not the browser's settings. */
  use?(context: TrustContext): readonly string[];
}

/**
 * Who can be made to trust the certificate, and how the trust is taken back. The steps in words are texts with the id as
 * their key (`trust.<id>.install`). Nothing here is ever run by us: each command is for the user to copy.
 */
const TARGETS = [
  { id: 'firefox' },
  {
    id: 'chromiumLinux',
    install: ({ file }) => [
      'mkdir -p "$HOME/.pki/nssdb"',
      `certutil -d "sql:$HOME/.pki/nssdb" -A -t C,, -n Sessionscope -i ${sh(file)}`,
    ],
    remove: () => ['certutil -d "sql:$HOME/.pki/nssdb" -D -n Sessionscope'],
  },
  {
    id: 'windows',
    install: ({ file }) => [`certutil -user -addstore Root ${cmd(file)}`],
    remove: () => ['certutil -user -delstore Root Sessionscope'],
  },
  {
    id: 'macos',
    install: ({ file }) => [
      `security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${sh(file)}`,
    ],
    remove: ({ file }) => [`security remove-trusted-cert ${sh(file)}`],
  },
  {
    id: 'debian',
    install: ({ file }) => [
      `sudo cp ${sh(file)} /usr/local/share/ca-certificates/sessionscope.crt`,
      'sudo update-ca-certificates',
    ],
    remove: () => ['sudo rm /usr/local/share/ca-certificates/sessionscope.crt', 'sudo update-ca-certificates --fresh'],
  },
  {
    id: 'fedora',
    install: ({ file }) => [
      `sudo cp ${sh(file)} /etc/pki/ca-trust/source/anchors/sessionscope.pem`,
      'sudo update-ca-trust',
    ],
    remove: () => ['sudo rm /etc/pki/ca-trust/source/anchors/sessionscope.pem', 'sudo update-ca-trust'],
  },
  {
    id: 'arch',
    install: ({ file }) => [`sudo trust anchor --store ${sh(file)}`],
    remove: ({ file }) => [`sudo trust anchor --remove ${sh(file)}`],
  },
  { id: 'android' },
  { id: 'ios' },
  {
    id: 'curl',
    use: ({ file, proxy }) => [`curl --proxy http://${proxy} --noproxy '' --cacert ${sh(file)} https://shop.test/`],
  },
  {
    id: 'python',
    use: ({ file, proxy }) => [
      `export HTTP_PROXY=http://${proxy} HTTPS_PROXY=http://${proxy} NO_PROXY=`,
      `export SSL_CERT_FILE=${sh(file)} REQUESTS_CA_BUNDLE=${sh(file)}`,
    ],
  },
  {
    id: 'node',
    use: ({ file, proxy }) => [
      `export NODE_EXTRA_CA_CERTS=${sh(file)} NODE_USE_ENV_PROXY=1`,
      `export HTTP_PROXY=http://${proxy} HTTPS_PROXY=http://${proxy} NO_PROXY=`,
    ],
  },
  {
    id: 'java',
    install: ({ file }) => [
      `keytool -importcert -noprompt -alias sessionscope -file ${sh(file)} -keystore sessionscope.p12 -storetype PKCS12 -storepass changeit`,
    ],
    use: ({ proxy }) => {
      const [host = '', port = ''] = hostAndPort(proxy);
      return [
        `export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$PWD/sessionscope.p12 -Djavax.net.ssl.trustStorePassword=changeit -Dhttp.proxyHost=${host} -Dhttp.proxyPort=${port} -Dhttps.proxyHost=${host} -Dhttps.proxyPort=${port} -Dhttp.nonProxyHosts="`,
      ];
    },
    remove: () => ['rm sessionscope.p12', 'unset JAVA_TOOL_OPTIONS'],
  },
  {
    id: 'openssl',
    use: ({ file, proxy }) => [
      `export http_proxy=http://${proxy} https_proxy=http://${proxy} no_proxy=`,
      `git -c http.sslCAInfo=${sh(file)} clone https://shop.test/repository.git`,
      `wget --ca-certificate=${sh(file)} https://shop.test/`,
    ],
  },
] as const satisfies readonly TrustPart[];

export type TrustId = (typeof TARGETS)[number]['id'];
export type TrustTarget = TrustPart & { readonly id: TrustId };

export const TRUST_TARGETS: readonly TrustTarget[] = TARGETS;

/** The first choice of somebody on this system: `process.platform` of the engine. */
export function likelyTarget(platform: string): TrustId {
  return platform === 'win32' ? 'windows' : platform === 'darwin' ? 'macos' : 'chromiumLinux';
}

/** One word for a POSIX shell; left as it is where nothing in it is special. */
function sh(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** One word for Windows' command line: a path there holds no double quote. */
function cmd(word: string): string {
  return `"${word}"`;
}

function hostAndPort(address: string): string[] {
  return /^\[?(.*?)\]?:(\d+)$/.exec(address)?.slice(1) ?? [];
}
