/** Says something once the reader has come to rest, so that a screen reader is not talked over at each step. */

/** How long a pause is a rest, in ms. */
const pause = 350;

export class Rest {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly then: () => void) {}

  /** Something has moved. */
  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.then, pause);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
