import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleJson, visibleLines } from '../../../core/model/visible.ts';

describe('visible', () => {
  it.each([
    ['\x1b]0;title\x07', '\\u{1b}]0;title\\u{7}'],
    ['\x9b31mred', '\\u{9b}31mred'],
    ['a\r\nb\tc\x7f', 'a\\u{d}\\u{a}b\\u{9}c\\u{7f}'],
    ['user\u202etxt.exe', 'user\\u{202e}txt.exe'],
    ['\u2066isolate\u2069\u200e\u061c', '\\u{2066}isolate\\u{2069}\\u{200e}\\u{61c}'],
    ['zero\u200bwidth\ufeff\u00ad', 'zero\\u{200b}width\\u{feff}\\u{ad}'],
    ['line\u2028separator\u2029', 'line\\u{2028}separator\\u{2029}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud83d', 'half \\u{d83d}'],
    ['fill\u3164er \u2800', 'fill\\u{3164}er \\u{2800}'],
    ['a\u200d b', 'a\\u{200d} b'],
  ])('writes out %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['plain', 'Zoë 日本 שלום', '👩‍💻 ❤️‍🔥', 'می‌خواهم', 'क्‍ष', '§±×', ''])('leaves %j', (text) => {
    expect(visible(text)).toBe(text);
  });

  it('gives nothing that a terminal acts upon, is the same when done twice, and keeps lines where it is to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
        expect(visible(shown)).toBe(shown);
        expect(visibleLines(text).split('\n')).toHaveLength(text.split('\n').length);
        expect(JSON.parse(visibleJson(text))).toBe(text);
        expect(visibleJson(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
      }),
    );
  });
});
