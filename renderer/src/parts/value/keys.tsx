import { useEffect, useState } from 'react';
import type { KeyInfo, KeyOffer } from '../../../../core/model/keys.ts';
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
      <Offers place={place} onTake={(taken) => act(taken)} onProblem={setProblem} />
      {problem !== null && <ProblemBox problem={problem} />}
    </details>
  );
}

/** Keys that stand in the settings files of the application's folder: shown by place, used on the user's word. */
function Offers({
  place,
  onTake,
  onProblem,
}: {
  place: string;
  onTake: (done: Promise<{ keys: readonly KeyInfo[] }>) => Promise<void>;
  onProblem: (problem: Problem | null) => void;
}) {
  const t = useText();
  const app = useApp();
  const [folder, setFolder] = useState('');
  const [found, setFound] = useState<{ folder: string; offers: readonly KeyOffer[] } | null>(null);
  const look = async () => {
    onProblem(null);
    try {
      const wanted = folder.trim();
      setFound({ folder: wanted, offers: (await app.client.call('keys.offers', { folder: wanted })).offers });
    } catch (error) {
      setFound(null);
      onProblem(problemOf(error));
    }
  };
  return (
    <>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (folder.trim() !== '') void look();
        }}
      >
        <Field
          label={t('keys.folder')}
          value={folder}
          placeholder="/home/you/shop"
          testId="keys-folder"
          onChange={setFolder}
        />
        <Button type="submit" disabled={folder.trim() === ''} data-testid="keys-look">
          {t('keys.look')}
        </Button>
      </form>
      {found !== null && found.offers.length === 0 && <p className="muted">{t('keys.offers.none')}</p>}
      {found?.offers.map(({ file, line, setting, id, bytes }) => (
        <div className="row" key={`${file} ${id}`} data-testid="keys-offer">
          <span className="mono">
            {t('keys.offer', { setting, place: line === undefined ? file : `${file}:${line}`, bytes, id })}
          </span>
          <Button
            small
            onClick={() => void onTake(app.client.call('keys.take', { place, folder: found.folder, file, id }))}
          >
            {t('keys.take')}
          </Button>
        </div>
      ))}
    </>
  );
}
