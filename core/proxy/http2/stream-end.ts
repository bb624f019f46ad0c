import type { Http2Stream } from 'node:http2';

/** How the peer's half of a stream ended: with END_STREAM, or by a reset or the loss of the connection before that. */
export type StreamEnd = 'whole' | 'cut';

/**
 * Watches how the peer's half of a stream ends; to be called before anything of it is read. `end` alone does not tell:
 * node:http2 also emits it for a stream that was reset with NO_ERROR, which is fit only after END_STREAM (RFC 9113
 * section 8.1), and a stream that is whole can be reset in the same breath because the rest of our half is not wanted.
 * @returns what is known; undefined while the peer's half is open.
 */
export function watchStreamEnd(stream: Http2Stream): () => StreamEnd | undefined {
  let end: StreamEnd | undefined;
  // The end is pushed at the very frame: END_STREAM while the stream is open, everything else after it was closed.
  const push = stream.push;
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) end ??= stream.closed ? 'cut' : 'whole';
    return push.call(stream, chunk, encoding);
  };
  return () => end;
}
