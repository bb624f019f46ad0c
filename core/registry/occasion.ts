import type { Flow } from '../model/flow.ts';
import type { Occasion } from './carrier-state.ts';

const LOGIN = /(log|sign)[-_]?(in|on)\b|\/(auth(enticate)?|sessions?|token|connect|sso|callback)(\/|$)/i;
const LOGOUT = /(log|sign)[-_]?(out|off)\b/i;

/** Whether a flow looks like a login or a logout: from its method and path alone, since bodies are not looked into. */
export function occasionOf(flow: Flow): Occasion {
  const path = pathOf(flow.request.url);
  const { method } = flow.request;
  const logout = LOGOUT.test(path);
  return { login: !logout && method !== 'GET' && method !== 'HEAD' && LOGIN.test(path), logout };
}

function pathOf(url: string): string {
  const match = /^[a-z][a-z+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url);
  return (match?.[1] ?? url).slice(0, 2_000);
}
