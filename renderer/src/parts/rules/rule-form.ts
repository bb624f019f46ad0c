import type { RuleAsk } from '../../../../core/model/proxy-settings.ts';

export type RuleAct = 'change' | 'set' | 'attributes' | 'remove';

/** What a user types of a rule. */
export interface RuleForm {
  readonly on: 'request' | 'response';
  readonly kind: 'cookie' | 'header';
  readonly act: RuleAct;
  readonly name: string;
  readonly value: string;
  /** `SameSite=Lax; Secure` */
  readonly attributes: string;
  /** `HttpOnly, Domain` */
  readonly removed: string;
  readonly host: string;
  readonly path: string;
}

export const emptyRule: RuleForm = {
  on: 'request',
  kind: 'cookie',
  act: 'change',
  name: '',
  value: '',
  attributes: '',
  removed: '',
  host: '',
  path: '',
};

/** What can be done: attributes stand in Set-Cookie only. */
export function actsOf({ on, kind }: RuleForm): readonly RuleAct[] {
  return kind === 'cookie' && on === 'response'
    ? ['change', 'set', 'attributes', 'remove']
    : ['change', 'set', 'remove'];
}

/** The rule as the engine takes it; what is wrong with it the engine says. */
export function ruleAsk(form: RuleForm): RuleAsk {
  const { on, kind, value, name } = form;
  const act = actsOf(form).includes(form.act) ? form.act : 'change';
  const host = form.host.trim();
  const path = form.path.trim();
  const what = {
    ...(act === 'remove' ? { remove: true } : act === 'attributes' ? {} : { value }),
    ...(act === 'set' ? { add: true } : {}),
  };
  const withAttributes = kind === 'cookie' && on === 'response' && act !== 'remove';
  const removeAttributes = form.removed.split(/[,;\s]+/).filter((one) => one !== '');
  const set = attributesOf(form.attributes);
  return {
    on,
    ...(host === '' ? {} : { host }),
    ...(path === '' ? {} : { path }),
    change:
      kind === 'header'
        ? { kind, header: name.trim(), ...what }
        : {
            kind,
            cookie: name.trim(),
            ...what,
            ...(withAttributes && Object.keys(set).length > 0 ? { set } : {}),
            ...(withAttributes && removeAttributes.length > 0 ? { removeAttributes } : {}),
          },
  };
}

function attributesOf(text: string): Record<string, string | null> {
  const pairs = text
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return Object.fromEntries(
    pairs.map((one) => {
      const at = one.indexOf('=');
      return at < 0 ? [one, null] : [one.slice(0, at).trim(), one.slice(at + 1).trim()];
    }),
  );
}
