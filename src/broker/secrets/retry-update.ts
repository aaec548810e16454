import { GatehouseError } from '../../errors.ts'

const maxAttempts = 5

/**
 * Repeats a conditional update that a concurrent one prevented. Throws `server_busy`.
 * @param what is updated, for the error
 * @param attempt reads and updates; null if the update was prevented
 */
export async function retryUpdate<T>(what: string, attempt: () => Promise<{ readonly result: T } | null>): Promise<T> {
  for (let count = 0; count < maxAttempts; count++) {
    const updated = await attempt()
    if (updated !== null) return updated.result
  }
  throw new GatehouseError('server_busy', `concurrent changes of ${what}; try again`, { retryAfterSeconds: 1 })
}
