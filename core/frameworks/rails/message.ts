import { editJson } from '../../codec/json/edit.ts';
import { readJson } from '../../codec/json/reader.ts';
import type { BytesDecoded, Layer, LayerContext, Warning } from '../../codec/layer.ts';
import { strNode } from '../../codec/nodes.ts';
import { parsePath } from '../../codec/path.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';

/** The envelope that Rails puts around a message: the message itself, when it ends, and what it is for. */
export const railsMessage: Layer = {
  id: 'rails-message',
  title: 'Envelope of Rails (purpose and expiry)',
  recognise: () => undefined,
  decode,
  make: NEVER_NEW,
};

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  if (bytes[0] !== 0x7b) throw notOne();
  const document = readJson(bytes, context.budget);
  const rails = member(document.root.value, '_rails');
  const message = rails && member(rails, 'message');
  const inner = message?.t === 'str' ? readBase64Text(message.v, 'standard') : undefined;
  if (rails === undefined || inner === undefined) throw notOne();
  const purpose = textOf(member(rails, 'pur'));
  const expires = textOf(member(rails, 'exp'));
  return envelope({
    outer: bytes,
    inner,
    proven: true,
    warnings: warningsOf(purpose, expires, context),
    facts: { ...(purpose !== undefined && { purpose }), ...(expires !== undefined && { expires }) },
    inside: ['marshal', 'json'],
    // Cookies go through ActiveSupport's JSON, which writes <, > and & as escapes.
    habits: { ascii: false, html: purpose?.startsWith('cookie.') === true },
    build: (next) => {
      const value = strNode(writeBase64Text(next, 'standard'));
      return editJson(document, [{ op: 'set', path: parsePath('_rails.message'), value }]);
    },
  });
}

function warningsOf(purpose: string | undefined, expires: string | undefined, context: LayerContext): Warning[] {
  const warnings: Warning[] = [];
  const { name, time } = context;
  if (purpose?.startsWith('cookie.') === true && name !== undefined && purpose !== `cookie.${name}`) {
    const made = purpose.slice('cookie.'.length);
    const message = `The value was made for the cookie ${JSON.stringify(made)}, so Rails refuses it in ${JSON.stringify(name)}`;
    warnings.push({ code: 'cookie-name-differs', message, severity: 'warning' });
  }
  if (expires !== undefined && Date.parse(expires) < time) {
    warnings.push({ code: 'expired', message: `The message ended at ${expires}`, severity: 'warning' });
  }
  return warnings;
}

function member(node: TypedNode, name: string): TypedNode | undefined {
  return node.t === 'dict' ? node.v.findLast(([key]) => key.t === 'str' && key.v === name)?.[1] : undefined;
}

function textOf(node: TypedNode | undefined): string | undefined {
  return node?.t === 'str' ? node.v : undefined;
}

function notOne(): Error {
  return problem('layer-form', 'There is no envelope of Rails around the message', { at: 0 });
}
