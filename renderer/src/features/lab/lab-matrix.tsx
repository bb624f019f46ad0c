import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { parseSpan } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import type { PolicyForm } from '../../state/policy-form.ts';
import { ProblemBox } from '../../ui/parts.tsx';
import { HeatMap } from './heat-map.tsx';
import { LegendMark } from './heat-pattern.tsx';
import { type CellPlace, cellName, type MapPlace, nearest, OUTCOMES, questionOf } from './matrix-cells.ts';
import { MatrixEvidence } from './matrix-evidence.tsx';
import { type MatrixForm, matrixQuestion } from './matrix-form.ts';
import { MatrixSettings } from './matrix-settings.tsx';
import { MatrixWords } from './matrix-words.tsx';
import { useMatrix } from './use-matrix.ts';

interface Props {
  readonly detail: SessionDetail;
  readonly revision: string;
  readonly form: MatrixForm;
  readonly setForm: (next: MatrixForm) => void;
  readonly shared: PolicyForm;
  readonly setShared: (next: PolicyForm) => void;
  /** Shows a cell's question where single questions are asked. */
  readonly onAsk: (next: PolicyForm) => void;
}

interface Opened {
  readonly map: MapPlace;
  readonly cell: CellPlace;
  readonly byKey: boolean;
}

/** The heat maps of all chosen versions and addresses, and the evidence of the cell that is open. */
export function LabMatrix({ detail, revision, form, setForm, shared, setShared, onAsk }: Props) {
  const t = useText();
  const wanted = useMemo(() => matrixQuestion(form, shared), [form, shared]);
  const bad = 'bad' in wanted ? wanted.bad : null;
  const { key } = detail.summary;
  const { matrix, problem, asking } = useMatrix(key, revision, 'bad' in wanted ? null : wanted);
  const [active, setActive] = useState<CellPlace | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const maps = useRef<HTMLDivElement>(null);

  const onActive = useCallback(
    (map: MapPlace, cell: CellPlace) => {
      setActive(cell);
      if (matrix !== null) setPointed(cellName(matrix, map, cell, t));
    },
    [matrix, t],
  );
  const gridOf = ({ p, a }: MapPlace) =>
    maps.current?.querySelector<HTMLElement>(`[data-testid="matrix-map-${p}-${a}"]`) ?? null;
  const onOpen = useCallback((map: MapPlace, cell: CellPlace, byKey: boolean) => {
    setActive(cell);
    setOpened({ map, cell, byKey });
  }, []);
  // The evidence takes room away where it opens below the maps.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a cell was opened
  useEffect(() => {
    if (opened !== null) gridOf(opened.map)?.scrollIntoView({ block: 'nearest' });
  }, [opened]);
  const close = () => {
    const place = opened?.map;
    setOpened(null);
    if (place !== undefined) gridOf(place)?.focus();
  };
  const question = matrix?.question;
  const places: readonly MapPlace[] =
    question?.profiles.flatMap((_, p) => question.addresses.map((_address, a): MapPlace => ({ p, a }))) ?? [];
  const cells =
    'bad' in wanted
      ? 0
      : wanted.profiles.length * wanted.addresses.length * wanted.timeouts.length * wanted.ages.length;
  const start: CellPlace =
    active ??
    (question === undefined
      ? { t: 0, n: 0 }
      : {
          t: nearest(question.timeouts, Number(shared.timeout) || 0),
          n: nearest(question.ages, parseSpan(shared.after) ?? 0),
        });
  const openedHere =
    opened !== null &&
    question !== undefined &&
    opened.map.p < question.profiles.length &&
    opened.map.a < question.addresses.length &&
    opened.cell.t < question.timeouts.length &&
    opened.cell.n < question.ages.length
      ? opened
      : null;

  return (
    <div className="lab-dock">
      <div className="lab-main">
        <div className="section">
          <MatrixSettings form={form} setForm={setForm} shared={shared} setShared={setShared} bad={bad} />
        </div>
        {problem !== null && (
          <div className="section">
            <ProblemBox problem={problem} />
          </div>
        )}
        {problem === null && matrix === null && bad === null && (
          <p className="section muted">{t('lab.matrix.asking', { cells })}</p>
        )}
        {problem === null && matrix !== null && (
          <div className="section" data-testid="matrix" data-settled={!asking} data-cells={matrix.cells.length}>
            <div className="row wrapping">
              <ul className="row wrapping grow heat-legend" aria-label={t('lab.matrix.legend')}>
                {OUTCOMES.map((outcome) => (
                  <LegendMark key={outcome} outcome={outcome} />
                ))}
              </ul>
              <span className="muted nowrap" role="status" data-testid="matrix-took">
                {asking
                  ? t('lab.matrix.asking', { cells })
                  : t('lab.matrix.took', { cells: matrix.cells.length, ms: Math.round(matrix.tookMs) })}
              </span>
            </div>
            <div className="heat-maps" ref={maps}>
              {places.map(({ p, a }) => (
                <HeatMap
                  key={`${p}-${a}`}
                  matrix={matrix}
                  p={p}
                  a={a}
                  active={start}
                  opened={openedHere?.map.p === p && openedHere.map.a === a ? openedHere.cell : null}
                  onActive={onActive}
                  onOpen={onOpen}
                  onPoint={setPointed}
                />
              ))}
            </div>
            <div className="heat-pointed muted" data-testid="matrix-pointed">
              {pointed ?? t('lab.matrix.axis')}
            </div>
            <MatrixWords matrix={matrix} maps={places} />
          </div>
        )}
      </div>
      {matrix !== null && openedHere !== null && (
        <MatrixEvidence
          sessionKey={key}
          name={cellName(matrix, openedHere.map, openedHere.cell, t)}
          question={questionOf(matrix.question, openedHere.map, openedHere.cell)}
          takeFocus={openedHere.byKey}
          onClose={close}
          onAsk={() => {
            const { parameters, profile, afterSeconds, fromAddress, cleanup } = questionOf(
              matrix.question,
              openedHere.map,
              openedHere.cell,
            );
            onAsk({
              ...shared,
              after: String(afterSeconds),
              address: fromAddress,
              timeout: String(parameters.timeout),
              ignoreExpiry: parameters.ignore_expiry,
              ignoreChangeIp: parameters.ignore_change_ip,
              profile,
              cleanup,
            });
          }}
        />
      )}
    </div>
  );
}
