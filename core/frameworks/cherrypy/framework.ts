import type { Framework } from '../framework.ts';
import { cherrypyFiles } from './layouts.ts';

export const cherrypy: Framework = {
  id: 'cherrypy',
  title: 'CherryPy',
  // Its default, `session_id`, is that of others as well (`generic`).
  cookieNames: [],
  files: [cherrypyFiles],
  ends: [
    { by: 'request', clock: 'expires', setting: { name: 'tools.sessions.timeout', defaultSeconds: 3_600 } },
    {
      by: 'cleanup',
      clock: 'expires',
      setting: { name: 'tools.sessions.clean_freq', defaultSeconds: 300 },
      runs: 'every five minutes, by a thread',
    },
  ],
};
