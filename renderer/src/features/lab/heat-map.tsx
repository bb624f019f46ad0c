import { type KeyboardEvent, memo, type PointerEvent, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { PolicyOutcome } from '../../../../core/model/app.ts';
import type { Matrix } from '../../../../core/model/lab.ts';
import { useText } from '../../i18n/index.ts';
import { OutcomePattern } from './heat-pattern.tsx';
import { type CellPlace, cellName, exactSpan, type MapPlace, mapName, OUTCOMES, runsOf } from './matrix-cells.ts';

const LEFT = 70;
const BOTTOM = 20;
const HEIGHT = 300;
const LETTER_FROM = 11;
const PAGE = 10;

interface Props {
  readonly matrix: Matrix;
  readonly p: number;
  readonly a: number;
  /** Where the keyboard is, in all maps alike. */
  readonly active: CellPlace;
  /** The cell whose evidence is open in this map. */
  readonly opened: CellPlace | null;
  readonly onActive: (map: MapPlace, cell: CellPlace) => void;
  readonly onOpen: (map: MapPlace, cell: CellPlace, byKey: boolean) => void;
  readonly onPoint: (name: string | null) => void;
}

/**
 * Outcomes of timeouts × ages as one picture: a row's neighbours are drawn as one, so that ten thousand cells are a few
 * hundred strokes. For the keyboard and for screen readers it is a grid of which the active cell is in the document.
 */
export const HeatMap = memo(function HeatMap({ matrix, p, a, active, opened, onActive, onOpen, onPoint }: Props) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(360);
  const [focused, setFocused] = useState(false);
  const { timeouts, ages } = matrix.question;
  const cellH = Math.max(4, Math.min(20, Math.floor(HEIGHT / timeouts.length)));
  const cellW = Math.max(2, (width - LEFT) / ages.length);
  const height = cellH * timeouts.length;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(200, Math.floor(entry?.contentRect.width ?? 360))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const paths = useMemo(() => {
    const lines = new Map<PolicyOutcome, string[]>(OUTCOMES.map((outcome) => [outcome, []]));
    for (let row = 0; row < timeouts.length; row++) {
      for (const { outcome, from, to } of runsOf(matrix, { p, a }, row)) {
        const w = round((to - from) * cellW);
        lines.get(outcome)?.push(`M${round(from * cellW)} ${row * cellH}h${w}v${cellH}h${-w}z`);
      }
    }
    return lines;
  }, [matrix, p, a, timeouts.length, cellW, cellH]);

  const map = { p, a };
  const here = { t: Math.min(active.t, timeouts.length - 1), n: Math.min(active.n, ages.length - 1) };
  const cellUnder = (event: PointerEvent | React.MouseEvent): CellPlace | null => {
    const area = box.current?.getBoundingClientRect();
    if (area === undefined) return null;
    const n = Math.floor((event.clientX - area.left - LEFT) / cellW);
    const row = Math.floor((event.clientY - area.top) / cellH);
    return n >= 0 && n < ages.length && row >= 0 && row < timeouts.length ? { t: row, n } : null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(map, here, true);
      return;
    }
    const target = moved(event, here, { rows: timeouts.length, columns: ages.length });
    if (target === null) return;
    event.preventDefault();
    onActive(map, target);
  };
  const columns = labelled(ages.length, Math.max(1, Math.floor((width - LEFT) / 78)));
  const rows = labelled(timeouts.length, Math.max(1, Math.floor(height / 16)));
  const mark = ({ t: row, n }: CellPlace) => ({
    left: LEFT + n * cellW,
    top: row * cellH,
    width: Math.max(6, cellW),
    height: cellH,
  });
  const name = mapName(matrix.question, map, t);

  return (
    <figure className="heat">
      <figcaption>{name}</figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture with one cell in the document is no table */}
      <div
        ref={box}
        role="grid"
        tabIndex={0}
        className="heat-grid"
        aria-label={t('lab.matrix.grid', { map: name })}
        aria-rowcount={timeouts.length}
        aria-colcount={ages.length}
        aria-activedescendant={`${id}-cell`}
        data-testid={`matrix-map-${p}-${a}`}
        onKeyDown={onKeyDown}
        onFocus={() => {
          setFocused(true);
          onPoint(cellName(matrix, map, here, t));
        }}
        onBlur={() => setFocused(false)}
        onPointerMove={(event) => {
          const cell = cellUnder(event);
          onPoint(cell === null ? null : cellName(matrix, map, cell, t));
        }}
        onPointerLeave={() => onPoint(null)}
        onClick={(event) => {
          const cell = cellUnder(event);
          if (cell !== null) onOpen(map, cell, false);
        }}
      >
        <svg aria-hidden="true" width={width} height={height + BOTTOM}>
          <defs>
            {OUTCOMES.map((outcome) => (
              <OutcomePattern
                key={outcome}
                id={`${id}-${outcome}`}
                outcome={outcome}
                width={cellW}
                height={cellH}
                letter={cellW >= LETTER_FROM && cellH >= LETTER_FROM}
              />
            ))}
          </defs>
          <g transform={`translate(${LEFT} 0)`}>
            {OUTCOMES.map((outcome) => (
              <path key={outcome} d={paths.get(outcome)?.join('') ?? ''} fill={`url(#${id}-${outcome})`} />
            ))}
            <rect className="frame" width={round(cellW * ages.length)} height={height} />
            {columns.map((n) => (
              <text key={n} x={(n + 0.5) * cellW} y={height + 14} textAnchor={anchorOf(n, ages.length)}>
                {exactSpan(ages[n] ?? 0, t)}
              </text>
            ))}
          </g>
          {rows.map((row) => (
            <text key={row} x={LEFT - 6} y={(row + 0.5) * cellH + 4} textAnchor="end">
              {exactSpan(timeouts[row] ?? 0, t)}
            </text>
          ))}
        </svg>
        {/* biome-ignore lint/a11y/useSemanticElements: a picture with one cell in the document is no table */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active cell */}
        <div role="row" aria-rowindex={here.t + 1}>
          {/* biome-ignore lint/a11y/useSemanticElements: a picture with one cell in the document is no table */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active cell */}
          <div
            role="gridcell"
            id={`${id}-cell`}
            className="heat-cell"
            data-shown={focused}
            data-testid={`matrix-cell-${p}-${a}`}
            aria-colindex={here.n + 1}
            aria-selected={opened?.t === here.t && opened.n === here.n}
            aria-label={cellName(matrix, map, here, t)}
            style={mark(here)}
          />
        </div>
        {opened !== null && <div className="heat-opened" aria-hidden="true" style={mark(opened)} />}
      </div>
    </figure>
  );
});

function moved(
  event: KeyboardEvent,
  { t, n }: CellPlace,
  { rows, columns }: { rows: number; columns: number },
): CellPlace | null {
  const ctrl = event.ctrlKey;
  const steps: Record<string, CellPlace> = {
    ArrowLeft: { t, n: ctrl ? 0 : n - 1 },
    ArrowRight: { t, n: ctrl ? columns - 1 : n + 1 },
    ArrowUp: { t: ctrl ? 0 : t - 1, n },
    ArrowDown: { t: ctrl ? rows - 1 : t + 1, n },
    Home: { t: ctrl ? 0 : t, n: 0 },
    End: { t: ctrl ? rows - 1 : t, n: columns - 1 },
    PageUp: { t: t - PAGE, n },
    PageDown: { t: t + PAGE, n },
  };
  const to = steps[event.key];
  return to === undefined ? null : { t: clamp(to.t, rows), n: clamp(to.n, columns) };
}

const clamp = (i: number, count: number) => Math.max(0, Math.min(count - 1, i));
const round = (x: number) => Math.round(x * 100) / 100;
const anchorOf = (n: number, count: number) => (n === 0 ? 'start' : n === count - 1 ? 'end' : 'middle');

/** About `most` of `count` places, as many apart, and the last where it does not stand too near. */
function labelled(count: number, most: number): readonly number[] {
  const stride = Math.max(1, Math.ceil(count / most));
  const places = Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
  return count - 1 - (places.at(-1) ?? 0) >= stride * 0.7 ? [...places, count - 1] : places;
}
