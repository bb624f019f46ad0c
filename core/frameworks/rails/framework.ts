import type { Framework } from '../framework.ts';
import { railsMessage } from './message.ts';

const B64 = '[A-Za-z0-9+/]';

export const rails: Framework = {
  id: 'rails',
  title: 'Rails',
  cookieNames: [{ pattern: /^_session_id$/ }],
  valueForms: [
    {
      pattern: /^eyJfcmFpbHMi[A-Za-z0-9+/]+={0,2}--[0-9a-f]{40,64}$/,
      kind: 'signed',
      text: 'data signed by Rails',
      holdsData: true,
    },
    {
      pattern: new RegExp(`^${B64}+={0,2}--[0-9a-f]{40,128}$`),
      kind: 'signed',
      text: 'data signed by Rails or Rack',
      holdsData: true,
      shared: true,
    },
    {
      pattern: new RegExp(`^${B64}+={0,2}--${B64}{16}--${B64}{22}==$`),
      kind: 'encrypted',
      text: 'data encrypted by Rails',
      holdsData: true,
    },
  ],
  layers: [railsMessage],
};
