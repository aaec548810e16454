import { suggestion } from '../config/schema/closest-word.ts'

/** The tenant or connection of this id. Throws a sentence that lists the known ones. */
export function choose<T extends { readonly id: string }>(
  kind: 'tenant' | 'connection',
  given: string | undefined,
  all: readonly T[],
): T {
  const ids = all.map(({ id }) => id)
  const found = all.find(({ id }) => id === given)
  if (found !== undefined) return found
  if (given === undefined) throw new Error(`name a ${kind} (--${kind}): ${ids.join(', ')}`)
  throw new Error(`there is no ${kind} ${given}; ${suggestion(given, ids)}`)
}
