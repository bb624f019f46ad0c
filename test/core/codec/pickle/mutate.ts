import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OPCODES } from '../../../../core/codec/pickle/opcodes.ts';
import { FIXTURES } from './fixtures.ts';
import type { Random } from './random.ts';

/** Streams to begin with: all fixtures of moderate size. */
export function seedStreams(most = 5000): Uint8Array[] {
  const folders = [
    'pickle/p0',
    'pickle/p1',
    'pickle/p2',
    'pickle/p3',
    'pickle/p4',
    'pickle/p5',
    'pickle/py2',
    'pickle/edge',
    'malicious',
  ];
  const streams: Uint8Array[] = [];
  for (const folder of folders) {
    const full = path.join(FIXTURES, folder);
    for (const file of readdirSync(full)
      .filter((name) => name.endsWith('.pkl'))
      .sort()) {
      // Hashing this one never ends in CPython.
      if (file === 'laughs_tuple_key_hash.pkl') continue;
      const bytes = new Uint8Array(readFileSync(path.join(full, file)));
      if (bytes.length > 0 && bytes.length <= most) streams.push(bytes);
    }
  }
  return streams;
}

const CODES = OPCODES.flatMap((opcode) => (opcode === undefined ? [] : [opcode.code]));

/** A stream with a few random changes: bits, bytes, opcodes, cuts, doublings, parts of another stream. */
export function mutate(random: Random, streams: readonly Uint8Array[]): Uint8Array {
  let bytes: number[] = [...random.pick(streams)];
  const changes = 1 + random.below(4);
  for (let i = 0; i < changes; i++) {
    const at = random.below(bytes.length + 1);
    switch (random.below(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random.below(256);
        break;
      case 2:
        if (at < bytes.length) bytes[at] = random.pick(CODES);
        break;
      case 3:
        bytes.splice(at, 0, random.pick(CODES));
        break;
      case 4:
        bytes.splice(at, 1 + random.below(8));
        break;
      case 5:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random.below(30)));
        break;
      case 6: {
        const other = random.pick(streams);
        const from = random.below(other.length);
        bytes.splice(at, random.below(10), ...other.subarray(from, from + random.below(60)));
        break;
      }
      default:
        bytes = bytes.slice(0, at);
    }
  }
  return Uint8Array.from(bytes);
}
