import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeMarshal } from '../../../core/codec/marshal/writer.ts';
import { floatNode } from '../../../core/codec/nodes.ts';
import { needs } from '../../support/needs.ts';

needs('rails')('numbers with a fraction, held beside Ruby', () => {
  it('are spelled as Marshal.dump spells them', () => {
    const numbers = [
      ...[0, -0, 1, 100, 3600, 1e15, 1e16, 1e17, 0.001, 0.0001, 0.00001, 1.5, 123_456_789, 2 ** 53, 1e100, 5e-324],
      ...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 200),
      ...fc.sample(fc.integer(), 50),
    ];
    const script = 'STDIN.read.split.each { |hex| puts Marshal.dump([hex].pack("H*").unpack1("G")).unpack1("H*") }';
    const bits = numbers.map((one) => {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(one);
      return bytes.toString('hex');
    });
    const said = execFileSync('ruby', ['-e', script], { input: bits.join(' '), encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(numbers.map((one) => Buffer.from(writeMarshal(floatNode(one))).toString('hex'))).toEqual(said);
  });
});
