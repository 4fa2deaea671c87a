/** One request and the expected result, in a format that any language can read. */
export interface Vector {
  readonly name: string;
  /** The webhook's secret, as bytes in hex. */
  readonly secretHex: string;
  /** The raw body, in base64. */
  readonly bodyBase64: string;
  /** Every value of the `X-Signature` header, in order: none if it is missing, two if it is repeated. */
  readonly signatures: readonly string[];
  /** Whether the delivery is genuine. */
  readonly genuine: boolean;
  /** Why it is refused, `null` for a genuine delivery that is an event. */
  readonly code: string | null;
  /** The `event` of a genuine delivery, `null` if it has none. */
  readonly event: string | null;
}
