import { problem } from '../../model/problem.ts';
import type { UpstreamProxy } from './upstream-settings.ts';

/** Longest script that is taken, in bytes; browsers stop at one megabyte. */
export const SCRIPT_LIMIT = 1 << 20;
const MEMORY_LIMIT = 32 << 20;
/** Milliseconds that one question to the script may take. */
const TIME_LIMIT = 2_000;

/** Asks a PAC script for the ways to an address, best first. */
export type PacResolver = (url: string, host: string) => Promise<UpstreamProxy[]>;

/**
 * Runs a PAC script in a JavaScript engine of its own (QuickJS as WebAssembly): it sees no file, no network but the name
 * look-ups that PAC has, and is stopped over its limits of memory and time.
 * @param engineBytes reads `quickjs.wasm`, for a bundle that the library's own path does not lead out of
 * @throws ProblemError `bad-pac`
 */
export async function createPac(
  script: string,
  clock: () => number,
  engineBytes?: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<PacResolver> {
  if (script.length > SCRIPT_LIMIT) throw scriptTooLong();
  // Loaded on first use: most people have no PAC script.
  const [{ createPacResolver }, { QuickJS }] = await Promise.all([import('pac-resolver'), import('quickjs-wasi')]);
  let deadline = clock() + TIME_LIMIT;
  const wasm = await engineBytes?.();
  const engine = await QuickJS.create({
    memoryLimit: MEMORY_LIMIT,
    interruptHandler: () => clock() > deadline,
    ...(wasm === undefined ? {} : { wasm }),
  });
  let find: (url: string, host: string) => Promise<string>;
  try {
    find = createPacResolver(engine, script, { sandbox: { alert: () => undefined } });
  } catch (error) {
    throw problem('bad-pac', `The PAC script cannot be used: ${(error as Error).message}`, { cause: error });
  }
  return async (url, host) => {
    deadline = clock() + TIME_LIMIT;
    try {
      return parsePacAnswer(await find(url, host));
    } catch (error) {
      throw problem('bad-pac', `The PAC script failed for ${host}: ${(error as Error).message}`, { cause: error });
    }
  };
}

export function scriptTooLong(): Error {
  return problem('bad-pac', 'The PAC script is larger than 1 MiB', { remedy: 'Browsers take no longer one either.' });
}

/** Reads `PROXY a:8080; SOCKS5 b:1080; DIRECT`. What is not understood is left out; nothing left means straight. */
export function parsePacAnswer(answer: string): UpstreamProxy[] {
  const ways: UpstreamProxy[] = [];
  for (const part of String(answer).slice(0, 4096).split(';')) {
    const [, word = '', host = '', port] = /^\s*(\w+)(?:\s+(\[[^\]]+\]|[^\s:]+)(?::(\d+))?)?\s*$/.exec(part) ?? [];
    const kind = PAC_WORDS[word.toUpperCase()];
    if (kind === undefined) continue;
    if (kind === 'direct') ways.push({ kind });
    else if (host !== '') {
      const usual = kind === 'http' ? 80 : kind === 'https' ? 443 : 1080;
      ways.push({ kind, host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? usual : Number(port) });
    }
  }
  return ways.length === 0 ? [{ kind: 'direct' }] : ways;
}

const PAC_WORDS: Readonly<Record<string, 'direct' | 'http' | 'https' | 'socks4' | 'socks5'>> = {
  DIRECT: 'direct',
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks4',
  SOCKS4: 'socks4',
  SOCKS5: 'socks5',
};
