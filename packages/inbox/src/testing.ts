export { type Failure, type TestInbox, type TestInboxOptions, testInbox, type WaitOptions } from './testing/test-inbox';
