/** The answer to an API sign-in whose user must prove a second factor first. */
import { GatehouseError } from '../../errors.ts'
import { pendingSeconds } from './pending-sign-in.ts'
import type { ProvableMethod } from './requirement.ts'

export class MfaRequired extends GatehouseError {
  /** Members of the problem document. */
  readonly members: {
    readonly challenge: string
    readonly methods: readonly ProvableMethod[]
    /** Seconds. */
    readonly expires_in: number
    readonly passkey?: object
  }

  /**
   * @param methods empty: the user has no second factor yet
   * @param passkey options of `navigator.credentials.get`
   */
  constructor(challenge: string, methods: readonly ProvableMethod[], passkey?: object) {
    const setup = 'This user has no second factor yet. They set one up by signing in on the sign-in page.'
    super('mfa_required', 'the user must prove a second factor', { ...(methods.length === 0 && { text: setup }) })
    this.members = { challenge, methods, expires_in: pendingSeconds, ...(passkey !== undefined && { passkey }) }
  }
}
