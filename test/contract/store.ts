/** The suites every store adapter has to pass, as functions. */
export { durableStoreContract, type OpenDurable } from './durable-store.ts'
export { type OpenVolatile, volatileStoreContract } from './volatile-store.ts'
