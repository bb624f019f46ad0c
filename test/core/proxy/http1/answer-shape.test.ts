import { describe, expect, it } from 'vitest';
import { type Asked, answerShape } from '../../../../core/proxy/http1/answer-writer.ts';
import type { Framing } from '../../../../core/proxy/http1/facts.ts';
import { HeadError } from '../../../../core/proxy/http1/head-error.ts';
import { refusalText } from '../../../../core/proxy/http1/refusal.ts';

const asked: Asked = { method: 'GET', version: '1.1', keep: true, expectsContinue: false };
const length: Framing = { kind: 'length', length: 3 };
const chunked: Framing = { kind: 'chunked' };
const close: Framing = { kind: 'close' };

describe('the shape of an answer', () => {
  it('keeps the connection where the body has an end of its own', () => {
    expect(answerShape(asked, length, false, true)).toEqual({ framing: length, keep: true });
    expect(answerShape(asked, chunked, false, true)).toEqual({ framing: chunked, keep: true });
    expect(answerShape(asked, close, false, true)).toEqual({ framing: close, keep: false });
    expect(answerShape({ ...asked, keep: false }, length, false, true).keep).toBe(false);
  });

  it('has no chunks for HTTP/1.0', () => {
    expect(answerShape({ ...asked, version: '1.0' }, chunked, false, true)).toEqual({ framing: close, keep: false });
    expect(answerShape({ ...asked, version: '1.0' }, length, false, true)).toEqual({ framing: length, keep: true });
  });

  it('ends the connection where the next request could not be told from a body', () => {
    expect(answerShape(asked, length, false, false).keep).toBe(false);
    const expecting = { ...asked, expectsContinue: true };
    expect(answerShape(expecting, length, false, true).keep).toBe(false);
    expect(answerShape(expecting, length, true, true).keep).toBe(true);
    expect(answerShape(expecting, length, true, false).keep).toBe(false);
  });
});

describe('a refusal', () => {
  it('is a whole answer with the status, and asks for a password with 407', () => {
    const text = refusalText(new HeadError(407, 'give a password'));
    expect(text).toMatch(/^HTTP\/1\.1 407 Proxy Authentication Required\r\n/);
    expect(text).toContain('\r\nProxy-Authenticate: Basic ');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${body.length}\r\nConnection: close`);
    expect(refusalText(new HeadError(431, 'x'))).not.toContain('Authenticate');
    expect(refusalText(new Error('x'))).toMatch(/^HTTP\/1\.1 500 /);
  });
});
