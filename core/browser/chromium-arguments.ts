import type { LaunchOptions } from './browser-types.ts';

/** Features that talk to the network on their own or change what a user typed. */
const DISABLED_FEATURES = [
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'DialMediaRouteProvider',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'InterestFeedContentSuggestions',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationGuideModelDownloading',
  'OptimizationHints',
  'OptimizationHintsFetching',
  'OptimizationTargetPrediction',
  'Translate',
];

/** Cookies that keep to the port and the scheme that set them. */
const BOUND_COOKIES = ['EnablePortBoundCookies', 'EnableSchemeBoundCookies'];

/** Quiet, isolated, and nothing but the proxy to talk to. */
const QUIET = [
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--no-service-autorun',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-field-trial-config',
  '--disable-quic',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--hide-crash-restore-bubble',
  '--metrics-recording-only',
  // The operating system's password store would ask the user to unlock it.
  '--password-store=basic',
  '--use-mock-keychain',
  // Without it a bar warns of the certificate switch below.
  '--test-type',
  // The browser's own questions to its maker go to a port that it refuses to connect to, so they are never sent.
  '--gaia-url=http://127.0.0.1:1',
  '--component-updater=url-source=http://127.0.0.1:1/',
];

/**
 * The command line for a browser of Chromium's family: own profile, every request (loopback included) through the
 * proxy, our CA accepted by the hash of its public key, and commands over a pipe instead of a port.
 */
export function chromiumArguments(
  options: LaunchOptions,
  profile: string,
  system: { readonly asRoot: boolean },
): string[] {
  const spki = typeof options.spki === 'string' ? [options.spki] : options.spki;
  return [
    `--user-data-dir=${profile}`,
    `--proxy-server=http://${hostPort(options.proxyHost ?? '127.0.0.1', options.proxyPort)}`,
    // Chromium never proxies loopback addresses unless told to.
    '--proxy-bypass-list=<-loopback>',
    `--ignore-certificate-errors-spki-list=${spki.join(',')}`,
    '--remote-debugging-pipe',
    ...QUIET,
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    ...(options.boundCookies === true ? [`--enable-features=${BOUND_COOKIES.join(',')}`] : []),
    ...(system.asRoot ? ['--no-sandbox'] : []),
    ...(options.headless === true ? ['--headless=new'] : []),
    ...(options.extraArgs ?? []),
    options.startUrl,
  ];
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What the profile's `Default/Preferences` says before the first start. */
export function chromiumPreferences(
  options: Pick<LaunchOptions, 'identity' | 'thirdPartyCookies'>,
): Record<string, unknown> {
  const { identity } = options;
  const blocks = options.thirdPartyCookies === 'blocked';
  return {
    alternate_error_pages: { enabled: false },
    autofill: { credit_card_enabled: false, profile_enabled: false },
    browser: {
      check_default_browser: false,
      has_seen_welcome_page: true,
      ...(identity?.color === undefined
        ? {}
        : { theme: { color_variant2: 1, user_color2: signedArgb(identity.color) } }),
    },
    credentials_enable_service: false,
    dns_prefetching: { enabled: false },
    net: { network_prediction_options: 2 },
    privacy_sandbox: { m1: { consent_decision_made: true, eea_notice_acknowledged: true } },
    profile: {
      // Written either way: without them the packager's default would count.
      block_third_party_cookies: blocks,
      cookie_controls_mode: blocks ? 1 : 0,
      name: identity === undefined ? 'Sessionscope' : `Sessionscope: ${identity.name}`,
      password_manager_enabled: false,
    },
    safebrowsing: { enabled: false, enhanced: false },
    search: { suggest_enabled: false },
    signin: { allowed: false },
    translate: { enabled: false },
  };
}

/** Chromium stores a colour as a signed 32-bit ARGB number. */
function signedArgb(color: string): number {
  const digits = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  return digits === undefined ? 0 : 0xff000000 | Number.parseInt(digits, 16) | 0;
}
