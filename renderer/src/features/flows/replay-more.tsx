import { useText } from '../../i18n/index.ts';
import type { ReplayChoice } from './replay-options.ts';

/** Method, address, body, how often, forwarding headers, redirects. */
export function ReplayMore({
  choice,
  change,
}: {
  choice: ReplayChoice;
  change: (part: Partial<ReplayChoice>) => void;
}) {
  const t = useText();
  return (
    <details data-testid="replay-more">
      <summary>{t('flows.replay.moreOptions')}</summary>
      <div className="stack">
        <div className="row wrapping">
          <label className="field">
            <span className="label">{t('flows.replay.method')}</span>
            <input
              className="input mono"
              value={choice.method}
              spellCheck={false}
              data-testid="replay-method"
              onChange={(event) => change({ method: event.target.value })}
            />
          </label>
          <label className="field grow">
            <span className="label">{t('flows.replay.url')}</span>
            <input
              className="input mono"
              value={choice.url}
              spellCheck={false}
              data-testid="replay-url"
              onChange={(event) => change({ url: event.target.value })}
            />
          </label>
        </div>
        <label className="field">
          <span className="label">{t('flows.replay.body')}</span>
          <select
            className="input"
            value={choice.bodyKind}
            data-testid="replay-body-kind"
            onChange={(event) => change({ bodyKind: event.target.value as ReplayChoice['bodyKind'] })}
          >
            <option value="recorded">{t('flows.replay.body.recorded')}</option>
            <option value="none">{t('flows.replay.body.none')}</option>
            <option value="text">{t('flows.replay.body.text')}</option>
          </select>
        </label>
        {choice.bodyKind === 'text' && (
          <textarea
            className="input mono"
            rows={4}
            value={choice.body}
            spellCheck={false}
            aria-label={t('flows.replay.body.text')}
            data-testid="replay-body"
            onChange={(event) => change({ body: event.target.value })}
          />
        )}
        <div className="row wrapping">
          {(['times', 'parallel'] as const).map((name) => (
            <label className="field" key={name}>
              <span className="label">{t(`flows.replay.${name}`)}</span>
              <input
                className="input mono number"
                type="number"
                min={1}
                max={name === 'times' ? 1000 : 50}
                value={choice[name]}
                data-testid={`replay-${name}`}
                onChange={(event) => change({ [name]: event.target.value })}
              />
            </label>
          ))}
          <label className="field grow">
            <span className="label">{t('flows.replay.forwarding')}</span>
            <select
              className="input"
              value={choice.forwarding}
              data-testid="replay-forwarding"
              onChange={(event) => change({ forwarding: event.target.value as ReplayChoice['forwarding'] })}
            >
              {(['recorded', 'none', 'address'] as const).map((one) => (
                <option key={one} value={one}>
                  {t(`flows.replay.forwarding.${one}`)}
                </option>
              ))}
            </select>
          </label>
          {choice.forwarding === 'address' && (
            <label className="field">
              <span className="label">{t('flows.replay.forwarding.which')}</span>
              <input
                className="input mono"
                value={choice.forwardedFor}
                placeholder="203.0.113.7"
                data-testid="replay-forwarded-for"
                onChange={(event) => change({ forwardedFor: event.target.value })}
              />
            </label>
          )}
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={choice.redirects}
            data-testid="replay-redirects"
            onChange={(event) => change({ redirects: event.target.checked })}
          />
          {t('flows.replay.redirects')}
        </label>
        {choice.redirects && (
          <label className="check">
            <input
              type="checkbox"
              checked={choice.followCookies}
              onChange={(event) => change({ followCookies: event.target.checked })}
            />
            {t('flows.replay.followCookies')}
          </label>
        )}
      </div>
    </details>
  );
}
