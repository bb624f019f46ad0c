import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { LaunchOptions } from './browser-types.ts';

type Pref = string | number | boolean;

/** Settings of a fresh profile: everything through the proxy, nothing else on the network, no pages of its own. */
export function firefoxPreferences(options: Pick<LaunchOptions, 'proxyHost' | 'proxyPort'>): Record<string, Pref> {
  const host = options.proxyHost ?? '127.0.0.1';
  return {
    'network.proxy.type': 1,
    'network.proxy.http': host,
    'network.proxy.http_port': options.proxyPort,
    'network.proxy.ssl': host,
    'network.proxy.ssl_port': options.proxyPort,
    'network.proxy.no_proxies_on': '',
    // Firefox goes straight to loopback addresses, and straight to the network when the proxy fails, unless told not to.
    'network.proxy.allow_hijacking_localhost': true,
    'network.proxy.failover_direct': false,
    'network.proxy.allow_bypass': false,
    'network.http.http3.enable': false,
    'network.trr.mode': 5,
    'network.dns.disablePrefetch': true,
    'network.dns.disablePrefetchFromHTTPS': true,
    'network.prefetch-next': false,
    'network.predictor.enabled': false,
    'network.http.speculative-parallel-limit': 0,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'dom.security.https_first': false,
    'dom.security.https_first_schemeless': false,
    'security.OCSP.enabled': 0,
    'security.remote_settings.crlite_filters.enabled': false,
    'app.update.auto': false,
    'app.update.enabled': false,
    'app.update.disabledForTesting': true,
    'app.normandy.enabled': false,
    'app.shield.optoutstudies.enabled': false,
    'browser.aboutwelcome.enabled': false,
    'browser.aboutConfig.showWarning': false,
    'browser.contentblocking.report.lockwise.enabled': false,
    'browser.discovery.enabled': false,
    'browser.newtabpage.enabled': false,
    'browser.newtabpage.activity-stream.feeds.section.topstories': false,
    'browser.newtabpage.activity-stream.feeds.topsites': false,
    'browser.newtabpage.activity-stream.showSponsored': false,
    'browser.newtabpage.activity-stream.showSponsoredTopSites': false,
    'browser.newtabpage.activity-stream.telemetry': false,
    'browser.ping-centre.telemetry': false,
    'browser.region.network.url': '',
    'browser.region.update.enabled': false,
    'browser.rights.3.shown': true,
    'browser.safebrowsing.blockedURIs.enabled': false,
    'browser.safebrowsing.downloads.enabled': false,
    'browser.safebrowsing.malware.enabled': false,
    'browser.safebrowsing.phishing.enabled': false,
    'browser.safebrowsing.downloads.remote.enabled': false,
    'browser.safebrowsing.provider.google4.updateURL': '',
    'browser.safebrowsing.provider.google5.updateURL': '',
    'browser.safebrowsing.provider.mozilla.updateURL': '',
    'browser.search.geoSpecificDefaults': false,
    'browser.search.suggest.enabled': false,
    'browser.search.update': false,
    'browser.sessionstore.resume_from_crash': false,
    'browser.shell.checkDefaultBrowser': false,
    'browser.startup.homepage_override.mstone': 'ignore',
    'browser.startup.page': 1,
    'browser.tabs.warnOnClose': false,
    'browser.topsites.contile.enabled': false,
    'browser.translations.enable': false,
    'browser.urlbar.merino.enabled': false,
    'browser.urlbar.quicksuggest.enabled': false,
    'browser.urlbar.suggest.searches': false,
    'datareporting.healthreport.uploadEnabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
    'datareporting.usage.uploadEnabled': false,
    'dom.push.connection.enabled': false,
    'dom.push.serverURL': '',
    'extensions.blocklist.enabled': false,
    'extensions.getAddons.cache.enabled': false,
    'extensions.systemAddon.update.enabled': false,
    'extensions.update.enabled': false,
    'geo.enabled': false,
    'identity.fxaccounts.enabled': false,
    'media.gmp-manager.updateEnabled': false,
    'media.gmp-manager.url': '',
    'messaging-system.rsexperimentloader.enabled': false,
    // The recommended settings of automation would hide behaviour that a user sees in their own Firefox.
    'remote.prefs.recommended': false,
    'services.settings.server': 'data:,',
    'services.settings.loglevel': 'off',
    'signon.rememberSignons': false,
    'startup.homepage_welcome_url': '',
    'startup.homepage_welcome_url.additional': '',
    // Below zero Firefox composes its pings and sends none; switching them off would itself send one.
    'telemetry.fog.test.localhost_port': -1,
    'toolkit.telemetry.enabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
    'toolkit.telemetry.server': '',
    'toolkit.telemetry.unified': false,
    'trailhead.firstrun.didSeeAboutWelcome': true,
  };
}

/** Variables of Firefox's process: a release build heeds `services.settings.server` only with the first. */
export const FIREFOX_ENVIRONMENT: Readonly<Record<string, string>> = {
  MOZ_REMOTE_SETTINGS_DEVTOOLS: '1',
  MOZ_CRASHREPORTER_DISABLE: '1',
};

/** The text of the profile's `user.js`. */
export function userJs(preferences: Readonly<Record<string, Pref>>): string {
  return Object.entries(preferences)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}

/** NSS's `certutil` on the PATH. Not on Windows, where another program has the name. */
function certutilPaths(): string[] {
  if (process.platform === 'win32') return [];
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'certutil'));
}

/**
 * Puts our certificate into the profile's own database, so that this profile alone trusts it.
 * @returns false when `certutil` (Debian: libnss3-tools) is not there: then Firefox must be told otherwise
 */
export async function trustInProfile(profile: string, caPem: string): Promise<boolean> {
  const run = promisify(execFile);
  const pem = join(profile, 'sessionscope-ca.pem');
  await writeFile(pem, caPem);
  const database = `sql:${profile}`;
  for (const certutil of certutilPaths()) {
    try {
      await run(certutil, ['-N', '-d', database, '--empty-password']);
      await run(certutil, ['-A', '-d', database, '-n', 'Sessionscope', '-t', 'C,,', '-i', pem]);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
  }
  return false;
}
