import type { Framework } from '../framework.ts';
import { taggedJson } from './tagged-json.ts';

const B64U = '[A-Za-z0-9_-]';

export const flask: Framework = {
  id: 'flask',
  title: 'Flask',
  cookieNames: [],
  valueForms: [
    {
      pattern: new RegExp(`^\\.?${B64U}+\\.${B64U}{4,8}\\.(${B64U}{27}|${B64U}{43}|${B64U}{86})$`),
      kind: 'signed',
      text: 'data signed by Flask (itsdangerous)',
      holdsData: true,
    },
  ],
  payload: { user: ['_user_id'], own: ['_permanent', '_fresh'] },
  layers: [taggedJson],
};
