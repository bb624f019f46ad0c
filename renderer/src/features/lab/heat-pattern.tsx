import type { PolicyOutcome } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';

interface Props {
  readonly id: string;
  readonly outcome: PolicyOutcome;
  readonly width: number;
  readonly height: number;
  /** The cell has room for its letter; else strokes tell the outcomes apart. */
  readonly letter: boolean;
}

const TILE = 8;

/** How an outcome looks beside its colour: a letter in each cell, or strokes (none, slanted, dotted, crossed). */
export function OutcomePattern({ id, outcome, width, height, letter }: Props) {
  const t = useText();
  if (letter) {
    return (
      <pattern id={id} width={width} height={height} patternUnits="userSpaceOnUse">
        <rect className={`heat-back ${outcome}`} width={width} height={height} />
        <path className="heat-gap" d={`M0 ${height}H${width}V0`} />
        <text className="heat-letter" x={width / 2} y={height / 2 + 3.5} textAnchor="middle">
          {t(`lab.letter.${outcome}`)}
        </text>
      </pattern>
    );
  }
  return (
    <pattern id={id} width={TILE} height={TILE} patternUnits="userSpaceOnUse">
      <rect className={`heat-back ${outcome}`} width={TILE} height={TILE} />
      {outcome === 'new-session' && <path className={`heat-stroke ${outcome}`} d="M-2 2L2 -2M0 8L8 0M6 10L10 6" />}
      {outcome === 'expired-message' && <circle className={`heat-dot ${outcome}`} cx={4} cy={4} r={1.6} />}
      {outcome === 'server-error' && <path className={`heat-stroke ${outcome}`} d="M0 0L8 8M0 8L8 0" />}
    </pattern>
  );
}

/** One line of the legend: the pattern with letter, and the word. */
export function LegendMark({ outcome }: { outcome: PolicyOutcome }) {
  const t = useText();
  return (
    <li className="row legend-mark">
      <svg aria-hidden="true" width={36} height={16}>
        <defs>
          <OutcomePattern id={`legend-${outcome}`} outcome={outcome} width={18} height={16} letter={false} />
          <OutcomePattern id={`legend-letter-${outcome}`} outcome={outcome} width={18} height={16} letter />
        </defs>
        <rect width={18} height={16} fill={`url(#legend-letter-${outcome})`} />
        <rect x={18} width={18} height={16} fill={`url(#legend-${outcome})`} />
      </svg>
      {t(`lab.outcome.${outcome}`)}
    </li>
  );
}
