/**
 * Our engine as a process of its own for benchmarks and tests in other runtimes:
 * `node run-proxy.ts`, with PORT, MODE (pass, capture, edit), CA_OUT (file for the authority) and UPSTREAM_CA (PEM file).
 * The same work as every peer's: cookies of each exchange go to a bounded ring; `edit` rewrites one cookie both ways.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createAuthority } from '../../core/proxy/certificates/authority.ts';
import { startProxy } from '../../core/proxy/proxy.ts';
import { cookieWork } from './cookie-work.ts';

const mode = process.env['MODE'] ?? 'capture';
const authority = createAuthority(Date.now());
const upstreamCa = process.env['UPSTREAM_CA'];
const tls = upstreamCa === undefined ? undefined : { ca: [readFileSync(upstreamCa, 'utf8')] };
startProxy({
  port: Number(process.env['PORT'] ?? 0),
  authority,
  hooks: mode === 'pass' ? [] : [cookieWork(mode === 'edit')],
  ...(tls === undefined ? {} : { tls: () => tls }),
  log: (line) => console.error(line),
}).then((proxy) => {
  if (process.env['CA_OUT']) writeFileSync(process.env['CA_OUT'], authority.pem);
  console.log('ready', proxy.port);
});
process.on('uncaughtException', (error) => console.error('UNCAUGHT', error));
