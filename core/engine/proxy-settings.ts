import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { problem } from '../model/problem.ts';
import type { HostTreatment, ProxySettings, ProxySettingsChange } from '../model/proxy-settings.ts';
import type { UpstreamTls } from '../proxy/options.ts';
import { parseUpstream, type UpstreamProxy, type UpstreamSettings } from '../proxy/upstream/upstream.ts';
import { hostMatches } from '../proxy/upstream/upstream-settings.ts';

/** Settings with their secrets beside them, by place: `upstream`, `key:<host>`, `passphrase:<host>`. */
export interface KeptSettings {
  readonly settings: ProxySettings;
  readonly secrets: Readonly<Record<string, string>>;
}

const DEFAULTS: KeptSettings = {
  settings: {
    upstream: { address: 'direct', hasPassword: false },
    bypass: ['<local>'],
    localAccess: [],
    scope: { others: 'record', hosts: [] },
    tls: [],
  },
  secrets: {},
};

/**
 * The settings with a change. Nothing is changed when anything in it is wrong.
 * @throws ProblemError `bad-upstream`, `bad-pattern`, `bad-certificate`
 */
export function changedSettings(kept: KeptSettings, change: ProxySettingsChange): KeptSettings {
  const secrets: Record<string, string> = { ...kept.secrets };
  let { settings } = kept;
  const keep = (place: string, value: string | null | undefined): void => {
    if (value === null || value === '') delete secrets[place];
    else if (value !== undefined) secrets[place] = value;
  };
  if (change.upstream !== undefined) {
    const { username, password, pacScript } = change.upstream;
    const { address, credentials } = withoutCredentials(change.upstream.address.trim());
    const sameProxy = address === settings.upstream.address;
    // A password is never sent to another proxy than the one it was given for.
    keep('upstream', password ?? credentials?.password ?? (sameProxy && password === undefined ? undefined : null));
    const user = username ?? credentials?.username;
    settings = {
      ...settings,
      upstream: {
        address: address === '' ? 'direct' : address,
        ...(user === undefined || user === '' ? {} : { username: user }),
        hasPassword: secrets['upstream'] !== undefined,
        ...(pacScript === undefined ? {} : { pacScript }),
      },
    };
  }
  if (change.localAccess !== undefined) settings = { ...settings, localAccess: patterns(change.localAccess) };
  if (change.bypass !== undefined) settings = { ...settings, bypass: patterns(change.bypass) };
  if (change.scope !== undefined) {
    const hosts = change.scope.hosts.map(({ host, treat }) => ({ host: pattern(host), treat }));
    settings = { ...settings, scope: { others: change.scope.others, hosts } };
  }
  if (change.tls !== undefined) {
    for (const place of Object.keys(secrets)) {
      const host = /^(?:key|passphrase):(.*)$/.exec(place)?.[1];
      if (host !== undefined && !change.tls.some((one) => one.host.trim() === host)) delete secrets[place];
    }
    const tls = change.tls.map(({ key, passphrase, host: written, ...rest }) => {
      const host = pattern(written);
      keep(`key:${host}`, key);
      keep(`passphrase:${host}`, passphrase);
      const hasKey = secrets[`key:${host}`] !== undefined;
      return { ...rest, host, hasKey, hasPassphrase: secrets[`passphrase:${host}`] !== undefined };
    });
    settings = { ...settings, tls };
  }
  const next = { settings, secrets };
  upstreamOf(next);
  for (const [host, tls] of tlsOf(next)) checkTls(host, tls);
  return next;
}

/** Where connections go. @throws ProblemError `bad-upstream` */
export function upstreamOf({ settings, secrets }: KeptSettings): UpstreamSettings {
  const { address, username, pacScript } = settings.upstream;
  return { proxy: proxyOf(address, username, secrets['upstream'], pacScript), bypass: settings.bypass };
}

function proxyOf(
  address: string,
  username: string | undefined,
  password: string | undefined,
  pacScript: string | undefined,
): UpstreamProxy {
  if (address === 'pac') {
    if (pacScript === undefined || pacScript.trim() === '') {
      throw problem('bad-upstream', 'There is no PAC script', { remedy: 'Paste the script, or give its address.' });
    }
    return { kind: 'pac', script: pacScript };
  }
  const proxy = parseUpstream(address);
  if (proxy.kind === 'direct' || proxy.kind === 'pac') return proxy;
  return {
    ...proxy,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** TLS settings with their patterns, in order. The objects stay the same: contexts are cached by them. */
export function tlsOf({ settings, secrets }: KeptSettings): [pattern: string, tls: UpstreamTls][] {
  return settings.tls.map(({ host, verify, ca, cert }) => {
    const key = secrets[`key:${host}`];
    const passphrase = secrets[`passphrase:${host}`];
    const tls: UpstreamTls = {
      verify,
      ...(ca === undefined || ca.trim() === '' ? {} : { ca: [ca] }),
      ...(cert === undefined || cert.trim() === '' ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
    };
    return [host, tls];
  });
}

export function treatmentOf({ scope }: ProxySettings, host: string, port: number): HostTreatment {
  return scope.hosts.find((one) => hostMatches(one.host, { host, port }))?.treat ?? scope.others;
}

/** Settings as they were stored; what cannot be read falls back to the defaults. */
export function readSettings(value: unknown, secrets: Readonly<Record<string, string>>): KeptSettings {
  if (typeof value !== 'object' || value === null) return DEFAULTS;
  try {
    const { upstream, bypass, localAccess, scope, tls } = value as ProxySettings;
    return changedSettings(
      { settings: { ...DEFAULTS.settings, upstream: upstream ?? DEFAULTS.settings.upstream }, secrets },
      {
        ...(upstream === undefined ? {} : { upstream: upstreamChange(upstream) }),
        ...(bypass === undefined ? {} : { bypass }),
        ...(localAccess === undefined ? {} : { localAccess }),
        ...(scope === undefined ? {} : { scope }),
        ...(tls === undefined ? {} : { tls: tls.map(({ hasKey: _, hasPassphrase: __, ...one }) => one) }),
      },
    );
  } catch {
    return DEFAULTS;
  }
}

function upstreamChange({
  hasPassword: _,
  ...change
}: ProxySettings['upstream']): NonNullable<ProxySettingsChange['upstream']> {
  return change;
}

/** `http://user:password@host:8080` → the address alone, and who is named in it. */
function withoutCredentials(address: string): {
  address: string;
  credentials?: { username: string; password?: string };
} {
  const [, scheme = '', user, rest = ''] = /^([a-z\d]+:\/\/)?(?:(.*)@)?([^@]*)$/i.exec(address) ?? [];
  if (user === undefined || /^pac\+/i.test(address)) return { address };
  const proxy = parseUpstream(address);
  if (!('host' in proxy)) return { address };
  const { username = '', password } = proxy;
  return { address: `${scheme}${rest}`, credentials: { username, ...(password === undefined ? {} : { password }) } };
}

function patterns(list: readonly string[]): string[] {
  return list.map((one) => one.trim()).filter((one) => one !== '');
}

function pattern(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || /[\s/?#@]/.test(trimmed.replace(/\/\d{1,3}$/, ''))) {
    throw problem('bad-pattern', `${JSON.stringify(text.slice(0, 100))} is no pattern of hosts`, {
      remedy: 'Write shop.test, *.shop.test, shop.test:8443 or 10.0.0.0/8, without http:// and without a path.',
    });
  }
  return trimmed;
}

function checkTls(host: string, { ca, cert, key, passphrase }: UpstreamTls): void {
  const wrong = (what: string, error: unknown): Error =>
    problem('bad-certificate', `${what} for ${host} cannot be used: ${(error as Error).message}`, {
      remedy: 'Paste PEM text, from -----BEGIN to -----END. A client certificate needs its key.',
      cause: error,
    });
  try {
    for (const one of ca ?? []) new X509Certificate(one);
  } catch (error) {
    throw wrong('The certificate authority', error);
  }
  if (cert === undefined && key === undefined) return;
  if (cert === undefined || key === undefined) {
    throw wrong('The client certificate', new Error(cert === undefined ? 'it is missing' : 'its key is missing'));
  }
  try {
    createSecureContext({ cert, key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    throw wrong('The client certificate', error);
  }
}
