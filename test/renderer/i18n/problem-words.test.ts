import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../core/model/problem.ts';
import { PROBLEM_KINDS } from '../../../core/model/problem-kinds.ts';
import { problemWords } from '../../../renderer/src/i18n/problem-words.ts';
import { problemsZh } from '../../../renderer/src/i18n/problems-zh.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every word in quotes that stands in the sources, but for the list of kinds and their texts. */
function kindsInSources(): Set<string> {
  const kinds = new Set<string>();
  for (const folder of ['core', 'cli', 'electron', 'renderer/src']) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true }) as string[]) {
      if (!/\.tsx?$/.test(name) || /problem-kinds|problems-zh/.test(name)) continue;
      const source = readFileSync(path.join(root, folder, name), 'utf8');
      for (const [, kind] of source.matchAll(/'([a-z]+\d*(?:-[a-z\d]+)*)'/g)) if (kind !== undefined) kinds.add(kind);
      // Kinds that begin with the name of a format: `${format}-damaged`.
      for (const [, end] of source.matchAll(/`\$\{\w+\}(-[a-z-]+)`/g)) if (end !== undefined) kinds.add(end);
    }
  }
  return kinds;
}

describe('problems in Chinese', () => {
  it('are of kinds that are reported somewhere', () => {
    const known = kindsInSources();
    expect(PROBLEM_KINDS.filter((kind) => !known.has(kind) && !known.has(kind.slice(kind.indexOf('-'))))).toEqual([]);
  });

  it('are in Chinese', () => {
    for (const { message, remedy = '。' } of Object.values(problemsZh)) {
      expect(message).toMatch(/[\u4e00-\u9fff]/);
      expect(message).not.toMatch(/[。.]$/);
      expect(remedy).toMatch(/[。…]$/);
    }
  });

  it('keep the sentence of the engine as the detail', () => {
    const seen: Problem = { kind: 'not-found', message: 'There is no rule 7', remedy: 'Look again.' };
    expect(problemWords(seen, 'en')).toEqual({ message: 'There is no rule 7', remedy: 'Look again.' });
    expect(problemWords(seen, 'zh-CN')).toEqual({
      message: '找不到所请求的内容',
      remedy: 'Look again.',
      detail: 'There is no rule 7',
    });
    expect(problemWords({ kind: 'no-browser', message: '没有浏览器' }, 'zh-CN')).toEqual({ message: '没有浏览器' });
  });
});
