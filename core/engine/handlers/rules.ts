import type { Handlers } from '../../bridge/contract.ts';
import type { CookieService } from '../cookie-service.ts';
import type { ProxyRules } from '../proxy-rules.ts';

export interface RuleHandlerPorts {
  readonly cookies: CookieService;
  readonly rules: ProxyRules;
}

/** Rules that change what passes the proxy. */
export function ruleHandlers({
  cookies,
  rules,
}: RuleHandlerPorts): Pick<Handlers, 'rules.list' | 'rules.add' | 'rule.enable' | 'rule.remove'> {
  return {
    // Rules of cookie edits and rules that the user made are one list.
    'rules.list': async () => ({ rules: [...cookies.rules(), ...rules.list()] }),
    'rules.add': async (request) => ({ rule: rules.add(request) }),
    'rule.enable': async ({ ruleId, enabled }) => {
      if (rules.has(ruleId)) rules.enable(ruleId, enabled);
      else cookies.enable(ruleId, enabled);
      return {};
    },
    'rule.remove': async ({ ruleId }) => {
      if (rules.has(ruleId)) rules.remove(ruleId);
      else await cookies.undo(ruleId);
      return {};
    },
  };
}
