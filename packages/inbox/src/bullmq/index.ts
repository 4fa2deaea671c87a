export type { Inbox } from '../inbox';
export { type BullmqInboxOptions, bullmqInbox } from './bullmq-inbox';
export type { Backend } from './engine';
