import {
  AlertTriangle,
  ArrowRight,
  Ban,
  Check,
  Circle,
  CircleHelp,
  Clock,
  Copy,
  FileWarning,
  Info,
  OctagonAlert,
  RefreshCw,
  Split,
  XCircle,
} from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Difference } from '../../../core/model/path.ts';
import type { Problem } from '../../../core/model/problem.ts';
import type { SessionState, SessionSummary } from '../../../core/model/session.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { useText } from '../i18n/index.ts';
import { useProblemWords } from '../i18n/problem-words.ts';
import { useApp } from '../state/app.ts';
import { eventWords, foreignWords } from '../state/event-words.ts';
import { inline } from '../state/value-text.ts';
import { IconButton } from './button.tsx';

/** A failure in its place: what happened, where, what to do. */
export function ProblemBox({
  problem,
  level = 'error',
  children,
}: {
  problem: Problem;
  level?: 'error' | 'warning' | 'info';
  children?: ReactNode;
}) {
  const t = useText();
  const words = useProblemWords(problem);
  const Icon = level === 'error' ? OctagonAlert : level === 'warning' ? AlertTriangle : Info;
  return (
    <div className={`problem ${level}`} role={level === 'error' ? 'alert' : 'note'} data-testid="problem">
      <Icon size={16} aria-hidden />
      <div className="stack grow">
        <div>
          <strong>{words.message}</strong>
          {problem.where !== undefined && !problem.message.includes(problem.where) && (
            <span className="muted"> · {t('problem.where', { where: problem.where })}</span>
          )}
        </div>
        {words.detail !== undefined && (
          <div className="muted" lang="en">
            {words.detail}
          </div>
        )}
        {words.remedy !== undefined && <div>{words.remedy}</div>}
        {children}
      </div>
    </div>
  );
}

/** Why there is nothing here, and what to do about it. */
export function Empty({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="empty" data-testid="empty">
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className="row wrapping">{children}</div>}
    </div>
  );
}

const STATE_ICON: Record<SessionState | 'foreign', typeof Check> = {
  live: Check,
  anonymous: Circle,
  continued: ArrowRight,
  replaced: RefreshCw,
  refused: Ban,
  expired: Clock,
  ended: XCircle,
  unreadable: FileWarning,
  unknown: CircleHelp,
  foreign: Split,
};

/** The state as word and shape; a cookie that another application issued has none of its own. */
export function StateMark({ session }: { session: Pick<SessionSummary, 'state' | 'event' | 'foreign'> }) {
  const t = useText();
  const state = session.foreign === undefined ? session.state : 'foreign';
  const Icon = STATE_ICON[state];
  return (
    <span className="state" data-state={state} title={foreignWords(session, t) ?? eventWords(session.event, t)}>
      <Icon size={13} aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}

export function CopyButton({ value, label, small }: { value: string; label?: string; small?: boolean }) {
  const t = useText();
  const app = useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1200);
    return () => clearTimeout(timer);
  }, [copied]);
  const name = label ?? t('common.copy');
  return (
    <IconButton aria-label={name} title={name} onClick={() => void app.copy(value).then(() => setCopied(true))}>
      {copied ? (
        <Check size={small === true ? 13 : 15} aria-hidden />
      ) : (
        <Copy size={small === true ? 13 : 15} aria-hidden />
      )}
    </IconButton>
  );
}

export function CopyLine({ value, label }: { value: string; label: string }) {
  return (
    <div className="copy-line">
      <code className="cut" title={value}>
        {value}
      </code>
      <CopyButton value={value} label={label} />
    </div>
  );
}

export function Value({ node, max = 200 }: { node: TypedNode; max?: number }) {
  return <span className={`value cut v-${node.t}`}>{inline(node, max)}</span>;
}

/** A structural difference, line by line, with words for screen readers. */
export function Differences({ differences, max = 200 }: { differences: readonly Difference[]; max?: number }) {
  const t = useText();
  return (
    <div className="differences" data-testid="differences">
      {differences.slice(0, max).map((difference) => (
        <DifferenceLine key={difference.at} difference={difference} rootText={t('data.root')} />
      ))}
      {differences.length > max && <span className="at">… +{differences.length - max}</span>}
    </div>
  );
}

function DifferenceLine({ difference, rootText }: { difference: Difference; rootText: string }) {
  return (
    <>
      <span className="at">{difference.at === '' ? rootText : difference.at}</span>
      <DifferenceValues difference={difference} />
    </>
  );
}

/** Before and after of one place. */
export function DifferenceValues({ difference }: { difference: Difference }) {
  const t = useText();
  const { before, after } = difference;
  return (
    <span className="values">
      {before !== undefined && (
        <>
          <span className="sr">{t('common.before')} </span>
          <del className="was">{inline(before)}</del>
        </>
      )}
      {before !== undefined && after !== undefined && <span aria-hidden> → </span>}
      {after !== undefined && (
        <>
          <span className="sr">{t('common.after')} </span>
          <ins className="becomes">
            {before === undefined && '+ '}
            {inline(after)}
            {before !== undefined && before.t !== after.t && ` (${after.t})`}
          </ins>
        </>
      )}
      {after === undefined && before !== undefined && <span className="sr"> {t('conflict.removed')}</span>}
    </span>
  );
}

export function Identity({ name }: { name: string }) {
  return (
    <span className="identity" data-identity={name}>
      {name}
    </span>
  );
}

/** The time, once a second, for everything that says how long ago. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    // A slow clock that becomes a quick one must not go on from its last tick.
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** So many characters of the end of a long host stay: the port and the last labels are what tells hosts apart. */
const END = 9;

/** A text that is cut in its middle where there is no room: a host keeps its port. */
export function MiddleCut({ text, className = '' }: { text: string; className?: string }) {
  if (text.length <= END * 2) {
    return (
      <span className={`cut ${className}`} title={text}>
        {text}
      </span>
    );
  }
  return (
    <span className={`middle-cut ${className}`} title={text}>
      <span className="cut">{text.slice(0, -END)}</span>
      <span>{text.slice(-END)}</span>
    </span>
  );
}
