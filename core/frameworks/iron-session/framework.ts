import type { Framework } from '../framework.ts';
import { iron } from './iron.ts';

export const ironSession: Framework = {
  id: 'iron-session',
  title: 'iron-session',
  cookieNames: [{ pattern: /^iron-session/ }],
  valueForms: [{ layer: 'iron', kind: 'encrypted', text: 'data sealed by iron', holdsData: true }],
  layers: [iron],
};
