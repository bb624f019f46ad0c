import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemWords } from '../../../renderer/src/i18n/problem-words.ts';
import { problemsZh } from '../../../renderer/src/i18n/problems-zh.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every kind that stands in the sources, in any notation. */
function kindsInSources(): Set<string> {
  const kinds = new Set<string>();
  for (const folder of ['core', 'renderer/src/features']) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true }) as string[]) {
      if (!/\.tsx?$/.test(name)) continue;
      const source = readFileSync(path.join(root, folder, name), 'utf8');
      for (const [, kind] of source.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)) if (kind !== undefined) kinds.add(kind);
    }
  }
  return kinds;
}

describe('problems in Chinese', () => {
  it('are of kinds that the engine has, and in Chinese', () => {
    const known = kindsInSources();
    for (const [kind, { message, remedy = '。' }] of Object.entries(problemsZh)) {
      expect([kind, known.has(kind)]).toEqual([kind, true]);
      expect(message).toMatch(/[\u4e00-\u9fff]/);
      expect(message).not.toMatch(/[。.]$/);
      expect(remedy).toMatch(/[。…]$/);
    }
  });

  it('keep the sentence of the engine as the detail', () => {
    const seen = { kind: 'not-found', message: 'There is no rule 7', remedy: 'Look again.' };
    expect(problemWords(seen, 'en')).toEqual({ message: 'There is no rule 7', remedy: 'Look again.' });
    expect(problemWords(seen, 'zh-CN')).toEqual({
      message: '找不到所请求的内容',
      remedy: 'Look again.',
      detail: 'There is no rule 7',
    });
    expect(problemWords({ kind: 'unknown-kind', message: 'Odd' }, 'zh-CN')).toEqual({ message: 'Odd' });
    expect(problemWords({ kind: 'no-browser', message: '没有浏览器' }, 'zh-CN')).toEqual({ message: '没有浏览器' });
  });
});
