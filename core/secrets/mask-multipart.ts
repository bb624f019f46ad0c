import { type Hide, MASK } from './mask-types.ts';
import { looksSecret, nameVerdict } from './secret-names.ts';

/**
 * Masks the parts of a multipart body: those whose name is a credential's as a whole, the others by what they hold.
 * @param text the body, one character a byte
 * @param part masks the content of a part of that type; undefined where it cannot be looked into
 */
export function maskMultipart(
  text: string,
  boundary: string,
  hide: Hide,
  part: (content: string, type: string) => string,
): string {
  const mark = `--${boundary}`;
  const pieces = text.split(mark);
  return pieces
    .map((piece, i) => {
      // Before the first mark and behind the last are no parts.
      if (i === 0 || piece.startsWith('--')) return piece;
      const gap = /\r?\n\r?\n/.exec(piece);
      if (gap === null) return piece;
      const head = piece.slice(0, gap.index);
      const body = piece.slice(gap.index + gap[0].length);
      const tail = /\r?\n$/.exec(body)?.[0] ?? '';
      const content = body.slice(0, body.length - tail.length);
      if (content === '' || content === MASK) return piece;
      const name = /;\s*name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(head);
      const called = name?.[1] ?? name?.[2] ?? '';
      const verdict = called === '' ? 'plain' : nameVerdict(called, 'parameter');
      const secret = verdict === 'secret' || (verdict === 'maybe' && looksSecret(content, called, 'parameter'));
      const type = /^content-type:\s*([^\r\n]+)/im.exec(head)?.[1]?.trim() ?? '';
      return head + gap[0] + (secret ? hide(called) : part(content, type)) + tail;
    })
    .join(mark);
}

/** The boundary that a content type announces. */
export function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}
