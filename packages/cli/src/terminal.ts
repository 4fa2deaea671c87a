import util from 'node:util';
import { printable, printableJson } from './printable';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue';

/** What is used of a stream. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Writes lines to a stream, with colours if it is a terminal. */
export class Terminal {
  readonly #output: Output;
  readonly #coloured: boolean;

  /** `NO_COLOR` (no-color.org) and `TERM=dumb` switch colours off, `FORCE_COLOR` switches them on. */
  constructor(output: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
    this.#coloured = !env.NO_COLOR && (forced || (output.isTTY === true && env.TERM !== 'dumb'));
  }

  line(text = ''): void {
    this.#output.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(printableJson(value));
  }

  /** Writes a value as one line, for scripts that read the output as it is written. */
  jsonLine(value: unknown): void {
    this.line(printableJson(value, 0));
  }

  /** Replaces the last line of a terminal; prints nothing if the stream is not one. An empty text removes the line. */
  progress(text: string): void {
    if (this.#output.isTTY) this.#output.write(`\r\u001b[2K${printable(text, 100)}`);
  }

  paint(colour: Colour, text: string): string {
    // Node before 20.12 has no styleText: output is plain there.
    return (this.#coloured && util.styleText?.(colour, text, { validateStream: false })) || text;
  }
}
