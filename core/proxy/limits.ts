/** Bounds on what one peer can make the engine hold or wait for. Bytes and milliseconds. */
export interface ProxyLimits {
  /** Longest head (request, response or trailers) in bytes: 431 to a client, 502 for an application. */
  readonly headBytes: number;
  /** Most header fields in one head. */
  readonly headerCount: number;
  /** A client has this long from the first byte of a request head to its last. */
  readonly headTimeout: number;
  /**
   * A client that has announced a body and sends nothing of it for this long is answered 408. The time does not run
   * while the proxy holds the client back (breakpoints, a slow application), nor once the application answers: then
   * both sides may stream for as long as they like, as may an HTTP/2 client whose body has no length (gRPC).
   */
  readonly bodyIdle: number;
  /** A kept client connection without a request is closed after this. */
  readonly clientIdle: number;
  /** Client connections at once; over it the longest idle one is closed, or the new one when none is idle. */
  readonly connections: number;
  /** TLS handshake with a client. */
  readonly handshakeTimeout: number;
  /** TCP, upstream proxy and TLS handshake with an application. */
  readonly connectTimeout: number;
  /** A kept upstream connection is closed after this. */
  readonly upstreamIdle: number;
  /** Kept idle upstream connections for one origin. */
  readonly upstreamIdleCount: number;
  /** After CONNECT, the client must say something within this or it is a server-first protocol: tunnelled. */
  readonly peekTimeout: number;
  /** A tunnel of which one side has ended is closed when nothing passes for this long. */
  readonly halfClosed: number;
  /** Default limit of `bufferBody`. */
  readonly bufferedBody: number;
  /** Payload bytes of one WebSocket frame given to hooks. */
  readonly webSocketPayload: number;
  /** Concurrent streams of one HTTP/2 client connection. */
  readonly http2Streams: number;
  /** HTTP/2 streams one client connection may reset within ten seconds. */
  readonly http2Resets: number;
  /** Leaf certificates kept. */
  readonly certificates: number;
}

export const defaultLimits: ProxyLimits = {
  headBytes: 256 * 1024,
  headerCount: 2000,
  headTimeout: 30_000,
  bodyIdle: 600_000,
  clientIdle: 120_000,
  connections: 8000,
  handshakeTimeout: 15_000,
  connectTimeout: 20_000,
  upstreamIdle: 30_000,
  upstreamIdleCount: 256,
  peekTimeout: 700,
  halfClosed: 30_000,
  bufferedBody: 64 << 20,
  webSocketPayload: 256 * 1024,
  http2Streams: 250,
  http2Resets: 1000,
  certificates: 2000,
};
