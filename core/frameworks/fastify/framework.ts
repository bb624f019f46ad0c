import type { Framework } from '../framework.ts';
import { secretbox } from './secretbox.ts';

const B64 = '[A-Za-z0-9+/]';

export const secureSession: Framework = {
  id: 'secure-session',
  title: 'fastify secure-session',
  cookieNames: [],
  valueForms: [
    {
      pattern: new RegExp(`^${B64}{20,}={0,2};${B64}{32}$`),
      kind: 'encrypted',
      text: 'data encrypted by secure-session',
      holdsData: true,
    },
  ],
  layers: [secretbox],
};
