import type { Framework } from '../framework.ts';
import { authjs } from './session-token.ts';

export const authJs: Framework = {
  id: 'auth-js',
  title: 'Auth.js',
  cookieNames: [{ pattern: /^(next-auth|authjs)\.session-token(\.\d+)?$/ }],
  layers: [authjs],
};
