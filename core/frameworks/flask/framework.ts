import type { Framework } from '../framework.ts';
import { PYTHON_SETTINGS } from '../settings-files/python-settings.ts';
import { causeAdvice } from './cause-advice.ts';
import { taggedJson } from './tagged-json.ts';

export const flask: Framework = {
  id: 'flask',
  title: 'Flask',
  cookieNames: [],
  settingsFiles: PYTHON_SETTINGS,
  valueForms: [
    {
      layer: 'itsdangerous',
      pattern: /^\.?[\w-]+\.[\w-]{4,8}\.[\w-]+$/,
      kind: 'signed',
      text: 'data signed by Flask (itsdangerous)',
      holdsData: true,
    },
  ],
  payload: { user: ['_user_id'], own: ['_permanent', '_fresh'] },
  layers: [taggedJson],
  advice: causeAdvice,
};
