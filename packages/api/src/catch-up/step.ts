/** A single step in the history of a record. */
export interface Step {
  readonly id: string;
  /** What was done, such as `UPDATE_TITLE`. */
  readonly type: string;
  /** When, in ISO 8601. */
  readonly at: string;
  /** The value before, as the history shows it: Blue does not document its form. */
  readonly oldValue: string | null;
  /** The value after it, in the same form. */
  readonly newValue: string | null;
  /** The id of the user who was assigned or unassigned. */
  readonly affectedById: string | null;
  readonly customFieldId: string | null;
}
