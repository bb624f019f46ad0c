import type { FrameView } from '../../../../core/model/proxy-settings.ts';
import { bytes } from '../../format.ts';
import type { TextKey } from '../../i18n/en.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { HEX_WIDTH, hexLine } from '../../state/hex.ts';

const KINDS: Readonly<Record<number, TextKey>> = {
  0: 'frames.kind.continuation',
  1: 'frames.kind.text',
  2: 'frames.kind.binary',
  8: 'frames.kind.close',
  9: 'frames.kind.ping',
  10: 'frames.kind.pong',
};
/** What the codes of close frames mean (RFC 6455 section 7.4.1 and its registry). */
const CLOSE: Readonly<Record<number, TextKey>> = {
  1000: 'frames.close.1000',
  1001: 'frames.close.1001',
  1002: 'frames.close.1002',
  1003: 'frames.close.1003',
  1007: 'frames.close.1007',
  1008: 'frames.close.1008',
  1009: 'frames.close.1009',
  1010: 'frames.close.1010',
  1011: 'frames.close.1011',
  1012: 'frames.close.1012',
  1013: 'frames.close.1013',
};

/** One frame: direction, kind and sizes in a line; what is in it opens below. */
export function FrameRow({ frame, time, size }: { frame: FrameView; time: string; size: string }) {
  const t = useText();
  const kind = KINDS[frame.opcode];
  const line = oneLine(frame, t);
  return (
    <li className="frame" data-testid="frame" data-from={frame.from}>
      <details>
        <summary>
          <span className="muted num">{time}</span>
          <span className="frame-way" data-from={frame.from}>
            <span aria-hidden>{frame.from === 'client' ? '↑' : '↓'}</span>
            <span className="sr">{t(`flows.frames.${frame.from}`)}</span>
          </span>
          <span>{kind === undefined ? t('frames.kind.other', { opcode: frame.opcode }) : t(kind)}</span>
          <span className="muted num">{size}</span>
          <code className={frame.note === undefined ? 'cut' : 'cut muted'}>{line}</code>
        </summary>
        <div className="stack frame-inside">
          <div className="muted">
            {[
              t(`flows.frames.${frame.from}`),
              ...(frame.fin ? [] : [t('frames.fragment')]),
              ...(frame.inflated === undefined ? [] : [t('frames.compressed', { size: bytes(frame.inflated) })]),
            ].join(' · ')}
          </div>
          {frame.note !== undefined && <div className="warn">{t(`frames.note.${frame.note}`)}</div>}
          <Payload frame={frame} />
        </div>
      </details>
    </li>
  );
}

function Payload({ frame }: { frame: FrameView }) {
  const t = useText();
  const { text, base64, close } = frame;
  const raw = base64 === undefined ? undefined : fromBase64(base64);
  const length = text === undefined ? raw?.length : new TextEncoder().encode(text).length;
  return (
    <>
      {close !== undefined && <div>{closeLine(close, t)}</div>}
      {text !== undefined && text !== '' && <pre className="code">{text}</pre>}
      {raw !== undefined && raw.length > 0 && <pre className="code">{hexText(raw)}</pre>}
      {frame.cut === true && <div className="muted">{t('frames.cut', { shown: bytes(length ?? 0) })}</div>}
    </>
  );
}

function oneLine(frame: FrameView, t: Translate): string {
  if (frame.note !== undefined) return t(`frames.note.${frame.note}`);
  if (frame.close !== undefined) return closeLine(frame.close, t);
  if (frame.text !== undefined && frame.text !== '') return frame.text.slice(0, 400).replace(/\s+/g, ' ');
  const raw = fromBase64(frame.base64 ?? '').subarray(0, 24);
  if (raw.length === 0) return t('frames.nothing');
  return [...raw].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function closeLine({ code, reason }: { code: number; reason: string }, t: Translate): string {
  const meaning = CLOSE[code];
  return [String(code), ...(meaning === undefined ? [] : [t(meaning)]), ...(reason === '' ? [] : [`“${reason}”`])].join(
    ' · ',
  );
}

function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function hexText(raw: Uint8Array): string {
  return Array.from({ length: Math.ceil(raw.length / HEX_WIDTH) }, (_, row) => {
    const { offset, hex, text } = hexLine(raw, row);
    return `${offset}  ${hex.padEnd(HEX_WIDTH * 3 + 1)} ${text}`;
  }).join('\n');
}
