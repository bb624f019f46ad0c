import type { LookupFunction } from 'node:net';

/**
 * What `net.connect` needs so that `localhost` and the names below it lead to this computer whatever the resolver says,
 * as in every browser (RFC 6761 section 6.3); nothing for other names.
 */
export function localLookup(host: string): { readonly lookup?: LookupFunction } {
  return /(^|\.)localhost\.?$/i.test(host) ? { lookup: lookupLocal } : {};
}

const lookupLocal: LookupFunction = (_host, options, done) => {
  const both = [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ].filter(({ family }) => !options.family || options.family === family);
  const [first] = both as [{ address: string; family: number }];
  if (options.all) done(null, both);
  else done(null, first.address, first.family);
};
