import { useEffect, useState } from 'react';
import type { KeyInfo } from '../../../../core/model/keys.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { SignatureView } from '../../../../core/model/signature.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemBox } from '../../ui/parts.tsx';

/** Whether the signature of a value fits, in one line. */
export function SignatureLine({ signature }: { signature: SignatureView }) {
  const t = useText();
  const { state, scheme, key } = signature;
  return (
    <span className={state === 'invalid' ? 'danger' : 'muted'} data-testid="signature" data-state={state}>
      {t(`signature.${state}`, { scheme, key: (key ?? 0) + 1 })}
    </span>
  );
}

/** The keys of a site or store: added, removed, never shown again. */
export function Keys({ place, onChange }: { place: string; onChange: () => void }) {
  const t = useText();
  const app = useApp();
  const [keys, setKeys] = useState<readonly KeyInfo[]>([]);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    let stale = false;
    app.client.call('keys.list', { place }).then(
      (answer) => !stale && setKeys(answer.keys),
      (error) => !stale && setProblem(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app, place]);

  const act = async (done: Promise<{ keys: readonly KeyInfo[] }>) => {
    setProblem(null);
    try {
      setKeys((await done).keys);
      setTyped('');
      onChange();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <details className="keys" data-testid="keys" open={keys.length === 0 ? undefined : true}>
      <summary>{t('keys.title', { count: keys.length })}</summary>
      <p className="muted">{t('keys.text')}</p>
      {keys.map(({ id, bytes }, index) => (
        <div className="row" key={id}>
          <span className="mono">{t('keys.one', { number: index + 1, id, bytes })}</span>
          <Button variant="quiet" small onClick={() => void act(app.client.call('keys.remove', { place, id }))}>
            {t('keys.remove')}
          </Button>
        </div>
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== '') void act(app.client.call('keys.add', { place, key: typed }));
        }}
      >
        <Field
          label={t('keys.new')}
          type="password"
          value={typed}
          placeholder={t('keys.hint')}
          testId="keys-new"
          onChange={setTyped}
        />
        <Button type="submit" disabled={typed === ''} data-testid="keys-add">
          {t('keys.add')}
        </Button>
      </form>
      {problem !== null && <ProblemBox problem={problem} />}
    </details>
  );
}
