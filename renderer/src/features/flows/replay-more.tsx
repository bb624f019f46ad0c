import { useText } from '../../i18n/index.ts';
import { Check, Choice, Field, TextField } from '../../ui/field.tsx';
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
          <Field
            label={t('flows.replay.method')}
            value={choice.method}
            testId="replay-method"
            onChange={(method) => change({ method })}
          />
          <Field
            label={t('flows.replay.url')}
            value={choice.url}
            testId="replay-url"
            onChange={(url) => change({ url })}
          />
        </div>
        <Choice
          label={t('flows.replay.body')}
          value={choice.bodyKind}
          testId="replay-body-kind"
          onChange={(bodyKind) => change({ bodyKind })}
        >
          <option value="recorded">{t('flows.replay.body.recorded')}</option>
          <option value="none">{t('flows.replay.body.none')}</option>
          <option value="text">{t('flows.replay.body.text')}</option>
        </Choice>
        {choice.bodyKind === 'text' && (
          <TextField
            label={t('flows.replay.body.text')}
            rows={4}
            value={choice.body}
            testId="replay-body"
            onChange={(body) => change({ body })}
          />
        )}
        <div className="row wrapping">
          {(['times', 'parallel'] as const).map((name) => (
            <Field
              key={name}
              label={t(`flows.replay.${name}`)}
              type="number"
              min={1}
              max={name === 'times' ? 1000 : 50}
              value={choice[name]}
              testId={`replay-${name}`}
              onChange={(value) => change({ [name]: value })}
            />
          ))}
          <Choice
            label={t('flows.replay.forwarding')}
            value={choice.forwarding}
            testId="replay-forwarding"
            onChange={(forwarding) => change({ forwarding })}
          >
            {(['recorded', 'none', 'address'] as const).map((one) => (
              <option key={one} value={one}>
                {t(`flows.replay.forwarding.${one}`)}
              </option>
            ))}
          </Choice>
          {choice.forwarding === 'address' && (
            <Field
              label={t('flows.replay.forwarding.which')}
              value={choice.forwardedFor}
              placeholder="203.0.113.7"
              testId="replay-forwarded-for"
              onChange={(forwardedFor) => change({ forwardedFor })}
            />
          )}
        </div>
        <Check
          label={t('flows.replay.redirects')}
          checked={choice.redirects}
          testId="replay-redirects"
          onChange={(redirects) => change({ redirects })}
        />
        {choice.redirects && (
          <Check
            label={t('flows.replay.followCookies')}
            checked={choice.followCookies}
            onChange={(followCookies) => change({ followCookies })}
          />
        )}
      </div>
    </details>
  );
}
