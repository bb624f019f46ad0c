import { Fragment, useEffect, useMemo, useState } from 'react';
import { formatPath, parsePath } from '../../../../core/codec/path.ts';
import type { SessionDetail } from '../../../../core/model/app.ts';
import type { Path } from '../../../../core/model/path.ts';
import type { Peel, ValueSpan } from '../../../../core/model/peel.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import { dateTime, bytes as size } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { draftKey } from '../../state/app-state.ts';
import { base64Bytes } from '../../state/value-text.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Input } from '../../ui/controls.tsx';
import { CopyButton, Empty, ProblemBox } from '../../ui/parts.tsx';
import { HexList } from './hex-list.tsx';
import { LayerChooser } from './layer-chooser.tsx';
import { LayerSteps } from './layer-steps.tsx';
import { OpcodeList } from './opcode-list.tsx';

export function RawTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  if (detail.record === null) return <Empty title={t('raw.none')} text={detail.recordProblem?.message ?? ''} />;
  const { storeId, id } = detail.record;
  return <RawRecord key={draftKey(storeId, id)} record={detail.record} onLayers={() => void app.refreshDetail()} />;
}

/** The record's bytes at each depth, with those of the selected value lit, and the layers between them. */
export function RawRecord({ record, onLayers }: { record: RecordView; onLayers?: () => void }) {
  const t = useText();
  const app = useApp();
  const { storeId, id, revision } = record;
  const [as, setAs] = useState<readonly string[] | null>(null);
  const [asked, setAsked] = useState(0);
  const [peel, setPeel] = useState<Peel | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(true);
  const [depth, setDepth] = useState(0);
  const [choosing, setChoosing] = useState(false);
  const place = useAppState(({ ui }) => (ui.place?.record === draftKey(storeId, id) ? ui.place.path : null));

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision, or other layers in use, are read again
  useEffect(() => {
    let stale = false;
    setBusy(true);
    app.client.call('record.peel', { storeId, id, ...(as === null ? {} : { as: [...as] }) }).then(
      (answer) => {
        if (stale) return;
        setPeel(answer);
        setProblem(null);
        setBusy(false);
        setDepth((now) => Math.min(now, answer.steps.length));
      },
      (error) => {
        if (stale) return;
        setProblem(problemOf(error));
        setBusy(false);
      },
    );
    return () => {
      stale = true;
    };
  }, [app, storeId, id, revision, as, asked]);

  const span = useSpan(record, place, as);
  const last = (peel?.steps.length ?? 0) - 1;
  const pickled = peel?.steps[last]?.id.startsWith('pickle') === true;
  const opcodes = pickled && depth === last + 1;
  const step = peel?.steps[Math.min(depth, last)];
  const shown = useMemo(() => (step === undefined ? null : base64Bytes(step.base64)), [step]);
  const lit = span === null ? null : opcodes || depth === last ? span.inner : depth === 0 ? span.outer : null;

  const use = async (layers: readonly string[] | null) => {
    setBusy(true);
    const done = await app.attempt(() =>
      app.client.call('record.layers', { storeId, id, layers: layers === null ? null : [...layers] }),
    );
    setBusy(false);
    if (done === undefined) return;
    setAs(null);
    setAsked((n) => n + 1);
    onLayers?.();
  };

  return (
    <>
      <div className="section">
        <div className="row wrapping">
          <h3>{t('raw.layers')}</h3>
          {/* biome-ignore lint/a11y/useSemanticElements: a group of toggles */}
          <span className="segments" role="group" aria-label={t('raw.layers')}>
            {(peel?.steps ?? []).map((_, i) => (
              <BareButton
                // biome-ignore lint/suspicious/noArrayIndexKey: a layer may occur twice; its depth is its name
                key={i}
                aria-pressed={depth === i}
                data-testid={`raw-layer-${i}`}
                onClick={() => setDepth(i)}
              >
                {i === 0 ? t('raw.stored') : t('raw.after', { layer: peel?.steps[i - 1]?.id ?? '' })}
              </BareButton>
            ))}
            {pickled && (
              <BareButton aria-pressed={opcodes} data-testid="raw-opcodes" onClick={() => setDepth(last + 1)}>
                {t('raw.opcodes')}
              </BareButton>
            )}
          </span>
          <span className="muted">{step === undefined ? '' : size(step.bytes)}</span>
          <CopyButton value={step?.base64 ?? record.rawBase64} label={t('raw.copy')} small />
          {step !== undefined && step.kept < step.bytes && (
            <span className="warn">{t('raw.kept', { kept: size(step.kept), bytes: size(step.bytes) })}</span>
          )}
          <span className="grow" />
          <Button
            small
            aria-expanded={choosing}
            data-testid="raw-choose"
            onClick={() => {
              if (choosing) setAs(null);
              setChoosing(!choosing);
            }}
          >
            {t('raw.choose')}
          </Button>
        </div>
        {choosing && (
          <LayerChooser
            layers={as ?? peel?.layers ?? record.layers}
            tried={as !== null && problem === null && peel !== null}
            busy={busy}
            onTry={setAs}
            onUse={(layers) => void use(layers)}
          />
        )}
        {peel !== null && <LayerSteps peel={peel} />}
        {(problem ?? peel?.error) !== undefined && (problem ?? peel?.error) !== null && (
          <ProblemBox problem={(problem ?? peel?.error) as Problem} />
        )}
        <PlaceField record={record} path={place} lit={lit} shown={shown?.length ?? 0} />
      </div>
      {shown === null ? (
        <p className="muted empty">{busy ? t('common.loading') : ''}</p>
      ) : opcodes ? (
        <OpcodeList bytes={shown} span={lit} />
      ) : (
        <HexList bytes={shown} span={lit} />
      )}
      <Facts record={record} />
    </>
  );
}

/** Which value is lit: the one selected under Data, or the one whose path is typed here. */
function PlaceField({
  record,
  path,
  lit,
  shown,
}: {
  record: RecordView;
  path: Path | null;
  lit: { readonly start: number; readonly end: number } | null;
  shown: number;
}) {
  const t = useText();
  const app = useApp();
  const words = path === null ? '' : formatPath(path);
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const take = (value: string) => {
    try {
      app.ui({ place: value === '' ? null : { record: draftKey(record.storeId, record.id), path: parsePath(value) } });
      setTyped(null);
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return (
    <form
      className="row wrapping"
      onSubmit={(event) => {
        event.preventDefault();
        take(typed ?? words);
      }}
    >
      <label className="row">
        <span className="muted">{t('raw.place')}</span>
        <Input
          className="mono"
          placeholder="cart[0].price"
          spellCheck={false}
          value={typed ?? words}
          aria-invalid={wrong}
          data-testid="raw-place"
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => typed !== null && take(typed)}
        />
      </label>
      <span className="muted" role="status" data-testid="raw-span">
        {wrong
          ? t('raw.place.wrong')
          : path === null
            ? t('raw.place.none')
            : lit === null
              ? t('raw.unlit')
              : `${t('raw.span', { start: lit.start, end: lit.end - 1, bytes: size(lit.end - lit.start) })}${
                  lit.start >= shown ? ` · ${t('raw.beyond')}` : ''
                }`}
      </span>
    </form>
  );
}

function useSpan(record: RecordView, path: Path | null, as: readonly string[] | null): ValueSpan | null {
  const app = useApp();
  const { storeId, id, revision } = record;
  const [span, setSpan] = useState<ValueSpan | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another revision the value stands elsewhere
  useEffect(() => {
    setSpan(null);
    if (path === null) return;
    let stale = false;
    app.client.call('record.span', { storeId, id, path: [...path], ...(as === null ? {} : { as: [...as] }) }).then(
      (answer) => !stale && setSpan(answer),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [app, storeId, id, revision, path, as]);
  return span;
}

function Facts({ record }: { record: RecordView }) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="section raw-facts" tabIndex={0} aria-label={t('raw.facts')}>
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
    </section>
  );
}
