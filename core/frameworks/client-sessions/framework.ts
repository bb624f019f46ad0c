import type { Framework } from '../framework.ts';
import { clientSessions as sealed } from './sealed.ts';

const B64U = '[A-Za-z0-9_-]';

export const clientSessions: Framework = {
  id: 'client-sessions',
  title: 'client-sessions',
  cookieNames: [],
  valueForms: [
    {
      pattern: new RegExp(`^${B64U}{22}\\.${B64U}{20,}\\.\\d{13}\\.\\d+\\.${B64U}{43}$`),
      kind: 'encrypted',
      text: 'data encrypted by client-sessions',
      holdsData: true,
      // Its five parts fit an encrypted token as well.
      rank: 1,
    },
  ],
  layers: [sealed],
};
