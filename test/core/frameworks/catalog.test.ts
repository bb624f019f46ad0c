import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYERS as SHARED_LAYERS } from '../../../core/codec/registry.ts';
import { FRAMEWORKS } from '../../../core/frameworks/catalog.ts';
import { decode } from '../../../core/frameworks/codec.ts';
import { LAYERS } from '../../../core/frameworks/layers.ts';
import { frameworkOf, frameworkOfName, otherCookie, valueForm } from '../../../core/frameworks/recognise.ts';
import { publicIds } from '../../../core/frameworks/record-ids.ts';
import { samplesOf } from '../../support/format-samples.ts';

const layouts = FRAMEWORKS.flatMap(({ tables, files, keys }) => [...(tables ?? []), ...(files ?? []), ...(keys ?? [])]);

describe('the catalog', () => {
  it('has each framework, layout and layer once, and generic last', () => {
    for (const ids of [FRAMEWORKS.map(({ id }) => id), layouts.map(({ id }) => id), LAYERS.map(({ id }) => id)]) {
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
    expect(FRAMEWORKS.at(-1)?.id).toBe('generic');
    for (const { framework } of layouts) expect(FRAMEWORKS.map(({ id }) => id)).toContain(framework);
    for (const layer of SHARED_LAYERS) expect(LAYERS).toContain(layer);
  });

  it('recognises each name that it gives as text', () => {
    for (const framework of FRAMEWORKS) {
      for (const { text, sharedBy } of framework.cookieNames) {
        if (text === undefined) continue;
        const found = frameworkOfName(text);
        if (sharedBy === undefined) expect(found?.framework.id, text).toBe(framework.id);
        expect(frameworkOfName(`__Host-${text}`), text).toEqual(found);
      }
    }
  });

  it('names the frameworks of values, names and records, the strongest reason first', () => {
    const webpy = { name: 'webpy_session_id', value: 'a'.repeat(40) };
    expect(frameworkOf(webpy)).toMatchObject({ id: 'webpy', title: 'web.py' });
    expect(frameworkOf({ ...webpy, value: `s:abcdefgh.${'A'.repeat(43)}` })).toMatchObject({ id: 'express-session' });
    const layout = { framework: 'php', title: 'PHP session files' };
    expect(frameworkOf({ ...webpy, layout })).toEqual({
      id: 'php',
      title: 'PHP',
      why: 'Its record lies as in PHP session files',
    });
    // Several use the name `session`, and anybody writes JSON Web Tokens.
    expect(frameworkOf({ name: 'session', value: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' })).toBeUndefined();
    expect(otherCookie('wp-settings-time-1')).toMatchObject({ kind: 'preference' });
  });

  it('tells five parts of client-sessions from an encrypted token', () => {
    const bytes = (length: number) => Buffer.alloc(length, 0x5a).toString('base64url');
    const value = `${bytes(16)}.${bytes(32)}.1700000000000.86400000.${bytes(32)}`;
    expect(valueForm(value)?.framework.id).toBe('client-sessions');
    const token = samplesOf('jwt').find(({ id }) => id === 'jwe-dir-A256GCM')?.raw ?? '';
    expect(valueForm(token)?.framework.id).toBe('jose');
  });

  it('recognises the values that its frameworks wrote, and none of what only looks like them', () => {
    const SIGNED = ['aiohttp-session', 'bottle', 'client-sessions', 'django', 'fastify-secure-session', 'flask'];
    for (const format of [
      ...SIGNED,
      'iron-session',
      'jwt',
      'rails',
      'rack',
      'react-router',
      'tornado',
      'cookie-session',
      'koa-session',
    ]) {
      const [sample] = samplesOf(format);
      expect(valueForm(decodeURIComponent(sample?.raw ?? '')), format).toMatchObject({ form: { holdsData: true } });
    }
    const negatives = ['five-random-parts', 'jwt-like-no-alg', 'fernet-like-bad-length', 'iron-like', 'uuid', 'bcrypt'];
    for (const one of samplesOf('negatives').filter(({ id }) => negatives.includes(id))) {
      expect(valueForm(one.raw ?? ''), one.id).toBeUndefined();
    }
  });

  it('never fails on what comes from outside', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }), (id, name) => {
        frameworkOf({ name, value: id });
        publicIds({ name, id, raw: id });
        for (const layout of layouts) {
          for (const record of layout.recordNames(id)) {
            if (layout.kind === 'file') expect(record).not.toMatch(/[/\\\0]/);
            layout.publicId?.(record);
          }
          if (layout.kind !== 'table') layout.belongs(id);
          if (layout.kind === 'file') layout.looksLike(id, Buffer.from(name));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('decodes with the layers of all frameworks', () => {
    expect(decode(Buffer.from('{"a":1}'))).toMatchObject({ layers: ['json'] });
  });
});
