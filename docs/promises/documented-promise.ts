/** A sentence of a document that users rely on, the test that guards it, and an edit of the code that breaks it. */
export interface DocumentedPromise {
  /** The sentence, word for word, as it stands in `document`; runs of white space count as one space. */
  readonly says: string;
  /** The document, from the repository's root. */
  readonly document: string;
  /** The file of the test, from the repository's root. */
  readonly file: string;
  /** The title of the test, or the part of a `test.each` title that is the same in every row. */
  readonly test: string;
  /** The file that holds the title, if it is not `file`: a contract that the test runs. */
  readonly contract?: string;
  /** What breaks the promise: in this file, `from` (which occurs exactly once) becomes `to`. */
  readonly broken: { readonly file: string; readonly from: string; readonly to: string };
}
