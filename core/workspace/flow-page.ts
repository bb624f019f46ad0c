import type { Flow, FlowSummary } from '../model/flow.ts';
import type { GatheredWrite } from './batch.ts';
import { cookieNames, headerOf, hostOf } from './names.ts';
import { FLAG, FLOAT, FLOATS, type FlowPageData, INT, INTS, type More } from './page-layout.ts';
import type { Write } from './writes.ts';
import { flowAt, summaryAt } from './written-page.ts';

/** Most flows in a page, and UTF-16 units of text after which it is full: to show one flow, its page is read. */
const MOST_FLOWS = 256;
const MOST_TEXT = 256_000;
/** A URL is kept whole in the page; lists and filters see so much of it. */
const LISTED_URL = 2_000;

/** A page that is being filled. A flow may be put again; the last state counts. */
export class FlowPage implements GatheredWrite {
  readonly p: number;
  #count = 0;
  #ints = new Int32Array(32 * INTS);
  #floats = new Float64Array(32 * FLOATS);
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  #units = 0;
  readonly #lists: number[] = [];
  /** A list that several flows share stands there once. */
  readonly #places = new Map<readonly string[], number>();
  /** Names of cookies by the two lists that they stand in. */
  readonly #cookies = new Map<number, number>();
  readonly #types = new Map<number, number>();
  readonly #hosts = new Map<number, number>();
  readonly #sightings: number[] = [];

  constructor(p: number) {
    this.p = p;
  }

  get changes(): number {
    return this.#count;
  }

  write(): Write {
    return ['flows', this.data()];
  }

  get isFull(): boolean {
    return this.#count >= MOST_FLOWS || this.#units > MOST_TEXT;
  }

  /** @returns its place in the page */
  add(flow: Flow, n: number, isNew: boolean): number {
    const place = this.#count;
    if ((place + 1) * INTS > this.#ints.length) this.#grow();
    this.#count += 1;
    this.#ints.fill(-1, place * INTS, (place + 1) * INTS);
    this.#ints[place * INTS + INT.n] = n;
    this.#ints[place * INTS + INT.flags] = isNew ? FLAG.isNew : 0;
    this.put(place, flow);
    return place;
  }

  /** The row number of the flow at this place. */
  number(place: number): number {
    return this.#ints[place * INTS + INT.n] as number;
  }

  /** There was no row of it before. */
  isNew(place: number): boolean {
    return ((this.#ints[place * INTS + INT.flags] as number) & FLAG.isNew) !== 0;
  }

  /** Puts another state of a flow where one is. */
  put(place: number, flow: Flow): void {
    const ints = this.#ints;
    const floats = this.#floats;
    const i = place * INTS;
    const f = place * FLOATS;
    const { request, response, timing, server, client } = flow;
    const url = this.#number(request.url);
    const requestFields = this.#list(request.rawHeaders);
    const responseFields = response === undefined ? -1 : this.#list(response.rawHeaders);
    let flags = (ints[i + INT.flags] as number) & FLAG.isNew;
    if (response !== undefined) flags |= FLAG.response;
    if (timing !== undefined) flags |= FLAG.timing;
    if (server !== undefined) flags |= FLAG.server;
    if (!fits(flow)) flags |= FLAG.whole;
    ints[i + INT.id] = this.#own(ints[i + INT.id] as number, flow.id);
    ints[i + INT.method] = this.#number(request.method);
    ints[i + INT.url] = url;
    ints[i + INT.requestVersion] = this.#number(request.httpVersion);
    ints[i + INT.requestFields] = requestFields;
    ints[i + INT.requestRef] = this.#own(ints[i + INT.requestRef] as number, request.body.ref);
    ints[i + INT.status] = response?.status ?? -1;
    ints[i + INT.reason] = this.#maybe(response?.reason);
    ints[i + INT.responseVersion] = this.#maybe(response?.httpVersion);
    ints[i + INT.responseFields] = responseFields;
    ints[i + INT.responseRef] = this.#own(ints[i + INT.responseRef] as number, response?.body.ref);
    ints[i + INT.address] = this.#number(client.address);
    ints[i + INT.port] = client.port;
    ints[i + INT.identity] = this.#maybe(client.identity);
    ints[i + INT.serverAddress] = this.#maybe(server?.address);
    ints[i + INT.serverPort] = server?.port ?? -1;
    ints[i + INT.kind] = this.#number(flow.kind);
    ints[i + INT.error] = this.#maybe(flow.error);
    ints[i + INT.editedBy] = flow.editedBy === undefined ? -1 : this.#number(JSON.stringify(flow.editedBy));
    ints[i + INT.origin] = flow.origin === undefined ? -1 : this.#number(JSON.stringify(flow.origin));
    ints[i + INT.framesRef] = this.#own(ints[i + INT.framesRef] as number, flow.frames?.ref);
    ints[i + INT.more] = this.#more(flow, (flags & FLAG.whole) !== 0);
    ints[i + INT.flags] = flags;
    ints[i + INT.listedMethod] =
      request.method.length <= 100 ? (ints[i + INT.method] as number) : this.#number(request.method.slice(0, 100));
    ints[i + INT.host] = this.#hostOf(url, request.url);
    ints[i + INT.listedUrl] =
      request.url.length <= LISTED_URL ? url : this.#number(`${request.url.slice(0, LISTED_URL)}…`);
    ints[i + INT.cookies] = this.#cookiesOf(requestFields, responseFields, request.rawHeaders, response?.rawHeaders);
    ints[i + INT.contentType] = response === undefined ? -1 : this.#typeOf(responseFields, response.rawHeaders);
    floats[f + FLOAT.startedAt] = flow.startedAt;
    floats[f + FLOAT.endedAt] = flow.endedAt ?? Number.NaN;
    floats[f + FLOAT.connectMs] = timing?.connectMs ?? Number.NaN;
    floats[f + FLOAT.tlsMs] = timing?.tlsMs ?? Number.NaN;
    floats[f + FLOAT.firstByteMs] = timing?.firstByteMs ?? Number.NaN;
    floats[f + FLOAT.requestSize] = request.body.size;
    floats[f + FLOAT.requestKept] = request.body.kept;
    floats[f + FLOAT.responseSize] = response?.body.size ?? 0;
    floats[f + FLOAT.responseKept] = response?.body.kept ?? 0;
  }

  /** A session was seen in the flow at this place. @param direction 1 request, 2 response */
  sighted(place: number, session: number, direction: number): void {
    const { length } = this.#sightings;
    for (let i = length - 3; i >= 0 && this.#sightings[i] === place; i -= 3) {
      if (this.#sightings[i + 1] !== session) continue;
      (this.#sightings[i + 2] as number) |= direction;
      return;
    }
    this.#sightings.push(place, session, direction);
  }

  /** Sessions seen in the flow at this place, by their numbers. */
  sessions(place: number, into: Set<number>): void {
    for (let i = 0; i < this.#sightings.length; i += 3) {
      if (this.#sightings[i] === place) into.add(this.#sightings[i + 1] as number);
    }
  }

  /** The page as it is now. */
  data(): FlowPageData {
    const lengths = new Int32Array(this.#texts.length);
    for (let i = 0; i < lengths.length; i += 1) lengths[i] = (this.#texts[i] as string).length;
    return {
      p: this.p,
      count: this.#count,
      ints: this.#ints.slice(0, this.#count * INTS),
      floats: this.#floats.slice(0, this.#count * FLOATS),
      text: this.#texts.join(''),
      lengths,
      lists: Int32Array.from(this.#lists),
      sightings: Int32Array.from(this.#sightings),
    };
  }

  /** The flow at this place. */
  flow(place: number): Flow {
    return flowAt(this.#ints, this.#floats, this.#lists, (number) => this.#texts[number] as string, place);
  }

  /** Its line for lists, without its sessions. */
  summary(place: number): Omit<FlowSummary, 'sessions'> {
    return summaryAt(this.#ints, this.#floats, (number) => this.#texts[number] as string, place);
  }

  #grow(): void {
    const ints = new Int32Array(this.#ints.length * 2);
    ints.set(this.#ints);
    this.#ints = ints;
    const floats = new Float64Array(this.#floats.length * 2);
    floats.set(this.#floats);
    this.#floats = floats;
  }

  /** The number of a text; the same for equal ones. */
  #number(text: string): number {
    return this.#numbers.get(text) ?? this.#known(text);
  }

  #known(text: string): number {
    const number = this.#add(text);
    this.#numbers.set(text, number);
    return number;
  }

  /** A text that comes once. */
  #add(text: string): number {
    this.#units += text.length;
    return this.#texts.push(text) - 1;
  }

  /** A text that no other flow has; `before` is the number that this one had for it. */
  #own(before: number, text: string | undefined): number {
    if (text === undefined) return -1;
    return before >= 0 && this.#texts[before] === text ? before : this.#add(text);
  }

  #maybe(text: string | undefined): number {
    return text === undefined ? -1 : this.#number(text);
  }

  #list(list: readonly string[]): number {
    let place = this.#places.get(list);
    if (place === undefined) {
      place = this.#lists.push(list.length) - 1;
      for (const text of list) this.#lists.push(this.#number(text));
      this.#places.set(list, place);
    }
    return place;
  }

  #hostOf(url: number, text: string): number {
    let host = this.#hosts.get(url);
    if (host === undefined) this.#hosts.set(url, (host = this.#number(hostOf(text))));
    return host;
  }

  #cookiesOf(
    request: number,
    response: number,
    requestHeaders: readonly string[],
    responseHeaders: readonly string[] = [],
  ): number {
    const both = request * 0x1000000 + response + 1;
    let names = this.#cookies.get(both);
    if (names === undefined)
      this.#cookies.set(both, (names = this.#number(cookieNames(requestHeaders, responseHeaders))));
    return names;
  }

  #typeOf(fields: number, rawHeaders: readonly string[]): number {
    let type = this.#types.get(fields);
    if (type === undefined) {
      type = this.#maybe(headerOf(rawHeaders, 'content-type')?.slice(0, 200));
      this.#types.set(fields, type);
    }
    return type;
  }

  #more(flow: Flow, whole: boolean): number {
    if (whole) return this.#add(JSON.stringify(flow));
    const { request, response, frames } = flow;
    if (
      request.trailers === undefined &&
      request.sent === undefined &&
      response?.trailers === undefined &&
      response?.sent === undefined &&
      frames === undefined
    ) {
      return -1;
    }
    const more: More = {
      ...(request.trailers === undefined ? {} : { trailers: request.trailers }),
      ...(request.sent === undefined ? {} : { sent: request.sent }),
      ...(response?.trailers === undefined ? {} : { responseTrailers: response.trailers }),
      ...(response?.sent === undefined ? {} : { responseSent: response.sent }),
      ...(frames === undefined ? {} : { frames }),
    };
    return this.#add(JSON.stringify(more));
  }
}

/** Whether a flow goes into the numbers of a page without loss. */
function fits({ client, server, response, startedAt }: Flow): boolean {
  return (
    isSmall(client.port) &&
    (server === undefined || isSmall(server.port)) &&
    (response === undefined || isSmall(response.status)) &&
    Number.isFinite(startedAt)
  );
}

function isSmall(number: number): boolean {
  return (number | 0) === number;
}
