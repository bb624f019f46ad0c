import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problem } from '../../model/problem.ts';
import { SCRIPT_LIMIT, scriptTooLong } from './pac.ts';

/**
 * The text of a PAC script, from a file or by HTTP; no further than a script can be long.
 * @param url `http:`, `https:` or `file:`
 * @throws ProblemError `bad-pac`
 */
export async function readPac(url: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of url.startsWith('file:') ? createReadStream(fileURLToPath(url)) : await get(url, signal)) {
      size += chunk.length;
      if (size > SCRIPT_LIMIT) break;
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    throw problem('bad-pac', `The PAC script ${url} cannot be read: ${(error as Error).message}`, {
      remedy: 'Check the address of the script in the settings.',
      cause: error,
    });
  }
  if (size > SCRIPT_LIMIT) throw scriptTooLong();
  return Buffer.concat(chunks).toString('utf8');
}

async function get(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const { ok, status, statusText, body } = await fetch(url, { signal });
  if (!ok || body === null) throw new Error(`${status} ${statusText}`);
  return body as AsyncIterable<Uint8Array>;
}
