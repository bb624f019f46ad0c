import * as z from 'zod';
import { toPlain } from '../../codec/typed-plain.ts';
import { tool } from '../tool.ts';

/** Decodes and verifies a value. */
export const decode = tool({
  name: 'decode',
  title: 'Decode and verify a value',
  description:
    'Takes a cookie value apart layer by layer (base64, signatures, JSON, pickle, PHP, Ruby Marshal, JWT …) and says whether its signature fits a known key. ' +
    'value may be a reference such as {{session:3.cookie}}; the value itself is then used without being shown.',
  operations: ['value.decode'],
  input: z.object({
    value: z.string().max(100_000).describe('The value as in the header, or a reference'),
    session: z.string().max(100).optional().describe('Whose cookie it is: the keys of its site are tried'),
    layers: z
      .array(z.string().max(100))
      .max(20)
      .optional()
      .describe('Layers by name, outermost first, where guessing fails'),
  }),
  async run({ value, session, layers }, { handlers }) {
    const peel = await handlers['value.decode']({
      of: { text: value },
      ...(session === undefined ? {} : { sessionKey: session }),
      ...(layers === undefined ? {} : { as: layers }),
    });
    return {
      said: {
        layers: peel.layers,
        lossless: peel.lossless,
        ...(peel.signature === undefined ? {} : { signed_as: peel.signature.scheme, fits: peel.signature.state }),
        ...(peel.error === undefined ? {} : { problem: peel.error.message, what_to_do: peel.error.remedy }),
      },
      outside: {
        steps: peel.steps.map(({ title, reasons, bytes, warnings }) => ({
          title,
          reasons,
          bytes,
          ...(warnings.length === 0 ? {} : { warnings: warnings.map(({ message }) => message) }),
        })),
        data: peel.value === null ? null : toPlain(peel.value),
      },
    };
  },
});

/** Judges a Set-Cookie. */
export const judge = tool({
  name: 'judge_cookie',
  title: 'Judge a Set-Cookie',
  description:
    'Says whether a browser stores a Set-Cookie line that comes from a URL, and why; names what other browsers do otherwise.',
  operations: ['cookie.judge'],
  input: z.object({
    set_cookie: z.string().max(20_000),
    url: z.string().max(10_000).describe('Where the answer came from'),
    browser: z.enum(['chromium', 'firefox', 'safari']).optional(),
  }),
  async run({ set_cookie: setCookie, url, browser }, { handlers }) {
    const {
      stored,
      reasons,
      elsewhere,
      fact,
      browser: rules,
    } = await handlers['cookie.judge']({
      setCookie,
      url,
      ...(browser === undefined ? {} : { browser }),
    });
    return {
      said: {
        stored,
        ...(rules === undefined ? {} : { rules_of: rules }),
        ...(fact === undefined ? {} : { a_real_browser_did: fact.stored ? 'store it' : 'refuse it' }),
      },
      outside: {
        reasons,
        elsewhere: elsewhere ?? [],
        ...(fact === undefined ? {} : { browser_reasons: fact.reasons }),
      },
    };
  },
});
