import { decodeBody } from '../capture/decode-body.ts';
import type { Flow } from '../model/flow.ts';
import { Masker } from '../secrets/mask.ts';
import { fieldValue } from './har-parts.ts';

/**
 * A recorded request without its secrets, for other programs to send again (a curl command). A body that was compressed
 * is masked without its coding, and its header goes with the coding; one that cannot be looked into is left out.
 * @param body the recorded bytes
 */
export async function maskedRequest(
  flow: Flow,
  body: Uint8Array | undefined,
): Promise<{ flow: Flow; body: Uint8Array | undefined; notes: string[] }> {
  const masker = new Masker();
  const { request } = flow;
  const notes: string[] = [];
  let rawHeaders: readonly string[] = masker.fields(request.rawHeaders);
  let masked: Uint8Array | undefined;
  if (body !== undefined && body.length > 0) {
    const coding = fieldValue(request.rawHeaders, 'content-encoding');
    const { bytes, complete, left } = await decodeBody(body, coding);
    if (!complete && coding !== '') {
      notes.push(`The body has the content coding ${coding.slice(0, 40)}, could not be looked into and was left out`);
    } else {
      masked = masker.body(bytes, fieldValue(request.rawHeaders, 'content-type'));
      if (coding !== '' && left === undefined) {
        notes.push('The body is written without its content coding');
        rawHeaders = rawHeaders.filter((_, i) => !/^content-encoding$/i.test(rawHeaders[i - (i % 2)] ?? ''));
      }
    }
  }
  return {
    flow: { ...flow, request: { ...request, url: masker.url(request.url), rawHeaders } },
    body: masked,
    notes: [...masker.notes(), ...notes],
  };
}
