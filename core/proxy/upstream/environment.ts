import { hostPort, splitHostPort } from '../target.ts';
import { parseUpstream, type UpstreamProxy, type UpstreamSettings } from './upstream-settings.ts';

/** What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` ask for. */
export interface EnvironmentUpstream {
  readonly settings: UpstreamSettings;
  /** One line that says which variables are in force; without passwords. */
  readonly line: string;
}

/**
 * The upstream proxies that the environment names, as curl and most command line tools honour them: lower-case names
 * count before upper-case ones, loopback and names without a dot are reached straight. undefined: none is named.
 * @throws ProblemError `bad-upstream` for a value that is no address of a proxy
 */
export function environmentUpstream(env: NodeJS.ProcessEnv): EnvironmentUpstream | undefined {
  const named = (name: string) => {
    const at = [name.toLowerCase(), name].find((key) => (env[key] ?? '').trim() !== '');
    return at === undefined ? undefined : { at, proxy: parseUpstream(env[at] ?? '') };
  };
  const all = named('ALL_PROXY');
  const plain = named('HTTP_PROXY') ?? all;
  const secure = named('HTTPS_PROXY') ?? all;
  if (plain === undefined && secure === undefined) return undefined;
  const without = (env['no_proxy'] || env['NO_PROXY'] || '').split(/[\s,]+/).filter((entry) => entry !== '');
  const direct: UpstreamProxy = { kind: 'direct' };
  const ways = [plain, secure === plain ? undefined : secure].flatMap((way) =>
    way === undefined ? [] : [`${addressOf(way.proxy)} (${way.at})`],
  );
  const straight = without.length === 0 ? '' : `; straight to ${without.join(', ')} (NO_PROXY)`;
  return {
    settings: {
      proxy: plain?.proxy ?? direct,
      secure: secure?.proxy ?? direct,
      bypass: ['<local>', ...without.flatMap(patternsOf)],
    },
    line: `Requests leave through ${ways.join(' and ')}${straight}`,
  };
}

/** An entry of NO_PROXY as patterns: a name means its subdomains too, with or without a dot or an asterisk before it. */
function patternsOf(entry: string): string[] {
  if (entry === '*' || entry.includes('/')) return [entry];
  const bare = entry.replace(/^\*?\./, '');
  const address = /^[\d.]+$/.test(bare) || splitHostPort(bare, 0)?.host.includes(':') === true;
  if (address) return [/^[0-9a-f:]+:[0-9a-f:]*$/i.test(bare) ? `[${bare}]` : bare];
  return [`.${bare}`];
}

function addressOf(proxy: UpstreamProxy): string {
  if (proxy.kind === 'pac') return 'a PAC script';
  return proxy.kind === 'direct' ? 'nothing' : `${proxy.kind}://${hostPort(proxy.host, proxy.port)}`;
}
