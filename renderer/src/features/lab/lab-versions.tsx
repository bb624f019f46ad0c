import type { PolicyAnswer, PolicyQuestion } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { BareButton } from '../../ui/button.tsx';
import { OUTCOME_ICON } from './lab-answer.tsx';

interface Props {
  readonly versions: readonly PolicyAnswer[];
  readonly chosen: PolicyQuestion['profile'];
  readonly onChoose: (profile: PolicyQuestion['profile']) => void;
}

/** The same question to every version of web.py, side by side; choosing one shows its reasons and evidence. */
export function LabVersions({ versions, chosen, onChoose }: Props) {
  const t = useText();
  return (
    <div className="section">
      <h3>{t('lab.versions')}</h3>
      <ul className="lab-versions" data-testid="policy-versions">
        {versions.map(({ question: { profile }, outcome, evidence }) => {
          const Icon = OUTCOME_ICON[outcome];
          return (
            <li key={profile}>
              <BareButton
                className="lab-version"
                aria-pressed={profile === chosen}
                data-outcome={outcome}
                data-testid={`policy-version-${profile}`}
                onClick={() => onChoose(profile)}
              >
                <span className="label">{profile === 'intended' ? t('lab.profile.intended') : profile}</span>
                <span className="row">
                  <Icon size={15} aria-hidden />
                  <strong>{t(`lab.outcome.${outcome}`)}</strong>
                </span>
                <span className="muted mono cut">
                  {evidence.status}
                  {evidence.setCookie.length === 0
                    ? ` · ${t('lab.versions.noCookie')}`
                    : evidence.setCookie.some((one) => /expires=/i.test(one))
                      ? ' · Set-Cookie … expires'
                      : ' · Set-Cookie'}
                </span>
              </BareButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
