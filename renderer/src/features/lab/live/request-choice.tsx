import type { FlowSummary } from '../../../../../core/model/flow.ts';
import { clockTime, urlParts } from '../../../format.ts';
import { useText } from '../../../i18n/index.ts';

interface Props {
  readonly label: string;
  readonly help: string;
  readonly none: string;
  readonly flows: readonly FlowSummary[];
  readonly value: FlowSummary | undefined;
  /** Nothing is a choice. */
  readonly canBeNone: boolean;
  readonly testId: string;
  readonly onChoose: (flowId: string) => void;
}

/** One of the session's requests. */
export function RequestChoice({ label, help, none, flows, value, canBeNone, testId, onChoose }: Props) {
  const t = useText();
  const listed = value === undefined || flows.some(({ id }) => id === value.id) ? flows : [value, ...flows];
  return (
    <label className="field">
      <span className="label">{label}</span>
      <select
        className="input mono request-choice"
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
      </select>
      <span className="muted">{help}</span>
    </label>
  );
}
