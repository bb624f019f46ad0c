import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { LEAST_SAMPLE, measureIds } from './entropy.ts';
import { sampleIds } from './ids-sample.ts';

const ASKED_BITS = 128;

/** How many ids an attacker would have to try. */
export const idEntropy: Experiment = {
  meta: {
    id: 'id-entropy',
    title: 'Session ids are random, with 128 bits at least',
    why: 'Ids that can be guessed need no theft.',
    cause: 'Ids that the application gives visitors, and those of its store.',
    act: 'Their length, alphabet, frequencies, repetitions, counters and times are measured.',
    control: 'The same measure on as many numbers of a counter, which must fail.',
    severity: 'high',
    mend: 'Make ids of 16 or more bytes of a cryptographic random generator.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-01'],
    asvs: ['v5.0.0-7.2.3'],
  },
  async run(lab) {
    const { fresh, stored } = await sampleIds(lab);
    const now = lab.ports.clock();
    // What signs or seals an id hides whether it is random: only the part before a signature is measured.
    const plain = fresh.map((raw) => idPart(raw));
    const ids = plain.length >= LEAST_SAMPLE ? plain : stored.filter((id) => id.length === stored[0]?.length);
    if (ids.length < LEAST_SAMPLE) {
      return cannotTell(
        `Visitors without a session get no ids, and the store shows ${stored.length}: of fewer than ${LEAST_SAMPLE} nothing can be said.`,
      );
    }
    const measure = measureIds(ids, now);
    if (measure === undefined) {
      return notApplicable('Ids are not of one length: the cookie holds data, not the id of a record.');
    }
    const { count, length, alphabet, bits, faults, most } = measure;
    const words =
      `${count} ids of ${length} characters out of ${alphabet}: ${Math.floor(most)} bits at most, ` +
      `${Math.round(bits.estimate)} (${Math.round(bits.least)} to ${Math.round(bits.most)}) by their frequencies`;
    const measured = [
      { label: 'bits at least', value: Math.round(bits.least), unit: '' },
      { label: 'bits at most', value: Math.round(bits.most), unit: '' },
    ];
    const counter = Array.from({ length: count }, (_, i) => (0x1000000000000 + i).toString(16).padStart(length, '0'));
    const failed = measureIds(counter, now);
    const seen = (title: string, found: readonly string[], least: number) => ({
      title,
      value: found.length > 0 ? found.join('; ') : least >= ASKED_BITS ? 'no fault found' : 'too few bits',
    });
    const control = seen('Control: as many numbers of a counter', failed?.faults ?? [], failed?.most ?? 0);
    const own = seen('Ids of the application', faults, most);
    if (faults.length > 0) {
      return doesNotHold(
        lab.contrast(own, { title: 'Control: random ids of that length', value: 'no fault found' }),
        `${words}. ${faults.join('; ')}.`,
        measured,
      );
    }
    if (most < ASKED_BITS - 0.5) {
      return doesNotHold(
        lab.contrast(own, { title: 'Control: what is asked', value: `${ASKED_BITS} bits` }),
        `${words}: fewer than ${ASKED_BITS}.`,
        measured,
      );
    }
    if (bits.most < ASKED_BITS) return cannotTell(`${words}: whether that is ${ASKED_BITS} lies between.`, measured);
    return holds(
      lab.contrast(own, control),
      `${words}. Nothing in this sample makes them predictable; that their generator is a cryptographic one, a sample cannot show.`,
      measured,
    );
  },
};

function idPart(raw: string): string {
  let text = raw;
  try {
    text = decodeURIComponent(raw);
  } catch {
    // As it is.
  }
  return /^s:([^.]+)\./.exec(text)?.[1] ?? /^([\w,-]{16,})\.[\w-]{20,}$/.exec(text)?.[1] ?? text;
}
