import { type FormEvent, useEffect, useId, useState } from 'react';
import type { LayerInfo } from '../../../../core/model/peel.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Input } from '../../ui/controls.tsx';

/** Names the layers by hand: to try them, and to read and write by them from now on. */
export function LayerChooser({
  layers,
  tried,
  busy,
  onTry,
  onUse,
}: {
  layers: readonly string[];
  /** Layers that are shown but not yet in use. */
  tried: boolean;
  busy: boolean;
  onTry: (layers: readonly string[] | null) => void;
  /** Absent where nothing can be remembered. */
  onUse?: (layers: readonly string[] | null) => void;
}) {
  const t = useText();
  const app = useApp();
  const listId = useId();
  const [text, setText] = useState(layers.join('/'));
  const [known, setKnown] = useState<readonly LayerInfo[]>([]);
  useEffect(() => setText(layers.join('/')), [layers]);
  useEffect(() => {
    let stale = false;
    app.client.call('layers.list', {}).then(
      (answer) => !stale && setKnown(answer.layers),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [app]);
  const chosen = text
    .split(/[/,\s→]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length > 0) onTry(chosen);
  };
  return (
    <form className="stack" onSubmit={submit} aria-label={t('raw.choose')}>
      <div className="row wrapping">
        <Input
          className="mono grow"
          aria-label={t('raw.choose')}
          placeholder="base64/pickle"
          spellCheck={false}
          list={listId}
          value={text}
          data-testid="layers-input"
          onChange={(event) => setText(event.target.value)}
        />
        <datalist id={listId}>
          {known
            .filter(({ kind }) => kind === 'value')
            .map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
        </datalist>
        <Button type="submit" disabled={busy || chosen.length === 0} data-testid="layers-try">
          {t('raw.try')}
        </Button>
        {onUse !== undefined && (
          <Button variant="primary" disabled={busy || !tried} data-testid="layers-use" onClick={() => onUse(chosen)}>
            {t('raw.use')}
          </Button>
        )}
        <Button variant="quiet" disabled={busy} data-testid="layers-guess" onClick={() => (onUse ?? onTry)(null)}>
          {t('raw.guess')}
        </Button>
      </div>
      <div className="chips">
        {known.map(({ id, title, kind }) => (
          <BareButton
            key={id}
            className="chip"
            title={`${title} · ${t(`raw.kind.${kind}`)}`}
            onClick={() => setText([...chosen, id].join('/'))}
          >
            {id}
          </BareButton>
        ))}
      </div>
    </form>
  );
}
