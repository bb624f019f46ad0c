import { expect, it } from 'vitest';
import type { TypedNode } from '../../core/model/typed.ts';
import { carrierName, shortId, urlParts } from '../../renderer/src/format.ts';
import { problemWords } from '../../renderer/src/i18n/problem-words.ts';
import { inline } from '../../renderer/src/state/value-text.ts';

const EVIL = 'a\u202egpj.exe\u2066\x1b[2J\u2028';
const ACTS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

it('lists of the window show foreign names, ids, addresses and messages without acting on them', () => {
  const object: TypedNode = { t: 'object', id: 1, class: `m.${EVIL}` } as TypedNode;
  const shown = [
    shortId('\u202e\u2066ab'),
    shortId(`\u202e${'x'.repeat(40)}\u202e`),
    carrierName({ kind: 'cookie', name: EVIL }),
    carrierName({ kind: 'url', parameter: EVIL }),
    urlParts(`http://a.test/${EVIL}`).rest,
    urlParts(EVIL).rest,
    inline(object),
    inline({ t: 'zoneinfo', key: EVIL } as TypedNode),
    inline({ t: 'global', name: EVIL } as TypedNode),
    inline({ t: 'str', v: EVIL }),
    problemWords({ kind: 'internal', message: EVIL, remedy: EVIL }, 'en').message,
    problemWords({ kind: 'internal', message: EVIL, remedy: EVIL }, 'en').remedy,
    problemWords({ kind: 'bad-har', message: EVIL }, 'zh-CN').detail,
  ];
  for (const text of shown) {
    expect(text).not.toMatch(ACTS);
    expect(text).toMatch(/\\u\{|\\x|\\u|%1B/);
  }
});
