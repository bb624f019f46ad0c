import { fromUtf8 } from '../../core/codec/bytes.ts';
import type { Signature } from '../../core/codec/codec.ts';
import { outline } from '../../core/codec/outline.ts';
import { toNotation } from '../../core/codec/typed.ts';
import { type Decoded, type DecodeOptions, decode } from '../../core/frameworks/codec.ts';
import { allFindings } from '../../core/frameworks/weak-keys/findings.ts';
import type { ValueFinding } from '../../core/model/finding.ts';
import { type Problem, toProblem } from '../../core/model/problem.ts';
import { visible, visibleJson, visibleLines } from '../../core/model/visible.ts';
import { type CommandIo, codecOptions, readInput, type ValueOptions } from './value-input.ts';

export { type CommandIo, processIo, type ValueOptions } from './value-input.ts';

/**
 * Runs `decode`. Exit status: 0 decoded, 1 decoded but its signature does not fit, or writing the value back would not
 * give the same bytes, 2 wrong use, unreadable file, or an input that cannot be decoded or that the program that wrote it would refuse.
 */
export function decodeCommand(io: CommandIo, file: string, options: ValueOptions): Promise<0 | 1 | 2> {
  const look = (bytes: Uint8Array, decoding: DecodeOptions): Decoded => {
    const found = decode(bytes, decoding);
    // What is in no format may still be text: it is shown as that, with the reason why there is no more.
    if (found.error?.kind !== 'not-recognised' || !isPlainText(bytes)) return found;
    return { ...decode(bytes, { ...decoding, as: ['text'] }), error: found.error };
  };
  const where = file === '-' ? 'standard input' : file;
  const isRight = ({ lossless, signature }: Decoded) => lossless && signature?.state !== 'invalid';
  return showValue(io, options, { where, read: () => readInput(io, file), look, isRight });
}

/** Runs `token`. Exit status: 0 shown, 1 shown and the signature does not fit, 2 not readable. */
export function tokenCommand(io: CommandIo, value: string | undefined, options: ValueOptions): Promise<0 | 1 | 2> {
  const read = async (): Promise<Uint8Array> => {
    const bytes = value === undefined ? await readInput(io, '-') : Buffer.from(value, 'utf8');
    // What is pasted often has a line break or the word of an Authorization header around it.
    const text = Buffer.from(bytes).toString('utf8').trim();
    return Buffer.from(text.replace(/^Bearer\s+/i, ''), 'utf8');
  };
  const isRight = ({ signature }: Decoded) => signature?.state !== 'invalid';
  return showValue(io, options, { where: 'the value', read, look: decode, isRight });
}

interface ValueAsked {
  readonly where: string;
  read(): Promise<Uint8Array>;
  look(bytes: Uint8Array, decoding: DecodeOptions): Decoded;
  isRight(found: Decoded): boolean;
}

async function showValue(
  io: CommandIo,
  options: ValueOptions,
  { where, read, look, isRight }: ValueAsked,
): Promise<0 | 1 | 2> {
  let found: Decoded;
  let findings: readonly ValueFinding[];
  try {
    const bytes = await read();
    const decoding = await codecOptions(options);
    found = look(bytes, decoding);
    findings = allFindings(bytes, found, decoding);
  } catch (error) {
    return fail(io, where, toProblem(error), options, undefined);
  }
  if (found.error !== undefined) return fail(io, where, found.error, options, found, findings);
  io.out(options.json === true ? `${visibleJson({ ...documentOf(found), findings })}\n` : humanText(found, findings));
  return isRight(found) ? 0 : 1;
}

/** What `--json` prints: values in the notation, and what is known of layers and signature. */
function documentOf(found: Decoded) {
  const { layers, value, warnings, lossless, signature = null, steps } = found;
  return {
    layers,
    value: value === null ? null : toNotation(value),
    signature,
    warnings,
    lossless,
    steps: steps.map(({ id, title, reasons, facts, signature: own }) => ({
      id,
      title,
      reasons,
      facts,
      ...(own && { signature: own }),
    })),
  };
}

/** Says why a value cannot be read, with what can be shown of it all the same. */
export function fail(
  io: CommandIo,
  where: string,
  error: Problem,
  options: { readonly json?: boolean },
  found: Decoded | undefined,
  findings: readonly ValueFinding[] = [],
): 2 {
  if (options.json === true) {
    // A value that can be shown although its own program would refuse it comes along.
    const shown = found !== undefined && found.value !== null ? documentOf(found) : {};
    io.out(`${visibleJson({ error, ...shown, ...(findings.length > 0 && { findings }) })}\n`);
  } else if (found !== undefined && found.value !== null) io.out(humanText(found));
  const place = error.at === undefined ? '' : ` (byte ${error.at}${layerNote(error, where)})`;
  const message = error.message.replace(/ \(byte \d+\)$/, '');
  const remedy = error.remedy === undefined ? '' : `. ${error.remedy}`;
  io.err(`${visible(`sessionscope: ${where}: ${message}${place}${remedy}`.replace(/[\r\n]+/g, ' '))}\n`);
  if (options.json !== true) for (const line of findingLines(findings)) io.err(`${visible(line)}\n`);
  return 2;
}

function layerNote(error: Problem, where: string): string {
  return error.where === undefined || error.where === where ? '' : ` of the ${error.where} layer`;
}

function findingLines(findings: readonly ValueFinding[]): string[] {
  return findings.map(({ severity, sentence, mend }) => `${severity}: ${sentence}. ${mend}.`);
}

function humanText(found: Decoded, findings: readonly ValueFinding[] = []): string {
  const lines: string[] = [];
  for (const step of found.steps) {
    const facts = Object.entries(step.facts).map(([name, value]) => `${name} ${value}`);
    lines.push(`${step.id}: ${step.title}, ${step.bytes} bytes${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    for (const reason of step.reasons) lines.push(`  ${reason}`);
    if (step.signature !== undefined) lines.push(`  ${signatureText(step.signature)}`);
  }
  lines.push('');
  if (found.value !== null) lines.push(outline(found.value));
  const told = new Set<string>(findings.map(({ id }) => id));
  const warnings = found.warnings.filter(({ code }) => !told.has(code));
  if (warnings.length > 0 || findings.length > 0) lines.push('', ...findingLines(findings));
  for (const { severity, message, at, layer } of warnings) {
    lines.push(`${severity}: ${message}${at === undefined ? '' : ` (byte ${at} of the ${layer} layer)`}`);
  }
  if (found.error !== undefined)
    lines.push('', 'The program that wrote this would refuse to load it; the value is shown all the same.');
  else if (!found.lossless) lines.push('', 'Writing this value back would not give the same bytes.');
  return `${visibleLines(lines.join('\n'))}\n`;
}

/** UTF-8 without control characters. */
function isPlainText(bytes: Uint8Array): boolean {
  const text = fromUtf8(bytes);
  return text !== undefined && text !== '' && !/\p{Cc}/u.test(text);
}

/** The state of a signature in words. */
function signatureText({ state, key }: Signature): string {
  switch (state) {
    case 'valid':
      return `Signature: valid${key === undefined ? '' : `, made with key ${key + 1}`}`;
    case 'invalid':
      return 'Signature: made with another key';
    case 'unchecked':
      return 'Signature: not checked; give the key with --secret';
    case 'none':
      return 'Signature: none';
  }
}
