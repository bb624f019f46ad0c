/** A head that must not be passed on; `status` is what a client is answered. */
export class HeadError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'HeadError';
    this.status = status;
  }
}
