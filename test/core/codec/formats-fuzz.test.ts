import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import vm from 'node:vm';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../../core/codec/limits.ts';
import { children } from '../../../core/codec/path.ts';
import { applyEditsFully, type Decoded, type DecodeOptions, decode } from '../../../core/frameworks/codec.ts';
import type { Path } from '../../../core/model/path.ts';
import { ProblemError } from '../../../core/model/problem.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { bytesOf, formatNames, type Sample, samplesOf, secretsOf } from '../../support/format-samples.ts';
import { seeded } from '../../support/random-typed.ts';

/** Mutations of one reader; a long run is `SESSIONSCOPE_FUZZ_RUNS=20000 vitest run test/core/codec/formats-fuzz.test.ts`. */
const RUNS = Number(process.env['SESSIONSCOPE_FUZZ_RUNS'] ?? 250);
const SEED = Number(process.env['SESSIONSCOPE_FUZZ_SEED'] ?? 20_261_201);

/**
 * What one small hostile value may use. Steps are counted; the milliseconds are those of this thread's processor time
 * and far beyond what any of the values takes, so that a busy machine changes nothing.
 */
const BUDGET: Limits = { ...DEFAULT_LIMITS, steps: 20_000_000, inflated: 4 * 1024 * 1024, milliseconds: 4_000 };

/** How a reader of untrusted bytes must never end. */
const TOO_MUCH = new Set(['limit-time', 'internal']);

const executed: string[] = [];
const restore: (() => void)[] = [];

/** Replaces a way to run code or a program by one that only notes it. */
function trap(owner: object, name: string): void {
  const before = Reflect.get(owner, name) as unknown;
  Reflect.set(owner, name, () => {
    executed.push(name);
    throw new Error(`${name} was called`);
  });
  restore.push(() => Reflect.set(owner, name, before));
}

beforeAll(() => {
  for (const name of ['exec', 'execFile', 'execSync', 'execFileSync', 'fork', 'spawn', 'spawnSync']) {
    trap(childProcess, name);
  }
  for (const name of ['runInThisContext', 'runInNewContext', 'runInContext', 'compileFunction']) trap(vm, name);
  for (const name of ['eval', 'Function']) trap(globalThis, name);
  syncBuiltinESMExports();
});

afterAll(() => {
  for (const undo of restore) undo();
  syncBuiltinESMExports();
});

interface Seed {
  readonly bytes: Uint8Array;
  readonly options: DecodeOptions;
}

class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  random(most: number): Uint8Array {
    return Uint8Array.from({ length: this.below(most) }, () => this.below(256));
  }

  /** One to three changes: bits, bytes, cuts, doublings, other numbers, parts of another value. */
  mutate(seeds: readonly Seed[]): Seed {
    const { bytes, options } = this.pick(seeds);
    let made = Buffer.from(bytes);
    for (let left = 1 + this.below(3); left > 0; left--) made = this.#once(made, Buffer.from(this.pick(seeds).bytes));
    return { bytes: new Uint8Array(made), options };
  }

  #once(bytes: Buffer<ArrayBuffer>, other: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const at = this.below(bytes.length + 1);
    switch (this.below(9)) {
      case 0:
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << this.below(8));
        return bytes;
      case 2:
        if (at < bytes.length) bytes[at] = this.pick([0, 1, 0x7f, 0x80, 0xff, 0x30, 0x7b, 0x3a, 0x2e, this.below(256)]);
        return bytes;
      case 3:
        return bytes.subarray(0, at);
      case 4:
        return bytes.subarray(at);
      case 5: {
        const end = Math.min(bytes.length, at + this.below(40));
        return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end)]);
      }
      case 6: {
        const from = this.below(other.length + 1);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + this.below(60)), bytes.subarray(at)]);
      }
      default:
        return this.#number(bytes);
    }
  }

  /** Another length or count: one of the text's decimal numbers, or four bytes that would be one. */
  #number(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const text = bytes.toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    const found = numbers.length > 0 && this.below(3) > 0 ? this.pick(numbers) : undefined;
    if (found !== undefined) {
      const end = found.index + found[0].length;
      return Buffer.from(`${text.slice(0, found.index)}${this.pick(NUMBERS)}${text.slice(end)}`, 'latin1');
    }
    if (bytes.length < 8) return bytes;
    bytes.writeUInt32BE(
      this.pick([0xff_ff_ff_ff, 0x7f_ff_ff_ff, 0x80_00_00_00, 0x01_00_00_00, 0]),
      this.below(bytes.length - 4),
    );
    return bytes;
  }
}

const NUMBERS = [
  '0',
  '1',
  '-1',
  '00',
  '2147483647',
  '4294967296',
  '9223372036854775807',
  '18446744073709551616',
  '9'.repeat(400),
];

function optionsOf(sample: Sample): DecodeOptions {
  return {
    secrets: secretsOf(sample),
    companions: sample.sig ? { [sample.sig.name]: sample.sig.raw } : {},
    time: 1_800_000_000_000,
    limits: BUDGET,
    ...(typeof sample.name === 'string' && { name: sample.name }),
  };
}

/** Decodes, and says what is wrong with the way it ended; undefined when nothing is. */
function hold({ bytes, options }: Seed): string | undefined {
  let found: Decoded;
  try {
    found = decode(bytes, options);
  } catch (error) {
    return `threw ${String((error as Error).stack)}`;
  }
  if (found.error !== undefined && TOO_MUCH.has(found.error.kind)) return JSON.stringify(found.error);
  if (found.value === null || found.error !== undefined) return undefined;
  const as = { ...options, as: found.layers };
  try {
    const same = applyEditsFully(bytes, [{ op: 'set', path: [], value: found.value }], as);
    if (!Buffer.from(same.bytes).equals(bytes)) return 'untouched, it became other bytes';
  } catch (error) {
    return `untouched, ${String((error as Error).stack)}`;
  }
  return edited(bytes, found.value, as);
}

/** An edit of the first text that is found is made exactly or refused. */
function edited(bytes: Uint8Array, value: TypedNode, options: DecodeOptions): string | undefined {
  const path = textIn(value);
  if (path === undefined) return undefined;
  try {
    applyEditsFully(bytes, [{ op: 'set', path, value: { t: 'str', v: 'edited \u4f60' } }], options);
  } catch (error) {
    if (!(error instanceof ProblemError)) return `edited, ${String((error as Error).stack)}`;
    if (error.problem.kind === 'internal') return `edited, ${JSON.stringify(error.problem)}`;
  }
  return undefined;
}

function textIn(root: TypedNode): Path | undefined {
  let node = root;
  const path: Path[number][] = [];
  for (let depth = 0; depth < 50; depth++) {
    if (node.t === 'str') return path;
    const [next] = children(node);
    if (next === undefined) return undefined;
    path.push(next[0]);
    node = next[1];
  }
  return undefined;
}

function report(wrong: string, { bytes, options }: Seed): string {
  return `${wrong}\nas ${JSON.stringify(options.as)}: base64 ${Buffer.from(bytes).toString('base64').slice(0, 3_000)}`;
}

const FORMATS = formatNames().filter((name) => name !== 'negatives' && name !== 'pickle');

/** The samples of a format as they are, and each of their inner layers by itself, where no signature hides it. */
function seedsOf(format: string): Seed[] {
  return samplesOf(format).flatMap((sample) => {
    const bytes = bytesOf(sample);
    if (bytes.length > 5_000) return [];
    const options = optionsOf(sample);
    const found = decode(bytes, options);
    const inner =
      found.value === null
        ? []
        : found.layers.map((_, i) => ({
            bytes: found.inputs[i] as Uint8Array,
            options: { ...options, as: found.layers.slice(i) },
          }));
    return [{ bytes, options }, ...inner.filter((seed) => seed.bytes.length > 0)];
  });
}

describe('mutated values', () => {
  it.each(FORMATS)('%s: ends in a value or a problem, and what is read is kept', (format) => {
    const seeds = seedsOf(format);
    expect(seeds.length).toBeGreaterThan(1);
    const mutator = new Mutator(SEED + FORMATS.indexOf(format));
    for (let run = 0; run < RUNS; run++) {
      const seed = mutator.mutate(seeds);
      const wrong = hold(seed);
      if (wrong !== undefined) expect.fail(report(wrong, seed));
    }
    expect(executed).toEqual([]);
  });
});

const READERS = [
  ...['php-serialize', 'php-session', 'php-binary', 'php-string', 'marshal', 'java', 'jws', 'jwe', 'authjs', 'django'],
  ...['django-legacy', 'django-cache', 'itsdangerous', 'tagged-json', 'rails-message', 'message-encryptor', 'pyramid'],
  ...['message-verifier', 'laravel', 'laravel-prefix', 'laravel-cookie-data', 'fernet', 'secretbox', 'iron', 'beaker'],
  ...['client-sessions', 'tornado', 'bottle', 'cachelib', 'cookie-signature', 'json-cookie', 'keygrip', 'chunks'],
];

const HOSTILE: Readonly<Record<string, readonly (() => string)[]>> = {
  'php-serialize': [
    () => 'a:1:{i:0;'.repeat(20_000),
    () => `${'a:1:{i:0;'.repeat(20_000)}N;${'}'.repeat(20_000)}`,
    () => 'a:9223372036854775807:{}',
    // A key that is no UTF-8.
    () => 'a:1:{s:2:"\xff\xfe";s:1:"a";}',
    () => 'a:2147483647:{i:0;i:0;}',
    () => 's:9223372036854775807:"a";',
    () => `s:${'9'.repeat(5_000)}:"a";`,
    () => `i:${'9'.repeat(200_000)};`,
    () => `a:3000:{${Array.from({ length: 3_000 }, (_, i) => `i:${i};R:1;`).join('')}}`,
    () => `a:20000:{${Array.from({ length: 20_000 }, (_, i) => `i:${i};r:${i + 1};`).join('')}}`,
    () => 'O:8:"stdClass":1:{s:4:"self";r:1;}',
    () => 'O:8:"stdClass":1:{s:4:"self";R:1;}',
    () => 'O:11:"PhpunitGad\0":1:{s:4:"exec";s:2:"id";}',
    () => `C:11:"ArrayObject":${'9'.repeat(30)}:{x:i:0;}`,
    () => 'E:9:"Suit:Heart";',
    () => `a:40000:{${'i:1;i:2;'.repeat(40_000)}}`,
    () => 'R:1;',
    () => 'r:9223372036854775807;',
    () => 'd:1e999999;',
  ],
  'php-session': [
    () => 'a|'.repeat(20_000),
    () => `${'a|i:1;'.repeat(20_000)}`,
    () => `a|${'a:1:{i:0;'.repeat(20_000)}`,
    () => `${'|'.repeat(50_000)}`,
    () => 'a|R:1;b|R:2;',
  ],
  'php-binary': [
    () => '\x01ai:1;'.repeat(20_000),
    () => '\xff'.repeat(300),
    () => `\x01a${'a:1:{i:0;'.repeat(20_000)}`,
  ],
  'php-string': [() => `s:${9 * 20_000}:"${'a:1:{i:0;'.repeat(20_000)}";`, () => 's:8:"s:2:"ab";";'],
  marshal: [
    () => `\x04\x08${'[\x06'.repeat(50_000)}`,
    () => `\x04\x08${'[\x06'.repeat(50_000)}0`,
    () => '\x04\x08[\x04\xff\xff\xff\x7f',
    () => '\x04\x08"\x04\xff\xff\xff\x7fa',
    () => '\x04\x08"\xfc\x00\x00\x00\x80',
    () => '\x04\x08l+\x04\xff\xff\xff\x7fa',
    () => '\x04\x08[\x06@\x05',
    () => '\x04\x08[\x06@\x00',
    () => '\x04\x08@\x04\xff\xff\xff\x7f',
    () => '\x04\x08;\x04\xff\xff\xff\x7f',
    () => `\x04\x08${'I'.repeat(50_000)}`,
    () => `\x04\x08${'e:\x06a'.repeat(20_000)}`,
    () => `\x04\x08${'C:\x06a'.repeat(20_000)}`,
    () => `\x04\x08${'U:\x06a'.repeat(20_000)}`,
    () => `\x04\x08${'}\x060'.repeat(20_000)}`,
    () => '\x04\x08{\x06@\x00@\x00',
    () => '\x04\x08o:\x0bGem::Installer\x00',
    () => '\x04\x08u:\x0bKernel\x0bsystem',
    () => `\x04\x08l+\x02\x40\x9c${'\xff'.repeat(80_000)}`,
    () => `\x04\x08f\x02\x40\x9c${'9'.repeat(40_000)}`,
  ],
  java: [
    () => '\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x7f\xff\xff\xff',
    () => '\xac\xed\x00\x05ur\x00\x02[I\x4d\xba\x60\x26\x76\xea\xb2\xa5\x02\x00\x00xp\xff\xff\xff\xff',
    () =>
      `\xac\xed\x00\x05${'ur\x00\x13[Ljava.lang.Object;\x90\xceX\x9f\x10s)l\x02\x00\x00xp\x00\x00\x00\x01'.repeat(1)}${'uq\x00~\x00\x00\x00\x00\x00\x01'.repeat(20_000)}`,
    () => '\xac\xed\x00\x05|\x7f\xff\xff\xff\xff\xff\xff\xffa',
    () => '\xac\xed\x00\x05q\x00\x7e\x00\x00',
    () => '\xac\xed\x00\x05q\xff\xff\xff\xff',
    () => '\xac\xed\x00\x05}\x7f\xff\xff\xff',
    () => `\xac\xed\x00\x05${'sr\x00\x01A\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00'.repeat(20_000)}`,
    () => '\xac\xed\x00\x05sr\x00\x01A\x00\x00\x00\x00\x00\x00\x00\x00\x02\xff\xff',
    () => `\xac\xed\x00\x05${'y'.repeat(50_000)}`,
    () =>
      `\xac\xed\x00\x05sr\x00\x01A\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01L\x00\x01at\x00\x01Lxp${'sq\x00~\x00\x00'.repeat(20_000)}`,
    () =>
      `\xac\xed\x00\x05sr\x00\x01A\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00xp${'sq\x00~\x00\x00'.repeat(20_000)}`,
    () => `\xac\xed\x00\x05sr${'\x00\x01A\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00xr'.repeat(20_000)}`,
    () => `\xac\xed\x00\x05s${'}\x00\x00\x00\x00v'.repeat(20_000)}`,
    () => `\xac\xed\x00\x05${'z\xff\xff\xff\xff'.repeat(3)}`,
    () =>
      '\xac\xed\x00\x05sr\x00\x32sun.reflect.annotation.AnnotationInvocationHandler\x55\xca\xf5\x0f\x15\xcb\x7e\xa5\x02\x00\x00xp',
  ],
  jws: [
    () => `${b64('{"alg":"HS256"}')}.${b64('['.repeat(50_000))}.AA`,
    () => `${b64(`{"alg":${'['.repeat(50_000)}`)}.${b64('{}')}.AA`,
    () => `${b64('{"alg":"HS256","crit":["x"],"b64":false}')}.${b64('{}')}.AA`,
    () => `${b64('{"alg":{"__proto__":1}}')}.${b64('{"__proto__":{"a":1}}')}.AA`,
    () => `${b64('{"alg":"constructor"}')}.${b64('{}')}.AA`,
    () => '.'.repeat(50_000),
  ],
  jwe: [
    () =>
      `${b64('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAAAAAAAAA"}')}.AAAA.AAAA.AAAA.AAAA`,
    () => `${b64('{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":1e300,"p2s":"AAAAAAAAAAA"}')}.AAAA.AAAA.AAAA.AAAA`,
    () => `${b64('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":-1,"p2s":5}')}.AAAA.AAAA.AAAA.AAAA`,
    () => `${b64('{"alg":"dir","enc":"toString"}')}..AAAA.AAAA.AAAA`,
    () => `${b64('{"alg":"dir","enc":"A256GCM","zip":"DEF"}')}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`,
    () => '....',
  ],
  iron: [
    () => `Fe26.2**${'a'.repeat(64)}*AAAA*AAAA*99999999999999999999*${'b'.repeat(64)}*AAAA`,
    () => 'Fe26.2*******',
    () => `Fe26.2${'*'.repeat(50_000)}`,
  ],
  tornado: [
    () => '2|1:0|10:1718000000|9999999999:user|8:YWxpY2U=|aa',
    () => '2|1:0|10:1718000000|-4:user|8:YWxpY2U=|aa',
    () => '2|'.repeat(50_000),
    () => '2|1:0|400:1|',
  ],
  'client-sessions': [
    () => 'AA.AA.1.1.AA',
    () => `${'A.'.repeat(50_000)}`,
    () => 'AAAA.AAAA.99999999999999999999.1.AA',
  ],
  fernet: [() => `gAAAAA${'A'.repeat(50_000)}`, () => 'gA==', () => `gAAAAAB${'_'.repeat(93)}`],
  secretbox: [() => 'AA==;AA==', () => ';', () => `${';'.repeat(50_000)}`, () => `AAAA;${b64('x'.repeat(24))}`],
  laravel: [
    () => Buffer.from('{"iv":"AA==","value":"AA==","mac":"a","tag":""}').toString('base64'),
    () => Buffer.from(`{"iv":${'['.repeat(50_000)}`).toString('base64'),
    () => Buffer.from('{"iv":{},"value":[],"mac":null,"tag":1}').toString('base64'),
  ],
  'tagged-json': [
    () => `${'{" t":['.repeat(20_000)}`,
    () => '{" b":"%%%"}',
    () => '{" d":"Mon, 99 Foo 9999 99:99:99 GMT"}',
    () => '{" u":"zz"}',
    () => '{" di":{" di__":{" di____":1}}}',
  ],
  itsdangerous: [
    () => `${'.'.repeat(50_000)}`,
    () => `.eJw.ZmaZgA.${'A'.repeat(27)}`,
    () => `.${bomb('url')}.ZmaZgA.${'A'.repeat(27)}`,
  ],
  django: [
    () => `.${bomb('url')}:1sGYHQ:${'A'.repeat(43)}`,
    () => `${':'.repeat(50_000)}`,
    () => `e30:zzzzzzzzzzzzzzzz:${'A'.repeat(43)}`,
  ],
  beaker: [() => `${'a'.repeat(40)}${bomb('std')}`, () => `${'a'.repeat(40)}${'A'.repeat(22)}==AAAA`],
  pyramid: [() => Buffer.from(`${'x'.repeat(64)}${'['.repeat(50_000)}`).toString('base64url')],
  bottle: [
    () => `!${'A'.repeat(24)}?gAWVBAAAAAAAAABdlGgALg==`,
    () => `!?${'?'.repeat(50_000)}`,
    () => `!${'A'.repeat(24)}?`,
  ],
  'message-verifier': [() => `${'-'.repeat(50_000)}`, () => `BAhbBkAF--${'a'.repeat(40)}`],
  'message-encryptor': [() => 'AA==--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA==', () => '--'.repeat(20_000)],
  cachelib: [() => '\xff\xff\xff\xff', () => '\x00\x00\x00\x00\x80\x05]\x94h\x00a.'],
};

function b64(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A deflated run of 16 MB, which is more than the budget lets grow. */
function bomb(alphabet: 'url' | 'std'): string {
  const packed = BOMB();
  return alphabet === 'url' ? packed.toString('base64url') : packed.toString('base64');
}

const BOMB = (() => {
  let made: Buffer | undefined;
  return () => (made ??= deflateSync(Buffer.alloc(16 * 1024 * 1024, 0x5b)));
})();

describe('hostile values', () => {
  it.each(Object.entries(HOSTILE))('%s: is refused or read within the budget', (reader, makers) => {
    for (const make of makers) {
      const bytes = new Uint8Array(Buffer.from(make(), 'latin1'));
      const common = {
        limits: BUDGET,
        secrets: ['key', 'hex:'.padEnd(68, 'a')],
        name: 'session',
        time: 1_800_000_000_000,
      };
      for (const options of [common, { ...common, as: [reader] }]) {
        const wrong = hold({ bytes, options });
        if (wrong !== undefined) expect.fail(report(wrong, { bytes, options }));
      }
    }
    expect(executed).toEqual([]);
  });

  it.each(READERS)('%s: random bytes and beginnings of values of others', (reader) => {
    const mutator = new Mutator(SEED ^ READERS.indexOf(reader));
    const starts = Object.values(HOSTILE)
      .flat()
      .map((make) => Buffer.from(make().slice(0, 60), 'latin1'));
    for (let run = 0; run < RUNS; run++) {
      const start = mutator.below(2) === 0 ? Buffer.alloc(0) : mutator.pick(starts);
      const bytes = new Uint8Array(Buffer.concat([start, mutator.random(200)]));
      const seed = { bytes, options: { as: [reader], limits: BUDGET, secrets: ['key'], name: 'session.0', time: 1 } };
      const wrong = hold(seed);
      if (wrong !== undefined) expect.fail(report(wrong, seed));
    }
    expect(executed).toEqual([]);
  });
});
