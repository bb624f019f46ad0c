import type { DecodeOptions } from '../../core/codec/codec.ts';
import { problem } from '../../core/model/problem.ts';
import { visibleLines } from '../../core/model/visible.ts';
import { readQuietly } from '../../core/stores/quiet-files.ts';
import { whyNotRead } from '../files.ts';

/** What the commands that read values have in common: keys, names and companions. */
export interface ValueOptions {
  /** Layers, outermost first, between slashes: `base64/pickle`. */
  readonly as?: string;
  readonly secret?: readonly string[];
  readonly name?: string;
  readonly companion?: readonly string[];
  readonly stamp?: string;
  readonly json?: boolean;
}

/** Where a command reads and writes; the process's own streams outside tests. */
export interface CommandIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  out(text: string): void;
  err(text: string): void;
}

export function processIo(): CommandIo {
  return {
    stdin: process.stdin,
    // A value that goes on to another program is its bytes; a terminal must not act on them.
    out: (text) => void process.stdout.write(process.stdout.isTTY === true ? visibleLines(text) : text),
    err: (text) => void process.stderr.write(visibleLines(text)),
  };
}

/**
 * The options as the codec takes them. `@FILE` and `env:NAME` are read here, so that no key need stand on the command
 * line. Kinds `file-unreadable`, `no-such-variable` and `bad-request`.
 */
export async function codecOptions(options: ValueOptions): Promise<DecodeOptions> {
  const as = options.as?.split('/').map((one) => one.trim());
  const companions: Record<string, string> = {};
  for (const given of options.companion ?? []) {
    const equals = given.indexOf('=');
    if (equals < 1) throw problem('bad-request', 'A companion is given as NAME=VALUE');
    companions[given.slice(0, equals)] = given.slice(equals + 1);
  }
  const { stamp } = options;
  if (stamp !== undefined && stamp !== 'keep' && stamp !== 'now') {
    throw problem('bad-request', '--stamp takes "keep" or "now"');
  }
  return {
    secrets: await Promise.all((options.secret ?? []).map(resolveSecret)),
    companions,
    ...(as && { as }),
    ...(options.name !== undefined && { name: options.name }),
    ...((stamp === 'keep' || stamp === 'now') && { stamp }),
  };
}

async function resolveSecret(given: string): Promise<string> {
  if (given.startsWith('env:')) {
    const name = given.slice('env:'.length);
    const value = process.env[name];
    if (value === undefined)
      throw problem('no-such-variable', `The variable ${name}, which should hold the key, is not set`);
    return value;
  }
  if (!given.startsWith('@')) return given;
  const file = given.slice(1);
  let bytes: Uint8Array;
  try {
    bytes = readQuietly(file);
  } catch (cause) {
    throw problem('file-unreadable', `The key file ${file} cannot be read: ${whyNotRead(cause)}`, {
      where: file,
      cause,
    });
  }
  const text = Buffer.from(bytes).toString('utf8');
  // A key file of bytes that are no text is taken as bytes; a text loses the line break that editors add.
  if (!Buffer.from(text, 'utf8').equals(Buffer.from(bytes))) return `base64:${Buffer.from(bytes).toString('base64')}`;
  return text.includes('-----BEGIN') ? text : text.replace(/\r?\n$/, '');
}

/** The bytes of a file, or of standard input for `-`. */
export async function readInput(io: CommandIo, file: string): Promise<Uint8Array> {
  if (file !== '-') {
    try {
      return readQuietly(file);
    } catch (cause) {
      throw problem('file-unreadable', `It cannot be read: ${whyNotRead(cause)}`, { where: file, cause });
    }
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of io.stdin) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  return Buffer.concat(pieces);
}
