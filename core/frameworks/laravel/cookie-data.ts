import { memberBytes } from '../../codec/focus.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { json } from '../../codec/layers/json.ts';
import { parsePath } from '../../codec/path.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

/** Laravel's cookie driver: JSON of the serialised session (`data`) and of its end in seconds (`expires`). */
export const laravelCookieData: Layer = {
  id: 'laravel-cookie-data',
  title: "Session of Laravel's cookie driver",
  recognise(bytes) {
    const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
    if (!/^\{"data":"[aOsN]/.test(head)) return undefined;
    return { score: 0.97, reasons: ['JSON that begins with serialised data'] };
  },
  decode,
  make: NEVER_NEW,
};

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const { argument: _, ...rest } = context;
  const whole = json.decode(bytes, { ...rest, habits: { ascii: true, slashes: true } });
  const members = whole.kind === 'value' && whole.value.t === 'dict' ? whole.value.v : [];
  const expires = members.find(([key]) => key.t === 'str' && key.v === 'expires')?.[1];
  if (whole.kind !== 'value' || members.length !== 2 || expires?.t !== 'int') {
    throw problem('layer-form', 'This is not JSON of data and expires', { at: 0 });
  }
  return memberBytes(bytes, whole, parsePath('data'), {
    proven: false,
    inside: ['php-serialize', 'json'],
    facts: { expires: momentText(Number(expires.v) * 1000) },
  });
}
