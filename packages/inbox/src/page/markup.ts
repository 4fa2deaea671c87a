/** What can stand in markup: text and numbers, which are escaped, other markup, and nothing. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[];

/** Markup in which all text is escaped. Only `html` creates it. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type { Markup };

/**
 * Creates markup from a template, whose values are escaped for text and for quoted attributes.
 * @throws TypeError for a value in an attribute without quotes
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] as string;
  for (const [place, value] of values.entries()) {
    if (parts[place]?.endsWith('=')) throw new TypeError('Put the value of an attribute in quotes.');
    text += rendered(value) + parts[place + 1];
  }
  return new Markup(text);
}

function rendered(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return (value as readonly Content[]).map(rendered).join('');
  return String(value).replace(/[&<>"']/g, (character) => entities[character] as string);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
