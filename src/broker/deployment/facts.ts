/** The state of a deployment at one moment. Undefined: not available right now. */
import type { ConnectionList } from '../health/connection-list.ts'
import type { ConnectionExpiry } from '../health/expiries.ts'
import type { QueueSize, SigningKey } from '../ports/durable.ts'
import type { RunningProcess } from '../ports/health.ts'
import type { ConnectionPool, StoreFigures, StoreKind, StoreOutage } from '../ports/observed-store.ts'
import type { SignInCount } from '../ports/sign-ins.ts'

export type { ConnectionPool, StoreFigures, StoreKind, StoreOutage }

export interface StoreFacts {
  readonly kind: StoreKind
  /** Undefined: it does not answer, and `outage` says why. */
  readonly latencyMs: number | undefined
  readonly outage: StoreOutage | undefined
  readonly figures: StoreFigures | undefined
}

export interface SigningKeyFacts extends Pick<SigningKey, 'id' | 'algorithm' | 'status' | 'createdAt' | 'activatedAt'> {
  /** When it changes its state by itself. Undefined: never. */
  readonly changesAt: Date | undefined
}

export interface ConfigurationFacts {
  /** Hash of the files. */
  readonly digest: string
  readonly loadedAt: Date
  readonly warnings: number
}

export interface QueueFacts {
  readonly mail: QueueSize | undefined
  readonly logouts: QueueSize | undefined
}

export interface DeploymentFacts {
  readonly at: Date
  readonly version: string
  /** Start of this process. */
  readonly startedAt: Date
  readonly configuration: ConfigurationFacts
  readonly stores: readonly StoreFacts[]
  /** Processes seen in the last minute. */
  readonly processes: readonly RunningProcess[] | undefined
  readonly queues: QueueFacts
  readonly signingKeys: readonly SigningKeyFacts[] | undefined
}

export interface SignInFacts {
  /** Counts in spans of five minutes, oldest first, without gaps. */
  readonly lastHour: readonly SignInCount[]
  /** Counts in spans of an hour, oldest first. */
  readonly lastDay: readonly SignInCount[]
}

/** Facts of one tenant, or of all together. */
export interface TenantFacts {
  readonly connections: ConnectionList | undefined
  readonly signIns: SignInFacts | undefined
  readonly expiries: readonly ConnectionExpiry[] | undefined
}
