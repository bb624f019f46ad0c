import type { Carrier } from './session.ts';

/** The name of a cookie or header, or the parameter of a URL. */
export function carrierName(carrier: Carrier): string {
  return carrier.kind === 'url' ? carrier.parameter : carrier.name;
}

/**
 * Tells a carrier from the others of its kind on a host: the name, and for a cookie that does not lie at `/` of the host
 * alone its path, domain and partition behind it. A name holds no line feed, so the parts cannot be mistaken.
 */
export function carrierKey(carrier: Carrier): string {
  if (carrier.kind !== 'cookie') return carrierName(carrier);
  const { name, path, domain, partition } = carrier;
  if (path === undefined && domain === undefined && partition === undefined) return name;
  return [name, path ?? '/', domain ?? '', ...(partition === undefined ? [] : [partition])].join('\n');
}

/** `cookie:sid`, `cookie:sid; Path=/app/`: names a carrier within its host, in words. */
export function carrierId(carrier: Carrier): string {
  if (carrier.kind !== 'cookie') return `${carrier.kind}:${carrierName(carrier)}`;
  const { name, path, domain, partition } = carrier;
  return [
    `cookie:${name}`,
    ...(path === undefined ? [] : [`Path=${path}`]),
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(partition === undefined ? [] : ['Partitioned']),
  ].join('; ');
}

export function sameCarrier(a: Carrier, b: Carrier): boolean {
  if (a === b) return true;
  if (a.kind === 'url' || b.kind === 'url') return a.kind === b.kind && carrierName(a) === carrierName(b);
  if (a.kind === 'header' || b.kind === 'header') return a.kind === b.kind && a.name === b.name;
  return a.name === b.name && a.path === b.path && a.domain === b.domain && a.partition === b.partition;
}
