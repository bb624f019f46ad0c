import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { BreakpointInfo, Breakpoints } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Checkbox, Input, Select } from '../../ui/controls.tsx';

/** Which messages are held for the user: each change counts at once. */
export function BreakpointsForm() {
  const t = useText();
  const app = useApp();
  const [state, setState] = useState<Breakpoints | null>(null);
  const [side, setSide] = useState<'request' | 'response'>('request');
  const [host, setHost] = useState('');
  const [path, setPath] = useState('');
  const [methods, setMethods] = useState('');
  useEffect(() => {
    let stale = false;
    app.client.call('intercept.breakpoints.get', {}).then(
      (answer) => !stale && setState(answer),
      (error) => !stale && app.fail(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app]);
  if (state === null) return null;
  const set = async (change: Partial<Breakpoints>) => {
    const wanted = { ...state, ...change } as RequestOf<'intercept.breakpoints.set'>;
    const next = await app.attempt(() => app.client.call('intercept.breakpoints.set', wanted));
    if (next !== undefined) setState(next);
    return next !== undefined;
  };
  const add = async () => {
    const words = methods.split(/[\s,]+/).filter((one) => one !== '');
    const point: BreakpointInfo = {
      on: [side],
      enabled: true,
      ...(host.trim() === '' ? {} : { host: host.trim() }),
      ...(path.trim() === '' ? {} : { path: path.trim() }),
      ...(words.length === 0 ? {} : { methods: words.map((one) => one.toUpperCase()) }),
    };
    if (await set({ breakpoints: [...state.breakpoints, point] })) {
      setHost('');
      setPath('');
      setMethods('');
    }
  };
  const nameOf = ({ on, host: at = t('breakpoints.any'), path: below = '', methods: named = [] }: BreakpointInfo) =>
    [...named, `${at}${below}`, on.map((one) => t(`breakpoints.${one}s`)).join(' + ')].join(' · ');
  return (
    <section className="card" aria-label={t('breakpoints.title')} data-testid="breakpoints">
      <h3>{t('breakpoints.title')}</h3>
      <p>{state.breakpoints.length === 0 ? t('breakpoints.none') : t('breakpoints.text')}</p>
      <ul className="stack">
        {state.breakpoints.map((point, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: breakpoints have no name but their place
          <li key={i} className="rule" data-testid="breakpoint">
            <label className="check grow">
              <Checkbox
                checked={point.enabled}
                aria-label={t('breakpoints.enabled', { name: nameOf(point) })}
                onChange={(event) =>
                  void set({
                    breakpoints: state.breakpoints.map((one, at) =>
                      at === i ? { ...one, enabled: event.target.checked } : one,
                    ),
                  })
                }
              />
              <span className="mono">{nameOf(point)}</span>
            </label>
            <IconButton
              aria-label={t('breakpoints.remove', { name: nameOf(point) })}
              onClick={() => void set({ breakpoints: state.breakpoints.filter((_, at) => at !== i) })}
            >
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div className="row wrapping">
          <label className="field">
            <span className="label">{t('rules.on')}</span>
            <Select
              value={side}
              data-testid="breakpoint-side"
              onChange={(event) => setSide(event.target.value as 'request' | 'response')}
            >
              <option value="request">{t('breakpoints.requests')}</option>
              <option value="response">{t('breakpoints.responses')}</option>
            </Select>
          </label>
          <Text label={t('rules.host')} value={host} onChange={setHost} testId="breakpoint-host" />
          <Text label={t('rules.path')} value={path} onChange={setPath} testId="breakpoint-path" />
          <Text label={t('breakpoints.method')} value={methods} onChange={setMethods} testId="breakpoint-methods" />
        </div>
        <div className="row wrapping">
          <Button type="submit" small data-testid="breakpoint-add">
            <Plus size={13} aria-hidden />
            {t('breakpoints.add')}
          </Button>
          <label className="row">
            <span className="muted">{t('breakpoints.limit')}</span>
            <Input
              className="number"
              type="number"
              min={1}
              max={3600}
              defaultValue={state.timeLimitSeconds}
              data-testid="breakpoint-limit"
              onBlur={(event) => {
                const seconds = Number(event.target.value);
                if (seconds >= 1 && seconds <= 3600) void set({ timeLimitSeconds: seconds });
              }}
            />
          </label>
        </div>
      </form>
    </section>
  );
}

function Text({
  label,
  value,
  onChange,
  testId,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  testId: string;
}) {
  return (
    <label className="field grow">
      <span className="label">{label}</span>
      <Input
        className="mono"
        value={value}
        spellCheck={false}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
