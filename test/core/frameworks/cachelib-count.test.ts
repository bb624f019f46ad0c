import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { countAdjusted } from '../../../core/frameworks/flask-session/file-count.ts';
import { needs } from '../../support/needs.ts';

needs('python')('the count of cachelib files', () => {
  it('is what CPython pickles, at every protocol and size', () => {
    const counts = [0, 1, 12, 254, 255, 256, 65_534, 65_535, 65_536, 2_000_000];
    const script = `import pickle,json,base64,struct
print(json.dumps([[p, n, base64.b64encode(struct.pack('I',0)+pickle.dumps(n,p)).decode()] for p in (2,3,4,5) for n in ${JSON.stringify(
      counts.flatMap((count) => [count, count + 1]),
    )}]))`;
    const made = JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' })) as [
      number,
      number,
      string,
    ][];
    const of = (protocol: number, count: number) =>
      Buffer.from(made.find(([p, n]) => p === protocol && n === count)?.[2] ?? '', 'base64');
    for (const protocol of [2, 3, 4, 5]) {
      for (const count of counts) {
        const [fewer, more] = [of(protocol, count), of(protocol, count + 1)];
        expect(Buffer.from(countAdjusted(fewer, 1) ?? [])).toEqual(more);
        expect(Buffer.from(countAdjusted(more, -1) ?? [])).toEqual(fewer);
      }
    }
  });
});

it.each(['', '0000', '00000000804b0d2e', '0000000080054b0d', '0000000080057d2e', '00'.repeat(100)])(
  'leaves alone what is no count: %s',
  (hex) => {
    expect(countAdjusted(Buffer.from(hex, 'hex'), 1)).toBeUndefined();
  },
);
