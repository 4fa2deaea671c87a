export type { Inbox } from '../inbox';
export type { Backend } from './backend';
export { type BullmqInboxOptions, bullmqInbox } from './bullmq-inbox';
