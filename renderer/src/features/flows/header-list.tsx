import { visible } from '../../../../core/model/visible.ts';
import { useText } from '../../i18n/index.ts';
import { explainHeader } from './header-words.ts';

/** Headers as they came: case, order and duplicates; the session's cookies are lit, known headers explained. */
export function HeaderList({ raw, sessionCookies }: { raw: readonly string[]; sessionCookies: readonly string[] }) {
  const t = useText();
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return (
    <dl className="headers">
      {pairs.map(([name, value], index) => {
        const why = explainHeader(name);
        const lower = name.toLowerCase();
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: headers may be equal; their place is their name
          <HeaderLine key={index} name={name} {...(why === undefined ? {} : { why })}>
            {lower === 'cookie' || lower === 'set-cookie' ? (
              <Cookies text={value} separator={lower === 'cookie' ? /(;\s*)/ : /(;\s*.*$)/} names={sessionCookies} />
            ) : (
              visible(value)
            )}
            {lower === 'alt-svc' && (
              <span className="tag" data-testid="alt-svc">
                {t('flow.altSvc')}
              </span>
            )}
          </HeaderLine>
        );
      })}
    </dl>
  );
}

function HeaderLine({ name, why, children }: { name: string; why?: string; children: React.ReactNode }) {
  return (
    <>
      <dt title={why}>{visible(name)}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Cookies({ text, separator, names }: { text: string; separator: RegExp; names: readonly string[] }) {
  return text.split(separator).map((part, i) => {
    const name = part.split('=')[0] ?? '';
    return names.includes(name) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <mark key={i} className="session-cookie">
        {visible(part)}
      </mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <span key={i}>{visible(part)}</span>
    );
  });
}
