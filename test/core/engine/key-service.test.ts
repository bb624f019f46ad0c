import { expect, it } from 'vitest';
import { KeyService } from '../../../core/engine/key-service.ts';

const protection = {
  encrypt: (text: string) => Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a),
  decrypt: (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString('utf8'),
};

function service(stored: { value?: unknown }) {
  return new KeyService({
    load: () => stored.value,
    save: (value) => {
      stored.value = JSON.parse(JSON.stringify(value));
    },
    protectKey: protection,
  });
}

it('keeps keys sealed, in order, and gives them to nobody but the codec', () => {
  const stored: { value?: unknown } = {};
  const keys = service(stored);
  const changed: string[] = [];
  keys.onChange((place) => changed.push(place));
  keys.add('site shop.test', 'old secret');
  keys.add('site shop.test', 'new secret');
  keys.add('store 1', 'hex:00ff');
  expect(keys.of('site shop.test')).toEqual(['new secret', 'old secret']);
  expect(changed).toEqual(['site shop.test', 'site shop.test', 'store 1']);
  expect(keys.list('store 1')).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{12}$/), bytes: 2 }]);
  expect(JSON.stringify(keys.list('site shop.test'))).not.toContain('secret');
  expect(JSON.stringify(stored.value)).not.toContain('secret');

  // After a restart they are there again.
  const again = service(stored);
  expect(again.of('site shop.test')).toEqual(['new secret', 'old secret']);
  again.remove('site shop.test', again.list('site shop.test')[0]?.id ?? '');
  expect(again.of('site shop.test')).toEqual(['old secret']);
  // A key that comes again is the first one then, and stands there once.
  again.add('site shop.test', 'another');
  again.add('site shop.test', 'old secret');
  expect(again.of('site shop.test')).toEqual(['old secret', 'another']);
});

it('reads nothing when the keychain is another', () => {
  const stored: { value?: unknown } = {};
  service(stored).add('site shop.test', 'a key');
  const other = new KeyService({ load: () => stored.value, save: () => {}, protectKey: undefined });
  expect(other.of('site shop.test')).toEqual([]);
});
