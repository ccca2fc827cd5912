// The error for a call that the stand-in refuses: the status and the text of the response.

/** Thrown below the HTTP layer. The caller receives the message as `{"error": message}`. */
export class PlausibleRefusal extends Error {
  readonly status: number

  constructor(status: 400 | 401 | 402 | 413 | 429 | 500, message: string) {
    super(message)
    this.name = 'PlausibleRefusal'
    this.status = status
  }
}

/** Creates the error (400) for a query that Plausible may accept, but that the stand-in cannot count correctly. */
export function unsupported(what: string): PlausibleRefusal {
  return new PlausibleRefusal(400, `The Plausible stand-in does not support ${what}.`)
}
