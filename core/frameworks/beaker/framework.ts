import type { FileLayout } from '../../stores/layout.ts';
import type { Framework } from '../framework.ts';
import { beaker as signed } from './signed.ts';

const END = '.cache';

/** `session.type = file`: `container_file/x/xy/<id>.cache`. */
const beakerFiles: FileLayout = {
  kind: 'file',
  id: 'beaker',
  title: 'Beaker session files',
  framework: 'beaker',
  belongs: (name) => /^[0-9a-f]{32}\.cache$/.test(name),
  looksLike: (name, head) => /^[0-9a-f]{32}\.cache$/.test(name) && head[0] === 0x80,
  folders: (name, depth) => [name.slice(0, 1), name.slice(0, 2)].slice(0, depth),
  // The cookie is 40 digits of a signature and the id.
  recordNames: (id) => (/^[0-9a-f]{32}([0-9a-f]{40})?$/.test(id) ? [id.slice(-32) + END] : []),
  publicId: (name) => (name.endsWith(END) ? name.slice(0, -END.length) : undefined),
  lastUsedIn: undefined,
  compares: undefined,
  comparesNothing: 'Beaker compares _accessed_time inside the pickled data; edit it there',
};

export const beaker: Framework = {
  id: 'beaker',
  title: 'Beaker',
  cookieNames: [{ pattern: /^(beaker\.session\.id|beaker_session_id)$/, text: 'beaker.session.id' }],
  valueForms: [
    {
      layer: 'beaker',
      kind: 'signed',
      text: 'data signed by Beaker',
      holdsData: true,
      rank: -3,
    },
  ],
  layers: [signed],
  files: [beakerFiles],
  payload: {
    own: ['_id', '_creation_time', '_accessed_time', '_domain', '_path', '_expires'],
    signs: [['_creation_time', '_accessed_time']],
  },
};
