import { describe, expect, it } from 'vitest';
import { LogOnce } from '../../../core/proxy/log-once.ts';

function log(): { lines: string[]; once: LogOnce } {
  const lines: string[] = [];
  return { lines, once: new LogOnce((line) => lines.push(line)) };
}

describe('the log', () => {
  it('says the same trouble once, and its number each time that has grown tenfold', () => {
    const { lines, once } = log();
    for (let i = 0; i < 1000; i += 1) once.log('a', 'a is wrong');
    once.log('b', 'b is wrong');
    expect(lines).toEqual([
      'a is wrong',
      'a is wrong (10 times)',
      'a is wrong (100 times)',
      'a is wrong (1000 times)',
      'b is wrong',
    ]);
  });

  it('is short when trouble comes under ever new names, and says other trouble meanwhile', () => {
    const { lines, once } = log();
    for (let i = 0; i < 100_000; i += 1) once.log(`tls ${i}.test`, `TLS with ${i}.test failed`);
    expect(lines.length).toBeLessThan(110);
    expect(lines.slice(99, 102)).toEqual([
      'TLS with 99.test failed',
      'TLS with 100.test failed (and others like it)',
      'TLS with 109.test failed (10 times)',
    ]);
    once.log('tls 7.test', 'TLS with 7.test failed');
    once.log('hook x', 'The hook x failed');
    expect(lines.at(-1)).toBe('The hook x failed');
  });
});
