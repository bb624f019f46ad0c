import { Fragment, useEffect, useMemo, useState } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import { dateTime, bytes as size } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { HEX_WIDTH, hexLine, peel } from '../../state/hex.ts';
import { base64Bytes } from '../../state/value-text.ts';
import { CopyButton, Empty } from '../../ui/parts.tsx';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { Warnings } from '../data/warnings.tsx';

export function RawTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  if (detail.record === null) return <Empty title={t('raw.none')} text={detail.recordProblem?.message ?? ''} />;
  return <RawRecord record={detail.record} />;
}

/** The record's bytes as they lie in the store, and peeled as far as the window can. */
export function RawRecord({ record }: { record: RecordView }) {
  const t = useText();
  const stored = useMemo(() => base64Bytes(record.rawBase64), [record.rawBase64]);
  const [depth, setDepth] = useState(0);
  const [peeled, setPeeled] = useState<readonly (Uint8Array | null)[]>([stored]);
  const [active, setActive] = useState(0);
  useEffect(() => {
    let stale = false;
    void (async () => {
      const steps: (Uint8Array | null)[] = [stored];
      for (const layer of record.layers) {
        const last = steps.at(-1);
        steps.push(last == null ? null : await peel(layer, last));
      }
      if (!stale) setPeeled(steps);
    })();
    return () => {
      stale = true;
    };
  }, [stored, record.layers]);
  const shown = peeled[depth] ?? null;
  const rows = shown === null ? 0 : Math.ceil(shown.length / HEX_WIDTH);
  return (
    <>
      <div className="section">
        <div className="row wrapping">
          <h3>{t('raw.layers')}</h3>
          {/* biome-ignore lint/a11y/useSemanticElements: a group of toggles */}
          <span className="segments" role="group" aria-label={t('raw.layers')}>
            {[t('raw.stored'), ...record.layers].map((name, i) => (
              <button
                // biome-ignore lint/suspicious/noArrayIndexKey: a layer may occur twice; its depth is its name
                key={i}
                type="button"
                aria-pressed={depth === i}
                disabled={peeled[i] == null}
                title={peeled[i] == null ? t('raw.cannot') : undefined}
                data-testid={`raw-layer-${i}`}
                onClick={() => setDepth(i)}
              >
                {i > 0 && '→ '}
                {name}
              </button>
            ))}
          </span>
          <span className="muted">{shown === null ? '' : size(shown.length)}</span>
          <CopyButton value={record.rawBase64} label={t('raw.copy')} small />
          {record.rawKept < record.bytes && (
            <span className="warn">{t('raw.kept', { kept: size(record.rawKept), bytes: size(record.bytes) })}</span>
          )}
        </div>
      </div>
      <VirtualList
        className="hex"
        role="list"
        label={t('raw.hex')}
        testId="hex"
        count={rows}
        rowHeight={20}
        active={active}
        onActive={setActive}
        rowKey={(index) => index}
        row={(index) => {
          if (shown === null) return null;
          const line = hexLine(shown, index);
          return (
            <div className="hex-row">
              <span className="offset">{line.offset}</span>
              <span>{line.hex}</span>
              <span className="v-str">{line.text}</span>
            </div>
          );
        }}
      />
      <div className="section">
        <h3>{t('raw.facts')}</h3>
        <dl className="facts">
          <dt>{t('raw.revision')}</dt>
          <dd className="mono">{record.revision}</dd>
          <dt>{t('raw.lossless')}</dt>
          <dd>{record.lossless ? t('common.yes') : t('common.no')}</dd>
          <dt>{t('stores.col.lastUsed')}</dt>
          <dd className="mono">
            {record.lastUsedText ?? (record.lastUsed === null ? t('common.unknown') : dateTime(record.lastUsed))}
          </dd>
          {Object.entries(record.extra ?? {}).map(([name, value]) => (
            <Fragment key={name}>
              <dt className="mono">{name}</dt>
              <dd className="mono">{value ?? 'NULL'}</dd>
            </Fragment>
          ))}
        </dl>
        <Warnings record={record} />
      </div>
    </>
  );
}
