import type { Flow } from '../model/flow.ts';
import { remembered } from '../model/recent.ts';
import type { Occasion } from './carrier-state.ts';

const LOGIN = /(log|sign)[-_]?(in|on)\b|\/(auth(enticate)?|sessions?|token|connect|sso|callback)(\/|$)/i;
const LOGOUT = /(log|sign)[-_]?(out|off)\b/i;

/** Whether a flow looks like a login or a logout: from its method and path alone, since bodies are not looked into. */
export function occasionOf(flow: Flow): Occasion {
  const { login, logout } = wordsOf(flow.request.url);
  const { method } = flow.request;
  return { login: login && !logout && method !== 'GET' && method !== 'HEAD', logout };
}

const wordsOf = remembered((url) => {
  const path = pathOf(url);
  return { login: LOGIN.test(path), logout: LOGOUT.test(path) };
});

function pathOf(url: string): string {
  const match = /^[a-z][a-z+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url);
  return (match?.[1] ?? url).slice(0, 2_000);
}
