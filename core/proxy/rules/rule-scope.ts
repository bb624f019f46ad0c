import type { RuleScope } from './rule.ts';

/** Host, port and path of an absolute URL, cut without rewriting anything. Host in lower case, without brackets. */
export function partsOf(url: string): { host: string; port: string; path: string } {
  const afterScheme = url.indexOf('://') + 3;
  const end = url.slice(afterScheme).search(/[/?#]/);
  const authority = end < 0 ? url.slice(afterScheme) : url.slice(afterScheme, afterScheme + end);
  const rest = end < 0 ? '/' : url.slice(afterScheme + end);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(authority) ?? [];
  const path = rest.split(/[?#]/, 1)[0] ?? '/';
  return {
    host: (bracketed ?? plain ?? authority).toLowerCase(),
    port: port === undefined || port === '' ? (url.startsWith('https') || url.startsWith('wss') ? '443' : '80') : port,
    path: path === '' ? '/' : path,
  };
}

/** Whether a URL lies within a scope. */
export function inScope(scope: RuleScope | undefined, url: string): boolean {
  if (scope === undefined || (scope.host === undefined && scope.path === undefined)) return true;
  const { host, port, path } = partsOf(url);
  return (
    (scope.host === undefined || hostMatches(scope.host, host, port)) &&
    (scope.path === undefined || pathMatches(scope.path, path))
  );
}

function hostMatches(pattern: string, host: string, port: string): boolean {
  const [, bracketed, plain, wantedPort] = /^(?:\[([^\]]*)\]|(.*?))(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const wanted = bracketed ?? plain ?? '';
  if (wanted === '*' || wanted === host) return true;
  return wanted.startsWith('*.') && (host === wanted.slice(2) || host.endsWith(wanted.slice(1)));
}

/** Path-match of RFC 6265bis section 5.1.4. */
function pathMatches(prefix: string, path: string): boolean {
  return path === prefix || (path.startsWith(prefix) && (prefix.endsWith('/') || path[prefix.length] === '/'));
}
