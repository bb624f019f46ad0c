import { X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { type Companions, ValueInside } from '../../parts/value/value-inside.tsx';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { type AnyValue, NO_VALUE } from '../../state/app-state.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Field, TextField } from '../../ui/field.tsx';
import { CopyButton, ProblemBox } from '../../ui/parts.tsx';

interface Made {
  readonly text: string;
  readonly companions: Companions;
}

/** Any value that is pasted: what it is, whether a key fits, what is inside; edited, and signed again. */
export function ValuesScreen() {
  const t = useText();
  const app = useApp();
  const given = useAppState((state) => state.values);
  const [made, setMade] = useState<Made | null>(null);
  const put = (change: Partial<AnyValue>) => {
    app.set({ values: { ...given, ...change } });
    setMade(null);
  };
  const value = useMemo(() => bare(given.text), [given.text]);
  const companions = useMemo(() => companionsOf(given.companions), [given.companions]);
  const around = useMemo(() => ({ keys: given.keys, name: given.name.trim(), utf8: true }), [given.keys, given.name]);
  const goOn = (result: Made) => {
    const lines = Object.entries({ ...companions, ...result.companions });
    put({
      text: result.text,
      companions: lines.flatMap(([name, one]) => (one === null ? [] : `${name}=${one}`)).join('\n'),
    });
  };
  return (
    <section className="pane" aria-label={t('values.title')} data-testid="values-screen">
      <div className="pane-head">
        <h2 className="grow">{t('values.title')}</h2>
        <Button
          small
          variant="quiet"
          disabled={given === NO_VALUE}
          data-testid="values-clear"
          onClick={() => {
            app.dropDraft('cookie value', DRAFT);
            put(NO_VALUE);
            app.set({ values: NO_VALUE });
          }}
        >
          {t('values.clear')}
        </Button>
      </div>
      <div className="scroll">
        <div className="section stack">
          <p className="muted">{t('values.text')}</p>
          <TextField
            label={t('values.value')}
            value={given.text}
            rows={4}
            placeholder={t('values.placeholder')}
            testId="values-text"
            onChange={(text) => put({ text })}
          />
          <TypedKeys keys={given.keys} onKeys={(keys) => put({ keys })} />
          <details>
            <summary data-testid="values-more">{t('values.more')}</summary>
            <div className="stack">
              <div className="row wrapping">
                <Field
                  label={t('values.name')}
                  value={given.name}
                  testId="values-name"
                  onChange={(name) => put({ name })}
                />
              </div>
              <TextField
                label={t('values.companions')}
                value={given.companions}
                rows={2}
                placeholder="session.sig=…"
                testId="values-companions"
                onChange={(text) => put({ companions: text })}
              />
            </div>
          </details>
        </div>
        {value !== '' && (
          <ValueInside
            draftId={DRAFT}
            value={value}
            companions={companions}
            around={around}
            withFindings
            withPlain
            take={{ label: t('values.take'), hint: t('values.take.hint') }}
            onValue={(text, changed) => setMade({ text, companions: changed })}
          />
        )}
        {made !== null && <Result made={made} before={companions} onAgain={() => goOn(made)} />}
      </div>
    </section>
  );
}

const DRAFT = 'any value';

function Result({ made, before, onAgain }: { made: Made; before: Companions; onAgain: () => void }) {
  const t = useText();
  const changed = Object.entries(made.companions).filter(([name, one]) => before[name] !== one);
  return (
    <section className="section stack" aria-label={t('values.result')} data-testid="values-result">
      <div className="row">
        <h3 className="grow">
          <span role="status">{t('values.result')}</span>
        </h3>
        <CopyButton value={made.text} label={t('values.result.copy')} />
        <Button small data-testid="values-again" onClick={onAgain}>
          {t('values.again')}
        </Button>
      </div>
      <pre className="code wrap" data-testid="values-made">
        {made.text}
      </pre>
      {changed.map(([name, one]) => (
        <div className="row" key={name}>
          <code className="wrap grow" data-testid="values-companion">
            {name}
            {one === null ? `: ${t('values.companion.gone')}` : `=${one}`}
          </code>
          {one !== null && <CopyButton small value={`${name}=${one}`} label={t('values.companion.copy', { name })} />}
        </div>
      ))}
    </section>
  );
}

/** Keys for what is pasted: forgotten with the window, unless the user keeps them for a site. */
function TypedKeys({ keys, onKeys }: { keys: readonly string[]; onKeys: (keys: readonly string[]) => void }) {
  const t = useText();
  const app = useApp();
  const [typed, setTyped] = useState('');
  const [host, setHost] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const keep = async () => {
    setProblem(null);
    try {
      // Each goes in front of those before it, so that the first of them signs.
      for (const key of keys.toReversed()) await app.client.call('keys.add', { place: `site ${host.trim()}`, key });
      app.notify({ level: 'info', message: t('values.keep.done', { host: host.trim() }) });
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <div className="stack">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === '') return;
          onKeys([...keys.filter((key) => key !== typed), typed]);
          setTyped('');
        }}
      >
        <Field
          label={t('values.key')}
          type="password"
          value={typed}
          placeholder={t('keys.hint')}
          testId="values-key"
          onChange={setTyped}
        />
        <Button type="submit" disabled={typed === ''} data-testid="values-key-use">
          {t('values.key.use')}
        </Button>
      </form>
      {keys.length > 0 && (
        <>
          <ul className="row wrapping plain-list">
            {keys.map((key, index) => (
              <li key={key} className="row" data-testid="values-key-one">
                <span className="tag">{t('values.key.one', { number: index + 1, count: key.length })}</span>
                <IconButton
                  aria-label={t('values.key.drop', { number: index + 1 })}
                  title={t('values.key.drop', { number: index + 1 })}
                  onClick={() => onKeys(keys.filter((one) => one !== key))}
                >
                  <X size={13} aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
          <p className="muted">{t('values.key.hint')}</p>
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              if (host.trim() !== '') void keep();
            }}
          >
            <Field
              label={t('values.keep')}
              value={host}
              placeholder="127.0.0.1:8000"
              testId="values-keep-host"
              onChange={setHost}
            />
            <Button type="submit" disabled={host.trim() === ''} data-testid="values-keep">
              {t('values.keep.act')}
            </Button>
          </form>
        </>
      )}
      {problem !== null && <ProblemBox problem={problem} />}
    </div>
  );
}

/** What is pasted often has line breaks around it, the words of a header in front, or the name of the cookie. */
function bare(text: string): string {
  const line = text.trim();
  return line
    .replace(/^(authorization:\s*)?bearer\s+/i, '')
    .replace(/^(set-)?cookie:\s*[^=;\s]+=([^;]*)[\s\S]*$/i, '$2');
}

function companionsOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) found[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return found;
}
