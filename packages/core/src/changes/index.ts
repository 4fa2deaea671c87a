/** What changed between two states of an entity, where, and who did it. */

export { type EntityIn, entityOf } from '../events/entity';
export { actorOf, companyOf, projectOf } from '../events/origin';
export { type Subscription, subscription } from '../events/subscription';
export {
  type AssigneesChange,
  type Change,
  type Changed,
  type ColumnChange,
  type CustomFieldChange,
  changed,
  changes,
  type FieldIn,
  type TagsChange,
} from './changes';
export {
  type AttachedFile,
  type Choice,
  type CustomFieldHolder,
  type CustomFieldValue,
  type CustomFieldValues,
  customFieldValue,
  customFieldValues,
  type DateSpan,
  type ExactNumber,
  type Money,
  type Phone,
  type Place,
  type ReadableFieldType,
  type UnknownCustomFieldValue,
  type ValueOf,
} from './custom-field-value';
export { type CustomFieldDefinition, type CustomFieldsOf, defineCustomFields } from './define-custom-fields';
export { compareEvents, isStale } from './order';
