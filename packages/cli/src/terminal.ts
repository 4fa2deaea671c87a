import { printableJson } from './printable';

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 } as const;

export type Colour = keyof typeof codes;

/** What a stream must have to be written to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Lines on a stream, coloured only where someone looks at them. */
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

  /** One value a line, for scripts that read while it goes on. */
  jsonLine(value: unknown): void {
    this.line(printableJson(value, 0));
  }

  paint(colour: Colour, text: string): string {
    return this.#coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  }
}
