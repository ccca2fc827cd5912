// A call the stand-in turns down, with the status and the sentence of its answer.

/** Thrown anywhere below the HTTP layer; `message` is what the caller reads in `{"error": message}`. */
export class PlausibleRefusal extends Error {
  readonly status: number

  constructor(status: 400 | 401 | 402 | 413 | 429 | 500, message: string) {
    super(message)
    this.name = 'PlausibleRefusal'
    this.status = status
  }
}

/** The answer to a query that Plausible may well understand, but that the stand-in cannot answer truly. */
export function unsupported(what: string): PlausibleRefusal {
  return new PlausibleRefusal(400, `The Plausible stand-in does not support ${what}.`)
}
