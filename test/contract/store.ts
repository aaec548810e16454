/** The suites every store adapter has to pass, as functions. */
export { auditContract } from './audit.ts'
export { durableStoreContract } from './durable-store.ts'
export type { OpenDurable, OpenVolatile } from './open-store.ts'
export { volatileStoreContract } from './volatile-store.ts'
