import { describe, expect, it } from 'vitest';
import { en } from '../../../renderer/src/i18n/en.ts';
import { zh } from '../../../renderer/src/i18n/zh.ts';

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((match) => match[1]).sort();

describe('the texts', () => {
  it('have the same holes in both languages', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect([key, holes(zh[key])]).toEqual([key, holes(en[key])]);
    }
  });

  it('have no hole that i18next would not fill', () => {
    for (const text of [...Object.values(en), ...Object.values(zh)]) {
      expect(text.replace(/\{\{\w+(?:, number)?\}\}/g, '')).not.toMatch(/\{\s*\w+\s*\}/);
    }
  });

  it('are written in both, and translated where there is something to translate', () => {
    const keys = Object.keys(en) as (keyof typeof en)[];
    expect(keys.filter((key) => zh[key].trim() === '')).toEqual([]);
    const same = keys.filter((key) => zh[key] === en[key]);
    // Names and notations only: attributes, formats, the product.
    expect(same.filter((key) => /[a-z]{3,} [a-z]{3,}/.test(en[key]))).toEqual([]);
  });

  it('have both plural forms', () => {
    const ones = Object.keys(en).filter((key) => key.endsWith('_one'));
    expect(ones.length).toBeGreaterThan(5);
    for (const key of ones) expect(en).toHaveProperty([key.replace(/_one$/, '_other')]);
  });
});
