import { Circle, Square } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { FlowSummary } from '../../../../../core/model/flow.ts';
import { clockTime, urlParts } from '../../../format.ts';
import { useText } from '../../../i18n/index.ts';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/controls.tsx';
import { type Recording, recordedFlow } from './live-form.ts';

interface Props {
  readonly label: string;
  readonly help: string;
  readonly none: string;
  /** What can be chosen. */
  readonly flows: readonly FlowSummary[];
  /** Everything that was seen of the session, for recording. */
  readonly seen: readonly FlowSummary[];
  readonly value: FlowSummary | undefined;
  /** Nothing is a choice. */
  readonly canBeNone: boolean;
  readonly testId: string;
  readonly onChoose: (flowId: string) => void;
}

/** One of the session's requests: chosen from those that were seen, or recorded, the next one from the browser. */
export function RequestChoice({ label, help, none, flows, seen, value, canBeNone, testId, onChoose }: Props) {
  const t = useText();
  const [recording, setRecording] = useState<Recording | null>(null);
  const id = useId();
  const next = recording === null ? undefined : recordedFlow(seen, recording);
  const listed = value === undefined || flows.some((flow) => flow.id === value.id) ? flows : [value, ...flows];

  useEffect(() => {
    if (next === undefined) return;
    setRecording(null);
    onChoose(next.id);
  }, [next, onChoose]);

  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <div className="request-choice-row">
        <Select
          id={id}
          className="mono request-choice"
          value={value?.id ?? ''}
          disabled={listed.length === 0}
          data-testid={testId}
          onChange={(event) => onChoose(event.target.value)}
        >
          {(canBeNone || value === undefined) && <option value="">{none}</option>}
          {listed.map((flow) => {
            const { host, rest } = urlParts(flow.url);
            return (
              <option key={flow.id} value={flow.id}>
                {flow.method} {rest} · {flow.status ?? t('common.none')} · {clockTime(flow.startedAt)} · {host}
              </option>
            );
          })}
        </Select>
        <Button
          aria-pressed={recording !== null}
          aria-label={`${label}: ${t(recording === null ? 'lab.live.record' : 'lab.live.record.stop')}`}
          data-testid={`${testId}-record`}
          onClick={() => setRecording(recording === null ? new Set(seen.map((flow) => flow.id)) : null)}
        >
          {recording === null ? <Circle size={12} aria-hidden /> : <Square size={12} aria-hidden />}
          {t(recording === null ? 'lab.live.record' : 'lab.live.record.stop')}
        </Button>
      </div>
      <span className="muted" aria-live="polite">
        {recording === null ? help : t('lab.live.record.waiting')}
      </span>
    </div>
  );
}
